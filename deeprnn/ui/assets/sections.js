// The sections of the page: tabs of one document. All stay in it, so that a streaming text and the curve go on;
// what is not shown is only hidden. The address remembers the section.
(() => {
  "use strict";

  const { t, make, setAttributes, onGrowth } = window.deeprnn;
  const PANELS = { studio: "dr-desk", runs: "dr-runs-desk" };
  const NAMES = Object.keys(PANELS);
  const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  const listeners = [];
  let tabs = {};
  let shown = "";

  const asked = () => {
    const name = window.location.hash.slice(1);
    return name in PANELS ? name : NAMES[0];
  };

  const show = (name) => {
    if (name === shown) return;
    shown = name;
    document.documentElement.dataset.section = name;
    for (const [one, tab] of Object.entries(tabs)) {
      setAttributes(tab, { "aria-selected": one === name, tabindex: one === name ? 0 : -1 });
    }
    listeners.forEach((act) => act(name));
  };

  const open = (name) => {
    if (name !== asked()) window.history.pushState(window.history.state, "", `#${name}`);
    show(name);
  };

  const move = (event) => {
    if (!(event.key in MOVES)) return;
    event.preventDefault();
    const next = NAMES[Math.min(NAMES.length - 1, Math.max(0, NAMES.indexOf(shown) + MOVES[event.key]))];
    open(next);
    tabs[next].focus();
  };

  /** Fill the row of tabs in the header. */
  const makeTabs = (row) => {
    setAttributes(row, { "aria-label": t("section.title") });
    tabs = Object.fromEntries(
      NAMES.map((name) => {
        const tab = make("button", "dr-section", t(`section.${name}`));
        tab.type = "button";
        tab.onclick = () => open(name);
        tab.dataset.words = tab.textContent;
        return [name, setAttributes(tab, { id: `dr-section-${name}`, role: "tab", "aria-controls": PANELS[name] })];
      }),
    );
    row.replaceChildren(...Object.values(tabs));
    row.addEventListener("keydown", move);
    shown = "";
    show(asked());
  };

  for (const [name, id] of Object.entries(PANELS)) {
    onGrowth(`#${id}`, (panel) => setAttributes(panel, { role: "tabpanel", "aria-labelledby": `dr-section-${name}` }));
  }
  window.addEventListener("popstate", () => show(asked()));
  document.documentElement.dataset.section = asked();

  /** Act whenever a section is shown; `act` gets its name. */
  const onSection = (act) => {
    listeners.push(act);
    if (shown) act(shown);
  };

  window.deeprnn.sections = { makeTabs, onSection, open, shown: () => shown };
})();
