// What a run would be: its size and how long it would take here, and what the reader should know about the text.
(() => {
  "use strict";

  const { t, number, setText, showNotices, drawOn } = window.deeprnn;

  const duration = (seconds) => {
    if (seconds < 55) return t("facts.seconds", { n: Math.max(1, Math.round(seconds)) });
    if (seconds < 5400) return t("facts.minutes", { n: Math.max(1, Math.round(seconds / 60)) });
    return t("facts.hours", { n: Number((seconds / 3600).toFixed(1)) });
  };

  /** Whether a run reads clearly less than the text: beyond what is usually kept for validation. */
  const readsLess = ({ characters, tokens }) => Math.abs(characters - tokens) > 0.15 * characters;

  const line = (value) => {
    if (!value) return "";
    if (value.measuring) return t("facts.measuring");
    const counts = ["characters", "tokens", "symbols", "parameters"]
      .filter((name) => Number.isFinite(value[name]) && (name !== "tokens" || readsLess(value)))
      .map((name) => t(`facts.${name}`, { n: number.compact(value[name]) }));
    if (Number.isFinite(value.seconds)) counts.push(duration(value.seconds));
    // A line may break between two facts, not within one.
    return counts.map((fact) => fact.replace(/ /g, "\u00a0")).join("\u00a0· ");
  };

  window.deeprnn.facts = (place) => {
    const text = place.element.querySelector(".dr-facts-line");
    const notices = place.element.querySelector(".dr-notices");
    drawOn(place, (value) => {
      setText(text, line(value));
      showNotices(notices, value && value.notices);
    });
  };
})();
