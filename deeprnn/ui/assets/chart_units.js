// The units of the curve: perplexity per token, and bits per character, in which models with other tokens compare.
(() => {
  "use strict";

  const { t, number } = window.deeprnn;
  const LOG_FLOORS = [20, 15, 10, 7, 5, 4, 3, 2, 1.5];
  const ROOM = 0.97; // of the lowest value that may stand at the bottom of the axis
  const LEAST = 0.001; // bits that a logarithmic axis still tells apart
  const HOPELESS = 10; // times the perplexity of guessing evenly: what lies above is drawn at the upper edge

  const bits = (perplexity, tokensPerCharacter) => Math.log2(perplexity) * tokensPerCharacter;

  /** The next lower of 1, 2, 3, 5 and 7 times a power of ten. */
  const decimalFloor = (value) => {
    const power = 10 ** Math.floor(Math.log10(value));
    return ([7, 5, 3, 2].find((n) => n * power <= value) || 1) * power;
  };

  /**
   * Each unit: its name, whether its axis is logarithmic unless asked otherwise, its value of a perplexity, how it is
   * written, and the other unit beside it; of its axis the least height, the end of hope, and where a logarithm begins.
   */
  const UNITS = {
    perplexity: {
      name: "figures.perplexity",
      title: "chart.title",
      summary: "chart.summary",
      many: "chart.summary_many",
      log: true,
      of: (perplexity) => perplexity,
      text: number.perplexity,
      other: (value, ratio) => t("chart.bits", { value: number.fixed(bits(value, ratio), 2) }),
      height: 2,
      hopeless: (even) => HOPELESS * even,
      floor: (lowest) => LOG_FLOORS.find((floor) => floor <= lowest * ROOM) || 1,
    },
    bits: {
      name: "figures.bits",
      title: "chart.title_bits",
      summary: "chart.summary_bits",
      many: "chart.summary_many_bits",
      log: false,
      of: bits,
      text: (value) => number.fixed(value, 2),
      other: (value, ratio) => t("chart.perplexity", { value: number.perplexity(2 ** (value / ratio)) }),
      height: 1,
      hopeless: (even, ratio) => even + bits(HOPELESS, ratio),
      floor: (lowest) => decimalFloor(Math.max(LEAST, lowest * ROOM)),
    },
  };

  const ratioOf = (run) => (run && run.tokens_per_character) || 1;
  /** The held-out text has words of another length. */
  const heldOutRatio = (run) => (run && run.validation_tokens_per_character) || ratioOf(run);

  /** A chart's value, all of it in perplexities, in one unit; the lines are those of the main run's held-out tokens. */
  const inUnit = ({ runs, lines, along }, unit) => {
    const ratio = heldOutRatio(runs.find((run) => run.main) || runs[0]);
    const series = ([steps, values], own) => [
      steps,
      values.map((value) => (Number.isFinite(value) ? unit.of(value, own) : null)),
    ];
    return {
      unit,
      along,
      ratio,
      lines: lines.filter((line) => Number.isFinite(line[1])).map(([key, value]) => [key, unit.of(value, ratio)]),
      runs: runs.map((run) => ({
        ...run,
        train: series(run.train, ratioOf(run)),
        validation: series(run.validation, heldOutRatio(run)),
        checkpoints: (run.checkpoints || []).map(([step, value]) => [step, unit.of(value, heldOutRatio(run))]),
        // a checkpoint keeps its perplexity beside its height: that is what it is called by
        kept: run.kept && run.kept.map(([step, value, best]) => [step, value && unit.of(value, heldOutRatio(run)), best, value]),
      })),
    };
  };

  window.deeprnn.units = { UNITS, inUnit, ratioOf, heldOutRatio };
})();
