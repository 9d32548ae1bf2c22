// The chosen runs: their curves in one picture, in which settings they differ, what they wrote, and all of it to take away.
(() => {
  "use strict";

  const { t, valueName, make, setText, setAttributes, drawOn, runs, many, takePicture, chart } = window.deeprnn;
  const { state } = runs;
  const SERVED = ["csv", "json"]; // made by the program; the others are drawn here
  const FORMS = [...SERVED, "svg", "png"];

  /** Give the component of the curve its values, as Gradio would. */
  const makeFeed = (element) => {
    const watchers = [];
    const props = { value: { runs: [], lines: [], loading: true } };
    chart({ element, props, watch: (_, act) => watchers.push(act), branch: (wish) => runs.wish("branch", wish) });
    let given = "";
    return (value) => {
      const key = JSON.stringify(value);
      if (key === given) return;
      given = key;
      props.value = value;
      watchers.forEach((act) => act());
    };
  };

  /** Of the runs of a sweep, a name common to those that differ in nothing but the seed; "" for all others. */
  const bandsOf = (packets) => {
    if (!runs.chosenGroup()) return packets.map(() => "");
    const names = runs.differing(packets).filter(([name]) => name !== "seed");
    const words = packets.map((_, i) => names.map(([name, all]) => `${runs.settingName(name)} ${valueName(all[i])}`));
    const bands = words.map((parts) => parts.join(t("runs.comma")) || t("runs.same"));
    return bands.map((band) => (bands.filter((other) => other === band).length > 1 ? band : ""));
  };

  const chartValue = (packets) => {
    const isAwaited = (number) => state.rows.get(number)?.step > 0 && !packets.some((packet) => packet.number === number);
    const isMany = packets.length > 1;
    const bands = bandsOf(packets);
    runs.paint(packets.map(({ number }) => number), bands);
    const lines = packets.map((packet) => JSON.stringify(packet.lines));
    return {
      loading: state.chosen.some(isAwaited),
      lines: packets.length && lines.every((one) => one === lines[0]) ? packets[0].lines : [],
      runs: packets.map(({ curve, number }, i) => ({
        ...curve,
        number,
        name: isMany ? runs.label(number) : state.rows.get(number).name,
        main: !isMany, // several have no parent behind them
        kept: isMany || state.read_only ? null : curve.kept, // one run can go on from its checkpoints
        ...(isMany ? { colour: runs.colourOf(number), band: bands[i] } : {}),
      })),
    };
  };

  /** A button that copies the link under which others may see the one run that is chosen, and change nothing. */
  const makeLink = () => {
    const button = runs.makeButton("dr-act dr-run-link", t("runs.link"), async () => {
      const [{ id }] = runs.shown();
      try {
        await navigator.clipboard.writeText(`${window.location.origin}${window.location.pathname}?run=${id}`);
      } catch {
        return; // the browser forbids it
      }
      setText(button, t("write.copied"));
      setTimeout(() => setText(button, t("runs.link")), 1500);
    });
    return button;
  };

  /** The row of buttons under the picture. */
  const makeTaking = (root, onTable) => {
    const row = make("div", "dr-taking");
    const take = (form) => () => {
      if (SERVED.includes(form)) runs.wish("take", { form, numbers: state.chosen });
      else takePicture(root.querySelector(".dr-chart"), form);
    };
    const table = runs.makeButton("dr-act", t("runs.as_table"), onTable);
    setAttributes(table, { "aria-expanded": "false" });
    row.append(table, make("span", "", t("runs.take")));
    const link = makeLink();
    row.append(...FORMS.map((form) => runs.makeButton("dr-act", form.toUpperCase(), take(form))), link);
    return { row, table, link };
  };

  const makeSection = (title) => {
    const [section, place] = [make("section"), make("div")];
    section.append(make("h3", "dr-subtitle", title), place);
    return { section, place };
  };

  window.deeprnn.runsCurves = (place) => {
    const root = place.element.querySelector(".dr-curves");
    const card = place.element.closest(".dr-card");
    const [head, rest] = [root.querySelector(".dr-curves-head"), root.querySelector(".dr-curves-rest")];
    const [title, hint] = [make("h2", "dr-title"), make("p", "dr-runs-none", t("runs.choose"))];
    const feed = makeFeed(root);
    const numbers = make("div");
    let isTable = false;
    const { row, table, link } = makeTaking(root, () => {
      isTable = !isTable;
      setAttributes(table, { "aria-expanded": isTable });
      draw();
    });
    const [settings, samples, sweep] = [makeSection(t("runs.differing")), runs.makeSamples(), runs.makeSummary()];
    head.append(title);
    rest.append(hint, row, numbers, sweep.section, settings.section, samples.section);
    let drawn = "";

    const draw = () => {
      const packets = runs.shown().filter((packet) => packet.curve);
      runs.nameAmong(packets.map(({ number }) => number));
      const rows = state.chosen.map((number) => state.rows.get(number)).filter(Boolean);
      setText(title, rows.length === 1 ? rows[0].name : t("runs.compared", { count: rows.length }));
      card.classList.toggle("dr-nothing", !state.rows.size); // no runs, no curves
      hint.hidden = rows.length > 0;
      row.hidden = !packets.length;
      link.hidden = packets.length !== 1;
      for (const part of [root.querySelector(".dr-chart"), head]) part.hidden = !rows.length;
      feed(chartValue(packets));
      sweep.draw();
      samples.draw(packets);
      const key = JSON.stringify([isTable, packets.map((packet) => [packet.number, packet.step]), rows.map(({ name }) => name)]);
      if (key === drawn) return;
      drawn = key;
      settings.section.hidden = packets.length < 2;
      if (packets.length > 1) settings.place.replaceChildren(runs.settingsTable(packets));
      numbers.hidden = !isTable || !packets.length;
      if (!numbers.hidden) numbers.replaceChildren(runs.numbersTable(packets));
    };
    runs.onChange(draw);
    drawOn(place, (value) => value && runs.takeCurves(JSON.parse(value)));
  };
})();
