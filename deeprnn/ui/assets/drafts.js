// What the reader has typed survives a reload, which a change of language is; and a file may be dropped on the card.
(() => {
  "use strict";

  const { t } = window.deeprnn;
  const DRAFTS = ["dr-prefix", "dr-paste", "dr-name"];
  const field = (id) => document.querySelector(`#${id} textarea, #${id} input`);
  const key = (id) => `deeprnn-draft-${id}`;

  const restore = (id, input) => {
    const draft = sessionStorage.getItem(key(id));
    if (draft === null || draft === input.value) return;
    input.value = draft;
    input.dispatchEvent(new Event("input", { bubbles: true })); // so that Gradio learns of it
  };

  const remember = (event) => {
    const owner = event.target.closest && event.target.closest(DRAFTS.map((id) => `#${id}`).join(","));
    if (owner) sessionStorage.setItem(key(owner.id), event.target.value);
  };

  /** Hand a dropped file to Gradio's own upload button. */
  const takeDrops = (card) => {
    const carriesFile = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
    const show = (on) => card.classList.toggle("dr-dropping", on);
    card.style.setProperty("--dr-drop-text", JSON.stringify(t("own.drop")));
    card.addEventListener("dragover", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      show(true);
    });
    card.addEventListener("dragleave", (event) => {
      if (!card.contains(event.relatedTarget)) show(false);
    });
    card.addEventListener("drop", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      show(false);
      const input = uploadInput();
      if (!input) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  };

  // The button's file input stands beside the button; closed parts of the page may not have it yet.
  const uploadInput = () => {
    const button = document.getElementById("dr-upload");
    return button && button.parentElement.querySelector("input[type=file]");
  };

  const waiting = new Set(DRAFTS);
  const settle = () => {
    try {
      for (const id of waiting) {
        const input = field(id);
        if (input) waiting.delete(id) && restore(id, input);
      }
    } catch {
      waiting.clear(); // no storage here
    }
    const card = document.getElementById("dr-train-card");
    if (card && !card.dataset.takesDrops) {
      card.dataset.takesDrops = "yes";
      takeDrops(card);
    }
  };

  document.addEventListener("input", (event) => {
    try {
      remember(event);
    } catch {
      // no storage here
    }
  });
  new MutationObserver(settle).observe(document.documentElement, { childList: true, subtree: true });
})();
