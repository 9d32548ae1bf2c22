// What a curve runs along: steps, and, where a run says them, tokens or seconds. Pure functions; knows no page.
(() => {
  "use strict";

  const { t, number, scale: arithmetic } = window.deeprnn;
  const COUNT = { wide: 6, narrow: 3 }; // ticks
  // Distances between ticks of a clock, in seconds.
  const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

  const tickText = (tick) => (tick >= 1000 ? number.compact(tick) : String(Number(tick.toPrecision(6))));

  const clockTicks = (end, count) => {
    const distance = CLOCK.find((one) => end / one <= count) || CLOCK.at(-1) * Math.ceil(end / count / CLOCK.at(-1));
    return Array.from({ length: Math.floor(end / distance + 0.001) + 1 }, (_, i) => i * distance);
  };

  /** Each axis: its name, its ticks and how they are written, the last one with its unit, and a place on it in words. */
  const ALONG = {
    step: {
      name: "along.step",
      ticks: arithmetic.stepTicks,
      text: tickText,
      last: (tick) => t("chart.axis", { step: tickText(tick) }),
      where: (place, run) => t("chart.where", { step: place, epoch: number.fixed(place / run.steps_per_epoch, 1) }),
      whereMany: (place) => t("along.at_step", { step: place }),
    },
    tokens: {
      name: "along.tokens",
      ticks: arithmetic.stepTicks,
      text: tickText,
      last: (tick) => t("along.axis_tokens", { tokens: tickText(tick) }),
      where: (place) => t("along.at_tokens", { tokens: number.compact(place) }),
      whereMany: (place) => t("along.at_tokens", { tokens: number.compact(place) }),
    },
    seconds: {
      name: "along.seconds",
      ticks: clockTicks,
      text: number.clock,
      last: number.clock,
      where: (place) => t("along.at_seconds", { clock: number.clock(place) }),
      whereMany: (place) => t("along.at_seconds", { clock: number.clock(place) }),
    },
  };

  /** A function from a step to the place on another axis: straight between the points that are known, 0 at the start. */
  const placing = (steps, places) => {
    const last = steps.length - 1;
    return (step) => {
      if (step >= steps[last]) return steps[last] ? (places[last] * step) / steps[last] : 0;
      let i = arithmetic.nearest(steps, step);
      if (steps[i] > step) i -= 1;
      const [from, at] = i < 0 ? [0, 0] : [steps[i], places[i]];
      return at + ((places[i + 1] - at) * (step - from)) / (steps[i + 1] - from);
    };
  };

  const says = (run, name) =>
    run.train[0].length > 0 && ["train", "validation"].every((part) => run[name]?.[part]?.length === run[part][0].length);

  /** The axes that every run of a value can be drawn along. */
  const offered = (runs) => Object.keys(ALONG).filter((name) => name === "step" || (runs.length && runs.every((run) => says(run, name))));

  const runAlong = (run, name) => {
    const { train, validation } = run[name];
    const at = placing(run.train[0], train);
    return {
      ...run,
      train: [train, run.train[1]],
      validation: [validation, run.validation[1]],
      checkpoints: (run.checkpoints || []).map(([step, value]) => [at(step), value]),
      kept: null, // from another axis no run goes on
      events: (run.events || []).map((event) => ({ ...event, step: at(event.step) })),
      total_steps: name === "tokens" ? at(run.total_steps || 0) : 0, // how long the rest takes is not known
    };
  };

  /** A chart's value with its runs along another axis. */
  const inAlong = (value, name) =>
    name === "step" ? value : { ...value, runs: value.runs.map((run) => runAlong(run, name)) };

  window.deeprnn.along = { ALONG, COUNT, offered, inAlong };
})();
