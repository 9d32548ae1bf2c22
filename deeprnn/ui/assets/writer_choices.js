// At any token of the written text: what else the model considered there, by mouse, finger or keyboard.
(() => {
  "use strict";

  const { t, number, make, setText } = window.deeprnn;
  const GAP = 6; // pixels between a character and the panel
  const NAMES = { " ": "write.space", "\n": "write.newline", "\t": "write.tab" };
  const shown = (text) => (NAMES[text] ? t(NAMES[text]) : text);
  const percent = (p) => (p > 0 && p < 0.005 ? `<${number.percent(0.01)}` : number.percent(p));

  /** The choices at one token [text, probability, alternatives, symbol if not its text], itself always among them. */
  const rowsOf = ([text, probability, alternatives, symbol = text]) => {
    const known = alternatives.some(([other]) => other === symbol);
    const rows = known ? alternatives : [...alternatives.slice(0, 4), [symbol, probability]];
    return rows.map(([other, p]) => ({ text: other, p, chosen: other === symbol }));
  };

  const makeRow = (panel) => {
    const row = make("div", "dr-choice");
    const [name, bar, share] = [make("span"), make("i"), make("span")];
    bar.append(make("u"));
    row.append(name, bar, share);
    panel.append(row);
    return row;
  };

  const fill = (panel, rows) => {
    rows.forEach(({ text, p, chosen }, i) => {
      const row = panel.children[i] || makeRow(panel);
      row.hidden = false;
      row.classList.toggle("dr-chosen", chosen);
      setText(row.children[0], shown(text));
      row.children[1].firstChild.style.width = `${Math.max(2, p * 100)}%`;
      setText(row.children[2], percent(p));
    });
    for (let i = rows.length; i < panel.children.length; i += 1) panel.children[i].hidden = true;
  };

  const placePanel = (panel, root, node) => {
    const here = node.getClientRects()[0] || node.getBoundingClientRect();
    const around = root.getBoundingClientRect();
    const left = Math.min(Math.max(0, here.left - around.left - 20), around.width - panel.offsetWidth);
    const fitsBelow = here.bottom + panel.offsetHeight + 2 * GAP <= window.innerHeight;
    const top = fitsBelow ? here.bottom + GAP : here.top - panel.offsetHeight - GAP;
    panel.style.transform = `translate(${Math.round(left)}px, ${Math.round(top - around.top)}px)`;
  };

  /**
   * Watch the page of text.
   * `nodeAt(i)` and `tokenAt(i)` give one token's node and value, `count()` how many there are.
   */
  window.deeprnn.choices = ({ root, nodeAt, tokenAt, count }) => {
    const page = root.querySelector(".dr-page");
    const panel = root.querySelector(".dr-choices");
    const spoken = root.querySelector(".dr-spoken");
    let cursor = -1;
    let marked = null;

    const hide = () => {
      panel.hidden = true;
      if (marked) marked.classList.remove("dr-on");
      marked = null;
    };

    const open = (index, speak) => {
      const node = nodeAt(index);
      if (!node) return;
      hide();
      cursor = index;
      marked = node;
      node.classList.add("dr-on");
      const rows = rowsOf(tokenAt(index));
      fill(panel, rows);
      panel.hidden = false;
      if (speak) node.scrollIntoView({ block: "nearest" });
      placePanel(panel, root, node);
      if (!speak) return;
      const words = rows.map((row) => `${shown(row.text)} ${percent(row.p)}${row.chosen ? ` ${t("write.chosen")}` : ""}`);
      setText(spoken, words.join(", "));
    };

    const under = (event) => {
      const node = event.target.closest(".dr-token");
      if (node) open(Number(node.dataset.i), false);
    };

    const keys = (event) => {
      if (event.key === "Escape") return hide();
      const last = count() - 1;
      const targets = { ArrowLeft: cursor - 1, ArrowRight: cursor + 1, Home: 0, End: last };
      if (!(event.key in targets) || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return undefined;
      event.preventDefault();
      return open(Math.min(last, Math.max(0, targets[event.key])), true);
    };

    page.addEventListener("pointerover", under);
    page.addEventListener("click", under);
    page.addEventListener("pointerleave", hide);
    page.addEventListener("scroll", () => document.activeElement === page || hide(), { passive: true });
    page.addEventListener("keydown", keys);
    page.addEventListener("blur", hide);

    const reset = () => {
      hide();
      cursor = -1;
    };
    return { reset, reading: () => cursor >= 0 };
  };
})();
