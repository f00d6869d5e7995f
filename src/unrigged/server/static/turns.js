// What the participant's page says and offers in each situation: a title, what stands below it, and what is announced to
// those who do not see it. A function for every kind of turn that participant.js tells apart.

import { make } from "./elements.js";
import { Exact, ZERO } from "./exact.js";
import { MoveForm } from "./moves.js";
import { download } from "./sending.js";
import { inWords } from "./words.js";

const SHOWN = 5;

const p = (...children) => make("p", {}, ...children);
const strong = (text) => make("strong", {}, text);

const clock = (round) =>
  make(
    "p",
    { class: "clock" },
    "Time to move: ",
    make("span", { class: "countdown", "data-deadline": round.deadline, role: "timer" }),
  );

/** Why this page cannot seal, by what `ready` finds. */
export const unready = {
  insecure: [
    p(strong("This page was opened over an unprotected connection, so your browser does not let it seal moves.")),
    p(
      "Browsers seal only on pages that begin with https://, or on the computer that runs the house itself (localhost). " +
        "Ask the organiser for a link that begins with https:// and open that. Nothing has been sent, and your link is still good. " +
        "Meanwhile you can read everything here.",
    ),
  ],
  old: [
    p(strong("This browser is too old to seal moves.")),
    p(
      "Firefox 130, Chrome or Edge 137, Safari 17 and newer ones will do. Open your link there: nothing has been sent, and it " +
        "is still good. Meanwhile you can read everything here.",
    ),
  ],
};

/** A move's parts in words, as `inWords` gives them. */
function said(words) {
  const parts = words.flatMap(({ title, lines }) => [make("dt", {}, title), ...lines.map((line) => make("dd", {}, line))]);
  return make("dl", { class: "said" }, ...parts);
}

export const joining = () => ({
  title: "Taking your place",
  body: [p("Your browser is making your key and taking your place.")],
});

export const noLink = () => ({
  title: "Your whole link is needed",
  body: [
    p(
      "To take your place, open the whole link that the organiser has sent you: it ends with a # and some letters. " +
        "If you have opened it before, open this page in the same browser, or bring your key from there.",
    ),
  ],
});

export const wrongLink = () => ({
  title: "This link does not work",
  body: [
    make(
      "p",
      { role: "alert" },
      "This link is incomplete or was made for somebody else; copy it again or ask the organiser.",
    ),
  ],
});

export const taken = () => ({
  title: "This place is taken on another device",
  body: [
    p(
      "Open this page in the browser in which the place was taken, or export the key there and import it here. If it was not " +
        "you who took it, ask the organiser.",
    ),
    make("label", { class: "button quiet", for: "import" }, "Use my key from another device"),
  ],
});

export const stranger = () => ({
  title: "Your place was taken with another key",
  body: [
    p(
      "Somebody has taken this place, with a key that is not in this browser. If that was you, in another browser or on " +
        "another device, go on there, or export your key there and bring it here.",
    ),
    p(strong("If it was not you, tell the organiser at once: "), "somebody else has used your link."),
    make("label", { class: "button quiet", for: "import" }, "Use my key from another device"),
  ],
});

export const waiting = ({ seen, me }) => ({
  title: "You have your place",
  body: [
    p(
      `${seen.participants.filter((one) => one.joined).length} of ${seen.participants.length} participants have taken theirs. ` +
        "The organiser begins the first round. You can close this page and come back to it in this browser.",
    ),
    ...(me.kind === "human" ? [] : [p(`This place was meant for a ${me.kind}.`)]),
  ],
  say: "",
});

export const coin = ({ round }) => ({
  title: "A coin comes first: nothing to decide",
  body: [
    p(
      "Before anybody moves, a public coin is tossed. Your browser contributes some sealed chance to it by itself, as everybody's " +
        "does, so that nobody can steer it. You need not do anything.",
    ),
    clock(round),
  ],
  say: "A coin comes first. Your browser contributes to it by itself.",
});

export const others = ({ round }) => ({
  title: "Others move now",
  body: [
    p(
      `It is up to ${round.actors.length > SHOWN ? `${round.actors.length} others` : round.actors.join(", ")}: «${round.label}». ` +
        "You have nothing to do.",
    ),
    clock(round),
  ],
  say: "Others move now; you have nothing to do.",
});

export const closed = ({ round }) => ({
  title: "The round is closed",
  body: [
    p(
      `You sent nothing in time, so what silence means counts for you in round ${round.number + 1}. What was sent is being opened.`,
    ),
  ],
  say: "The round is closed.",
});

export const elsewhere = () => ({
  title: "Your move was sent from another device",
  body: [
    p(
      "The house has a sealed move signed with your key, sent from another browser. It counts; you have nothing to do in this round.",
    ),
  ],
});

export const sending = ({ round, kept }) => ({
  title: "Sealed, and on its way",
  body: [
    p(
      "Your move is sealed and kept in this browser. It is being sent until the house signs for it; if the connection is " +
        "lost or the page is closed, the very same sealed move is sent when you come back.",
    ),
    ...own(kept, round),
    clock(round),
  ],
});

export const refused = ({ round, kept }) => {
  const { rule, words } = kept.move(round.number).refused;
  const late = rule === "deadline" || rule === "order";
  if (rule === "once") return elsewhere();
  return {
    title: late ? "Your move came too late" : "The house has refused your move",
    body: [
      p(
        late
          ? "The round was over before your sealed move arrived. What silence means counts for you."
          : `The house says: ${words}.`,
      ),
    ],
  };
};

/** What was sealed for the round, where this browser knows. */
function own(kept, round) {
  const { words } = kept.move(round.number);
  return words?.length ? [p("What you have sealed, for your eyes only:"), said(words)] : [];
}

export const sent = ({ round, kept }) => {
  const { receipt, checked } = kept.move(round.number);
  return {
    title: round.label ? "Your sealed move counts" : "Your browser has contributed to the coin",
    body: [
      p(
        `The house has signed a receipt: entry ${receipt.number} of the log, ${new Date(receipt.time).toLocaleString()}. `,
        checked
          ? "Your browser has checked the signature."
          : strong("The signature is WRONG: keep the receipt, and tell everybody."),
      ),
      ...own(kept, round),
      ...(round.open
        ? [p("It cannot be changed any more. The moves are opened when all have moved, or the time is up."), clock(round)]
        : []),
      make(
        "div",
        { class: "actions" },
        make(
          "button",
          {
            type: "button",
            class: "quiet",
            onclick: () => download(`receipt-${receipt.number}.json`, JSON.stringify(receipt, null, 1)),
          },
          "Download the receipt",
        ),
      ),
    ],
  };
};

/** The form of the move, then the review of it in words, then sealed. */
export const form = (page) => {
  const { round, player, terms, kept } = page,
    description = round.forms[player];
  const place = make("div"),
    missing = make("div", { class: "missing", role: "status" });
  const compose = make(
    "form",
    { novalidate: true },
    place,
    missing,
    make("div", { class: "actions" }, make("button", {}, "Read it once more, then seal it")),
  );
  const review = make("div", { hidden: true });
  const built = {};
  let asked = false;

  const tell = ({ problems = [] }) => {
    const lines = problems.slice(0, SHOWN).map((problem) => make("li", {}, problem));
    if (problems.length > SHOWN) lines.push(make("li", {}, `and ${problems.length - SHOWN} more`));
    missing.replaceChildren(...(asked && lines.length ? [p("Before it can be sealed:"), make("ul", {}, ...lines)] : []));
  };
  const changed = (found) => {
    if (!built.form) return;
    tell(found);
    try {
      kept.keep({ draft: { round: round.number, label: round.label, filled: built.form.keep() } });
    } catch (error) {
      page.say(error.message, true);
    }
  };
  const again = () => {
    review.hidden = true;
    compose.hidden = false;
    place.querySelector("input:not(:disabled), select")?.focus();
  };
  const check = (event) => {
    event.preventDefault();
    asked = true;
    const found = built.form.read();
    tell(found);
    if (found.problems) {
      const wrong =
        place.querySelector("[aria-invalid=true]:not(:disabled)") ?? place.querySelector("input:not(:disabled), select");
      if (wrong?.closest("details")) wrong.closest("details").open = true;
      wrong?.focus();
      return;
    }
    const words = inWords(description, found.move, terms),
      heading = make("h3", { tabindex: "-1" }, "Is this what you want to say?");
    const seal = make("button", { type: "button" }, "Seal and send it");
    seal.addEventListener("click", async () => {
      seal.disabled = true;
      await page.once("seal", () => page.send(round, new TextEncoder().encode(JSON.stringify(found.move)), { words }, true));
      seal.disabled = false;
    });
    review.replaceChildren(
      heading,
      said(words),
      make("h4", {}, "The most you can come to pay"),
      document.getElementById("most").content.cloneNode(true),
      p("Once it is sealed it cannot be changed or taken back."),
      make(
        "div",
        { class: "actions" },
        seal,
        make("button", { type: "button", class: "quiet", onclick: again }, "Change it"),
      ),
    );
    compose.hidden = true;
    review.hidden = false;
    heading.focus();
  };
  compose.addEventListener("submit", check);
  return {
    title: `Your move: ${round.label}`,
    mine: true,
    say: `It is your turn: ${round.label}.`,
    body: [
      clock(round),
      p(description.lead),
      ...(description.about ? [p("So far: ", strong(description.about))] : []),
      make(
        "p",
        { class: "aside" },
        `If you send nothing, this counts: ${player} ${description.silence}. `,
        make("a", { href: "#stakes" }, "Whom that hurts, and the most you can come to pay"),
      ),
      compose,
      review,
    ],
    begin: () => {
      built.form = new MoveForm(place, description, changed, terms);
      const draft = kept.all.draft;
      if (draft?.round === round.number && draft.label === round.label) built.form.restore(draft.filled);
    },
  };
};

export const settled = ({ seen, player, me }) => {
  const { outcome, payments, exact } = seen.result,
    unit = seen.money.unit;
  const paid = Exact.read(payments[player]),
    owed = Exact.read(exact[seen.participants.indexOf(me)]);
  const got = outcome.allocation
    ? `You get ${(outcome.allocation[player] ?? []).join(", ") || "nothing"}`
    : outcome.state === null
      ? "Nothing is chosen"
      : `What is chosen: ${outcome.state}`;
  const sign = paid.compare(ZERO);
  const pays = sign ? `${sign < 0 ? `receive ${paid.negative.words}` : `pay ${paid.words}`} ${unit}` : "pay nothing";
  const rounded = `Exactly it is ${owed} (a negative price is received), rounded ${seen.money.words}.`;
  const silences = seen.refused.flatMap((one, number) =>
    one[player] ? [`In round ${number + 1} what silence means counted for you: ${one[player]}.`] : [],
  );
  return {
    title: "Your result",
    body: [
      make("p", { class: "outcome" }, `${got}, and you ${pays}.`),
      ...(paid.compare(owed) ? [p(rounded)] : []),
      ...silences.map((words) => p(words)),
      p(
        "Why: see ",
        make("a", { href: "#told" }, "how it came about"),
        ". You need not believe this page: the bundle below proves it, with your receipts.",
      ),
    ],
    say: `The session is finished. ${got}, and you ${pays}.`,
  };
};

const voided = ({ seen }) => ({
  title: "This session is void",
  body: [p(`There is no outcome, and nobody pays anything. The organiser's reason: ${seen.void}`)],
  say: "The session is void.",
});
export { voided as void };
