// The queue: runs that wait for their turn, in its order; each can be moved and taken out.
(() => {
  "use strict";

  const { t, make, setText, setAttributes, runs } = window.deeprnn;
  const MOVES = { ArrowUp: -1, ArrowDown: 1 };

  const waiting = () =>
    [...runs.state.rows.values()].filter((row) => row.state === "waiting").sort((a, b) => a.place - b.place);

  /** Draw the queue into a section of its own; it takes no place while nobody waits. */
  runs.makeQueue = (root) => {
    const [title, list] = [make("h3", "dr-subtitle"), make("ol")];
    root.append(title, list);
    let held = null; // which button of which run the keyboard was on

    const act = (row, action, value) => {
      held = { number: row.number, action: action === "cancel" ? "cancel" : value < row.place ? "up" : "down" };
      runs.wish("act", { action, number: row.number, value });
    };

    const makeItem = (row, last) => {
      const item = make("li");
      item.dataset.number = row.number;
      item.append(make("span", "dr-queue-place", String(row.place ?? "")), make("b", "", row.name));
      const buttons = [
        ["up", "↑", row.place === 1, () => act(row, "move", row.place - 1)],
        ["down", "↓", row.place === last, () => act(row, "move", row.place + 1)],
        ["cancel", "×", false, () => act(row, "cancel")],
      ];
      for (const [key, sign, off, press] of buttons) {
        const button = runs.makeButton("dr-step", sign, press);
        button.disabled = off;
        button.dataset.action = key;
        const name = t(`queue.${key}`, { name: row.name });
        item.append(setAttributes(button, { "aria-label": name, title: name }));
      }
      item.addEventListener("keydown", (event) => {
        const place = row.place + (MOVES[event.key] || 0);
        if (!event.altKey || place === row.place || place < 1 || place > last) return;
        event.preventDefault();
        act(row, "move", place);
      });
      return item;
    };

    /** The keyboard stays with the run that was moved, or with the next one. */
    const focusAgain = () => {
      if (!held) return;
      const item = list.querySelector(`[data-number="${held.number}"]`) || list.firstChild;
      const button = item && (item.querySelector(`[data-action=${held.action}]:enabled`) || item.querySelector("button:enabled"));
      held = null;
      if (button) button.focus({ preventScroll: true });
    };

    let drawn = "";
    return () => {
      const rows = waiting();
      root.hidden = rows.length === 0;
      const key = rows.map((row) => `${row.number} ${row.name}`).join("\n");
      if (key === drawn) return;
      drawn = key;
      setText(title, t("queue.title", { count: rows.length }));
      list.replaceChildren(...rows.map((row) => makeItem(row, rows.length)));
      focusAgain();
    };
  };
})();
