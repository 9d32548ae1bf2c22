// The progress bar and the quiet row of six figures: a name, a number, and what belongs to it.
(() => {
  "use strict";

  const { t, number, make, setText, setAttributes, drawOn } = window.deeprnn;
  const { NONE } = number;
  const known = (value) => Number.isFinite(value);
  const beside = (key, value, write) => (known(value) ? t(key, { value: write(value) }) : "");

  /** Each figure: name, number and small print, from the value {perplexity, ...}. */
  const FIGURES = [
    (v) => [
      t("figures.perplexity"),
      number.perplexity(v.perplexity),
      beside("figures.training", v.training_perplexity, number.perplexity),
    ],
    (v) => [
      t("figures.bits"),
      number.fixed(v.bits_per_character, 2),
      beside("figures.best", v.best_bits_per_character, (bits) => number.fixed(bits, 2)),
    ],
    (v) => [
      t("figures.epoch"),
      number.fixed(v.epoch, 1),
      known(v.step) ? t("figures.steps", { step: v.step, total: known(v.total_steps) ? v.total_steps : NONE }) : "",
    ],
    (v) => [t("figures.speed"), number.compact(v.tokens_per_second), known(v.tokens_per_second) ? t("figures.speed_unit") : ""],
    (v) => [t("figures.rate"), number.rate(v.learning_rate), beside("figures.norm", v.gradient_norm, number.rate)],
    (v) =>
      v.progress === 1 || (known(v.seconds) && !known(v.seconds_left))
        ? [t("figures.taken"), number.clock(v.seconds), ""]
        : [t("figures.left"), number.clock(v.seconds_left), beside("figures.spent", v.seconds, number.clock)],
  ];

  const makeFigure = (list) => {
    const figure = make("div", "dr-figure");
    const parts = [make("dt"), make("dd", "dr-value"), make("dd", "dr-beside")];
    figure.append(...parts);
    list.append(figure);
    return parts;
  };

  window.deeprnn.figures = (place) => {
    const progress = place.element.querySelector(".dr-progress");
    const bar = progress.querySelector("i");
    const list = place.element.querySelector("dl");
    list.replaceChildren();
    const figures = FIGURES.map(() => makeFigure(list));
    setAttributes(progress, { "aria-label": t("figures.progress") });
    drawOn(place, (value) => {
      const values = value || {};
      FIGURES.forEach((words, i) => words(values).forEach((text, part) => setText(figures[i][part], text)));
      const share = known(values.progress) ? Math.min(1, Math.max(0, values.progress)) : 0;
      bar.style.transform = `scaleX(${share.toFixed(4)})`;
      setAttributes(progress, { "aria-valuenow": Math.round(share * 100) });
    });
  };
})();
