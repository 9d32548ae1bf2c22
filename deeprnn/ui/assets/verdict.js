// The finding that matters most, or how far a long work is: both share one place, which always keeps its height.
(() => {
  "use strict";

  const { t, say, number, setText, setAttributes, makeRemedy, drawOn } = window.deeprnn;

  window.deeprnn.verdict = (place) => {
    const root = place.element.querySelector(".dr-verdict");
    const [sentence, work] = [root.querySelector("p"), root.querySelector(".dr-work")];
    const [doing, bar, cancel] = [work.querySelector("span"), work.querySelector("div"), work.querySelector("button")];
    const showRemedy = makeRemedy(root.querySelector(".dr-remedy"), place.remedy);
    let ticket = null;
    setText(cancel, t("work.cancel"));
    setAttributes(bar, { "aria-label": t("work.progress") });
    cancel.addEventListener("click", () => {
      cancel.disabled = true;
      place.cancel(ticket);
    });

    const showWork = ({ share, ...known }) => {
      if (known.ticket !== ticket) cancel.disabled = false;
      ticket = known.ticket;
      const percent = share === null ? "" : ` ${number.percent(share)}`;
      setText(doing, t(`work.${known.doing}`) + percent);
      bar.querySelector("i").style.transform = `scaleX(${(share || 0).toFixed(4)})`;
      if (share === null) bar.removeAttribute("aria-valuenow");
      else setAttributes(bar, { "aria-valuenow": Math.round(share * 100) });
    };

    drawOn(place, (value) => {
      const { finding, work: under, examining } = value || {};
      work.hidden = !under;
      sentence.hidden = Boolean(under);
      if (under) showWork(under);
      root.dataset.severity = (finding && finding.severity) || "note";
      const said = finding ? say(finding.message) : examining ? t("doctor.examining") : "";
      setText(sentence, said);
      sentence.title = said;
      showRemedy(under ? null : finding);
    });
  };
})();
