// What a participant's browser keeps, and never sends: his key, his private notes, his draft, and every sealed move until
// the house has signed for it (and after). All of it is in this browser's own storage.

import { fresh, moveStatement, signer, toBytes, toText } from "./seal.js";

const NAME = "unrigged";
const FORM = "key"; // what a key file says it is; the command line reads and writes the same (server/keys.py)
const FIELDS = ["secret", "token", "joined", "notes", "draft"];
const MAX_NOTES = 200_000; // characters

/** The storage could not be used: nothing may be sent that would be lost with this page. */
export class NotKept extends Error {}

/** A key file that cannot be used here, and why. */
export class WrongKey extends Error {}

function read(item) {
  try {
    return JSON.parse(localStorage.getItem(item) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function write(item, value) {
  try {
    if (value === undefined) localStorage.removeItem(item);
    else localStorage.setItem(item, JSON.stringify(value));
    if (value !== undefined && localStorage.getItem(item) === null) throw new Error("not there");
  } catch {
    throw new NotKept("This browser does not let the page keep anything (private windows and full disks do that).");
  }
}

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

/** What is kept for one participant of one session; every part is an item of its own, so that two tabs do not undo what
 *  the other one keeps: his `secret`, the `token` of his link until it is used, `joined` (the receipt of his place), his
 *  `notes`, the `draft` of his move, and `moves` by round. */
export class Kept {
  constructor(session, player) {
    this.session = session;
    this.player = player;
  }

  /** The name of an item in the browser's storage. */
  item(...field) {
    return JSON.stringify([NAME, this.session, this.player, ...field]);
  }

  /** Whether an item of that name is one of these. */
  owns(item) {
    return item === null || item.startsWith(this.item().slice(0, -1));
  }

  get all() {
    const found = { moves: {} };
    for (const field of FIELDS) found[field] = read(this.item(field));
    const before = this.item("move").slice(0, -1);
    for (let place = 0; place < localStorage.length; place++) {
      const item = localStorage.key(place),
        round = item.startsWith(`${before},`) ? item.slice(before.length + 1, -1) : "";
      if (/^\d+$/.test(round)) found.moves[round] = read(item);
    }
    return found;
  }

  /** Keep `more` besides what is kept; what is undefined is forgotten. NotKept where the browser refuses. */
  keep(more) {
    for (const [field, value] of Object.entries(more)) write(this.item(field), value);
  }

  /** The sealed move of a round. */
  move(round) {
    return read(this.item("move", Number(round)));
  }

  keepMove(round, more) {
    write(this.item("move", Number(round)), { ...this.move(round), ...more });
  }

  /** Do something while no other tab of this browser does it for the same participant. */
  alone(work) {
    return navigator.locks ? navigator.locks.request(this.item(), work) : work();
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
    if (expected && toText(key.public) !== expected)
      throw new WrongKey("This is not the key with which this place was taken.");
    for (const [round, envelope] of Object.entries(found.sent ?? {})) {
      const signature = toText(await key.sign(moveStatement(this.session, Number(round), this.player, toBytes(envelope))));
      if (!this.move(round)) this.keepMove(round, { envelope, signature });
    }
    this.keep({ secret: found.secret });
  }
}
