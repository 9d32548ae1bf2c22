// The files of an own text, in their order: how each was read, and how it could be read otherwise.
(() => {
  "use strict";

  const { t, say, number, make, setAttributes, showNotices, drawOnSheet } = window.deeprnn;

  const publicName = (name) => name.toUpperCase().replace(/_/g, "-");

  const makeButton = (action, symbol, name, index, isOff, edit) => {
    const button = make("button", "dr-step", symbol);
    button.type = "button";
    button.disabled = isOff;
    button.dataset.action = action;
    setAttributes(button, { "aria-label": t(`files.${action}`, { name }), title: t(`files.${action}`, { name }) });
    button.addEventListener("click", () => edit({ action, index }));
    return button;
  };

  const makeOption = (value, words) => {
    const option = make("option", "", words);
    option.value = value;
    return option;
  };

  const makeGroup = (label, names) => {
    const group = make("optgroup");
    group.label = label;
    group.append(...names.map((name) => makeOption(name, publicName(name))));
    return group;
  };

  /** What a file was read as, and a list to choose another encoding from. */
  const makeEncoding = (file, index, value, edit) => {
    const line = make("p", "dr-encoding");
    const words = [t(file.guess ? "files.guess" : "files.as", { encoding: publicName(file.encoding) })];
    if (file.undecodable) words.push(t("files.undecodable", { count: file.undecodable }));
    line.append(make("span", file.certain ? "" : "dr-doubt", words.join(" · ")));
    if (!value.editable) return line;
    const select = make("select");
    setAttributes(select, { "aria-label": t("files.encoding", { name: file.name }) });
    const likely = file.candidates.filter((name) => name !== file.encoding);
    const others = value.encodings.filter((name) => !likely.includes(name));
    select.append(makeOption("", t(file.asked ? "files.again" : "files.found")));
    if (likely.length) select.append(makeGroup(t("files.candidates"), likely));
    select.append(makeGroup(t("files.others"), others));
    if (file.asked && ![...likely, ...others].includes(file.asked)) select.append(makeOption(file.asked, publicName(file.asked)));
    select.value = file.asked || "";
    select.addEventListener("change", () => edit({ action: "encoding", index, value: select.value || null }));
    line.append(select);
    return line;
  };

  /** Which columns of a table are read. */
  const makeColumns = (file, index, isOff, edit) => {
    const [group, list] = [make("fieldset", "dr-columns"), make("div")];
    group.append(make("legend", "", t("files.columns")), list);
    const boxes = file.columns.map(([name, characters]) => {
      const [label, box] = [make("label"), make("input")];
      Object.assign(box, { type: "checkbox", checked: file.chosen.includes(name), disabled: isOff, value: name });
      label.append(box, make("span", "", t("files.column", { name, characters: number.compact(characters) })));
      list.append(label);
      return box;
    });
    group.addEventListener("change", (event) => {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      if (chosen.length) edit({ action: "columns", index, value: chosen });
      else event.target.checked = true; // a text needs one column at least
    });
    return group;
  };

  const makeFile = (file, index, value, edit) => {
    const [item, head] = [make("li"), make("p", "dr-file-head")];
    const [many, last] = [value.files.length > 1, value.files.length - 1];
    const size = t("facts.characters", { n: number.compact(file.characters) });
    head.append(make("b", "", file.name || t("files.pasted")), make("span", "", `${t(`kind.${file.kind}`)} · ${size}`));
    if (value.editable && many) {
      head.append(
        makeButton("up", "↑", file.name, index, index === 0, edit),
        makeButton("down", "↓", file.name, index, index === last, edit),
        makeButton("remove", "×", file.name, index, false, edit),
      );
    }
    item.append(head);
    if (file.encoding) item.append(makeEncoding(file, index, value, edit));
    if (file.columns.length) item.append(makeColumns(file, index, !value.editable, edit));
    item.append(make("p", "dr-preview", file.preview));
    for (const notice of file.notices) item.append(make("p", "dr-noticed", say(notice)));
    return item;
  };

  window.deeprnn.files = (place) => {
    let pressed = null; // where the keyboard was when the list was changed
    const edit = (wish) => {
      pressed = { tag: document.activeElement.tagName.toLowerCase(), ...wish };
      place.edit(wish);
    };
    const focusAgain = (list) => {
      if (!pressed) return;
      const { action, index, tag } = pressed;
      pressed = null;
      const item = list.children[Math.max(0, Math.min(index + ({ up: -1, down: 1 }[action] || 0), list.children.length - 1))];
      const twin = item && item.querySelector(tag === "button" ? `[data-action=${action}]:enabled` : tag);
      const target = twin || (item && item.querySelector("button:enabled, select, input"));
      if (target) target.focus({ preventScroll: true });
    };
    drawOnSheet("#dr-files-sheet .dr-files", place, (root, value) => {
      const { files = [], refusal = null, notices = [] } = value || {};
      const list = root.querySelector("ol");
      root.hidden = !files.length && !refusal;
      showNotices(root.querySelector(".dr-notices"), refusal ? [refusal, ...notices] : notices);
      list.replaceChildren(...files.map((file, index) => makeFile(file, index, value, edit)));
      focusAgain(list);
    });
  };
})();
