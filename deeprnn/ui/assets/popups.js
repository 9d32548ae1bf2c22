// Gradio's own pop-ups speak English only, whatever the reader's language: here each says what happened in both.
(() => {
  "use strict";

  const { t, onGrowth, setAttributes } = window.deeprnn;
  const CAUSES = [
    [/^connection/i, "popup.lost"],
    [/maximum allowed size/i, "popup.large"],
    [/(?:)/, "popup.other"],
  ];

  /** Act once on each node of a selector that comes up. */
  const onEach = (selector, act) =>
    onGrowth(`${selector}:not([data-said])`, (node) => {
      node.dataset.said = "";
      act(node);
    });

  onEach(".toast-title", (node) => {
    node.firstChild.nodeValue = t("popup.title");
  });
  onEach(".toast-close", (node) => setAttributes(node, { "aria-label": t("popup.close") }));
  onEach(".toast-message-text", (node) => {
    node.textContent = t(CAUSES.find(([words]) => words.test(node.textContent.trim()))[1]);
  });
})();
