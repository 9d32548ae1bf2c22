// Tables beside the curves: the settings in which runs differ, and the numbers of the curves.
(() => {
  "use strict";

  const { t, number, valueName, make, setAttributes, runs, many, scale: arithmetic } = window.deeprnn;
  const MOST_ROWS = 60;

  /** A table from rows of texts; the first row and the first column are headings. */
  const makeTable = (name, [head, ...rows]) => {
    const [table, top, body] = [make("table", "dr-figures-table"), make("thead"), make("tbody")];
    const line = make("tr");
    line.append(...head.map((cell) => setAttributes(cell instanceof Node ? cell : make("th", "", cell), { scope: "col" })));
    top.append(line);
    for (const [first, ...others] of rows) {
      const row = make("tr");
      row.append(setAttributes(make("th", "", first), { scope: "row" }), ...others.map((text) => make("td", "", text)));
      body.append(row);
    }
    table.append(top, body);
    const box = setAttributes(make("div", "dr-scroll"), { tabindex: "0", role: "region", "aria-label": name });
    box.append(table);
    return box;
  };

  /** The heading of a run's column: its colour and its name. */
  const makeHeading = (packet) => {
    const [cell, key] = [make("th"), make("span", "dr-key")];
    key.append(runs.makeKey(packet.number), make("span", "", runs.label(packet.number)));
    cell.append(key);
    return cell;
  };

  runs.makeKey = (number_) => {
    const colour = runs.colourOf(number_);
    const key = make("i", many.colourOf({ colour }));
    key.dataset.lap = Math.floor(colour / 6);
    return key;
  };

  /** The settings in which packets differ: [[name, [value of each]]]. */
  const differing = (packets) => {
    const names = packets.length ? Object.keys(packets[0].settings) : [];
    const values = (name) => packets.map((packet) => packet.settings[name]);
    return names.map((name) => [name, values(name)]).filter(([, all]) => all.some((value) => value !== all[0]));
  };

  const settingsTable = (packets) => {
    const rows = differing(packets).map(([name, all]) => [
      runs.settingName(name),
      ...all.map((value) => valueName(value)),
    ]);
    const corpora = packets.map((packet) => runs.corpusName(runs.state.rows.get(packet.number).corpus));
    if (new Set(corpora).size > 1) rows.unshift([t("runs.corpus"), ...corpora]);
    if (!rows.length) return make("p", "dr-runs-none", t("runs.same_settings"));
    return makeTable(t("runs.differing"), [["", ...packets.map(makeHeading)], ...rows]);
  };

  const thinned = (steps) => {
    const every = Math.ceil(steps.length / MOST_ROWS);
    return steps.filter((_, i) => i % every === 0 || i === steps.length - 1);
  };

  const at = ([steps, values], step) => {
    const i = arithmetic.nearest(steps, step);
    return i >= 0 && steps[i] === step ? number.perplexity(values[i]) : number.NONE;
  };

  /** The numbers of the curves: of one run training and validation, of several the validation of each. */
  const numbersTable = (packets) => {
    const curves = packets.map((packet) => packet.curve);
    const one = curves.length === 1 && curves[0];
    const series = curves.map(many.main);
    const steps = thinned([...new Set(series.flatMap(([all]) => all))].sort((a, b) => a - b));
    if (!one) {
      const rows = steps.map((step) => [number.whole(step), ...series.map((all) => at(all, step))]);
      return makeTable(t("runs.numbers"), [[t("along.step"), ...packets.map(makeHeading)], ...rows]);
    }
    const near = (step) => one.train[1][arithmetic.nearest(one.train[0], step)];
    const rows = steps.map((step) => [number.whole(step), number.perplexity(near(step)), at(one.validation, step)]);
    return makeTable(t("runs.numbers"), [[t("along.step"), t("chart.training"), t("chart.validation")], ...rows]);
  };

  Object.assign(runs, { differing, settingsTable, numbersTable, makeTable });
})();
