// In which order runs stand: by one of the columns, or as a tree in which each stands under the one it went on from.
(() => {
  "use strict";

  const { t, make, setText, setAttributes, runs } = window.deeprnn;
  const TREE = "number"; // the order in which descendants stand under their parents
  const text = (read) => (a, b) => read(a).localeCompare(read(b), document.documentElement.lang);
  /** Smaller first; what is not known comes last, whichever way. */
  const size = (name) => (a, b) => a[name] - b[name];
  const SORTS = {
    number: size("number"),
    name: text((row) => row.name),
    corpus: text((row) => runs.corpusName(row.corpus)),
    settings: text(runs.differs),
    state: text(runs.stateName),
    perplexity: size("perplexity"),
    bits: size("bits"),
    time: size("seconds"),
    speed: size("speed"),
  };
  const FIRST_DOWN = ["number", "speed", "time"]; // of these the largest matter
  const COLUMNS = [["name", "corpus", "settings"], ["state"], ["perplexity", "bits"], ["time", "speed"]];
  const FIELD = { time: "seconds" };

  const sorted = (rows, { key, down }) => {
    const known = (row) => !(key in { perplexity: 1, bits: 1, speed: 1 }) || row[FIELD[key] || key] !== null;
    const ranked = rows.filter(known).sort((a, b) => (down ? -1 : 1) * SORTS[key](a, b) || b.number - a.number);
    return [...ranked, ...rows.filter((row) => !known(row))];
  };

  /** Rows with their depth: each run right after its parent, as far as that is there. */
  const asTree = (rows) => {
    const there = new Set(rows.map((row) => row.number));
    const children = new Map();
    for (const row of rows) {
      const key = there.has(row.parent) ? row.parent : null;
      children.set(key, [...(children.get(key) || []), row]);
    }
    const walk = (key, depth) => (children.get(key) || []).flatMap((row) => [[row, depth], ...walk(row.number, depth + 1)]);
    return walk(null, 0);
  };

  /** The runs of a sweep stand together, under a line of their own, where its newest one stood. */
  const withGroups = (placed) => {
    const seen = new Set();
    return placed.flatMap(([row, depth]) => {
      if (!row.group) return [[row, depth]];
      if (seen.has(row.group)) return [];
      seen.add(row.group);
      const members = placed.filter(([other]) => other.group === row.group);
      const line = { isGroup: true, group: row.group, numbers: members.map(([one]) => one.number) };
      return [[line, 0], ...members.map(([one]) => [one, 1])];
    });
  };

  const groupRows = new Map();
  /** The line of a sweep: what it was about, and a button that compares its runs. */
  const groupRow = ({ group, numbers }) => {
    const key = numbers.join();
    if (groupRows.get(group)?.key === key) return groupRows.get(group).node;
    const node = setAttributes(make("tr", "dr-group"), { role: "row" });
    const cell = setAttributes(make("th"), { role: "rowheader", scope: "rowgroup", colspan: 6 });
    cell.append(
      make("span", "", t("sweep.group", { axis: runs.settingName(group.split(" ")[0]), count: numbers.length })),
      runs.makeButton("dr-act", t("sweep.compare"), () => runs.choose(numbers)),
    );
    node.append(cell);
    groupRows.set(group, { key, node });
    return node;
  };

  /** The list of orders, for where there are no columns, and the direction. */
  const makeOrder = (order, onChange) => {
    const [box, select] = [make("span", "dr-runs-order"), make("select")];
    setAttributes(select, { "aria-label": t("runs.sort") });
    for (const key of Object.keys(SORTS)) {
      const option = make("option", "", t(`runs.by_${key}`));
      option.value = key;
      select.append(option);
    }
    select.addEventListener("change", () => onChange(select.value, FIRST_DOWN.includes(select.value)));
    const turn = runs.makeButton("dr-step", "", () => onChange(order.key, !order.down));
    setAttributes(turn, { "aria-label": t("runs.turn"), title: t("runs.turn") });
    box.append(select, turn);
    const show = () => {
      select.value = order.key;
      setText(turn, order.down ? "↓" : "↑");
    };
    return { box, show };
  };

  const makeHead = (order, onChange) => {
    const line = setAttributes(make("tr"), { role: "row" });
    const buttons = [];
    line.append(setAttributes(make("td", "dr-run-choice"), { role: "cell" }));
    for (const keys of COLUMNS) {
      const cell = setAttributes(make("th"), { role: "columnheader", scope: "col" });
      for (const key of keys) {
        const press = () => onChange(key, order.key === key ? !order.down : FIRST_DOWN.includes(key));
        const button = runs.makeButton("dr-sort", t(`runs.${key}`), press);
        buttons.push([key, button, cell]);
        cell.append(button);
      }
      line.append(cell);
    }
    line.append(setAttributes(make("td", "dr-run-end"), { role: "cell" }));
    const show = () => {
      buttons.forEach(([, , cell]) => cell.removeAttribute("aria-sort"));
      for (const [key, button, cell] of buttons) {
        const on = order.key === key;
        button.dataset.sorted = on ? (order.down ? "down" : "up") : "";
        if (on) setAttributes(cell, { "aria-sort": order.down ? "descending" : "ascending" });
      }
    };
    const head = setAttributes(make("thead"), { role: "rowgroup" });
    head.append(line);
    return { head, show };
  };

  Object.assign(runs, { TREE, sorted, asTree, withGroups, groupRow, makeOrder, makeHead });
})();
