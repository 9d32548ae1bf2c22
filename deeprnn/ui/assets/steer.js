// What would help the run and what one can do with it: one line that keeps its height, and a panel that floats.
(() => {
  "use strict";

  const { t, say, make, setText, drawOn, makeRemedy, panel } = window.deeprnn;
  const ACTIVE = ["running", "paused"];
  const OVER = ["done", "failed", "interrupted"];
  const LOOK_AGAIN = 15_000; // milliseconds between two looks at the clock

  const link = (name) => {
    const button = make("button", `dr-link dr-link-${name}`, t(`steer.${name}`));
    button.type = "button";
    return button;
  };

  /** How long ago the run was saved, in words. */
  const ago = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1) return t("steer.saved_now");
    return minutes < 100 ? t("steer.saved", { minutes }) : t("steer.saved_hours", { hours: Math.round(minutes / 60) });
  };

  /** What the line says, and its button {key, act}: what can be undone first, then advice, the queue, the last save. */
  const sentenceOf = ({ discarded, waiting, advice }, savedAt, place) => {
    if (discarded) {
      const undo = { key: "steer.undo", act: () => place.restore({ number: discarded }) };
      return { said: t("steer.discarded", { number: discarded }), button: undo };
    }
    if (advice && advice.length) return { said: say(advice[0].message), advice };
    if (waiting) {
      const cancel = { key: "steer.cancel", act: () => place.cancel({ number: waiting.number }) };
      return { said: t("steer.waiting", waiting), button: cancel };
    }
    return { said: savedAt === null ? "" : ago((Date.now() - savedAt) / 1000) };
  };

  const fieldsOf = ({ settings, prefix }) => [
    ...Object.entries(settings).map(([name, value]) => ({ name, value })),
    { name: "prefix", value: prefix, text: true },
  ];

  /** A link that asks in its own place before the run goes. */
  const makeDiscard = (number, discard) => {
    const place = make("span", "dr-discard");
    const [ask, question, yes, no] = [link("discard"), make("span"), link("discard_yes"), link("keep")];
    const end = () => {
      place.replaceChildren(ask);
      ask.focus();
    };
    ask.addEventListener("click", () => {
      setText(question, t("steer.sure", { number: number() }));
      place.replaceChildren(question, yes, no);
      no.focus();
    });
    no.addEventListener("click", end);
    yes.addEventListener("click", () => {
      end();
      discard({ number: number() });
    });
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || ask.isConnected) return;
      event.stopPropagation();
      end();
    });
    place.append(ask);
    return place;
  };

  /** The foot of the panel: what is done at once. */
  const makeFoot = (place, number) => {
    const foot = make("div", "dr-panel-foot");
    const [save, sample] = ["save", "sample"].map((name) => {
      const button = link(name);
      button.addEventListener("click", () => {
        panel.close();
        place[name]({});
      });
      return button;
    });
    const discard = makeDiscard(number, (wish) => {
      panel.close();
      place.discard(wish);
    });
    foot.append(save, sample, discard);
    return foot;
  };

  window.deeprnn.steer = (place) => {
    const root = place.element.querySelector(".dr-steer");
    const sentence = root.querySelector("p");
    const [other, ...remedies] = root.querySelectorAll(".dr-remedy");
    const give = (wish) => (wish.action ? place.advise(wish) : place.remedy(wish));
    const showRemedies = remedies.map((button) => makeRemedy(button, give, "advice"));
    const change = link("change");
    let value = {};
    let savedAt = null;
    let act = null;
    const number = () => value.number;
    const discard = makeDiscard(number, place.discard);

    root.querySelector(".dr-steer-links").replaceChildren(change, discard);
    change.setAttribute("aria-haspopup", "dialog");
    change.addEventListener("click", () =>
      panel.toggle({
        root,
        anchor: change,
        title: t("steer.change"),
        fields: fieldsOf(value),
        action: t("steer.apply"),
        send: (settings, ticket) => place.apply({ settings, ticket }),
        foot: makeFoot(place, number),
      }),
    );
    other.addEventListener("click", () => act && act());

    const showSentence = () => {
      const { said, advice = [], button } = sentenceOf(value, savedAt, place);
      setText(sentence, said);
      sentence.title = advice.map((finding) => say(finding.message)).join("\n");
      root.dataset.severity = advice.length ? advice[0].severity : "note";
      showRemedies.forEach((show, i) => show(value.read_only ? null : advice[i]));
      other.hidden = !button || value.read_only;
      act = button ? button.act : null;
      if (button) setText(other, t(button.key));
    };

    drawOn(place, (next) => {
      value = next || {};
      savedAt = Number.isFinite(value.saved) ? Date.now() - 1000 * value.saved : null;
      change.hidden = value.read_only || !ACTIVE.includes(value.state);
      discard.hidden = value.read_only || !OVER.includes(value.state);
      showSentence();
      panel.answer(value.answer);
    });
    const clock = setInterval(() => (root.isConnected ? showSentence() : clearInterval(clock)), LOOK_AGAIN);
  };
})();
