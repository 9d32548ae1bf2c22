// The curves of the chosen runs, and what belongs to them.
(() => {
  "use strict";

  const { drawOn, runs } = window.deeprnn;

  window.deeprnn.runsCurves = (place) => {
    drawOn(place, (value) => value && runs.takeCurves(JSON.parse(value)));
  };
})();
