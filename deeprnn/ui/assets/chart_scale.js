// The arithmetic of the curve: axes, ticks, places. Pure functions; knows no page.
(() => {
  "use strict";

  const ROOM = 0.97; // how far a curve may run before the axis grows
  const TICKS = 7;
  const FEW_TICKS = 3; // fewer than these say little of a logarithmic axis
  const ABOVE = 1.03; // the upper edge, as part of the height

  /** Where the axis of steps ends: it grows in stages, so that the picture is not squeezed every second. */
  const axisEnd = (total, last) => {
    const stages = [1 / 8, 1 / 4, 1 / 2, 3 / 4].map((part) => part * total);
    return stages.find((end) => last <= end * ROOM) || Math.max(total, last, 1);
  };

  /** At most eight ticks: 1, 2 and 5 of each decade, whole decades, or every so many decades. */
  const logTicks = (low, high) => {
    const [first, last] = [Math.min(0, Math.floor(Math.log10(low))), Math.floor(Math.log10(high) + 0.001)];
    const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
    const shown = (tick) => tick >= low * 0.999 && tick <= high;
    const ticks = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter(shown);
    const decades = powers.filter(shown);
    if (ticks.length < FEW_TICKS) return evenTicks(high, TICKS - 2).filter((tick) => tick >= low * 0.999);
    if (ticks.length <= TICKS || decades.length < 3) return ticks;
    const stride = Math.ceil(decades.length / TICKS);
    return decades.filter((_, i) => i % stride === 0);
  };

  /** A round distance between ticks: 1, 2, 2.5 or 5 times a power of ten. */
  const roundStep = (rough) => {
    const power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 2.5, 5, 10].find((n) => n * power >= rough) * power;
  };

  const evenTicks = (end, count) => {
    const step = roundStep(end / count);
    return Array.from({ length: Math.floor(end / step + 0.001) + 1 }, (_, i) => i * step);
  };

  /** Steps are whole: their ticks too. */
  const stepTicks = (end, count) => evenTicks(end, Math.min(count, Math.max(1, end))).filter(Number.isInteger);

  /** The place in a rising list that is nearest to a value, -1 in an empty one. */
  const nearest = (rising, value) => {
    let [low, high] = [0, rising.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (rising[middle] < value) low = middle;
      else high = middle;
    }
    if (high < 0) return -1;
    return Math.abs(rising[high] - value) < Math.abs(rising[low] - value) ? high : low;
  };

  /** From steps and values to pixels, and back to steps. */
  const makeScale = ({ width, height, margin, end, low, high, log, unit, along }) => {
    const [across, down] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
    const share = log
      ? (value) => Math.log(Math.max(value, low) / low) / Math.log(high / low)
      : (value) => (value - low) / (high - low);
    return {
      width,
      height,
      margin,
      end,
      low,
      high,
      log,
      unit,
      along,
      x: (step) => margin.left + (step / end) * across,
      y: (value) => margin.top + (1 - Math.min(ABOVE, share(value))) * down,
      step: (x) => ((x - margin.left) / across) * end,
    };
  };

  /** The highest value of an axis. A run that explodes reaches 1e304: that would hide all that was learnt before. */
  const ceiling = ({ runs, lines, unit, ratio }, points) => {
    const highest = points.reduce((a, b) => Math.max(a, b), unit.height);
    const firsts = runs.map((run) => run.train[1].find(Number.isFinite) || 0);
    const even = Math.max(0, ...lines.map((line) => line[1]));
    const start = even || Math.min(1e6, Math.max(unit.height, ...firsts));
    return Math.max(even, Math.min(highest, unit.hopeless(start, ratio)));
  };

  /** The scale that holds all curves and lines of a value in its unit. */
  const fitScale = (value, size, log) => {
    const { runs, unit, along } = value;
    const narrow = size.width < 520;
    const margin = { left: narrow ? 34 : 42, right: narrow ? 12 : 16, top: 22, bottom: 26 };
    const points = runs.flatMap((run) => [...run.train[1], ...run.validation[1]]).filter(Number.isFinite);
    const lowest = points.reduce((a, b) => Math.min(a, b), points.length ? Infinity : unit.height);
    const highest = ceiling(value, points);
    const total = Math.max(1, ...runs.map((run) => run.total_steps || 0));
    const last = Math.max(0, ...runs.map((run) => run.train[0].at(-1) || 0));
    const end = points.length ? axisEnd(total, last) : total > 1 ? total : 1000;
    const low = log ? unit.floor(lowest) : 0;
    return makeScale({ ...size, margin, end, low, high: highest * (log ? 1.12 : 1.04), log, unit, along });
  };

  window.deeprnn.scale = {
    axisEnd,
    logTicks,
    evenTicks,
    stepTicks,
    nearest,
    makeScale,
    fitScale,
  };
})();
