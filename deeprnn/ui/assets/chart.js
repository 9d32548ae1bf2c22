// The perplexity curve: puts scale, drawing, words and crosshair together, and draws in place at every update.
(() => {
  "use strict";

  const { t, make, setText, setAttributes, drawOn, recall, keep, units, scale: arithmetic } = window.deeprnn;
  const { chartLayers, chartHover, chartCheckpoints, chartWords, drawChart, parentCurve, along, many } = window.deeprnn;
  const KEPT_UNIT = "deeprnn-chart-unit";
  const KEPT_SCALES = { perplexity: "deeprnn-chart-scale", bits: "deeprnn-chart-scale-bits" }; // each unit has its own
  const KEPT_ALONG = "deeprnn-chart-along";
  const NO_SERIES = [[], []];

  /** The value with nothing missing, whatever came. */
  const complete = (value) => ({
    loading: Boolean(value && value.loading), // what there is of its runs has not come yet
    lines: (value && value.lines) || [],
    runs: ((value && value.runs) || []).map((run) => ({
      ...run,
      train: run.train || NO_SERIES,
      validation: run.validation || NO_SERIES,
    })),
  });

  /** The value with the pale curve of the run from which the main one went on. */
  const withParent = (value) => {
    const parent = parentCurve.of(value.runs.find((run) => run.main && !run.ghost));
    const pale = parent && { ...parent, main: false, ghost: true, kept: null, events: [] };
    return pale ? { ...value, runs: [...value.runs, ...complete({ runs: [pale] }).runs] } : value;
  };

  /** Make one button for each of {name: words}, and return a function that presses one. */
  const makeButtons = (group, words, choose) => {
    const buttons = Object.entries(words).map(([name, text]) => {
      const button = make("button", "", text);
      button.type = "button";
      button.onclick = () => choose(name);
      return [name, button];
    });
    group.replaceChildren(...buttons.map(([, button]) => button));
    return (pressed) => buttons.forEach(([name, button]) => setAttributes(button, { "aria-pressed": name === pressed }));
  };

  window.deeprnn.chart = (place) => {
    const root = place.element.querySelector(".dr-chart");
    const find = (selector) => root.querySelector(selector);
    const [plot, svg, caption] = [find(".dr-plot"), find("svg"), find("figcaption")];
    let chosen = recall(KEPT_UNIT) === "bits" ? "bits" : "perplexity";
    const recalled = Object.fromEntries(Object.entries(KEPT_SCALES).map(([unit, key]) => [unit, recall(key)]));
    let asked = recall(KEPT_ALONG) || "step";
    const hidden = new Set(); // numbers of runs that the reader has switched off
    let value = complete(null);
    let picture = null;

    const layers = chartLayers(svg);
    const hover = chartHover(plot, layers.hover, find(".dr-spoken"), () => picture);
    const drawCheckpoints = chartCheckpoints(root, plot, place.branch);

    const scaleOf = (name) => recalled[name] || (units.UNITS[name].log ? "log" : "linear");

    const draw = () => {
      const size = { width: plot.clientWidth, height: plot.clientHeight };
      const all = withParent(value);
      if (many.isMany(all.runs)) many.drawLegend(find(".dr-legend"), all.runs, hidden, toggle);
      else chartWords.drawLegend(find(".dr-legend"), all.runs);
      const offered = along.offered(all.runs);
      const axis = offered.includes(asked) ? asked : "step";
      find(".dr-along").hidden = offered.length < 2;
      pressAlong(axis);
      chartWords.name(root, units.UNITS[chosen]);
      pressUnit(chosen);
      pressScale(scaleOf(chosen));
      if (!size.width) return; // not on the page yet
      const begun = all.runs.some((run) => run.train[0].length);
      const isAwaited = value.loading && !begun;
      setText(find(".dr-plot-empty"), begun || isAwaited ? "" : t("chart.empty"));
      setAttributes(svg, { ...size, viewBox: `0 0 ${size.width} ${size.height}` });
      const seen = { ...all, runs: all.runs.filter((run) => !hidden.has(run.number)) };
      const placed = { ...along.inAlong(seen, axis), along: along.ALONG[axis] };
      const shown = units.inUnit(placed, units.UNITS[chosen]);
      const scale = arithmetic.fitScale(shown, size, scaleOf(chosen) === "log");
      picture = { scale, runs: shown.runs };
      drawChart(layers, scale, shown);
      drawCheckpoints(scale, shown);
      hover();
      const words = many.isMany(shown.runs) ? many.summary(shown.runs, shown.unit) : chartWords.summary(shown);
      setText(caption, isAwaited ? "" : words);
      setAttributes(svg, { "aria-label": isAwaited ? t("chart.loading") : words });
    };

    const toggle = (numbers) => {
      const isHidden = hidden.has(numbers[0]);
      for (const number of numbers) isHidden ? hidden.delete(number) : hidden.add(number);
      draw();
    };
    const alongNames = Object.fromEntries(Object.entries(along.ALONG).map(([key, { name }]) => [key, t(name)]));
    const pressAlong = makeButtons(find(".dr-along"), alongNames, (name) => {
      asked = name;
      keep(KEPT_ALONG, name);
      draw();
    });
    const unitNames = Object.fromEntries(Object.entries(units.UNITS).map(([key, { name }]) => [key, t(name)]));
    const pressUnit = makeButtons(find(".dr-units"), unitNames, (name) => {
      chosen = name;
      keep(KEPT_UNIT, name);
      draw();
    });
    const pressScale = makeButtons(find(".dr-axes"), { log: t("chart.log"), linear: t("chart.linear") }, (name) => {
      recalled[chosen] = name;
      keep(KEPT_SCALES[chosen], name);
      draw();
    });

    drawOn(place, (next) => {
      value = complete(typeof next === "string" ? JSON.parse(next) : next); // it travels as one text
      draw();
    });
    parentCurve.watch(draw);
    new ResizeObserver(draw).observe(plot);
  };
})();
