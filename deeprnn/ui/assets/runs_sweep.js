// A sweep: several runs that differ in one setting, queued in one press; and what came of it, as a table and a sentence.
(() => {
  "use strict";

  const { t, say, number, valueName, make, setText, setAttributes, runs } = window.deeprnn;
  const { state } = runs;
  const AXES = ["num_layers", "cell", "seed"];

  const shownIn = (id) => document.querySelector(`#${id} input`)?.value || "";

  /** The panel from which a sweep starts; returns its node and the button that opens it. */
  runs.makeSweep = () => {
    const [panel, axes, about] = [make("form", "dr-sweep"), make("fieldset"), make("p", "dr-sweep-about")];
    axes.append(make("legend", "", t("sweep.legend")));
    AXES.forEach((axis, i) => {
      const [label, radio] = [make("label"), make("input")];
      Object.assign(radio, { type: "radio", name: "dr-sweep-axis", value: axis, checked: i === 0 });
      label.append(radio, make("span", "", t(`sweep.${axis}`)));
      axes.append(label);
    });
    const choices = make("fieldset"); // these say nothing where the seed is what differs
    const makeChoice = (words) => {
      const [label, box] = [make("label"), make("input")];
      box.type = "checkbox";
      label.append(box, make("span", "", words));
      choices.append(label);
      return box;
    };
    const [equal, repeat] = [makeChoice(t("sweep.equal")), makeChoice(t("sweep.repeat"))];
    const start = make("button", "dr-act dr-go", t("sweep.start"));
    start.type = "submit";
    panel.append(axes, choices, about, start);
    panel.hidden = true;
    const toggle = runs.makeButton("dr-act", t("sweep.title"), () => {
      panel.hidden = !panel.hidden;
      setAttributes(toggle, { "aria-expanded": !panel.hidden });
      setText(about, t("sweep.about", { corpus: shownIn("dr-corpus"), recipe: shownIn("dr-recipe") }));
    });
    setAttributes(toggle, { "aria-expanded": "false" });
    runs.onChange(() => {
      toggle.disabled = start.disabled = state.read_only;
    });
    const axis = () => panel.elements["dr-sweep-axis"].value;
    panel.addEventListener("change", () => {
      choices.hidden = axis() === "seed";
    });
    panel.addEventListener("submit", (event) => {
      event.preventDefault();
      toggle.click();
      const chosen = (box) => box.checked && !choices.hidden;
      runs.wish("sweep", { axis: axis(), equal: chosen(equal), repeat: chosen(repeat) });
    });
    return { panel, toggle };
  };

  /** A value of the swept setting as the page calls it. */
  const nameOf = (axis, value) => `${runs.settingName(axis)} ${valueName(/^\d+$/.test(value) ? Number(value) : value)}`;

  /** A sentence that names values as settings are typed: as the page calls them. */
  const told = ({ key, details }) => {
    const named = (typed) => String(typed).replace(/^(\w+) (\S+)$/, (_, axis, value) => nameOf(axis, value));
    const { better, other } = details;
    return say({ key, details: better ? { ...details, better: named(better), other: named(other) } : details });
  };

  const bandText = (band, write) => {
    if (!band) return number.NONE;
    const [mean, low, high] = band.map(write);
    return low === high ? mean : t("sweep.band", { mean, low, high });
  };

  const outcomeTable = ({ axis, rows }) =>
    runs.makeTable(t("sweep.outcome"), [
      [runs.settingName(axis), t("runs.perplexity"), t("runs.bits"), t("sweep.parameters"), t("runs.time"), t("sweep.runs")],
      ...rows.map((row) => [
        nameOf(axis, row.value),
        bandText(row.perplexity, number.perplexity),
        bandText(row.bits, (bits) => number.fixed(bits, 2)),
        number.compact(row.parameters),
        number.clock(row.seconds),
        t("figures.steps", { step: row.measured, total: row.runs }),
      ]),
    ]);

  /** The outcome of the chosen sweep. */
  runs.makeSummary = () => {
    const [section, verdict, place] = [make("section"), make("p", "dr-sweep-verdict"), make("div")];
    section.append(make("h3", "dr-subtitle", t("sweep.outcome")), verdict, place);
    let drawn = "";
    const draw = () => {
      const outcome = state.outcome && state.outcome.group === runs.chosenGroup() ? state.outcome : null;
      section.hidden = !outcome;
      if (!outcome || outcome.digest === drawn) return;
      drawn = outcome.digest;
      setText(verdict, outcome.verdict.map(told).join(t("chart.joint")));
      verdict.hidden = !outcome.verdict.length;
      place.replaceChildren(outcomeTable(outcome));
    };
    return { section, draw };
  };
})();
