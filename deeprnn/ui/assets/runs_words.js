// How runs are written: their settings, states and figures in the reader's language.
(() => {
  "use strict";

  const { t, valueName, runs } = window.deeprnn;

  const corpusName = (key) => {
    const own = t(`corpus.${key}`);
    return own === `corpus.${key}` ? runs.state.corpora[key] || key : own;
  };

  const settingName = (name) => t(`setting.${name}`);

  /** The settings in which a run differs from its recipe, as one line. */
  const differs = (row) =>
    Object.entries(row.differs)
      .map(([name, value]) => `${settingName(name)} ${valueName(value)}`)
      .join(t("runs.comma"));

  const origin = (row) =>
    row.parent === null ? "" : t("runs.origin", { number: row.parent, step: row.parent_step });

  /** The state of a run with what belongs to it. */
  const stateName = (row) => {
    if (runs.canResume(row) && row.state === "done") return t("runs.stopped");
    return row.state === "failed" ? t("runs.failed") : t(`state.${row.state}`);
  };
  const SEPARATOR = " · ";
  const labels = new Map();

  /** Give each of some runs a short name among them: without what all begin with, and its number where two are alike. */
  const nameAmong = (numbers) => {
    const names = numbers.map((number_) => runs.state.rows.get(number_).name.split(SEPARATOR));
    const isCommon = (i) => names.every((parts) => parts.length > i + 1 && parts[i] === names[0][i]);
    let common = 0;
    while (names.length > 1 && isCommon(common)) common += 1;
    const shorter = names.map((parts) => parts.slice(common).join(SEPARATOR));
    labels.clear();
    shorter.forEach((name, i) => {
      const isTwice = shorter.filter((other) => other === name).length > 1;
      labels.set(numbers[i], isTwice ? name + SEPARATOR + t("runs.number", { number: numbers[i] }) : name);
    });
  };
  const label = (number_) => labels.get(number_) || runs.state.rows.get(number_).name;

  const painted = new Map();

  /** Give runs their colours: those of one band have one. */
  const paint = (numbers, bands) => {
    painted.clear();
    const order = [...new Set(bands)];
    const isBanded = bands.some(Boolean);
    numbers.forEach((number_, i) => {
      painted.set(number_, isBanded ? order.indexOf(bands[i]) : runs.state.colours.get(number_));
    });
  };
  const colourOf = (number_) => painted.get(number_) || 0;

  const ACTIVE = ["starting", "running", "pausing", "paused", "stopping"];
  const isActive = (row) => ACTIVE.includes(row.state);

  Object.assign(runs, { corpusName, settingName, differs, origin, stateName, isActive, nameAmong, label, paint, colourOf });
})();
