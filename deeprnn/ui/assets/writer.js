// The written text: one node per token, appended as the stream grows and never drawn again.
(() => {
  "use strict";

  const { t, number, make, setText, setAttributes, showNotices, drawOn, remember, remembered } = window.deeprnn;
  const LONG = 2000; // tokens from which lines out of sight are not laid out
  const NEAR_END = 32; // pixels within which a reader follows the end

  /** The growing text: `grow(tokens)` appends what is new. */
  const makeText = (body) => {
    let nodes = [];
    let line = null;
    const newLine = () => {
      line = make("div", "dr-line");
      body.append(line);
    };
    const append = ([text, probability]) => {
      if (!line) newLine();
      const node = make("span", text.endsWith("\n") ? "dr-token dr-break" : "dr-token", text);
      node.dataset.i = nodes.length;
      node.style.setProperty("--dr-p", probability);
      nodes.push(node);
      line.append(node);
      if (text.endsWith("\n")) line = null;
    };
    return {
      begin(prefix) {
        nodes = [];
        body.replaceChildren();
        newLine();
        line.append(make("b", "dr-prefix", prefix));
      },
      grow(tokens) {
        for (let i = nodes.length; i < tokens.length; i += 1) append(tokens[i]);
        body.classList.toggle("dr-long", nodes.length > LONG);
      },
      nodeAt: (i) => nodes[i],
      count: () => nodes.length,
    };
  };

  /** Read tokens as they come, one line of JSON each: `read(lines)` parses only what was appended since. */
  const makeReader = () => {
    let tokens = [];
    let length = 0;
    return {
      restart() {
        tokens = [];
        length = 0;
      },
      read(lines) {
        const added = lines.slice(length).split("\n").filter(Boolean);
        tokens.push(...added.map((line) => JSON.parse(line)));
        length = lines.length;
        return tokens;
      },
    };
  };

  const showEmpty = (body, begin) => {
    const beginnings = make("div", "dr-beginnings");
    for (const text of t("write.beginnings").split("|")) {
      const button = make("button", "", text);
      button.type = "button";
      button.onclick = () => begin(text);
      beginnings.append(button);
    }
    body.replaceChildren(make("p", "dr-empty", t("write.empty")), beginnings);
  };

  const setUpCopy = (button, read) => {
    setText(button, t("write.copy"));
    button.onclick = async () => {
      try {
        await navigator.clipboard.writeText(read());
      } catch {
        return; // the browser forbids it; the text can still be selected
      }
      setText(button, t("write.copied"));
      setTimeout(() => setText(button, t("write.copy")), 1500);
    };
  };

  const setUpTint = (label, page) => {
    setText(label.querySelector("span"), t("write.tint"));
    const box = label.querySelector("input");
    box.onchange = () => page.classList.toggle("dr-tinted", box.checked);
  };

  const footText = (value) => {
    if (!value.done) return t("write.writing");
    const { characters, speed, seed } = value.foot || {};
    return value.foot ? t("write.foot", { characters, speed: number.whole(speed), seed: String(seed) }) : "";
  };

  window.deeprnn.writer = (place) => {
    const root = place.element.querySelector(".dr-writer");
    const find = (name) => root.querySelector(`.dr-${name}`);
    const [page, body, foot, spoken] = [find("page"), find("text"), find("foot"), find("spoken")];
    const text = makeText(body);
    let value = null;
    let id = null;
    const reader = makeReader();
    let tokens = [];
    const whole = () => value.prefix + tokens.map((token) => token[0]).join("");

    const choices = window.deeprnn.choices({ root, ...text, tokenAt: (i) => tokens[i] });
    setAttributes(page, { "aria-label": t("write.page") });
    setUpTint(find("tint"), page);
    setUpCopy(find("copy"), whole);

    const begin = () => {
      id = value.id;
      reader.restart();
      choices.reset();
      setText(spoken, "");
      text.begin(value.prefix);
      page.scrollTop = 0;
    };

    // A page that Gradio reloads by itself, because the server was away, must not take the text with it.
    window.addEventListener("pagehide", () => remember("written", value && { ...value, done: true }));

    drawOn(place, (next) => {
      const shown = next || remembered("written");
      value = shown && shown.id ? shown : null;
      foot.classList.toggle("dr-bare", !value);
      page.classList.toggle("dr-writing", Boolean(value && !value.done));
      showNotices(find("notices"), shown && shown.notices);
      if (!value) {
        id = null;
        choices.reset();
        setText(foot.querySelector("p"), "");
        return showEmpty(body, place.begin);
      }
      if (value.id !== id) begin();
      tokens = reader.read(value.tokens);
      const follows = page.scrollHeight - page.scrollTop - page.clientHeight < NEAR_END;
      text.grow(tokens);
      if (follows) page.scrollTop = page.scrollHeight;
      setText(foot.querySelector("p"), footText(value));
      if (value.done && !choices.reading()) setText(spoken, whole());
      return undefined;
    });
  };
})();
