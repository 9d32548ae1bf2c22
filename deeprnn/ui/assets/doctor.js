// The doctor's card: what a text is, in a short table, and below it each finding with its remedy; beside every choice
// of cleaning, what it does or would do.
(() => {
  "use strict";

  const { language, t, number, make, setText, makeFinding, onGrowth, drawOn, drawOnSheet } = window.deeprnn;

  const CODES = {
    Latin: "Latn", Han: "Hani", Cyrillic: "Cyrl", Greek: "Grek", Arabic: "Arab", Hebrew: "Hebr", Hiragana: "Hira",
    Katakana: "Kana", Hangul: "Hang", Devanagari: "Deva", Thai: "Thai", Georgian: "Geor", Armenian: "Armn",
    Bengali: "Beng", Tamil: "Taml", Telugu: "Telu", Gujarati: "Gujr", Khmer: "Khmr", Lao: "Laoo",
  };
  const named = (type, code) => new Intl.DisplayNames(language, { type, fallback: "code" }).of(code);
  const scriptName = (script) => (CODES[script] ? named("script", CODES[script]) : script);
  const languageName = (code) => (code ? named("language", code) : t("doctor.unsure"));
  const encodingName = (name) => name.toUpperCase().replace(/_/g, "-");
  const NAMES = { "U+0020": "write.space", "U+000A": "write.newline", "U+0009": "write.tab" };
  const listed = (characters, all) =>
    characters.map((character) => (NAMES[character] ? t(NAMES[character]) : character)).join(" ") + (all > characters.length ? " …" : "");
  const share = (value) => (value > 0 && value < 0.005 ? "< 1 %" : number.percent(value));

  /** Each row: the key of its label, and its words. */
  const ROWS = [
    ["encoding", (v) => {
      if (!v.encoding) return "";
      const words = [t(v.guess ? "files.guess" : "files.as", { encoding: encodingName(v.encoding) })];
      if (v.undecodable) words.push(t("files.undecodable", { count: v.undecodable }));
      return words.join(" · ");
    }],
    ["characters", (v) => t("doctor.characters_said", { characters: v.characters, lines: v.lines })],
    ["language", (v) => {
      const scripts = v.script.map(([name, part]) => `${scriptName(name)} ${share(part)}`);
      return [languageName(v.language), ...scripts].join(" · ");
    }],
    ["alphabet", (v) => t("doctor.alphabet_said", { count: v.distinct, characters: listed(v.frequent, v.distinct) })],
    ["rare", (v) =>
      v.rare_count ? t("doctor.rare_said", { count: v.rare_count, characters: listed(v.rare, v.rare_count) }) : ""],
    ["tokens", (v) => t("doctor.tokens_said", { tokens: v.tokens, held_out: v.held_out })],
    ["vocabulary", (v) => t("doctor.vocabulary_said", { count: v.vocabulary, unseen: share(v.unseen) })],
    ["repeats", (v) =>
      t("doctor.repeats_said", { before: v.duplicate_lines, both: v.shared_lines, longest: v.longest_repeat })],
  ];

  const drawRows = (list, value) => {
    const rows = value ? ROWS.map(([key, words]) => [key, words(value)]).filter(([, words]) => words) : [];
    list.replaceChildren(
      ...rows.flatMap(([key, words]) => [make("dt", "", t(`doctor.${key}`)), make("dd", "", words)]),
    );
  };

  // What each choice of cleaning does stands in the block of its own checkbox, which Gradio builds when it is looked at.
  let effects = [];
  const idOf = (name) => `dr-${name.replace(/_/g, "-")}`;
  const drawEffect = ({ name, on, count, examples }) => {
    const block = document.getElementById(idOf(name));
    if (!block) return;
    const place = block.querySelector(".dr-effect") || block.appendChild(make("p", "dr-effect"));
    const verb = count ? (on ? "does" : "would") : "nothing";
    const parts = [make("span", "", t(`effect.${verb}`, { count }))];
    for (const [before, after] of examples.slice(0, 2)) {
      parts.push(make("code", "", t("effect.example", { before, after: after || t("effect.gone") })));
    }
    place.replaceChildren(...parts);
  };
  for (const name of ["line_ends", "control_characters", "byte_order_marks", "drop_gutenberg", "nfc",
    "straight_quotes", "single_blanks", "unique_lines", "lower_case", "letters_only"]) {
    onGrowth(`#${idOf(name)} input`, () => effects.filter((effect) => effect.name === name).forEach(drawEffect));
  }

  const draw = (root, value, give) => {
    const [empty, list, findings] = [".dr-doctor-empty", "dl", ".dr-findings"].map((part) => root.querySelector(part));
    empty.hidden = Boolean(value);
    setText(empty, t("doctor.empty"));
    drawRows(list, value);
    findings.replaceChildren(...((value && value.findings) || []).map((one) => makeFinding(one, give)));
  };

  window.deeprnn.doctor = (place) => {
    drawOnSheet("#dr-doctor-sheet .dr-doctor", place, (root, value) => draw(root, value, place.remedy));
    drawOn(place, (value) => {
      effects = (value && value.effects) || [];
      effects.forEach(drawEffect);
    });
  };
})();
