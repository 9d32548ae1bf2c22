// A text file may be dropped anywhere on the Train card: it is handed to Gradio's own upload button.
(() => {
  "use strict";

  const { t, onGrowth } = window.deeprnn;
  const INPUT = "#dr-own input[type=file]";
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  let waiting = null; // files dropped while the button's part of the page is closed, and so not there

  const hand = (input, files) => {
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const take = (files) => {
    const input = document.querySelector(INPUT);
    if (input) {
      hand(input, files);
      return;
    }
    waiting = files;
    document.querySelector("#dr-own .label-wrap").click();
  };

  onGrowth(INPUT, (input) => {
    if (waiting) hand(input, waiting);
    waiting = null;
  });

  onGrowth("#dr-train-card", (card) => {
    const show = (on) => card.classList.toggle("dr-dropping", on);
    card.style.setProperty("--dr-drop-text", JSON.stringify(t("own.drop")));
    card.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      show(true);
    });
    card.addEventListener("dragleave", (event) => {
      if (!card.contains(event.relatedTarget)) show(false);
    });
    card.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      show(false);
      take(event.dataTransfer.files);
    });
  });
})();
