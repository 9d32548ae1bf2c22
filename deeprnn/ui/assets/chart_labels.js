// Reference lines and their labels: each label where neither a curve nor another label stands.
(() => {
  "use strict";

  const { t, setAttributes, finishLayer } = window.deeprnn;
  const LINE_HEIGHT = 13; // pixels that a label needs
  const STANDS = [1, 0, 0.75, 0.5, 0.25]; // of a label along its line: 1 is the right end
  const place = (value) => value.toFixed(1);

  /** Tell whether any curve passes through a box of pixels. */
  const curvePasses = (runs, scale, box) =>
    runs.some((run) =>
      [run.train, run.validation].some(([steps, values]) =>
        steps.some((step, i) => {
          const [x, y] = [scale.x(step), scale.y(values[i])];
          return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
        }),
      ),
    );

  window.deeprnn.curvePasses = curvePasses;

  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  /** A label stands on its line at the right end, or at the first other place that is free; else nowhere. */
  const drawLineLabel = (layer, scale, runs, taken, words, y) => {
    const { width, margin } = scale;
    const node = layer.text.take("dr-line-label", {}, words);
    const length = node.getComputedTextLength() + 8;
    const above = { top: y - LINE_HEIGHT - 4, bottom: y - 1, base: y - 5 };
    const below = { top: y + 1, bottom: y + LINE_HEIGHT + 4, base: y + 13 };
    const levels = below.bottom < scale.height - margin.bottom ? [above, below] : [above];
    const room = width - margin.right - margin.left - length;
    const boxes = levels.flatMap((level) =>
      STANDS.map((stand) => ({ ...level, left: margin.left + stand * room, right: margin.left + stand * room + length })),
    );
    const box = boxes.find((one) => !taken.some((other) => overlap(one, other)) && !curvePasses(runs, scale, one));
    if (!box) {
      node.style.display = "none";
      return;
    }
    taken.push(box);
    setAttributes(node, { x: place(box.left + 4), y: place(box.base) });
  };

  /** Draw the lines of a value; `taken` are boxes of pixels that no label may cover. */
  window.deeprnn.drawLines = (layers, scale, { runs, lines }, taken) => {
    const { width, height, margin } = scale;
    for (const [key, value] of [...lines].sort((a, b) => b[1] - a[1])) {
      const y = scale.y(value);
      if (value >= scale.low && y >= margin.top - 1 && y <= height - margin.bottom + 0.5) {
        const ends = { x1: margin.left, x2: width - margin.right, y1: place(y), y2: place(y) };
        layers.lines.line.take("dr-line-mark", ends);
        const words = `${t(`line.${key}`)} ${scale.unit.text(value)}`;
        drawLineLabel(layers.labels, scale, runs, taken, words, y);
      }
    }
    finishLayer(layers.lines);
    finishLayer(layers.labels);
  };
})();
