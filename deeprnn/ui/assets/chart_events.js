// What happened beside the steps: a mark on the curve for each, with its words at the foot where there is room.
(() => {
  "use strict";

  const { t, number, setAttributes, finishLayer } = window.deeprnn;
  const LINE_HEIGHT = 15; // pixels that the words of a mark need
  const LEVELS = [0, 1, 2]; // from the foot upwards
  const NEAR = 8; // pixels within which the crosshair meets a mark
  const place = (value) => value.toFixed(1);
  const FACTORS = [2, 3, 4, 5, 8, 10, 100]; // said as such, not as two numbers
  const CHANGE = /(\w+) (\S+) → ([^\s,]+)/g;
  const PREFIX = "prefix → ";
  const BEGINNING = 16; // characters of it that a mark shows

  /** One change of a setting in a few words: "rate ÷ 2", "dropout 0.3". */
  const changeOf = (name, before, now) => {
    const words = { name: t(`mark.${name}`) };
    const [down, up] = [before / now, now / before].map((factor) => FACTORS.find((one) => Math.abs(one / factor - 1) < 0.005));
    if (down) return t("mark.divided", { ...words, by: down });
    if (up) return t("mark.times", { ...words, by: up });
    return t("mark.set", { ...words, value: Number.isFinite(Number(now)) ? number.rate(Number(now)) : now });
  };

  /** The beginning of samples, cut short. */
  const beginningOf = (prefix) => {
    const characters = [...prefix];
    const value = characters.length > BEGINNING ? `${characters.slice(0, BEGINNING).join("")}…` : prefix;
    return t("mark.prefix", { value });
  };

  /** A mark in a few words. */
  const shortOf = ({ key, details }) => {
    const said = String(details.changes || "");
    if (said.startsWith(PREFIX)) return beginningOf(said.slice(PREFIX.length));
    const changes = [...said.matchAll(CHANGE)];
    if (changes.length) return changes.map(([, ...parts]) => changeOf(...parts)).join(", ");
    return t(key.replace("event_", "mark."), { name: t(`setting.${details.name}`) });
  };

  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  /** Write the words of a mark beside its line, at the first level that is free; else nowhere. */
  const drawWords = (layer, scale, taken, x, words) => {
    const node = layer.text.take("dr-event-label", {}, words);
    const length = node.getComputedTextLength() + 6;
    const foot = scale.height - scale.margin.bottom - 6;
    const lefts = x + 4 + length < scale.width ? [x + 4, x - 4 - length] : [x - 4 - length];
    const boxes = LEVELS.flatMap((level) =>
      lefts.map((left) => {
        const base = foot - level * LINE_HEIGHT;
        return { left, right: left + length, base, top: base - 11, bottom: base + 3 };
      }),
    );
    const box = boxes.find((one) => one.left >= scale.margin.left && !taken.some((other) => overlap(one, other)));
    if (!box) {
      node.style.display = "none";
      return;
    }
    taken.push(box);
    setAttributes(node, { x: place(box.left + 3), y: place(box.base) });
  };

  const marksOf = (runs) => runs.filter((run) => !run.ghost).flatMap((run) => run.events || []);

  /** Draw the marks; `taken` are boxes of pixels that no words may cover, and grows by those of the words. */
  const drawEvents = (layer, scale, runs, taken) => {
    const { margin, height } = scale;
    for (const { step, message } of marksOf(runs).reverse()) {
      const x = scale.x(step);
      layer.line.take("dr-event", { x1: place(x), x2: place(x), y1: margin.top - 6, y2: height - margin.bottom });
      drawWords(layer, scale, taken, x, shortOf(message));
    }
    finishLayer(layer);
  };

  /** The words of the marks of a run at a place of the crosshair. */
  const eventsNear = (run, scale, x) =>
    (run.events || []).filter(({ step }) => Math.abs(scale.x(step) - x) <= NEAR).map(({ message }) => shortOf(message));

  Object.assign(window.deeprnn, { drawEvents, eventsNear });
})();
