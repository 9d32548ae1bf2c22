// Gradio's own upload button also takes text files dropped anywhere on the Train card, and long pasted texts.
(() => {
  "use strict";

  const { t, onGrowth } = window.deeprnn;
  const INPUT = "#dr-own input[type=file]";
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const LONG_PASTE = 20_000; // characters; as a value, not a file, a book would be larger than a request may be
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

  const takeLongPaste = (event) => {
    const [paste, name] = ["#dr-paste", "#dr-name"].map((id) => document.querySelector(`${id} :is(input, textarea)`));
    if (!event.target.closest("#dr-use-text") || paste.value.length <= LONG_PASTE) return;
    event.stopImmediatePropagation();
    const called = name.value.trim() || paste.value.trim().slice(0, 40);
    const parcel = new DataTransfer();
    parcel.items.add(new File([paste.value], `${called}.txt`, { type: "text/plain" }));
    take(parcel.files);
    for (const input of [paste, name]) {
      input.value = "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  document.addEventListener("click", takeLongPaste, true);

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
