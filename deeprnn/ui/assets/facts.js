// What a run would be: its size and how long it would take here, and what the reader should know about the text.
(() => {
  "use strict";

  const { t, number, setText, showNotices, drawOn } = window.deeprnn;

  const duration = (seconds) => {
    if (seconds < 55) return t("facts.seconds", { n: Math.max(1, Math.round(seconds)) });
    if (seconds < 5400) return t("facts.minutes", { n: Math.max(1, Math.round(seconds / 60)) });
    return t("facts.hours", { n: Number((seconds / 3600).toFixed(1)) });
  };
  const epoch = (seconds) => {
    if (seconds < 100) return t("facts.epoch_seconds", { n: Number(seconds.toPrecision(seconds < 10 ? 1 : 2)) });
    return t("facts.epoch_minutes", { n: Number((seconds / 60).toPrecision(2)) });
  };
  const gigabytes = (bytes) => Number((bytes / 1e9).toPrecision(bytes < 1e9 ? 1 : 2));
  const memory = ({ memory: needed, free_memory: free }) => {
    if (!needed) return [];
    if (!Number.isFinite(free)) return [t("facts.memory", { needed: gigabytes(needed) })];
    return [t("facts.memory_of", { needed: gigabytes(needed), free: gigabytes(free) })];
  };

  /** Whether a run reads clearly less than the text: beyond what is usually kept for validation. */
  const readsLess = ({ characters, tokens }) => Math.abs(characters - tokens) > 0.15 * characters;

  const line = (value) => {
    if (!value) return "";
    const facts = ["characters", "tokens", "symbols", "parameters"]
      .filter((name) => Number.isFinite(value[name]) && (name !== "tokens" || readsLess(value)))
      .map((name) => t(`facts.${name}`, { n: number.compact(value[name]) }));
    facts.push(...memory(value));
    if (value.measuring) facts.push(t("facts.measuring"));
    if (Number.isFinite(value.seconds_per_epoch)) facts.push(epoch(value.seconds_per_epoch));
    if (Number.isFinite(value.seconds)) facts.push(duration(value.seconds));
    // A line may break between two facts, not within one.
    return facts.map((fact) => fact.replace(/ /g, "\u00a0")).join("\u00a0· ");
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
