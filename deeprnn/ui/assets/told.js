// What became of a model file that was opened or asked for: said on the card of its buttons.
(() => {
  "use strict";

  const { showNotices, drawOn } = window.deeprnn;

  window.deeprnn.told = (place) => {
    const notices = place.element.querySelector(".dr-notices");
    drawOn(place, (value) => showNotices(notices, value && value.notices));
  };
})();
