// A run that was shared by its link: a sentence, and below the curve what it wrote, from noise to words.
(() => {
  "use strict";

  const { t, say, make, setText, setAttributes, drawOn } = window.deeprnn;

  window.deeprnn.sharedSamples = (place) => {
    const [title, said, home] = [make("h2", "dr-title", t("shared.title")), make("p", "dr-shared-said"), make("a", "", t("shared.open"))];
    const [row, slider, step, text] = [make("div", "dr-shared-row"), make("input"), make("output"), make("p", "dr-sample-text")];
    const [prefix, rest] = [make("b"), make("span")];
    const root = place.element.querySelector(".dr-shared");
    home.href = window.location.pathname;
    Object.assign(slider, { type: "range", min: 0, step: 1 });
    setAttributes(slider, { "aria-label": t("shared.samples") });
    row.append(make("span", "", t("shared.samples")), slider, step);
    text.append(prefix, rest);
    root.replaceChildren(title, said, row, text, home);
    let samples = [];

    const show = () => {
      const sample = samples[slider.value];
      setText(step, sample ? t("sample.step", { step: sample.step }) : "");
      setText(prefix, sample ? sample.prefix : "");
      setText(rest, sample ? sample.text : "");
    };
    slider.addEventListener("input", show);

    drawOn(place, (value) => {
      samples = (value && value.samples) || [];
      setText(said, value && value.message ? say(value.message) : "");
      row.hidden = samples.length < 2;
      slider.max = Math.max(0, samples.length - 1);
      slider.value = slider.max;
      show();
    });
  };
})();
