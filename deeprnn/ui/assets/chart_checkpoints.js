// The checkpoints on the curve: real buttons, each the way to go on from there.
(() => {
  "use strict";

  const { t, number, make, setText, setAttributes, scale: arithmetic } = window.deeprnn;
  const SIZE = 24; // pixels of a button: nearer to each other, two could not be told apart
  const SETTINGS = ["learning_rate", "dropout", "max_grad_norm", "max_epochs", "max_steps"];
  const LENGTHS = ["max_epochs", "max_steps"];

  /** The value at a step of a series, or that of the nearest one. */
  const near = ([steps, values], step) => values[arithmetic.nearest(steps, step)];

  /** The value that was measured at a step, if one was. */
  const measured = ([steps, values], step) => values[steps.indexOf(step)];

  /** Where a checkpoint stands: on what was measured for it, else on the curve of the training. */
  const heightOf = (run, [step, value]) => [value, measured(run.validation, step), near(run.train, step)].find(Number.isFinite);

  /** Those with room for a button: the best, the last, and of the others whichever are not too near. */
  const withRoom = (kept, scale) => {
    const chosen = [];
    const [best, last] = [kept.find((one) => one[2]), kept.at(-1)];
    for (const one of [best, last, ...kept]) {
      const free = one && chosen.every((other) => Math.abs(scale.x(other[0]) - scale.x(one[0])) >= SIZE);
      if (free) chosen.push(one);
    }
    return chosen.sort((a, b) => a[0] - b[0]);
  };

  const nameOf = (step, perplexity) =>
    Number.isFinite(perplexity)
      ? t("chart.checkpoint", { step, perplexity: number.perplexity(perplexity) })
      : t("chart.checkpoint_unmeasured", { step });

  /** The fields of the way on; where the run has reached its end, as much again is proposed. */
  const fieldsOf = (run, step) => {
    const ended = step >= run.total_steps;
    const shown = SETTINGS.filter((name) => name !== "max_steps" || run.settings.max_steps !== null);
    return shown.map((name) => {
      const value = run.settings[name];
      return { name, value, proposed: ended && LENGTHS.includes(name) ? 2 * value : value };
    });
  };

  /**
   * Show the checkpoints above a plot. `branch({run, step, changes, ticket})` goes on from one.
   * Returns a function that draws them for a scale and a value in its unit.
   */
  window.deeprnn.chartCheckpoints = (root, plot, branch) => {
    const { panel } = window.deeprnn;
    const layer = make("div", "dr-checkpoints");
    plot.append(layer);
    const buttons = new Map();
    let run = null;

    const choose = (step, anchor) => {
      const from = run; // another may be on the curve when the panel is sent
      panel.toggle({
        root,
        anchor,
        title: t("branch.title", { step }),
        fields: fieldsOf(from, step),
        action: t("branch.go"),
        send: (changes, ticket) => branch({ run: from.number, step, changes, ticket }),
      });
    };

    const buttonAt = (step) => {
      if (buttons.has(step)) return buttons.get(step);
      const button = make("button", "dr-checkpoint");
      button.type = "button";
      button.setAttribute("aria-haspopup", "dialog");
      button.onclick = () => choose(step, button);
      buttons.set(step, button);
      layer.append(button);
      return button;
    };

    return (scale, shown) => {
      run = shown.runs.find((one) => one.main && !one.ghost && one.kept) || null;
      const there = run ? withRoom(run.kept, scale) : [];
      const steps = new Set(there.map(([step]) => step));
      for (const [step, button] of buttons) {
        if (steps.has(step)) continue;
        button.remove();
        buttons.delete(step);
      }
      for (const one of there) {
        const [step, , , perplexity] = one;
        const y = heightOf(run, one);
        const button = buttonAt(step);
        button.hidden = !Number.isFinite(y);
        if (button.hidden) continue;
        const place = `translate(${(scale.x(step) - SIZE / 2).toFixed(1)}px, ${(scale.y(y) - SIZE / 2).toFixed(1)}px)`;
        if (button.style.transform !== place) button.style.transform = place;
        button.classList.toggle("dr-is-best", (run.checkpoints || []).some(([best]) => best === step));
        setAttributes(button, { "aria-label": nameOf(step, perplexity) });
      }
      panel.stand();
    };
  };
})();
