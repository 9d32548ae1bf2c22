// The perplexity curve: puts scale, drawing, words and crosshair together, and draws in place at every update.
(() => {
  "use strict";

  const { t, make, setText, setAttributes, drawOn, recall, keep, scale: arithmetic } = window.deeprnn;
  const { chartLayers, chartHover, chartWords, drawChart } = window.deeprnn;
  const KEPT = "deeprnn-chart-scale";
  const NO_SERIES = [[], []];

  /** The value with nothing missing, whatever came. */
  const complete = (value) => ({
    lines: (value && value.lines) || [],
    runs: ((value && value.runs) || []).map((run) => ({
      ...run,
      train: run.train || NO_SERIES,
      validation: run.validation || NO_SERIES,
    })),
  });

  const makeScaleButtons = (group, isLog, choose) => {
    const buttons = ["log", "linear"].map((name) => {
      const button = make("button", "", t(`chart.${name}`));
      button.type = "button";
      button.onclick = () => choose(name);
      return button;
    });
    group.replaceChildren(...buttons);
    return () => buttons.forEach((button, i) => setAttributes(button, { "aria-pressed": isLog() === (i === 0) }));
  };

  window.deeprnn.chart = (place) => {
    const root = place.element.querySelector(".dr-chart");
    const find = (selector) => root.querySelector(selector);
    const [plot, svg, caption] = [find(".dr-plot"), find("svg"), find("figcaption")];
    let log = recall(KEPT) !== "linear";
    let value = complete(null);
    let picture = null;

    chartWords.name(root);
    const layers = chartLayers(svg);
    const hover = chartHover(plot, layers.hover, find(".dr-spoken"), () => picture);

    const draw = () => {
      const size = { width: plot.clientWidth, height: plot.clientHeight };
      chartWords.drawLegend(find(".dr-legend"), value.runs);
      press();
      if (!size.width) return; // not on the page yet
      const begun = value.runs.some((run) => run.train[0].length);
      setText(find(".dr-plot-empty"), begun ? "" : t("chart.empty"));
      setAttributes(svg, { ...size, viewBox: `0 0 ${size.width} ${size.height}` });
      const scale = arithmetic.fitScale(value, size, log);
      picture = { scale, runs: value.runs };
      drawChart(layers, scale, value);
      hover();
      const words = chartWords.summary(value);
      setText(caption, words);
      setAttributes(svg, { "aria-label": words });
    };

    const press = makeScaleButtons(
      find(".dr-scales"),
      () => log,
      (name) => {
        log = name === "log";
        keep(KEPT, name);
        draw();
      },
    );

    drawOn(place, (next) => {
      value = complete(typeof next === "string" ? JSON.parse(next) : next); // it travels as one text
      draw();
    });
    new ResizeObserver(draw).observe(plot);
  };
})();
