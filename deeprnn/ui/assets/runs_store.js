// What the browser knows of the runs: the list, the choice, and the curves it has been sent; who wants to know is told.
(() => {
  "use strict";

  const { recall, keep, sections, panel, runName } = window.deeprnn;
  const CHOSEN = "deeprnn-runs-chosen";
  const MOST = 12; // curves in one picture
  const LOOK_MILLISECONDS = 2000;
  const SETTLE_MILLISECONDS = 50; // an answer reaches the list first and then the curves
  const LOST_MILLISECONDS = 15000; // after which an answer is not waited for any more

  const state = {
    revision: 0, // 0 before the first list
    rows: new Map(),
    packets: new Map(),
    chosen: [],
    colours: new Map(), // of a chosen run: it keeps its own while others come and go
    corpora: {},
    deleted: [],
    dropped: null, // number of the run that was deleted here last
    outcome: null, // of the sweep that is looked at
    read_only: false,
    said: null,
  };
  const listeners = [];
  let ask = () => {};

  try {
    state.chosen = (JSON.parse(recall(CHOSEN)) || []).filter(Number.isInteger).slice(0, MOST);
  } catch {
    // What was kept is no list; nothing is chosen then.
  }

  /** The chosen runs that the tab has the curves of. */
  const shown = () => state.chosen.filter((number) => state.rows.has(number)).map((number) => state.packets.get(number)).filter(Boolean);

  const tell = () => listeners.forEach((act) => act());

  /** The sweep whose runs the chosen ones are, "" if they are of several or of none. */
  const chosenGroup = () => {
    const groups = new Set(state.chosen.map((number) => state.rows.get(number)?.group || ""));
    return groups.size === 1 && state.chosen.length > 1 ? [...groups][0] : "";
  };

  /** What the tab knows: the revision of its list, and of each chosen run its curve and its newest sample. */
  const known = () => ({
    seen: state.revision,
    group: [chosenGroup(), state.outcome && state.outcome.group === chosenGroup() ? state.outcome.digest : 0],
    known: state.chosen.map((number) => {
      const packet = state.packets.get(number);
      return packet ? [number, packet.step, packet.state, packet.samples.at(-1)?.[0] ?? -1] : [number, -1, "", -1];
    }),
  });

  let asked = 0; // when the look was sent that has no answer yet, 0 for none
  let isDue = false; // whether to look again as soon as it has one

  const look = () => {
    if (sections.shown() !== "runs" || document.visibilityState !== "visible") return;
    isDue = asked > 0 && Date.now() - asked < LOST_MILLISECONDS;
    if (isDue) return;
    asked = Date.now();
    ask("look", known());
  };

  const answered = () => {
    asked = 0;
    if (isDue) setTimeout(look, SETTLE_MILLISECONDS);
  };

  const wish = (name, details) => {
    state.said = null; // the answer to the wish before
    ask(name, { ...known(), ...details });
  };

  const colour = () => {
    for (const number of state.colours.keys()) if (!state.chosen.includes(number)) state.colours.delete(number);
    for (const number of state.chosen) {
      if (state.colours.has(number)) continue;
      const taken = new Set(state.colours.values());
      state.colours.set(number, [...Array(MOST).keys()].find((one) => !taken.has(one)));
    }
  };

  const choose = (numbers) => {
    state.chosen = numbers.slice(0, MOST);
    colour();
    keep(CHOSEN, JSON.stringify(state.chosen));
    tell();
    look();
  };

  const toggle = (number) => {
    const others = state.chosen.filter((one) => one !== number);
    choose(others.length < state.chosen.length ? others : [...others, number]);
  };

  const newestBegun = () => {
    const begun = [...state.rows.values()].filter((row) => row.step).map((row) => row.number);
    return begun.length ? [Math.max(...begun)] : [];
  };

  /** Take a list in: all of it, or what has changed. */
  const takeList = (frame) => {
    if (frame.whole) state.rows.clear();
    for (const values of frame.runs || []) {
      const row = Object.fromEntries(frame.fields.map((name, i) => [name, values[i] ?? null]));
      for (const [name, table] of Object.entries(frame.tables)) row[name] = table[row[name]];
      row.name = runName(row.name);
      state.rows.set(row.number, row);
    }
    for (const number of frame.gone) state.rows.delete(number);
    for (const name of ["corpora", "read_only"]) if (name in frame) state[name] = frame[name];
    if ("deleted" in frame) state.deleted = frame.deleted.map(([number, name]) => [number, runName(name)]);
    const first = !state.revision;
    state.revision = frame.revision;
    const isNews = frame.whole || frame.runs || frame.gone.length || "deleted" in frame || "said" in frame;
    if ("said" in frame) state.said = frame.said;
    panel.answer(frame.answer);
    answered();
    if (!isNews) return;
    const there = state.chosen.filter((number) => state.rows.has(number));
    if (first && !there.length) there.push(...newestBegun());
    if (there.join() === state.chosen.join()) tell();
    else choose(there);
  };

  const takeCurves = (frame) => {
    for (const packet of frame.packets) {
      const before = state.packets.get(packet.number);
      const old = before ? before.samples.filter(([step]) => step <= packet.after) : [];
      state.packets.set(packet.number, { ...packet, samples: [...old, ...packet.samples] });
    }
    if (frame.outcome) state.outcome = frame.outcome;
    tell();
  };

  /** Whether a run can go on: it was cut off, has ended before its time, or never began. */
  const canResume = ({ state: now, step, total }) =>
    now === "interrupted" || now === "failed" || (now === "done" && (step < total || !total));

  const connect = (place) => {
    ask = (name, details) => place[name](details);
    sections.onSection(look);
    setInterval(look, LOOK_MILLISECONDS);
  };

  /** Act now and whenever something has changed. */
  const onChange = (act) => {
    listeners.push(act);
    act();
  };
  window.deeprnn.runs = { MOST, state, shown, chosenGroup, look, wish, choose, toggle, takeList, takeCurves, canResume, connect, onChange };
})();
