// How the page talks to the house: it takes its place, seals, signs and sends, and goes on trying, with the very same
// bytes, until the house has signed a receipt or refused.

import {
  canonical,
  digest,
  framed,
  fresh,
  joinStatement,
  moveStatement,
  presenceStatement,
  seal,
  toBytes,
  toText,
} from "./seal.js";

const PATIENCE = 15000; // milliseconds until an answer is given up
const PAUSES = [1000, 2000, 4000, 8000, 15000]; // milliseconds before another try

/** The house says no, and why. */
export class Refusal extends Error {
  constructor({ rule = "form", found = "", expected = "" } = {}) {
    super(`${found}; expected: ${expected}`);
    this.rule = rule;
  }
}

/** There is no answer now; trying again may help. */
export class NoAnswer extends Error {}

export const address = (session, rest = "") => `/api/v1/sessions/${encodeURIComponent(session)}${rest}`;

/** The JSON that an address answers with; Refusal or NoAnswer. */
export async function asked(url, body) {
  const ending = new AbortController(),
    timer = setTimeout(() => ending.abort(), PATIENCE);
  let answer, document_;
  try {
    answer = await fetch(url, {
      signal: ending.signal,
      cache: "no-store",
      ...(body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    document_ = await answer.json();
  } catch {
    throw new NoAnswer("no connection to the house");
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok) return document_;
  if (answer.status >= 500 || answer.status === 429) throw new NoAnswer("the house cannot answer just now");
  throw new Refusal(document_?.error);
}

/** Wait, or until the browser has a connection again. */
function pause(milliseconds) {
  return new Promise((go) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      go();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

/** Ask until there is an answer; `waiting` is told the seconds until the next try. */
async function untilAnswered(url, body, waiting) {
  for (let tries = 0; ; tries++) {
    try {
      return await asked(url, body);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const milliseconds = PAUSES[Math.min(tries, PAUSES.length - 1)];
      waiting(error.message, milliseconds / 1000);
      await pause(milliseconds);
    }
  }
}

/** Whether a receipt is the house's own for exactly this entry. */
async function genuine(receipt, entry, house) {
  const bytes = new TextEncoder().encode(canonical({ ...entry, time: receipt.time }));
  if (toText(await digest("entry", bytes)) !== receipt.digest) return false;
  const key = await crypto.subtle.importKey("raw", toBytes(house), { name: "Ed25519" }, false, ["verify"]);
  const statement = framed("receipt", receipt.session, receipt.number, toBytes(receipt.digest));
  return crypto.subtle.verify({ name: "Ed25519" }, key, toBytes(receipt.signature), statement);
}

/** Take the participant's place with his key and the token of his link. */
export async function join(kept, house, waiting) {
  const { token } = kept.all,
    { session, player } = kept;
  const own = await kept.alone(() => kept.signer());
  const [first] = (await untilAnswered(address(session, "/log"), undefined, waiting)).entries;
  const opening = await digest("opening", toBytes(first));
  const signature = toText(await own.sign(joinStatement(session, player, own.public, opening)));
  const given = { player, key: toText(own.public), token, signature };
  const receipt = await untilAnswered(address(session, "/join"), given, waiting);
  const checked = await genuine(receipt, { kind: "join", ...given }, house);
  kept.keep({ joined: { receipt, house, checked }, token: undefined });
}

/** Where news come from for who shows by a signature of his key that he is there; `opening`: the digest of the opening. */
export async function presence({ session, player }, own, opening) {
  const proof = toText(await own.sign(presenceStatement(session, player, toBytes(opening))));
  return address(session, `/events?player=${encodeURIComponent(player)}&proof=${proof}`);
}

/** Seal a move for the round and keep it, unless one is kept: there is never a second one. */
export async function sealed(kept, round, content, told) {
  await kept.alone(async () => {
    if (kept.move(round.number)?.envelope) return;
    const own = await kept.signer(),
      { session, player } = kept;
    const committee = { keys: round.keys.map(toBytes), threshold: round.threshold };
    const place = { session, round: round.number, sender: player, size: round.size };
    const envelope = await seal(content, fresh(), place, committee);
    const signature = await own.sign(moveStatement(session, round.number, player, envelope));
    kept.keepMove(round.number, { envelope: toText(envelope), signature: toText(signature), ...told });
  });
}

/** Send the kept move of a round until the house has signed for it, or refused it. */
export async function deliver(kept, round, house, waiting) {
  const { envelope, signature } = kept.move(round),
    { session, player } = kept;
  const given = { round, player, envelope, signature };
  try {
    const receipt = await untilAnswered(address(session, "/moves"), given, waiting);
    const checked = await genuine(receipt, { kind: "move", ...given }, house);
    kept.keepMove(round, { receipt, checked, refused: undefined });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    kept.keepMove(round, { refused: { rule: error.rule, words: error.message } });
  }
}

/** What has happened in the session so far, as `unrigged advise --after` takes it, from the log itself. */
export async function transcript(session) {
  const { entries } = await asked(address(session, "/log"));
  const read = entries.map((entry) => JSON.parse(new TextDecoder().decode(toBytes(entry))));
  const events = read.filter((entry) => entry.kind === "opened").flatMap((entry) => entry.events);
  return { ...read[0].play, events };
}

/** Hand a text to the reader as a file; nothing is sent. */
export function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
