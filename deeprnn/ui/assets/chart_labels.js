// Reference lines and their labels: each label where neither a curve nor another label stands.
(() => {
  "use strict";

  const { t, number, finishLayer } = window.deeprnn;
  const LINE_HEIGHT = 13; // pixels that a label needs
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

  /** A label stands at the right end of its line, unless only the left is free. */
  const drawLineLabel = (layer, scale, runs, taken, words, y) => {
    const { width, margin } = scale;
    const node = layer.text.take("dr-line-label", { y: place(y - 5) }, words);
    const length = node.getComputedTextLength() + 8;
    const [top, bottom] = [y - LINE_HEIGHT - 4, y - 1];
    const sides = [
      { left: width - margin.right - length, right: width - margin.right, top, bottom, anchor: "end" },
      { left: margin.left, right: margin.left + length + 4, top, bottom, anchor: "start" },
    ];
    const fits = sides.filter((side) => !taken.some((other) => overlap(side, other)));
    const side = fits.find((box) => !curvePasses(runs, scale, box)) || fits[0];
    if (!side) {
      node.style.display = "none";
      return;
    }
    taken.push(side);
    const x = side.anchor === "end" ? side.right : side.left + 4;
    node.setAttribute("x", place(x));
    node.setAttribute("text-anchor", side.anchor);
  };

  /** Draw the lines of a value; `taken` are boxes of pixels that no label may cover. */
  window.deeprnn.drawLines = (layers, scale, { runs, lines }, taken) => {
    const { width, height, margin } = scale;
    for (const [key, perplexity] of [...lines].sort((a, b) => b[1] - a[1])) {
      const y = scale.y(perplexity);
      if (perplexity >= scale.low && y >= margin.top - 1 && y <= height - margin.bottom + 0.5) {
        const ends = { x1: margin.left, x2: width - margin.right, y1: place(y), y2: place(y) };
        layers.lines.line.take("dr-line-mark", ends);
        const words = `${t(`line.${key}`)} ${number.perplexity(perplexity)}`;
        drawLineLabel(layers.labels, scale, runs, taken, words, y);
      }
    }
    finishLayer(layers.lines);
    finishLayer(layers.labels);
  };
})();
