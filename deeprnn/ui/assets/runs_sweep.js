// A sweep: several runs that differ in one setting, queued in one press; and what came of it, as a table and a sentence.
(() => {
  "use strict";

  const { t, say, make, setText, setAttributes, runs } = window.deeprnn;
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
    const [label, box] = [make("label"), make("input")];
    box.type = "checkbox";
    label.append(box, make("span", "", t("sweep.equal")));
    const start = make("button", "dr-act dr-go", t("sweep.start"));
    start.type = "submit";
    panel.append(axes, label, about, start);
    panel.hidden = true;
    const toggle = runs.makeButton("dr-act", t("sweep.title"), () => {
      panel.hidden = !panel.hidden;
      setAttributes(toggle, { "aria-expanded": !panel.hidden });
      setText(about, t("sweep.about", { corpus: shownIn("dr-corpus"), recipe: shownIn("dr-recipe") }));
    });
    setAttributes(toggle, { "aria-expanded": "false" });
    panel.addEventListener("change", () => {
      label.hidden = panel.elements["dr-sweep-axis"].value === "seed"; // these have equally many parameters anyway
    });
    panel.addEventListener("submit", (event) => {
      event.preventDefault();
      toggle.click();
      runs.wish("sweep", { axis: panel.elements["dr-sweep-axis"].value, equal: box.checked && !label.hidden });
    });
    return { panel, toggle };
  };

  /** The sweep that the chosen runs are, or null. */
  const chosenGroup = () => {
    const groups = new Set(state.chosen.map((number) => state.rows.get(number)?.group || ""));
    const [only] = groups;
    return groups.size === 1 && only && state.chosen.length > 1 ? state.groups.find(({ group }) => group === only) : null;
  };

  /** The outcome of the chosen sweep. */
  runs.makeSummary = () => {
    const [section, verdict, place] = [make("section"), make("p", "dr-sweep-verdict"), make("div")];
    section.append(make("h3", "dr-subtitle", t("sweep.outcome")), verdict, place);
    let drawn = "";
    const draw = () => {
      const group = chosenGroup();
      section.hidden = !group;
      const key = JSON.stringify(group);
      if (!group || key === drawn) return;
      drawn = key;
      setText(verdict, say(group.verdict));
      verdict.hidden = !group.verdict;
      place.replaceChildren(runs.summaryTable(group));
    };
    return { section, draw };
  };

  runs.summaryTable = () => make("div");
})();
