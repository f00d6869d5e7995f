// Sealed moves in the browser, by WebCrypto alone: what docs/bundle.md says of bytes, envelopes and signatures.
// The private key is made here and stays here unless its owner exports it.

const crypto_ = globalThis.crypto;
const encoder = new TextEncoder();
const ZERO_NONCE = new Uint8Array(12);
const PKCS8 = { X25519: 0x6e, Ed25519: 0x70 };

/** Whether this page may use the browser's cryptography: localhost or https, and a browser that knows the curves. */
export async function ready() {
  if (!globalThis.isSecureContext && typeof window !== "undefined") return "insecure";
  try {
    await crypto_.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    await crypto_.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
    return "";
  } catch {
    return "old";
  }
}

export function toText(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function toBytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function joined(parts) {
  const answer = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    answer.set(part, position);
    position += part.length;
  }
  return answer;
}

function length(count, size) {
  const answer = new Uint8Array(size);
  new DataView(answer.buffer).setUint32(size - 4, count);
  return answer;
}

/** The parts one after the other, each after its length in 8 bytes; numbers in decimal digits, texts in UTF-8. */
export function framed(...parts) {
  const answer = [encoder.encode("unrigged/1")];
  for (const part of parts) {
    const bytes = part instanceof Uint8Array ? part : encoder.encode(String(part));
    answer.push(length(bytes.length, 8), bytes);
  }
  return joined(answer);
}

export async function digest(...parts) {
  return new Uint8Array(await crypto_.subtle.digest("SHA-256", framed(...parts)));
}

/** Keys in the order of their code points, as in Python. */
function byCodePoint(a, b) {
  const left = [...a], right = [...b];
  for (let place = 0; place < Math.min(left.length, right.length); place++) {
    const difference = left[place].codePointAt(0) - right[place].codePointAt(0);
    if (difference) return difference;
  }
  return left.length - right.length;
}

/** JSON in its one form: keys sorted, no spaces. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") {
    const keys = Object.keys(value).sort(byCodePoint);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

async function derived(secret, salt, label, size = 32) {
  const key = await crypto_.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: encoder.encode(`unrigged/1 ${label}`) };
  return new Uint8Array(await crypto_.subtle.deriveBits(how, key, 8 * size));
}

async function encrypted(secret, content, bound) {
  const key = await crypto_.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt"]);
  const how = { name: "AES-GCM", iv: ZERO_NONCE, additionalData: bound };
  return new Uint8Array(await crypto_.subtle.encrypt(how, key, content));
}

/** A private key of 32 bytes, as WebCrypto takes it. */
function pkcs8(curve, secret) {
  const head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, PKCS8[curve], 0x04, 0x22, 0x04, 0x20];
  return joined([Uint8Array.from(head), secret]);
}

async function keyPair(curve, secret, uses) {
  const key = await crypto_.subtle.importKey("pkcs8", pkcs8(curve, secret), { name: curve }, true, uses);
  const { x } = await crypto_.subtle.exportKey("jwk", key);
  return { key, public: toBytes(x) };
}

// The field of AES: exponents and logarithms of the generator 3.
const EXPONENTS = new Uint8Array(510), LOGARITHMS = new Uint8Array(256);
for (let exponent = 0, power = 1; exponent < 255; exponent++) {
  EXPONENTS[exponent] = EXPONENTS[exponent + 255] = power;
  LOGARITHMS[power] = exponent;
  power ^= (power << 1) ^ (power & 0x80 ? 0x11b : 0);
}
const product = (a, b) => (a && b ? EXPONENTS[LOGARITHMS[a] + LOGARITHMS[b]] : 0);

/** Shamir's shares of a secret; the coefficients of x, x^2, ... are as long as it. */
export function shares(secret, coefficients, count) {
  return Array.from({ length: count }, (_, place) => {
    const share = Uint8Array.from(secret);
    let power = 1;
    for (const coefficient of coefficients) {
      power = product(power, place + 1);
      coefficient.forEach((byte, position) => { share[position] ^= product(power, byte); });
    }
    return share;
  });
}

/** The envelope that holds `content`; `key`: 32 fresh bytes. `place`: session, round, sender, size; `committee`: the
 *  trustees' public keys for the round (as bytes) and the threshold. Gives the envelope's bytes. */
export async function seal(content, key, place, committee) {
  if (content.length + 4 > place.size) throw new RangeError(`the move takes ${content.length} bytes, at most ${place.size - 4} fit`);
  const fingerprint = await digest("committee", committee.threshold, ...committee.keys);
  const bound = await digest("place", place.session, place.round, place.sender, place.size, fingerprint);
  const padded = joined([length(content.length, 4), content, new Uint8Array(place.size - 4 - content.length)]);
  const inside = await encrypted(await derived(key, bound, "content"), padded, bound);
  const pieces = committee.threshold - 1;
  const polynomial = pieces ? await derived(key, bound, "polynomial", 32 * pieces) : new Uint8Array();
  const coefficients = Array.from({ length: pieces }, (_, piece) => polynomial.slice(32 * piece, 32 * piece + 32));
  const boxes = [];
  for (const [number, share] of shares(key, coefficients, committee.keys.length).entries()) {
    const trustee = committee.keys[number];
    const ephemeral = await keyPair("X25519", await derived(key, bound, `ephemeral ${number}`), ["deriveBits"]);
    const theirs = await crypto_.subtle.importKey("raw", trustee, { name: "X25519" }, false, []);
    const shared = new Uint8Array(await crypto_.subtle.deriveBits({ name: "X25519", public: theirs }, ephemeral.key, 256));
    const boxKey = await derived(shared, await digest("box", ephemeral.public, trustee, bound), "share");
    boxes.push([toText(ephemeral.public), toText(await encrypted(boxKey, share, bound))]);
  }
  return encoder.encode(canonical({
    boxes, content: toText(inside), round: place.round, sender: place.sender, session: place.session, size: place.size,
    unrigged: 1,
  }));
}

export const fresh = () => crypto_.getRandomValues(new Uint8Array(32));

/** A participant's key pair for signatures, from 32 secret bytes. */
export async function signer(secret) {
  const pair = await keyPair("Ed25519", secret, ["sign"]);
  return {
    public: pair.public,
    sign: async (statement) => new Uint8Array(await crypto_.subtle.sign({ name: "Ed25519" }, pair.key, statement)),
  };
}

/** `opening`: the digest of the first entry of the log, so that the key is for the rules that its owner has seen. */
export const joinStatement = (session, player, key, opening) => framed("join", session, player, key, opening);
export const presenceStatement = (session, player, opening) => framed("presence", session, player, opening);
export const moveStatement = (session, round, player, envelope) => framed("move", session, round, player, envelope);
