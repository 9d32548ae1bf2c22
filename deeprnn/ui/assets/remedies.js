// What a finding of the doctor says, and what one press does about it: settings for the form, or the way to a choice.
(() => {
  "use strict";

  const { t, say, number, make, setText, onGrowth } = window.deeprnn;

  /** The value of a setting in words. */
  const word = (value) => {
    if (value === true || value === false) return t(`choice.${value}`);
    if (value === null || value === "") return t("setting.none");
    return typeof value === "number" ? number.rate(value) : t(`choice.${value}`).replace(/^choice\./, "");
  };

  /** The settings of a remedy in words: "Layers 1 · Units 128". */
  const describe = (remedy) =>
    Object.entries((remedy && remedy.settings) || {})
      .map(([name, value]) => t("doctor.change", { name: t(`setting.${name}`), value: word(value) }))
      .join(" · ");

  let wanted = false;
  const focusChoice = () => {
    const choice = document.querySelector("#dr-files-sheet select");
    if (!wanted || !choice) return;
    wanted = false;
    choice.focus();
    choice.scrollIntoView({ block: "center" });
  };
  onGrowth("#dr-files-sheet select", focusChoice);

  const chooseEncoding = () => {
    wanted = true;
    const panel = document.querySelector("#dr-own .label-wrap");
    if (!panel.classList.contains("open")) panel.click();
    focusChoice();
  };

  /** Make the button of a remedy say what it does; `give` hands on its settings and action, named under `kind`. */
  const makeRemedy = (button, give, kind = "doctor") => {
    let remedy = null;
    button.addEventListener("click", () => {
      if (remedy && remedy.action === "choose_encoding") chooseEncoding();
      else if (remedy) give({ action: remedy.action, settings: remedy.settings });
    });
    return (finding) => {
      remedy = finding ? finding.remedy : null;
      button.hidden = !remedy;
      setText(button, t(remedy && remedy.action ? `${kind}.${remedy.action}` : "doctor.use"));
      button.title = describe(remedy);
    };
  };

  const makeFinding = (finding, give) => {
    const [item, sentence, button] = [make("li"), make("span", "", say(finding.message)), make("button", "dr-remedy")];
    button.type = "button";
    item.dataset.severity = finding.severity;
    item.dataset.finding = finding.key;
    makeRemedy(button, give)(finding);
    item.append(sentence, button);
    return item;
  };

  Object.assign(window.deeprnn, { makeRemedy, makeFinding });
})();
