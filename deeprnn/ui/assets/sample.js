// What the network writes while it learns, always from the same beginning.
(() => {
  "use strict";

  const { t, make, setText, drawOn } = window.deeprnn;

  window.deeprnn.sample = (place) => {
    const [title, step] = place.element.querySelectorAll(".dr-sample-head span");
    const text = place.element.querySelector(".dr-sample-text");
    const [prefix, rest] = [make("b"), make("span")];
    text.replaceChildren(prefix, rest);
    setText(title, t("sample.title"));
    drawOn(place, (value) => {
      text.classList.toggle("dr-empty", !value);
      setText(step, value ? t("sample.step", { step: value.step }) : "");
      setText(prefix, value ? value.prefix : "");
      setText(rest, value ? value.text : t("sample.empty"));
    });
  };
})();
