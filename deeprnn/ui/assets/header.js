// The line at the top: the sections, the device badge, the language, light or dark; and the titles of the cards.
(() => {
  "use strict";

  const { t, setText, setAttributes, drawOn, language, sections } = window.deeprnn;

  window.deeprnn.header = (place) => {
    const root = place.element.querySelector(".dr-header");
    sections.makeTabs(root.querySelector(".dr-sections"));
    const badge = root.querySelector(".dr-badge");
    const [machine, precision] = [badge.querySelector("b"), badge.querySelector("span")];

    const other = root.querySelector(".dr-language");
    setText(other, t("header.other"));
    other.lang = language === "en" ? "zh-CN" : "en";
    other.onclick = window.deeprnn.switchLanguage;

    const theme = root.querySelector(".dr-theme");
    setAttributes(theme, { "aria-label": t("header.theme"), title: t("header.theme") });
    theme.onclick = window.deeprnn.switchTheme;

    drawOn(place, (value) => {
      badge.hidden = !value;
      if (!value) return;
      // A graphics processor counts no cores.
      const key = value.cores > 1 ? "header.cores" : "header.core";
      setText(machine, value.cores ? t(key, { device: value.device, cores: value.cores }) : value.device);
      setText(precision, value.precision);
    });
  };

  window.deeprnn.heading = (place) => setText(place.element.querySelector("h2, h3"), t(place.props.value));
})();
