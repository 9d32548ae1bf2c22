// The words around the curve: legend, the sentence for those who do not see it, and the text of the tooltip.
(() => {
  "use strict";

  const { t, say, make, setText, setAttributes, units } = window.deeprnn;
  const YOUNG = 1 / 4; // part of a run before which the legend waits for a validation, so that no entry comes and goes

  /** Whether a run has a validation, or is too young to have one. */
  const validates = ({ train, validation, total_steps: total = 0 }) =>
    validation[0].length > 0 || (train[0].at(-1) || 0) < YOUNG * total;

  const drawLegend = (legend, runs) => {
    const run = runs[0];
    const entries = [["dr-training", t("chart.training")]];
    if (!run || !run.train[0].length || validates(run)) entries.push(["dr-validation", t("chart.validation")]);
    if (run && run.ghost) entries.push(["dr-note", t("chart.ghost")]);
    const parent = runs.find((one) => one.ghost && run && one.child === run.number);
    if (parent) entries.push(["dr-note", t("chart.parent", { number: parent.number })]);
    const key = entries.join("|");
    if (legend.dataset.shown === key) return;
    legend.dataset.shown = key;
    legend.replaceChildren(
      ...entries.map(([className, words]) => {
        const entry = make("span", `dr-key ${className}`);
        entry.append(make("i"), words);
        return entry;
      }),
    );
  };

  /** One sentence or three about a run, for screen readers. */
  const summary = ({ runs, lines, unit }) => {
    const run = runs.find((one) => one.train[0].length);
    if (!run) return t("chart.empty");
    const [steps, values] = run.train;
    const [checked, measured] = run.validation;
    const parts = [t(unit.summary, { step: steps.at(-1), training: unit.text(values.at(-1)) })];
    if (measured.length) {
      const best = measured.reduce((a, value, i) => (value < measured[a] ? i : a), 0);
      const words = { validation: unit.text(measured.at(-1)), best: unit.text(measured[best]), best_step: checked[best] };
      parts.push(t("chart.summary_validation", words));
    }
    const now = measured.length ? measured.at(-1) : values.at(-1);
    const beaten = lines.filter(([key, value]) => value > now && key !== "entropy").sort((a, b) => a[1] - b[1])[0];
    if (beaten) parts.push(t("chart.summary_beaten", { line: t(`message.line_${beaten[0]}`) }));
    const events = run.events || [];
    const newest = events.filter(({ step }) => step === events.at(-1).step);
    parts.push(...newest.map(({ message }) => say(message)));
    return parts.join(t("chart.joint"));
  };

  const makeTip = () => {
    const head = make("p");
    const rows = ["training", "validation"].map((name) => {
      const row = make("div", "dr-tip-row");
      const key = make("span", `dr-key dr-${name}`);
      key.append(make("i"), t(`chart.${name}`));
      const parts = [make("b"), make("span")];
      row.append(key, ...parts);
      return { row, parts };
    });
    const nodes = [head, ...rows.map(({ row }) => row)];
    /** Fill it for a step of a run; `values` of training and validation are in the unit, null if unknown. */
    return (tip, run, step, values, { unit, along }, events) => {
      tip.classList.remove("dr-many");
      if (tip.firstChild !== head) tip.replaceChildren(...nodes);
      setText(head, [along.where(step, run), ...events].join(" · "));
      rows.forEach(({ row, parts }, i) => {
        row.hidden = !Number.isFinite(values[i]);
        if (row.hidden) return;
        setText(parts[0], unit.text(values[i]));
        setText(parts[1], unit.other(values[i], i ? units.heldOutRatio(run) : units.ratioOf(run)));
      });
      return [head, ...rows.filter(({ row }) => !row.hidden).map(({ row }) => row)]
        .map((node) => [...(node.childElementCount ? node.children : [node])].map((part) => part.textContent).join(" "))
        .join(", ");
    };
  };

  const name = (root, unit) => {
    setAttributes(root.querySelector(".dr-plot"), { "aria-label": t(unit.title) });
    setAttributes(root.querySelector(".dr-units"), { "aria-label": t("chart.unit") });
    setAttributes(root.querySelector(".dr-along"), { "aria-label": t("along.title") });
    setAttributes(root.querySelector(".dr-axes"), { "aria-label": t("chart.scale") });
  };

  window.deeprnn.chartWords = { drawLegend, summary, makeTip, name };
})();
