// The curve of the run from which the one on the page went on: it is sent once, and drawn with every update.
(() => {
  "use strict";

  const { drawOn } = window.deeprnn;
  const watchers = [];
  let run = null;

  window.deeprnn.parent = (place) =>
    drawOn(place, (value) => {
      run = value ? JSON.parse(value) : null; // it travels as one text
      watchers.forEach((draw) => draw());
    });

  window.deeprnn.parentCurve = {
    /** The curve of a run's parent, if it is known. */
    of: (child) => (run && child && child.number === run.child ? run : null),
    watch: (draw) => watchers.push(draw),
  };
})();
