// Chooses language and light or dark before anything is drawn, and keeps both choices.
// Gradio takes its language from `navigator.language`, light or dark from the media query: both are answered here.
(() => {
  "use strict";

  const LANGUAGE = "deeprnn-language";
  const THEME = "deeprnn-theme";
  const DARK = /prefers-color-scheme:\s*dark/;

  // Storage may be forbidden, for example in a private window or in a frame.
  const recall = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const keep = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // The choice then lasts as long as the page.
    }
  };

  const asked = recall(LANGUAGE) || (navigator.languages && navigator.languages[0]) || navigator.language || "en";
  const language = /^zh\b/i.test(asked) ? "zh-CN" : "en";
  Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [language], configurable: true });
  document.documentElement.lang = language;

  // An address may carry a theme, as that of a framed page does; the reader's own choice comes first.
  const address = new URL(window.location.href);
  let chosen = recall(THEME) || address.searchParams.get("__theme");
  if (address.searchParams.has("__theme")) {
    address.searchParams.delete("__theme");
    window.history.replaceState(window.history.state, "", address);
  }
  if (chosen !== "dark" && chosen !== "light") chosen = null;

  const matchMedia = window.matchMedia.bind(window);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (chosen ? chosen === "dark" : system.matches);
  window.matchMedia = (query) => {
    const list = matchMedia(query);
    if (DARK.test(query)) Object.defineProperty(list, "matches", { get: isDark, configurable: true });
    return list;
  };

  const paint = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    if (document.body) document.body.classList.toggle("dark", isDark());
  };
  system.addEventListener("change", paint);
  paint();

  Object.assign(window.deeprnn, {
    language,
    recall,
    keep,
    switchLanguage() {
      keep(LANGUAGE, language === "en" ? "zh-CN" : "en");
      window.location.reload();
    },
    switchTheme() {
      chosen = isDark() ? "light" : "dark";
      keep(THEME, chosen);
      paint();
    },
  });
})();
