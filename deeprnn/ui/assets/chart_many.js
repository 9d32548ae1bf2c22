// Several runs in one picture: a colour for each, their validation in full and their training thin; a band round runs
// that belong together. A run of such a picture has `colour`, 0 for the first, and may have `band`, common to its like.
(() => {
  "use strict";

  const { t, make, setText, setAttributes, scale: arithmetic, units } = window.deeprnn;
  const COLOURS = 6;
  const DASHES = ["", "7 4", "2 4"]; // each further lap through the colours has its own
  const FAR = 1 / 20; // part of the axis beyond which a check is not near a place
  const place = (value) => value.toFixed(1);

  const isMany = (runs) => runs.some((run) => run.colour !== undefined);
  const colourOf = (run) => `dr-run-${(run.colour % COLOURS) + 1}`;
  const dashOf = (run) => DASHES[Math.floor(run.colour / COLOURS) % DASHES.length];
  /** What counts of a run: its validation, or its training where it has none. */
  const main = (run) => (run.validation[0].length ? run.validation : run.train);

  const valueAt = ([places, values], at) => {
    const i = arithmetic.nearest(places, at);
    if (i < 0 || at < places[0] || at > places.at(-1)) return null;
    const j = places[i] > at ? i - 1 : i;
    if (j + 1 >= places.length) return values[j];
    return values[j] + ((values[j + 1] - values[j]) * (at - places[j])) / (places[j + 1] - places[j]);
  };

  /** The bands: runs of one name, with their lowest, mean and highest value wherever all of them are known. */
  const bandsOf = (runs) => {
    const members = new Map();
    for (const run of runs) if (run.band) members.set(run.band, [...(members.get(run.band) || []), run]);
    return [...members].filter(([, all]) => all.length > 1).map(([name, all]) => {
      const series = all.map(main);
      const places = [...new Set(series.flatMap(([at]) => at))].sort((a, b) => a - b);
      const found = places.map((at) => [at, series.map((one) => valueAt(one, at))]);
      const known = found.filter(([, values]) => values.every(Number.isFinite));
      const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
      return {
        name,
        colour: all[0].colour,
        numbers: all.map((run) => run.number),
        places: known.map(([at]) => at),
        low: known.map(([, values]) => Math.min(...values)),
        mean: known.map(([, values]) => mean(values)),
        high: known.map(([, values]) => Math.max(...values)),
      };
    });
  };

  const line = (places, values, scale) =>
    places.map((at, i) => `${i ? "L" : "M"}${place(scale.x(at))} ${place(scale.y(values[i]))}`).join("");

  /** Draw the bands behind and the curves of runs; `pathOf` writes one series as a path. */
  const drawMany = (layers, scale, runs, pathOf) => {
    const bands = bandsOf(runs);
    const banded = new Set(bands.map((band) => band.name));
    for (const band of bands) {
      const back = line([...band.places].reverse(), [...band.high].reverse(), scale).replace("M", "L");
      if (band.places.length) layers.bands.path.take(`dr-band ${colourOf(band)}`, { d: `${line(band.places, band.low, scale)}${back}Z` });
    }
    for (const run of runs) {
      const [colour, dash] = [colourOf(run), { "stroke-dasharray": dashOf(run) }];
      const inBand = banded.has(run.band);
      const alone = !run.validation[0].length;
      if (!inBand || alone) layers.curves.path.take(`dr-curve ${colour}${alone ? "" : " dr-thin"}`, { d: pathOf(run.train, scale), ...dash });
      if (!alone) layers.curves.path.take(`dr-curve dr-full ${colour}${inBand ? " dr-thin" : ""}`, { d: pathOf(run.validation, scale), ...dash });
    }
    for (const band of bands) {
      layers.curves.path.take(`dr-curve dr-mean ${colourOf(band)}`, { d: line(band.places, band.mean, scale), "stroke-dasharray": dashOf(band) });
    }
    for (const run of runs) {
      const [places, values] = main(run);
      if (banded.has(run.band) || !Number.isFinite(values.at(-1))) continue;
      layers.marks.circle.take(`dr-dot ${colourOf(run)}`, { cx: place(scale.x(places.at(-1))), cy: place(scale.y(values.at(-1))), r: 4 });
    }
  };

  /** What each entry of legend and tooltip stands for: a band or a run that is in none. */
  const entriesOf = (runs) => {
    const bands = bandsOf(runs);
    const banded = new Set(bands.map((band) => band.name));
    const named = bands.map((band) => ({ ...band, words: t("runs.band", { name: band.name, count: band.numbers.length }) }));
    const single = runs.filter((run) => !banded.has(run.band)).map((run) => ({ ...run, words: run.name, numbers: [run.number], run }));
    return [...named, ...single];
  };

  const makeKey = (entry) => {
    const key = make("i", colourOf(entry));
    key.dataset.lap = Math.floor(entry.colour / COLOURS);
    return key;
  };

  /** One button for each run or band: pressed means shown. `toggle` gets its numbers. */
  const drawLegend = (legend, runs, hidden, toggle) => {
    const entries = entriesOf(runs);
    const key = JSON.stringify(entries.map(({ numbers, words, colour }) => [numbers, words, colour]));
    if (legend.dataset.shown !== key) {
      legend.dataset.shown = key;
      legend.replaceChildren(
        ...entries.map((entry) => {
          const button = make("button", "dr-key dr-key-run");
          Object.assign(button, { type: "button", title: entry.words });
          button.append(makeKey(entry), make("span", "", entry.words));
          button.addEventListener("click", () => toggle(entry.numbers));
          return button;
        }),
      );
    }
    entries.forEach(({ numbers }, i) => setAttributes(legend.children[i], { "aria-pressed": !hidden.has(numbers[0]) }));
  };

  /** The points under the crosshair: {place, value, className, entry}. */
  const pointsAt = (runs, at, end) =>
    entriesOf(runs).map((entry) => {
      const [places, values] = entry.run ? main(entry.run) : [entry.places, entry.mean];
      const i = arithmetic.nearest(places, at);
      const near = i >= 0 && Math.abs(places[i] - at) <= end * FAR;
      const spread = near && !entry.run ? [entry.low[i], entry.high[i]] : null;
      return { entry, place: places[i], value: near ? values[i] : null, className: colourOf(entry), spread };
    });

  /** Fill a tooltip; returns what it says as one line. */
  const fillTip = (tip, head, points, unit) => {
    const rows = points.filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.value - b.value);
    const said = rows.map(({ entry, value, spread }) => {
      const beside = spread ? spread.map(unit.text).join("–") : unit.other(value, units.heldOutRatio(entry));
      return [entry.words, unit.text(value), beside];
    });
    const nodes = rows.map(({ entry }, i) => {
      const row = make("div", "dr-tip-row");
      const key = make("span", "dr-key");
      key.append(makeKey(entry), make("span", "dr-tip-name", said[i][0]));
      row.append(key, make("b", "", said[i][1]), make("span", "", said[i][2]));
      return row;
    });
    const title = make("p");
    setText(title, head);
    tip.classList.add("dr-many");
    tip.replaceChildren(title, ...nodes);
    return [head, ...said.map((parts) => parts.join(" "))].join(", ");
  };

  /** Several runs in sentences. */
  const summary = (runs, unit) => {
    const said = runs.filter((run) => main(run)[0].length).map((run) => {
      const best = Math.min(...main(run)[1].filter(Number.isFinite));
      return t("chart.summary_one", { name: run.name, best: unit.text(best) });
    });
    return said.length ? [t(unit.many, { count: runs.length }), ...said].join(t("chart.joint")) : t("chart.empty");
  };

  window.deeprnn.many = { isMany, main, drawMany, drawLegend, pointsAt, fillTip, summary, colourOf };
})();
