// Says things in the reader's language: `t(key, details)`, and numbers as that language writes them.
(() => {
  "use strict";

  const { language, texts } = window.deeprnn;
  const table = texts[language];
  const NONE = "–";
  const format = (options) => {
    const formatter = new Intl.NumberFormat(language, options);
    return (value) => (Number.isFinite(value) ? formatter.format(value) : NONE);
  };
  const decimals = [0, 1, 2, 3].map((n) => format({ minimumFractionDigits: n, maximumFractionDigits: n }));
  const whole = decimals[0];
  const short = format({ maximumSignificantDigits: 3 });
  const exact = format({ maximumSignificantDigits: 6 });
  const scientific = format({ notation: "scientific", maximumSignificantDigits: 3 });
  const withPower = (value) => scientific(value).replace("E", "e");
  const compacted = format({ notation: "compact", maximumSignificantDigits: 3 });
  const percent = format({ style: "percent", maximumFractionDigits: 0 });

  const number = {
    NONE,
    whole,
    percent,
    fixed: (value, digits) => decimals[digits](value),
    /** 174k in English, 17.4万 in Chinese. */
    compact: (value) => compacted(value).replace("K", "k"),
    /** A perplexity: more decimals the smaller it is; that of an exploded run has up to 300 digits, and none counts. */
    perplexity(value) {
      if (value >= 1e6) return value >= 1e15 ? "∞" : withPower(value);
      return decimals[value < 10 ? 2 : value < 100 ? 1 : 0](value);
    },
    /** A learning rate or a norm: three digits that count. */
    rate(value) {
      const size = Math.abs(value);
      return size >= 1e5 || (size > 0 && size < 0.0001) ? withPower(value) : short(value);
    },
    /** Seconds as 0:39 or 1:02:03. */
    clock(seconds) {
      if (!Number.isFinite(seconds)) return NONE;
      const all = Math.max(0, Math.round(seconds));
      const two = (n) => String(n).padStart(2, "0");
      const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
      return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
    },
  };

  /** The text of a key; {names} are replaced by details, and plain numbers among them are written properly. */
  const t = (key, details = {}) => {
    const sentence = table[key];
    if (sentence === undefined) return key;
    return sentence.replace(/\{(\w+)\}/g, (whole_, name) => {
      const value = details[name];
      if (value === undefined || value === null) return NONE;
      if (Math.abs(value) >= 1e15) return withPower(value);
      if (Number.isInteger(value)) return whole(value);
      return typeof value === "number" ? exact(value) : String(value);
    });
  };

  // Messages about a setting name it as the program does; the page calls it as its label does.
  const ABOUT_SETTINGS = /^(not_(int|float|bool|str|a_choice)|out_of_range|cannot_change|event_ended)$/;
  const label = (name) => table[`setting.${name}`] || table[`setting.sampling.${name}`];

  /** The sentence of a message {key, details}; a detail may be a message itself: a reason in words. */
  const say = (message) => {
    if (!message) return "";
    const details = { ...message.details };
    for (const [name, value] of Object.entries(details)) if (value?.key) details[name] = say(value);
    for (const list of ["lower", "changes"]) {
      const names = String(details[list]).startsWith("prefix → ") ? /^prefix/ : /[a-z_]+/g; // a reader's words stay
      if (details[list]) details[list] = details[list].replace(names, (name) => label(name) || name);
    }
    if (message.key === "runs_will_go") details.names = window.deeprnn.runNames(details.names);
    const named = label(details.name);
    if (named && ABOUT_SETTINGS.test(message.key)) {
      details.name = named;
      if (details.value === "None") details.value = t("setting.empty"); // an emptied field, as Python calls it
    }
    return t(`message.${message.key}`, details);
  };

  Object.assign(window.deeprnn, { t, say, number });
})();
