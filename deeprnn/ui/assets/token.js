// The visitor's token: made here once, kept in this browser, and sent with every request to the page's own server.
// It is what tells visitors apart where strangers share a server; who has no storage is a new visitor each time.
(() => {
  "use strict";

  const KEY = "deeprnn-owner";
  const HEADER = "X-DeepRNN-Owner";
  const RUN_HEADER = "X-DeepRNN-Run";
  const TOKEN = /^[0-9a-f]{64}$/;
  const BYTES = 32;

  const { recall, keep } = window.deeprnn;
  const make = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  let token = recall(KEY);
  if (!TOKEN.test(token)) {
    token = make();
    keep(KEY, token);
  }

  // An address may name a run that was shared: its curve and samples are shown, and nothing else of the page.
  const run = new URL(window.location.href).searchParams.get("run");
  document.documentElement.classList.toggle("dr-is-shared", run !== null);

  const send = window.fetch.bind(window);
  window.fetch = (asked, options = {}) => {
    const address = new URL(asked instanceof Request ? asked.url : asked, window.location.href);
    if (address.origin !== window.location.origin) return send(asked, options);
    const given = options.headers || (asked instanceof Request ? asked.headers : {});
    const headers = new Headers(given);
    headers.set(HEADER, token);
    if (run !== null) headers.set(RUN_HEADER, encodeURIComponent(run));
    return send(asked, { ...options, headers });
  };
})();
