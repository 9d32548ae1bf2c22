// Draws axes, reference lines, curves and the best point into the layers; only attributes change.
(() => {
  "use strict";

  const { t, number, scale: arithmetic, finishLayer } = window.deeprnn;
  const LINE_HEIGHT = 13; // pixels that a label needs
  const place = (value) => value.toFixed(1);
  const tickText = (tick) => (tick >= 1000 ? number.compact(tick) : String(Number(tick.toPrecision(6))));

  const drawAxes = (layer, scale) => {
    const { width, height, margin } = scale;
    const ticks = scale.log ? arithmetic.logTicks(scale.low, scale.high) : arithmetic.evenTicks(scale.high, 5);
    for (const tick of ticks) {
      const y = place(scale.y(tick));
      layer.line.take("dr-grid", { x1: margin.left, x2: width - margin.right, y1: y, y2: y });
      layer.text.take("dr-tick", { x: margin.left - 8, y: Number(y) + 4, "text-anchor": "end" }, tickText(tick));
    }
    const steps = arithmetic.stepTicks(scale.end, width < 520 ? 3 : 6);
    steps.forEach((step, i) => {
      const x = scale.x(step);
      const anchor = i === 0 ? "start" : x > width - margin.right - 24 ? "end" : "middle";
      const text = i > 0 && i === steps.length - 1 ? t("chart.axis", { step: tickText(step) }) : tickText(step);
      layer.text.take("dr-tick", { x: place(x), y: height - 7, "text-anchor": anchor }, text);
    });
    finishLayer(layer);
  };

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

  const drawLines = (layers, scale, { runs, lines }) => {
    const { width, height, margin } = scale;
    const taken = [];
    for (const [key, perplexity] of [...lines].sort((a, b) => b[1] - a[1])) {
      const y = scale.y(perplexity);
      if (perplexity >= scale.low && y >= margin.top - 1 && y <= height - margin.bottom + 0.5) {
        layers.lines.line.take("dr-line-mark", { x1: margin.left, x2: width - margin.right, y1: place(y), y2: place(y) });
        const words = `${t(`line.${key}`)} ${number.perplexity(perplexity)}`;
        drawLineLabel(layers.labels, scale, runs, taken, words, y);
      }
    }
    finishLayer(layers.lines);
    finishLayer(layers.labels);
  };

  /** The path of one series; a missing value is a gap. */
  const pathOf = ([steps, values], scale) => {
    let path = "";
    let joined = false;
    steps.forEach((step, i) => {
      const known = Number.isFinite(values[i]);
      if (known) path += `${joined ? "L" : "M"}${place(scale.x(step))} ${place(scale.y(values[i]))}`;
      joined = known;
    });
    return path;
  };

  const drawCurves = (layer, scale, runs) => {
    for (const run of runs) {
      const pale = run.ghost ? " dr-ghost" : "";
      layer.path.take(`dr-curve dr-training${pale}`, { d: pathOf(run.train, scale) });
      layer.path.take(`dr-curve dr-validation${pale}`, { d: pathOf(run.validation, scale) });
    }
    finishLayer(layer);
  };

  const drawBest = (layer, scale, best) => {
    const [x, y] = [scale.x(best[0]), scale.y(best[1])];
    layer.circle.take("dr-best", { cx: place(x), cy: place(y), r: 5 });
    const atEdge = x > scale.width - scale.margin.right - 34;
    const label = { x: place(atEdge ? x + 6 : x), y: place(y - 12), "text-anchor": atEdge ? "end" : "middle" };
    layer.text.take("dr-best-label", label, t("chart.best", { value: number.perplexity(best[1]) }));
  };

  const drawMarks = (layer, scale, runs) => {
    for (const run of runs.filter((one) => !one.ghost)) {
      const [steps, values] = run.train;
      const last = values.length - 1;
      if (Number.isFinite(values[last])) {
        layer.circle.take("dr-end", { cx: place(scale.x(steps[last])), cy: place(scale.y(values[last])), r: 3.5 });
      }
      const best = (run.checkpoints || []).reduce((a, b) => (a && a[1] <= b[1] ? a : b), null);
      if (best && Number.isFinite(best[1])) drawBest(layer, scale, best);
    }
    finishLayer(layer);
  };

  /** Draw a value {runs, lines} into the layers. */
  window.deeprnn.drawChart = (layers, scale, value) => {
    drawAxes(layers.grid, scale);
    drawLines(layers, scale, value);
    drawCurves(layers.curves, scale, value.runs);
    drawMarks(layers.marks, scale, value.runs);
  };
})();
