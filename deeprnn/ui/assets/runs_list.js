// The list of runs: the queue above, and the table, which can be searched and sorted.
(() => {
  "use strict";

  const { t, say, make, setText, setAttributes, drawOn, runs, sections } = window.deeprnn;
  const { state } = runs;

  const makeSearch = (onInput) => {
    const [label, field] = [make("label", "dr-runs-search"), make("input")];
    Object.assign(field, { type: "search", placeholder: t("runs.search") });
    setAttributes(field, { "aria-label": t("runs.search"), autocomplete: "off", spellcheck: "false" });
    field.addEventListener("input", () => onInput(field.value));
    label.append(field);
    return label;
  };

  /** Draw the table; returns its parts, and a function that draws what the state holds now. */
  const makeTable = () => {
    const order = { key: runs.TREE, down: true };
    let searched = "";
    const nodes = new Map();
    const [table, body] = [make("table", "dr-table"), setAttributes(make("tbody"), { role: "rowgroup" })];
    const none = make("p", "dr-runs-none");
    const change = (key, down) => {
      Object.assign(order, { key, down });
      draw();
    };
    const [{ box, show: showOrder }, { head, show: showHead }] = [runs.makeOrder(order, change), runs.makeHead(order, change)];
    setAttributes(table, { role: "table", "aria-label": t("section.runs") });
    table.append(head, body);

    const texts = new WeakMap(); // of a row: what can be found of it
    const textOf = (row) => {
      if (!texts.has(row)) {
        const parts = [row.name, runs.corpusName(row.corpus), runs.differs(row), runs.stateName(row), row.notes];
        texts.set(row, [...parts, t("runs.number", row)].join("\n").toLocaleLowerCase());
      }
      return texts.get(row);
    };
    const matches = (row) => searched.split(/\s+/).every((word) => textOf(row).includes(word));

    const draw = () => {
      const found = runs.sorted([...state.rows.values()].filter((row) => row.state !== "waiting" && matches(row)), order);
      const isTree = order.key === runs.TREE && order.down && !searched;
      const placed = isTree ? runs.withGroups(runs.asTree(found)) : found.map((row) => [row, 0]);
      for (const number of nodes.keys()) if (!state.rows.has(number)) nodes.delete(number);
      const wanted = placed.map(([row, depth]) => {
        if (row.isGroup) return runs.groupRow(row);
        if (!nodes.has(row.number)) nodes.set(row.number, runs.makeRow(row.number));
        const { node, update } = nodes.get(row.number);
        update(row, depth, state.chosen.includes(row.number));
        return node;
      });
      const isSame = wanted.length === body.childElementCount && wanted.every((node, i) => body.children[i] === node);
      if (!isSame) body.replaceChildren(...wanted);
      setText(none, found.length || !state.rows.size ? "" : t("runs.none_found"));
      table.hidden = !found.length;
      showOrder();
      showHead();
    };
    const search = makeSearch((value) => {
      searched = value.trim().toLocaleLowerCase();
      draw();
    });
    return { search, order: box, table, none, draw };
  };

  const undo = (number) =>
    runs.makeButton("dr-act", t("runs.restore"), () => runs.wish("act", { action: "restore", number }));

  /** What the last wish was answered with, and the run that was deleted last with a way back. */
  const makeSaid = () => {
    const said = setAttributes(make("ul", "dr-notices"), { "aria-live": "polite" });
    let drawn = null;
    const draw = () => {
      const gone = state.deleted.filter(([number]) => number === state.dropped);
      const lines = [state.read_only ? t("runs.read_only") : "", say(state.said), ...gone.map(([, name]) => t("runs.deleted", { name }))];
      const key = lines.join("\n");
      if (key === drawn) return;
      drawn = key;
      said.replaceChildren(...lines.filter(Boolean).map((words) => make("li", "", words)));
      said.hidden = !said.childElementCount;
      if (!gone.length) return;
      said.lastChild.append(undo(state.dropped));
      said.querySelector("button").focus({ preventScroll: true }); // what had the keyboard is gone
    };
    return { said, draw };
  };

  /** All that can still be brought back, at the foot of the list. */
  const makeDeleted = () => {
    const [box, head, list] = [make("details", "dr-deleted"), make("summary"), make("ul")];
    box.append(head, list);
    let drawn = "";
    const draw = () => {
      const key = JSON.stringify(state.deleted);
      if (key === drawn) return;
      drawn = key;
      box.hidden = !state.deleted.length;
      setText(head, t("runs.all_deleted", { count: state.deleted.length }));
      list.replaceChildren(
        ...state.deleted.map(([number, name]) => {
          const line = make("li", "", name);
          line.append(undo(number));
          return line;
        }),
      );
    };
    return { box, draw };
  };

  /** The list of runs: a value is what has changed of it. */
  window.deeprnn.runsList = (place) => {
    const root = place.element.querySelector(".dr-runs");
    const [head, queue, empty] = [make("div", "dr-runs-head"), make("section", "dr-queue"), make("div", "dr-runs-empty")];
    const [parts, told, deleted, drawQueue] = [makeTable(), makeSaid(), makeDeleted(), runs.makeQueue(queue)];
    const sweep = runs.makeSweep();
    head.append(make("h2", "dr-title", t("section.runs")), parts.search, parts.order, sweep.toggle);
    empty.append(make("p", "", t("runs.empty")), runs.makeButton("dr-act", t("runs.to_studio"), () => sections.open("studio")));
    root.replaceChildren(head, sweep.panel, told.said, queue, parts.table, parts.none, empty, deleted.box);
    runs.onChange(() => {
      empty.hidden = !state.revision || state.rows.size > 0;
      for (const part of [parts.search, parts.order]) part.hidden = state.rows.size < 2;
      told.draw();
      deleted.draw();
      drawQueue();
      parts.draw();
    });
    runs.connect(place);
    drawOn(place, (value) => value && runs.takeList(JSON.parse(value)));
  };
})();
