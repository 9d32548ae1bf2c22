// What the reader has typed and was told survives a reload, which a change of language is.
(() => {
  "use strict";

  const DRAFTS = ["dr-prefix", "dr-paste", "dr-name"];
  const OWNERS = DRAFTS.map((id) => `#${id}`).join(",");
  const key = (id) => `deeprnn-draft-${id}`;

  const ignoreMissingStorage = (action) => {
    try {
      return action();
    } catch {
      return null; // storage may be forbidden, or full; then nothing is remembered
    }
  };

  const restore = (id, input) => {
    const draft = sessionStorage.getItem(key(id));
    if (draft === null || draft === input.value) return;
    input.value = draft;
    input.dispatchEvent(new Event("input", { bubbles: true })); // so that Gradio learns of it
  };

  // Where there is a keyboard, the page is ready to be typed on; on a phone a focus would cover half of it.
  const focusOnce = (input) => {
    if (document.activeElement === document.body && window.matchMedia("(pointer: fine)").matches) input.focus();
  };

  /** Keep a value of JSON until the tab is closed, and give it back. */
  const remember = (name, value) =>
    ignoreMissingStorage(() => sessionStorage.setItem(key(name), JSON.stringify(value)));
  const remembered = (name) => ignoreMissingStorage(() => JSON.parse(sessionStorage.getItem(key(name))));
  Object.assign(window.deeprnn, { remember, remembered });

  const { onGrowth } = window.deeprnn;
  for (const id of DRAFTS) {
    onGrowth(`#${id} textarea, #${id} input`, (input) => {
      ignoreMissingStorage(() => restore(id, input));
      if (id === DRAFTS[0]) focusOnce(input);
    });
  }
  document.addEventListener("input", (event) => {
    const owner = event.target.closest && event.target.closest(OWNERS);
    if (owner) ignoreMissingStorage(() => sessionStorage.setItem(key(owner.id), event.target.value));
  });
})();
