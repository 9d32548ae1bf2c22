// What runs are called: a name is stored as settings are typed, and shown in the reader's words.
(() => {
  "use strict";

  const { language, texts, t, number } = window.deeprnn;
  const [table, english] = [texts[language], texts.en];
  const BETWEEN = " · ";
  const CHANGE = /^(\w+) (\S+)(?: → (\S+))?( \+\d+)?$/;
  const TYPED = { none: null, true: true, false: false };

  /** The value of a setting as its field shows it. */
  const valueName = (value) => {
    if (value === null || value === undefined) return t("setting.none");
    if (typeof value === "boolean") return t(`choice.${value}`);
    if (typeof value === "number") return Number.isInteger(value) ? number.whole(value) : number.rate(value);
    return table[`choice.${value}`] || String(value);
  };

  /** The same of a value that is written as on the command line. */
  const typedName = (word) => {
    if (word in TYPED) return valueName(TYPED[word]);
    return valueName(Number.isFinite(Number(word)) ? Number(word) : word);
  };

  /** A recipe, or a setting with its values, in the reader's words; null if it is neither. */
  const changeName = (part) => {
    if (table[`recipe.${part}`]) return table[`recipe.${part}`];
    const [, name, before, now, more = ""] = part.match(CHANGE) || [];
    const label = table[`setting.${name}`];
    if (!label) return null;
    return `${label} ${[before, now].filter(Boolean).map(typedName).join(" → ")}${more}`;
  };

  /** The title of a text that the program knows, which a long name cuts short; any other title as it is. */
  const titleName = (title) => {
    const isTitle = (words) => (title.endsWith("…") ? words.startsWith(title.slice(0, -1)) : words === title);
    const key = Object.keys(english).find((one) => one.startsWith("corpus.") && isTitle(english[one]));
    return key ? table[key] : title;
  };

  /** The name of a run in the reader's words; one that the reader gave stays as it is. */
  const runName = (name) => {
    const at = name.lastIndexOf(BETWEEN);
    if (at < 0) return name;
    const parts = name.slice(at + BETWEEN.length).split(", ");
    const changes = parts.map((part, i) => changeName(part) ?? (i === 0 && parts.length > 1 ? part : null));
    if (changes.includes(null)) return name;
    return titleName(name.slice(0, at)) + BETWEEN + changes.join(t("runs.comma"));
  };

  /** The same of each name in a list such as "3 (one), 4 (another)". */
  const runNames = (list) => list.replace(/\((.+?)\)(?=, \d+ \(|$)/g, (_, name) => `(${runName(name)})`);

  Object.assign(window.deeprnn, { valueName, runName, runNames });
})();
