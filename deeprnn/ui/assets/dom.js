// Small hands for drawing: nodes are made once and then only changed, and only where something differs.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";

  /** Set the text of a node; never markup. */
  const setText = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };

  const setAttributes = (node, attributes) => {
    for (const [name, value] of Object.entries(attributes)) {
      const text = String(value);
      if (node.getAttribute(name) !== text) node.setAttribute(name, text);
    }
    return node;
  };

  const make = (tag, className = "", text = "") => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  };

  const makeSvg = (tag, className, parent) => {
    const node = document.createElementNS(SVG, tag);
    if (className) node.setAttribute("class", className);
    parent.appendChild(node);
    return node;
  };

  /** Show a list of messages in a list of lines; an empty list takes no place. */
  const showNotices = (list, notices) => {
    const sentences = (notices || []).map(window.deeprnn.say);
    const key = sentences.join("\n");
    if (list.dataset.shown === key) return;
    list.dataset.shown = key;
    list.replaceChildren(...sentences.map((sentence) => make("li", "", sentence)));
    list.hidden = sentences.length === 0;
  };

  /** Draw now and whenever the value changes. */
  const drawOn = (place, draw) => {
    place.watch("value", () => draw(place.props.value));
    draw(place.props.value);
  };

  Object.assign(window.deeprnn, { setText, setAttributes, make, makeSvg, showNotices, drawOn });
})();
