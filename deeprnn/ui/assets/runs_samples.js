// Growing up: what runs wrote at each checkpoint, always from the same prefix and seed; a slider goes from noise to words.
(() => {
  "use strict";

  const { t, make, setText, setAttributes, runs } = window.deeprnn;

  /** Every step at which one of the packets has written. */
  const stepsOf = (packets) => [...new Set(packets.flatMap(({ samples }) => samples.map(([step]) => step)))].sort((a, b) => a - b);

  /** What a packet had written last by a step. */
  const sampleAt = ({ samples }, step) => samples.filter(([at]) => at <= step).at(-1);

  const makeCard = (packet, isOnly) => {
    const [card, head, text] = [make("div", "dr-grown"), make("div", "dr-grown-head"), make("p", "dr-sample-text")];
    const [key, step] = [make("span", "dr-key"), make("span")];
    if (!isOnly) key.append(runs.makeKey(packet.number), make("span", "", runs.label(packet.number)));
    head.append(key, step);
    text.append(make("b"), make("span"));
    card.append(head, text);
    const show = (sample) => {
      setText(step, sample ? t("sample.step", { step: sample[0] }) : "");
      setText(text.firstChild, sample ? sample[1] : "");
      setText(text.lastChild, sample ? sample[2] : t("runs.nothing_yet"));
      text.classList.toggle("dr-empty", !sample);
    };
    return { card, show };
  };

  /** Build the section; returns its node and a function that draws packets. */
  runs.makeSamples = () => {
    const [section, head, row, cards] = [make("section"), make("h3", "dr-subtitle", t("runs.growing")), make("div", "dr-grow"), make("div", "dr-grown-all")];
    const [slider, said] = [make("input"), make("output")];
    Object.assign(slider, { type: "range", min: 0, step: 1 });
    setAttributes(slider, { "aria-label": t("runs.growing") });
    const ends = [make("span"), make("span")];
    row.append(ends[0], slider, ends[1], said);
    section.append(head, row, cards);
    let [packets, steps, shown, isLast] = [[], [], [], true];
    let drawn = "";

    const show = () => {
      const step = steps[slider.value];
      const words = t("sample.step", { step });
      setText(said, words);
      setAttributes(slider, { "aria-valuetext": words });
      shown.forEach(({ show: draw }, i) => draw(sampleAt(packets[i], step)));
    };

    slider.addEventListener("input", () => {
      isLast = Number(slider.value) === steps.length - 1;
      show();
    });

    const draw = (now) => {
      packets = now;
      const key = JSON.stringify(now.map(({ number, samples }) => [number, samples.length, runs.state.rows.get(number).name]));
      if (key === drawn) return;
      const before = steps[slider.value];
      drawn = key;
      steps = stepsOf(now);
      // A run that went on from another one could already write when it began.
      const words = now.some(({ number }) => runs.state.rows.get(number).parent !== null) ? ["runs.oldest", "runs.newest"] : ["runs.noise", "runs.words"];
      ends.forEach((end, i) => setText(end, t(words[i])));
      section.hidden = !steps.length;
      row.hidden = steps.length < 2;
      slider.max = Math.max(0, steps.length - 1);
      const kept = steps.findLastIndex((step) => step <= before);
      slider.value = isLast || kept < 0 ? steps.length - 1 : kept;
      shown = now.map((packet) => makeCard(packet, now.length === 1));
      cards.replaceChildren(...shown.map(({ card }) => card));
      show();
    };
    return { section, draw };
  };
})();
