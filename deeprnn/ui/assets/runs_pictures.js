// The drawn curve as a picture to take away, made here in the browser: SVG with its styles written into it, or PNG.
(() => {
  "use strict";

  const { t, makeSvg, setAttributes } = window.deeprnn;
  const MARGIN = 16;
  const LINE = 20; // pixels of one entry of the legend
  const SHARPNESS = 2; // pixels of the PNG for each of the page
  const FONT = "IBM Plex Sans, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif";
  const WRITTEN = [
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
    "opacity", "font-size", "font-weight", "paint-order",
  ]; // prettier-ignore

  /** Act while the page has its light colours; nothing is painted meanwhile. */
  const inLight = (act) => {
    const { dataset } = document.documentElement;
    const before = dataset.theme;
    dataset.theme = "light";
    try {
      return act();
    } finally {
      dataset.theme = before;
    }
  };

  const writeStyles = (from, to) => {
    const style = getComputedStyle(from);
    for (const name of WRITTEN) {
      const value = style.getPropertyValue(name);
      if (value) to.setAttribute(name, value.replace(/(\d)px/g, "$1"));
    }
    if (from.tagName === "text" && from.textContent) {
      // Another program has other fonts: the words keep their room.
      setAttributes(to, { textLength: from.getComputedTextLength().toFixed(1), lengthAdjust: "spacingAndGlyphs" });
    }
    to.removeAttribute("class");
    [...from.children].forEach((child, i) => writeStyles(child, to.children[i]));
  };

  const dropHidden = (node) => {
    for (const child of [...node.children]) {
      if (child.style.display === "none") child.remove();
      else dropHidden(child);
      child.removeAttribute("style");
    }
  };

  /** Write the legend above the picture: a line of colour and a name for each entry. */
  const drawLegend = (svg, keys) => {
    keys.forEach((key, i) => {
      const y = MARGIN + LINE * i + 10;
      const mark = getComputedStyle(key.querySelector("i"));
      const isRun = parseFloat(mark.borderTopWidth) > 0;
      const stroke = isRun ? mark.borderTopColor : mark.backgroundColor;
      const dash = { dashed: "7 4", dotted: "2 4" }[isRun && mark.borderTopStyle] || "none";
      const line = makeSvg("line", "", svg);
      setAttributes(line, { x1: MARGIN, x2: MARGIN + 22, y1: y, y2: y, stroke, "stroke-width": 3, "stroke-dasharray": dash });
      const text = makeSvg("text", "", svg);
      setAttributes(text, { x: MARGIN + 30, y: y + 4, "font-size": 13, fill: getComputedStyle(document.body).color });
      text.textContent = key.textContent;
    });
  };

  /** The picture of a chart as one text of SVG with a light ground. */
  const toSvg = (chart) =>
    inLight(() => {
      const drawn = chart.querySelector(".dr-plot svg");
      const keys = [...chart.querySelectorAll(".dr-legend .dr-key:not([aria-pressed=false], .dr-note)")];
      const above = MARGIN + LINE * keys.length;
      const [width, height] = [drawn.clientWidth + 2 * MARGIN, drawn.clientHeight + above + MARGIN];
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const size = { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT };
      setAttributes(svg, { xmlns: "http://www.w3.org/2000/svg", ...size, role: "img" });
      makeSvg("title", "", svg).textContent = drawn.getAttribute("aria-label");
      const ground = getComputedStyle(document.documentElement).getPropertyValue("--dr-card").trim();
      setAttributes(makeSvg("rect", "", svg), { width, height, fill: ground });
      drawLegend(svg, keys);
      const picture = drawn.cloneNode(true);
      writeStyles(drawn, picture);
      dropHidden(picture);
      const group = setAttributes(makeSvg("g", "", svg), { transform: `translate(${MARGIN} ${above})` });
      group.append(...[...picture.children].filter((layer) => layer.childElementCount));
      return { text: new XMLSerializer().serializeToString(svg), width, height };
    });

  const toPng = async ({ text, width, height }) => {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: width * SHARPNESS, height: height * SHARPNESS });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  /** Save the picture of a chart as "svg" or "png". */
  window.deeprnn.takePicture = async (chart, form) => {
    const picture = toSvg(chart);
    const blob = form === "svg" ? new Blob([picture.text], { type: "image/svg+xml" }) : await toPng(picture);
    save(blob, `${t("runs.file")}.${form}`);
  };
})();
