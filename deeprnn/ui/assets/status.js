// The state of the run: one word that is announced, and one sentence beside it.
(() => {
  "use strict";

  const { t, say, setText, drawOn } = window.deeprnn;

  const OVER = ["done", "failed"];
  const ends = (before, now) => OVER.includes(now) && !["idle", ...OVER].includes(before);

  window.deeprnn.status = (place) => {
    const root = place.element.querySelector(".dr-status");
    const [word, sentence] = [root.querySelector(".dr-state"), root.querySelector(".dr-said")];
    drawOn(place, (value) => {
      const state = (value && value.state) || "idle";
      if (ends(root.dataset.state, state)) place.ended();
      root.dataset.state = state;
      setText(word, t(`state.${state}`));
      const said = say(value && value.message);
      setText(sentence, said);
      sentence.title = said; // where the place is too narrow for all of it
    });
  };
})();
