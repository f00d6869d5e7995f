// The participant's page: takes his place with a key made here, shows what he may announce, seals and sends it, and says
// what has become of it. All that must not be lost is in this browser's storage before anything is sent (keys.js).

import { countDown, listen, now } from "./app.js";
import { Kept, NotKept, WrongKey, clearFragment, fromFragment } from "./keys.js";
import { make } from "./elements.js";
import { quoted, shownNotes, starter } from "./notes.js";
import { ready, toText } from "./seal.js";
import { Refusal, address, asked, deliver, download, join, presence, sealed, transcript } from "./sending.js";
import * as turns from "./turns.js";

const WARNINGS = [60, 10]; // seconds before the deadline at which the page says so
const ASK_AGAIN = 20000; // milliseconds after which the page looks for news by itself

const BAD_LINK = ["eligibility", "token", "form"]; // rules by which a link is refused that is not the one for this place

const at = (id) => document.getElementById(id);
const title = document.title;

class Page {
  constructor(session, player) {
    this.session = session;
    this.player = player;
    this.kept = new Kept(session, player);
    this.shown = ""; // which turn is shown: its kind, its round, and what matters besides
    this.looked = 0;
    this.busy = new Set(); // what is on its way to the house
    this.warned = new Set();
  }

  get terms() {
    return { unit: this.seen.money.unit, digits: this.seen.digits };
  }
  get round() {
    return this.seen.round;
  }
  get me() {
    return this.seen.participants.find((each) => each.player === this.player);
  }

  say(words, bad = false) {
    at("news").textContent = words;
    at("news").classList.toggle("bad", bad);
  }

  /** Look at the session again, and show what has changed. */
  async look() {
    try {
      const found = await asked(`${address(this.session)}?player=${encodeURIComponent(this.player)}`);
      if (!this.seen || found.size >= this.seen.size) this.seen = found;
      this.looked = Date.now();
    } catch (error) {
      if (error instanceof Refusal) this.say(`The house refuses: ${error.message}.`, true);
      else if (!this.seen) setTimeout(() => this.look(), 3000);
      return;
    }
    this.hear();
    await this.show();
    await this.appear();
    await this.act();
  }

  /** Let everybody see that he is here, once: the house believes it to his key alone. */
  async appear() {
    const { secret } = this.kept.all;
    if (this.here || !secret || !this.me.joined) return;
    const own = await this.kept.signer();
    if (this.here || toText(own.public) !== this.me.key) return;
    this.here = true;
    listen(await presence(this.kept, own, this.seen.opening));
  }

  /** Say what the organiser has done since the last look: messages, and more time. */
  hear() {
    const { seen, round } = this,
      heard = { messages: seen.messages.length, number: round?.number, deadline: round?.deadline };
    const before = this.heard ?? heard;
    this.heard = heard;
    for (const { text } of seen.messages.slice(before.messages)) this.say(`Message of the organiser: ${text}`);
    if (heard.number === before.number && heard.deadline > before.deadline)
      this.say("The organiser gives more time for this round.");
    for (const each of at("turn-body").querySelectorAll("[data-deadline]")) each.dataset.deadline = round?.deadline;
  }

  /** What is to be shown now (turns.js has a function for each kind). */
  async kind() {
    const { seen, round, kept } = this,
      secret = kept.all.secret;
    if (["void", "settled"].includes(seen.status)) return seen.status;
    if (!this.me.joined) return kept.all.token || kept.all.joined ? "joining" : this.wrong ? "wrongLink" : "noLink";
    if (!secret || toText((await kept.signer()).public) !== this.me.key) return kept.all.token ? "stranger" : "taken";
    if (!round || ["draft", "open"].includes(seen.status)) return "waiting";
    const move = kept.move(round.number);
    if (move?.receipt) return "sent";
    if (move?.refused) return "refused";
    if (!round.actors.includes(this.player)) return "others";
    if (!round.open) return "closed";
    if (move?.envelope) return "sending";
    if (round.moved.includes(this.player)) return "elsewhere";
    return round.label ? "form" : "coin";
  }

  /** Show the turn, unless it is there already. `focus`: whether the reader has asked for this. */
  async show(focus = false) {
    const kind = await this.kind(),
      { round, seen } = this;
    const joined = seen.participants.filter((one) => one.joined).length;
    const shown = JSON.stringify([kind, round?.number, kind === "waiting" ? joined : kind === "sent" && round.open]);
    at("mine").hidden = !this.kept.all.secret;
    if (shown === this.shown && !this.again) return;
    const first = !this.shown;
    this.shown = shown;
    this.again = false;
    const turn = turns[kind](this);
    at("turn").textContent = turn.title;
    at("turn-body").replaceChildren(...turn.body);
    turn.begin?.();
    countDown();
    document.title = turn.mine ? `● ${turn.title} · ${title}` : title;
    this.receipts();
    if (["void", "settled"].includes(kind)) document.querySelector("[data-live]").after(at("know").closest("section"));
    if (turn.say && !first) this.say(turn.say);
    if (focus) at("turn").focus();
  }

  /** Do what needs no decision: take the place, contribute to a coin, send again what has no receipt. */
  async act() {
    const kind = await this.kind();
    if (kind === "joining" && this.kept.all.token && this.seen.status !== "draft")
      await this.once("join", () => this.takePlace());
    if (kind === "coin") await this.once("seal", () => this.send(this.round, new Uint8Array(), { words: [] }));
    const waiting = Object.entries(this.kept.all.moves ?? {}).filter(
      ([, move]) => move.envelope && !move.receipt && !move.refused,
    );
    for (const [round] of waiting) await this.once(`deliver ${round}`, () => this.deliver(Number(round)));
  }

  /** Do something unless it is being done. */
  async once(what, work) {
    if (this.busy.has(what)) return false;
    this.busy.add(what);
    try {
      await work();
      return true;
    } catch (error) {
      this.say(
        error instanceof NotKept ? `${error.message} Nothing has been sent.` : `This did not work: ${error.message}`,
        true,
      );
      return false;
    } finally {
      this.busy.delete(what);
    }
  }

  waiting(words, seconds) {
    this.say(
      `Not sent yet: ${words}. Trying again in ${seconds} seconds; you can leave this page open, or come back to it.`,
      true,
    );
  }

  async takePlace() {
    try {
      await join(this.kept, this.seen.house, (words, seconds) => this.waiting(words, seconds));
      this.say("You have taken your place.");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.refusedPlace(error);
    }
    this.again = true;
    await this.look();
  }

  /** The place was refused: once and in one place the page says why. */
  async refusedPlace(error) {
    if (BAD_LINK.includes(error.rule)) {
      const { player } = this;
      this.seen = await asked(`${address(this.session)}?player=${encodeURIComponent(player)}`);
      if (this.me.joined) return;
      this.wrong = true;
      this.kept.keep({ token: undefined });
    } else this.say(`Your place could not be taken: ${error.message}.`, true);
  }

  /** Seal `content` for the round it was made for, keep it, and send it; `told`: what is kept with it for its mover to read. */
  async send(round, content, told, focus = false) {
    const { number, label } = round;
    await sealed(this.kept, round, content, { label, ...told });
    this.kept.keep({ draft: undefined });
    await this.show(focus);
    await this.once(`deliver ${number}`, () => this.deliver(number));
  }

  async deliver(round) {
    await deliver(this.kept, round, this.kept.all.joined?.house ?? this.seen.house, (words, seconds) =>
      this.waiting(words, seconds),
    );
    const { receipt, refused } = this.kept.move(round);
    if (receipt) this.say("The house has signed a receipt: your sealed move counts.");
    else this.say(`The house has refused what was sent: ${refused.words}.`, true);
    await this.look();
  }

  receipts() {
    const moves = Object.entries(this.kept.all.moves ?? {}).filter(([, move]) => move.receipt);
    const joined = this.kept.all.joined;
    const all = [
      ...(joined ? [["your place", joined]] : []),
      ...moves.map(([round, move]) => [`round ${Number(round) + 1}`, move]),
    ];
    const rows = all.map(([what, { receipt, checked }]) =>
      make(
        "li",
        {},
        `For ${what}: entry ${receipt.number} of the log, ` + `${new Date(receipt.time).toLocaleString()}. `,
        checked ? "Its signature is right. " : make("strong", {}, "Its signature is WRONG: tell everybody. "),
        make(
          "button",
          {
            type: "button",
            class: "plain",
            onclick: () => download(`receipt-${receipt.number}.json`, JSON.stringify(receipt, null, 1)),
          },
          `Download this receipt`,
        ),
      ),
    );
    at("receipts").replaceChildren(
      ...(rows.length
        ? [make("p", {}, "Receipts prove what you sent, and that the house has it:"), make("ul", {}, ...rows)]
        : []),
    );
  }

  notes() {
    const { notes } = this.kept.all;
    at("notes").replaceChildren(...shownNotes(notes));
    at("notes-forget").hidden = !notes;
  }

  /** Watch the clock, and look for news where none has come. */
  tick() {
    if (this.seen && document.visibilityState === "visible" && Date.now() - this.looked > ASK_AGAIN) {
      this.looked = Date.now();
      this.look();
    }
    if (!this.seen || !this.shown.startsWith('["form"')) return;
    const left = (this.round.deadline - now()) / 1000;
    for (const seconds of WARNINGS) {
      const warning = `${this.round.number} ${this.round.deadline} ${seconds}`;
      if (left > 0 && left <= seconds && !this.warned.has(warning)) {
        for (const each of WARNINGS)
          if (left <= each) this.warned.add(`${this.round.number} ${this.round.deadline} ${each}`);
        this.say(
          `${Math.ceil(left)} seconds left. If you send nothing, this counts: ${this.round.forms[this.player].silence}.`,
        );
      }
    }
  }

  listen() {
    document.addEventListener("house:change", () => this.look());
    addEventListener("online", () => this.look());
    addEventListener("storage", (event) => {
      if (this.kept.owns(event.key) && this.seen) this.show();
    });
    setInterval(() => this.tick(), 1000);
    at("export").addEventListener("click", () => download(`key-${this.player}-${this.session}.json`, this.kept.exported()));
    at("import").addEventListener("change", (event) => this.takeKey(event.target));
    at("notes-file").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (!file) return;
      if (file.size > 200000) this.say("Notes may have 200,000 bytes at most.", true);
      else await this.once("notes", async () => this.kept.keep({ notes: await file.text() }));
      this.notes();
    });
    at("notes-forget").addEventListener("click", () => {
      this.kept.keep({ notes: undefined });
      this.notes();
    });
    at("so-far").addEventListener("click", () =>
      this.once("so far", async () => download("so-far.json", JSON.stringify(await transcript(this.session), null, 1))),
    );
    at("starter").addEventListener("click", () =>
      this.once("starter", async () =>
        download("mine.json", JSON.stringify(starter(this.seen, this.player, this.kept.all.notes), null, 1)),
      ),
    );
    at("command").textContent = `unrigged advise mine.json --as ${quoted(this.player)} --after so-far.json`;
  }

  async takeKey(field) {
    const [file] = field.files;
    if (!file) return;
    try {
      await this.kept.take(await file.text(), this.me.joined ? this.me.key : "");
      this.say("This browser now has your key.");
    } catch (error) {
      this.say(error instanceof WrongKey || error instanceof NotKept ? error.message : "This file cannot be read.", true);
    }
    field.value = "";
    this.again = true;
    await this.look();
  }
}

async function start() {
  const { session, player } = at("me").dataset,
    page = new Page(session, player);
  const fault = await ready();
  if (fault) {
    at("unready").replaceChildren(...turns.unready[fault]);
    return;
  }
  try {
    const { token, notes } = fromFragment();
    page.kept.keep({ tried: true, ...(token && !page.kept.all.joined ? { token } : {}), ...(notes ? { notes } : {}) });
    clearFragment();
  } catch (error) {
    at("unready").replaceChildren(
      make(
        "p",
        {},
        make("strong", {}, error.message),
        " Allow this site to keep data, or use another browser; nothing has been sent.",
      ),
    );
    return;
  }
  at("unready").hidden = true;
  at("me").hidden = false;
  page.notes();
  page.listen();
  await page.look();
}

await start();
