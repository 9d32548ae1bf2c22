// One run in the table: its figures, its name that can be changed in its place, and what can be done with it.
(() => {
  "use strict";

  const { t, number, make, setText, setAttributes, runs, sections } = window.deeprnn;
  /** Each cell: two figures, the second one quieter. */
  const CELLS = { state: ["state", "step"], perplexity: ["perplexity", "bits"], time: ["time", "speed"] };
  const words = {
    state: runs.stateName,
    step(row) {
      if (row.state === "waiting") return t("queue.place", { place: row.place });
      return row.step && row.step < row.total ? t("figures.steps", row) : "";
    },
    perplexity: (row) => number.perplexity(row.perplexity ?? NaN),
    bits: (row) => number.fixed(row.bits ?? NaN, 2),
    time: (row) => number.clock(row.seconds || NaN),
    speed: (row) => number.compact(row.speed || NaN),
  };

  const makeButton = (className, text, act) => {
    const button = make("button", className, text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  };

  /** Put a field into the place of a name; Enter keeps it, Escape does not. */
  const rename = (cell, row) => {
    if (cell.querySelector("input")) return;
    const [name, field] = [cell.querySelector(".dr-run-name"), make("input", "dr-run-field")];
    Object.assign(field, { type: "text", value: row.name, maxLength: 64 });
    setAttributes(field, { "aria-label": t("runs.name_of", { number: row.number }) });
    let over = false;
    const end = (keeps) => {
      if (over) return;
      over = true;
      const wanted = field.value.trim();
      field.replaceWith(name);
      name.focus({ preventScroll: true });
      if (!keeps || !wanted || wanted === row.name) return;
      setText(name, wanted);
      runs.wish("act", { action: "rename", number: row.number, value: wanted });
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") end(!event.isComposing); // Enter also ends a word of an input method
      else if (event.key === "Escape") end(false);
      event.stopPropagation();
    });
    field.addEventListener("blur", () => end(true));
    name.replaceWith(field);
    field.select();
    field.focus();
  };

  /** What can be done with a run, and its notes. */
  const makeMore = (row, cell, close) => {
    const more = make("div", "dr-run-more");
    const [label, notes, acts] = [make("label", "", t("runs.notes")), make("textarea"), make("p", "dr-run-acts")];
    Object.assign(notes, { value: row.notes, rows: 2, maxLength: 2000 });
    notes.addEventListener("change", () => runs.wish("act", { action: "annotate", number: row.number, value: notes.value }));
    label.append(notes);
    const act = (action) => () => runs.wish("act", { action, number: row.number });
    const resume = makeButton("dr-act", t("train.resume"), act("resume"));
    const look = makeButton("dr-act", t("runs.studio"), () => sections.open("studio"));
    const discard = makeButton("dr-act", t("runs.discard"), () => {
      close();
      runs.state.dropped = row.number;
      act("discard")();
    });
    acts.append(resume, look, makeButton("dr-act", t("runs.rename"), () => rename(cell, row)), discard);
    more.append(label, acts);
    const update = (now) => {
      resume.hidden = !runs.canResume(now);
      look.hidden = !runs.isActive(now);
      discard.disabled = runs.isActive(now);
      if (document.activeElement !== notes) notes.value = now.notes;
    };
    return { more, update };
  };

  const makeCell = (tag, className, role) => setAttributes(make(tag, className), { role });

  const makeCells = () => {
    const [choice, name, end] = [
      makeCell("td", "dr-run-choice", "cell"),
      makeCell("th", "dr-run-title", "rowheader"),
      makeCell("td", "dr-run-end", "cell"),
    ];
    setAttributes(name, { scope: "row" });
    const values = {};
    const figures = Object.entries(CELLS).map(([cell, keys]) => {
      const node = makeCell("td", `dr-run-${cell}`, "cell");
      for (const key of keys) {
        values[key] = make("span", "dr-run-value");
        const line = make("span", "dr-run-line");
        line.append(make("span", "dr-run-label", t(`runs.${key}`)), values[key]);
        node.append(line);
      }
      return node;
    });
    return { choice, name, figures, values, end };
  };

  /** Build a row of the table; returns its node and a function that shows a run in it. */
  const makeRow = (number_) => {
    const node = makeCell("tr", "dr-run", "row");
    const { choice, name, figures, values, end } = makeCells();
    const box = make("input");
    box.type = "checkbox";
    box.addEventListener("change", () => runs.toggle(number_));
    const title = makeButton("dr-run-name", "", () => runs.choose([number_]));
    const [about, notes] = [make("span", "dr-run-about"), make("span", "dr-run-notes")];
    let panel = null;
    let row = null;
    const toggle = makeButton("dr-step dr-run-toggle", "⋯", () => (panel ? close() : open()));
    const close = () => {
      if (panel) panel.more.remove();
      panel = null;
      notes.hidden = !row?.notes;
      setAttributes(toggle, { "aria-expanded": "false" });
    };
    const open = () => {
      panel = makeMore(row, name, close);
      panel.update(row);
      name.append(panel.more);
      notes.hidden = true;
      setAttributes(toggle, { "aria-expanded": "true" });
    };
    setAttributes(toggle, { "aria-expanded": "false" });
    const target = make("label"); // as large as a finger
    target.append(box);
    choice.append(target);
    name.append(title, about, notes);
    end.append(toggle);
    node.append(choice, name, ...figures, end);

    let drawn = [];
    const update = (...wanted) => {
      const [now, depth, isChosen] = wanted;
      if (wanted.every((value, i) => value === drawn[i]) && panel === null) return;
      drawn = wanted;
      row = now;
      node.dataset.state = now.state;
      node.style.setProperty("--dr-depth", depth);
      box.checked = isChosen;
      setAttributes(box, { "aria-label": t("runs.compare_one", { name: now.name }) });
      setAttributes(toggle, { "aria-label": t("runs.more", { name: now.name }), title: t("runs.more", { name: now.name }) });
      setText(title, now.name);
      const corpus = runs.corpusName(now.corpus);
      const parts = [runs.origin(now), t("runs.number", { number: now.number })]; // what comes last may be cut off
      parts.push(now.name.startsWith(corpus) ? "" : corpus, runs.differs(now));
      setText(about, parts.filter(Boolean).join(" · "));
      setText(notes, now.notes);
      notes.hidden = !now.notes || panel !== null;
      for (const [key, value] of Object.entries(values)) setText(value, words[key](now));
      if (panel) panel.update(now);
    };
    return { node, update };
  };

  Object.assign(runs, { makeRow, makeButton });
})();
