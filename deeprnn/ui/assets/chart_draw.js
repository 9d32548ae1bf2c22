// Draws axes, reference lines, curves and the best point into the layers; only attributes change.
(() => {
  "use strict";

  const { t, number, scale: arithmetic, setAttributes, finishLayer, drawLines, drawEvents, curvePasses } = window.deeprnn;
  const { many, along } = window.deeprnn;
  const place = (value) => value.toFixed(1);
  const tickText = (tick) => (tick >= 1000 ? number.compact(tick) : String(Number(tick.toPrecision(6))));

  const valueText = (tick) => (tick >= 1e6 ? number.perplexity(tick) : tickText(tick));

  const drawAxes = (layer, scale) => {
    const { width, height, margin } = scale;
    const ticks = scale.log ? arithmetic.logTicks(scale.low, scale.high) : arithmetic.evenTicks(scale.high, 5);
    for (const tick of ticks) {
      const y = place(scale.y(tick));
      layer.line.take("dr-grid", { x1: margin.left, x2: width - margin.right, y1: y, y2: y });
      layer.text.take("dr-tick", { x: margin.left - 8, y: Number(y) + 4, "text-anchor": "end" }, valueText(tick));
    }
    const steps = scale.along.ticks(scale.end, width < 520 ? along.COUNT.narrow : along.COUNT.wide);
    steps.forEach((step, i) => {
      const x = scale.x(step);
      const anchor = i === 0 ? "start" : x > width - margin.right - 24 ? "end" : "middle";
      const text = i > 0 && i === steps.length - 1 ? scale.along.last(step) : scale.along.text(step);
      layer.text.take("dr-tick", { x: place(x), y: height - 7, "text-anchor": anchor }, text);
    });
    finishLayer(layer);
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

  /** The best point of a run: [step, value], or null. */
  const bestOf = (run) => {
    const best = (run.checkpoints || []).reduce((a, b) => (a && a[1] <= b[1] ? a : b), null);
    return best && Number.isFinite(best[1]) ? best : null;
  };

  /** Draw a ring round the best point and its value above it, or below where a curve passes above; return the box. */
  const drawBest = (layer, scale, runs, best) => {
    const [x, y] = [scale.x(best[0]), scale.y(best[1])];
    const centre = { cx: place(x), cy: place(y) };
    layer.circle.take("dr-best-ring", { ...centre, r: 6.5 });
    layer.circle.take("dr-best", { ...centre, r: 3 });
    const atEdge = x > scale.width - scale.margin.right - 34;
    const words = t("chart.best", { value: scale.unit.text(best[1]) });
    const label = layer.text.take("dr-best-label", { "text-anchor": atEdge ? "end" : "middle" }, words);
    const length = label.getComputedTextLength();
    const left = atEdge ? x + 6 - length : x - length / 2;
    const across = { left: left - 4, right: left + length + 4 };
    const crowded = curvePasses(runs, scale, { ...across, top: y - 26, bottom: y - 10 });
    const below = crowded && y + 26 < scale.height - scale.margin.bottom;
    setAttributes(label, { x: place(atEdge ? x + 6 : x), y: place(below ? y + 23 : y - 13) });
    return { ...across, top: below ? y - 8 : y - 26, bottom: below ? y + 28 : y + 8 };
  };

  /** Draw where the curves end and are best; return the boxes of pixels that no label may cover. */
  const drawMarks = (layer, scale, runs) => {
    const taken = [];
    for (const run of runs.filter((one) => !one.ghost)) {
      const [steps, values] = run.train;
      const last = values.length - 1;
      if (Number.isFinite(values[last])) {
        layer.circle.take("dr-end", { cx: place(scale.x(steps[last])), cy: place(scale.y(values[last])), r: 3.5 });
      }
      const best = bestOf(run);
      if (best) taken.push(drawBest(layer, scale, runs, best));
    }
    finishLayer(layer);
    return taken;
  };

  /** Draw a value in its unit into the layers. */
  window.deeprnn.drawChart = (layers, scale, value) => {
    drawAxes(layers.grid, scale);
    const isMany = many.isMany(value.runs);
    if (isMany) many.drawMany(layers, scale, value.runs, pathOf);
    const alone = isMany ? [] : value.runs;
    drawCurves(layers.curves, scale, alone);
    const taken = drawMarks(layers.marks, scale, alone);
    finishLayer(layers.bands);
    drawEvents(layers.events, scale, alone, taken);
    drawLines(layers, scale, value, taken);
  };
})();
