// A small panel of fields that floats at what it belongs to and pushes nothing; one is open at a time.
(() => {
  "use strict";

  const { t, say, make, setText } = window.deeprnn;
  const GAP = 8; // pixels between the panel and its anchor
  let open = null;
  let tickets = 0;

  const written = (value) => (value === null || value === undefined ? "" : String(value));

  const makeField = ({ name, value, proposed = value, text }) => {
    const [label, input, first] = [make("label", "dr-panel-field"), make("input"), written(value)];
    Object.assign(input, { name, type: text ? "text" : "number", autocomplete: "off", value: written(proposed) });
    if (text) input.spellcheck = false;
    else input.step = "any";
    label.append(make("span", "", t(`setting.${name}`)), input);
    const read = () => (text ? input.value : input.value === "" ? null : Number(input.value));
    return { label, name, isChanged: () => input.value !== first || input.validity.badInput, read };
  };

  const stand = ({ panel, anchor, root }) => {
    if (!anchor.isConnected) return; // it stays where it was
    const [here, around] = [anchor.getBoundingClientRect(), root.getBoundingClientRect()];
    const middle = here.left + here.width / 2 - around.left - panel.offsetWidth / 2;
    const left = Math.min(Math.max(0, middle), around.width - panel.offsetWidth);
    const [above, below] = [here.top - panel.offsetHeight - GAP, here.bottom + GAP];
    const fits = below + panel.offsetHeight <= window.innerHeight || above < 0;
    panel.style.transform = `translate(${Math.round(left)}px, ${Math.round((fits ? below : above) - around.top)}px)`;
  };

  const close = () => {
    if (!open) return;
    const { panel, anchor } = open;
    const inside = panel.contains(document.activeElement);
    open = null;
    panel.remove();
    anchor.removeAttribute("aria-expanded");
    if (inside && anchor.isConnected) anchor.focus();
  };

  const isOutside = (node) => open && !open.panel.contains(node) && !open.anchor.contains(node);
  document.addEventListener("pointerdown", (event) => isOutside(event.target) && close());
  document.addEventListener("focusin", (event) => isOutside(event.target) && close());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    close();
  });
  window.addEventListener("resize", () => open && stand(open));

  const submit = (fields, send) => {
    const changed = fields.filter((field) => field.isChanged());
    tickets += 1;
    open.ticket = tickets;
    send(Object.fromEntries(changed.map((field) => [field.name, field.read()])), tickets);
  };

  /**
   * Open a panel at an anchor, or close it if it is open there.
   * `fields` are {name, value, proposed, text}; `send(changes, ticket)` gets what was changed, and `answer` says what became of it.
   */
  const toggle = ({ root, anchor, title, fields, action, send, foot }) => {
    const again = open && open.anchor === anchor;
    close();
    if (again) return;
    const panel = make("form", "dr-panel");
    const [head, refusal] = [make("p", "dr-panel-title", title), make("p", "dr-panel-refusal")];
    const [grid, button] = [make("div", "dr-panel-fields"), make("button", "dr-do", action)];
    const made = fields.map(makeField);
    grid.append(...made.map(({ label }) => label));
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", title);
    refusal.setAttribute("role", "alert");
    panel.append(head, grid, refusal, button, ...(foot ? [foot] : []));
    panel.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(made, send);
    });
    panel.noValidate = true;
    root.append(panel);
    open = { panel, anchor, root, refusal, ticket: null };
    anchor.setAttribute("aria-expanded", "true");
    stand(open);
    panel.querySelector("input").focus({ preventScroll: true });
  };

  /** Take in the answer {ticket, refusal} to what was sent: without a refusal the panel has done its work. */
  const answer = (given) => {
    if (!open || !given || given.ticket !== open.ticket) return;
    open.ticket = null;
    if (!given.refusal) return close();
    setText(open.refusal, say(given.refusal));
    return stand(open);
  };

  window.deeprnn.panel = { toggle, close, answer, stand: () => open && stand(open) };
})();
