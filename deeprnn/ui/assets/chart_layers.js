// The layers of the drawing, from the back to the front, each with nodes that are used again at every update.
(() => {
  "use strict";

  const { makeSvg, setAttributes, setText } = window.deeprnn;

  /** Nodes of one kind in one layer: taken in order, the rest hidden. */
  const makePool = (layer, tag) => {
    const nodes = [];
    let used = 0;
    return {
      take(className, attributes, text) {
        const node = nodes[used] || makeSvg(tag, "", layer);
        nodes[used] = node;
        used += 1;
        node.style.display = "";
        setAttributes(node, { class: className, ...attributes });
        if (text !== undefined) setText(node, text);
        return node;
      },
      finish() {
        nodes.slice(used).forEach((node) => {
          node.style.display = "none";
        });
        used = 0;
      },
    };
  };

  const LAYERS = {
    grid: ["line", "text"],
    lines: ["line"],
    bands: ["path"],
    events: ["line", "text"],
    curves: ["path"],
    labels: ["text"],
    marks: ["circle", "text"],
    hover: ["line", "circle"],
  };

  /** Return {layer: {tag: pool}} inside an svg. */
  window.deeprnn.chartLayers = (svg) => {
    svg.replaceChildren();
    const layers = {};
    for (const [name, tags] of Object.entries(LAYERS)) {
      const group = makeSvg("g", `dr-layer-${name}`, svg);
      layers[name] = Object.fromEntries(tags.map((tag) => [tag, makePool(group, tag)]));
    }
    return layers;
  };

  window.deeprnn.finishLayer = (layer) => Object.values(layer).forEach((pool) => pool.finish());
})();
