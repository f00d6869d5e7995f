// What a participant's browser keeps, and never sends: his key, his private notes, his draft, and every sealed move until
// the house has signed for it (and after). One record for each session and participant, in this browser's own storage.

import { fresh, moveStatement, signer, toBytes, toText } from "./seal.js";

const NAME = "unrigged";
const FORM = "key"; // what a key file says it is; the command line reads and writes the same (server/keys.py)
const MAX_NOTES = 200_000; // characters

/** The storage could not be used: nothing may be sent that would be lost with this page. */
export class NotKept extends Error {}

/** A key file that cannot be used here, and why. */
export class WrongKey extends Error {}

/** Take the token and the notes out of the address, once they are kept. */
export function clearFragment() {
  if (/^#(t|k)=/.test(location.hash)) history.replaceState(null, "", location.pathname + location.search);
}

/** The token and the notes in the fragment of the participant's link. */
export function fromFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  return { token: given.get("t") || undefined, notes: given.has("k") ? notesIn(given.get("k")) : undefined };
}

/** Notes as a link carries them: UTF-8 in base64url. */
function notesIn(text) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(toBytes(text)).slice(0, MAX_NOTES);
  } catch {
    return undefined;
  }
}

/** What is kept for one participant of one session. */
export class Kept {
  constructor(session, player) {
    this.session = session;
    this.player = player;
    this.name = `${NAME} ${session} ${player}`;
  }

  get all() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "{}");
    } catch {
      return {};
    }
  }

  /** Keep `more` besides what is kept; what is undefined is forgotten. NotKept where the browser refuses. */
  keep(more) {
    const text = JSON.stringify({ ...this.all, ...more });
    try {
      localStorage.setItem(this.name, text);
      if (localStorage.getItem(this.name) !== text) throw new Error("not there");
    } catch {
      throw new NotKept("This browser does not let the page keep anything (private windows and full disks do that).");
    }
  }

  /** The sealed moves, by round. */
  move(round) {
    return this.all.moves?.[round];
  }

  keepMove(round, more) {
    const moves = this.all.moves ?? {};
    this.keep({ moves: { ...moves, [round]: { ...moves[round], ...more } } });
  }

  /** Do something while no other tab of this browser does it for the same participant. */
  alone(work) {
    return navigator.locks ? navigator.locks.request(this.name, work) : work();
  }

  /** The participant's key pair, made when it is first needed. */
  async signer() {
    if (!this.all.secret) this.keep({ secret: toText(fresh()) });
    return signer(toBytes(this.all.secret));
  }

  /** The key as a file for another device of the same participant, or his program; with what he has sent and was signed
   *  for, so that nothing is sent twice. */
  exported() {
    const moves = Object.entries(this.all.moves ?? {});
    const sent = Object.fromEntries(moves.map(([round, move]) => [round, move.envelope]));
    const receipts = [this.all.joined?.receipt, ...moves.map(([, move]) => move.receipt)].filter(Boolean);
    const { session, player } = this;
    return JSON.stringify({ unrigged: FORM, session, player, secret: this.all.secret, sent, receipts, seen: null }, null, 1);
  }

  /** Take over a key from a file. `expected`: the public key that the log names, empty where none is named yet. */
  async take(text, expected) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      throw new WrongKey("This file is no key file.");
    }
    if (found?.unrigged !== FORM || typeof found.secret !== "string") throw new WrongKey("This file is no key file.");
    if (found.session !== this.session || found.player !== this.player) {
      throw new WrongKey("This is the key for another session, or of another participant.");
    }
    let key;
    try {
      key = await signer(toBytes(found.secret));
    } catch {
      throw new WrongKey("The key in this file is damaged.");
    }
    if (expected && toText(key.public) !== expected) throw new WrongKey("This is not the key with which this place was taken.");
    const moves = { ...this.all.moves };
    for (const [round, envelope] of Object.entries(found.sent ?? {})) {
      const signature = toText(await key.sign(moveStatement(this.session, Number(round), this.player, toBytes(envelope))));
      moves[round] ??= { envelope, signature };
    }
    this.keep({ secret: found.secret, moves });
  }
}
