// Gradio builds the page piece by piece, closed parts only when they are opened: here one waits for a piece.
(() => {
  "use strict";

  const wishes = [];

  const look = () => {
    for (const wish of wishes) {
      const node = document.querySelector(wish.selector);
      if (node && node !== wish.seen) wish.act(node);
      wish.seen = node || wish.seen;
    }
  };

  /** Act on the node of a selector as soon as it is there, and on each that takes its place. */
  window.deeprnn.onGrowth = (selector, act) => wishes.push({ selector, act, seen: null });

  /** Draw a value on a sheet in a panel that may be closed: now, on every change, and when the panel is opened. */
  window.deeprnn.drawOnSheet = (selector, place, draw) => {
    const drawNow = () => {
      const sheet = document.querySelector(selector);
      if (sheet) draw(sheet, place.props.value);
    };
    place.watch("value", drawNow);
    window.deeprnn.onGrowth(selector, drawNow);
    drawNow();
  };
  window.deeprnn.sheet = () => {}; // it has nothing of its own to draw

  // Gradio's accordions and icon buttons lack what a screen reader or a mouse asks for.
  window.deeprnn.onGrowth("#dr-again", (button) => {
    button.title = button.textContent.trim();
  });
  const nameParts = () => {
    for (const label of document.querySelectorAll(".dr-quiet > .label-wrap")) {
      const open = String(label.classList.contains("open"));
      if (label.getAttribute("aria-expanded") !== open) label.setAttribute("aria-expanded", open);
    }
    // Help that is shown on demand is told with its field all the same.
    for (const block of document.querySelectorAll(":is(#dr-settings, #dr-cleaning) .block[id]")) {
      const told = [...block.querySelectorAll(".info-text, .dr-effect")];
      told.forEach((part, i) => {
        if (!part.id) part.id = `${block.id}-told-${i}`;
      });
      const [field, ids] = [block.querySelector("input, textarea"), told.map((part) => part.id).join(" ")];
      if (field && ids && field.getAttribute("aria-describedby") !== ids) field.setAttribute("aria-describedby", ids);
    }
  };

  let due = false;
  const onChange = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      look();
      nameParts();
    });
  };
  new MutationObserver(onChange).observe(document.documentElement, {
    attributeFilter: ["class"],
    attributes: true,
    childList: true,
    subtree: true,
  });
})();
