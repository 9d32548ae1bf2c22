// The crosshair and its tooltip: they follow the pointer or the arrow keys and stay where they are while the curve grows.
(() => {
  "use strict";

  const { setText, scale: arithmetic, chartWords, eventsNear, finishLayer, many } = window.deeprnn;
  const FAR = 1 / 20; // part of the axis beyond which a validation is not near a step
  const JUMPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity };
  const OFFSET = 14; // pixels between crosshair and tooltip

  /** The run that the crosshair follows: the main one, if it has begun. */
  const followed = (runs) => {
    const begun = runs.filter((run) => run.train[0].length);
    return begun.find((run) => run.main && !run.ghost) || begun[0];
  };

  const valuesAt = (run, step, end) => {
    const [steps, values] = run.train;
    const [checked, measured] = run.validation;
    const check = arithmetic.nearest(checked, step);
    const near = check >= 0 && Math.abs(checked[check] - step) <= end * FAR;
    return {
      found: [values[arithmetic.nearest(steps, step)], near ? measured[check] : null],
      places: [step, near ? checked[check] : step],
    };
  };

  const drawCross = (layer, scale, x, points) => {
    const { margin, height } = scale;
    layer.line.take("dr-cross", { x1: x, x2: x, y1: margin.top - 6, y2: height - margin.bottom });
    for (const { place, value, className } of points) {
      if (!Number.isFinite(value)) continue;
      const at = { cx: scale.x(place).toFixed(1), cy: scale.y(value).toFixed(1), r: 4 };
      layer.circle.take(`dr-dot ${className}`, at);
    }
    finishLayer(layer);
  };

  /** The places that the crosshair stops at. */
  const stops = (run) => (run.colour === undefined ? run.train : many.main(run))[0];

  /**
   * Watch a plot. `picture()` gives what is drawn now: {scale, runs}, or null.
   * Returns a function that draws the crosshair again after an update.
   */
  window.deeprnn.chartHover = (plot, layer, spoken, picture) => {
    const tip = plot.querySelector(".dr-tip");
    const fill = chartWords.makeTip();
    let pointer = null; // pixels from the left of the plot
    let reached = null; // the step reached by keyboard

    const clear = () => {
      tip.hidden = true;
      finishLayer(layer);
    };

    const showOne = ({ scale }, run, step, x) => {
      const { found, places } = valuesAt(run, step, scale.end);
      const names = ["dr-training", "dr-validation"];
      drawCross(layer, scale, x.toFixed(1), names.map((className, i) => ({ className, place: places[i], value: found[i] })));
      return fill(tip, run, step, found, scale, eventsNear(run, scale, x));
    };

    const showMany = ({ scale, runs }, step, x) => {
      const points = many.pointsAt(runs, step, scale.end);
      drawCross(layer, scale, x.toFixed(1), points);
      return many.fillTip(tip, scale.along.whereMany(step), points, scale.unit);
    };

    const draw = () => {
      const now = picture();
      const run = now && followed(now.runs);
      if (!run || (pointer === null && reached === null)) return clear();
      const { scale } = now;
      const wanted = reached === null ? scale.step(pointer) : reached;
      const step = stops(run)[arithmetic.nearest(stops(run), wanted)];
      const x = scale.x(step);
      const words = many.isMany(now.runs) ? showMany(now, step, x) : showOne(now, run, step, x);
      tip.hidden = false;
      const flips = x + OFFSET + tip.offsetWidth > scale.width;
      const left = flips ? Math.max(0, x - OFFSET - tip.offsetWidth) : x + OFFSET;
      tip.style.transform = `translate(${Math.round(left)}px, ${scale.margin.top + 6}px)`;
      if (reached !== null) setText(spoken, words);
      return undefined;
    };

    const point = (event) => {
      pointer = event.clientX - plot.getBoundingClientRect().left;
      reached = null;
      draw();
    };

    const move = (event) => {
      const now = picture();
      const run = now && followed(now.runs);
      if (event.key === "Escape") {
        [pointer, reached] = [null, null];
        return draw();
      }
      if (!run || !(event.key in JUMPS) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
      event.preventDefault();
      const steps = stops(run);
      const last = steps.length - 1;
      const from = reached === null ? last + (event.key === "ArrowLeft" ? 1 : 0) : arithmetic.nearest(steps, reached);
      reached = steps[Math.min(last, Math.max(0, from + JUMPS[event.key]))];
      return draw();
    };

    const leave = () => {
      pointer = null;
      draw();
    };

    plot.addEventListener("pointermove", point);
    plot.addEventListener("pointerdown", point);
    plot.addEventListener("pointerleave", leave);
    plot.addEventListener("keydown", move);
    plot.addEventListener("blur", () => {
      reached = null;
      draw();
    });
    return draw;
  };
})();
