// Exact numbers: whole ones of any length, and fractions.

/** An exact rational: a whole numerator over a positive whole denominator. */
export class Exact {
  constructor(numerator, denominator = 1n) {
    let a = numerator < 0n ? -numerator : numerator,
      b = denominator;
    while (b) [a, b] = [b, a % b];
    this.numerator = numerator / (a || 1n);
    this.denominator = denominator / (a || 1n);
  }
  /** What is written as 3, -7/2 or 0.25; undefined for anything else. */
  static read(text) {
    const written = text
      .trim()
      .replace(/^\+/, "")
      .replace(/^[\u2212\u2013]/, "-");
    const whole = /^-?\d{1,4000}$/.exec(written);
    if (whole) return new Exact(BigInt(written));
    const fraction = /^(-?\d{1,2000})\s*\/\s*(\d{1,2000})$/.exec(written);
    if (fraction && BigInt(fraction[2]) > 0n) return new Exact(BigInt(fraction[1]), BigInt(fraction[2]));
    const decimal = /^(-?)(\d{0,2000})\.(\d{1,2000})$/.exec(written);
    if (!decimal) return undefined;
    const scale = 10n ** BigInt(decimal[3].length),
      value = BigInt((decimal[2] || "0") + decimal[3]);
    return new Exact(decimal[1] ? -value : value, scale);
  }
  plus(other) {
    return new Exact(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }
  minus(other) {
    return this.plus(other.negative);
  }
  over(other) {
    const sign = other.numerator < 0n ? -1n : 1n;
    return new Exact(sign * this.numerator * other.denominator, sign * other.numerator * this.denominator);
  }
  compare(other) {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  get negative() {
    return new Exact(-this.numerator, this.denominator);
  }
  get whole() {
    return this.denominator === 1n;
  }
  /** How many digits it is written with. */
  get digits() {
    return this.toString().replace(/\D/g, "").length;
  }
  /** As people write it: 4.87 where it ends, else as a fraction. */
  get words() {
    let places = 0,
      ten = 1n;
    while (ten % this.denominator && places < 12) [places, ten] = [places + 1, ten * 10n];
    if (!places || ten % this.denominator) return this.toString();
    const size = this.numerator < 0n ? -this.numerator : this.numerator;
    const digits = ((size * ten) / this.denominator).toString().padStart(places + 1, "0");
    return `${this.numerator < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
  }
  toString() {
    return this.whole ? `${this.numerator}` : `${this.numerator}/${this.denominator}`;
  }
  toJSON() {
    const small = this.whole && this.numerator < 2n ** 53n && this.numerator > -(2n ** 53n);
    return small ? Number(this.numerator) : this.toString();
  }
}

export const ZERO = new Exact(0n);

/** What is wrong with a number, undefined where it is none, under a part's rules (server/forms.py); empty where nothing
 *  is. `limit`: the most it may be, besides; `digits`: how many digits it may have. */
export function objection(value, part, { limit, digits = 4000 } = {}) {
  const wanted = part.positive ? " above 0" : "";
  if (value === undefined) {
    return part.numbers === "rational" || part.numbers === "multiple"
      ? `enter a number${wanted}, such as 3, 7/2 or 0.25`
      : `enter a whole number${wanted}`;
  }
  if ((part.numbers ?? "integer") === "integer" && !value.whole) return `enter a whole number${wanted}`;
  if (part.positive && value.compare(ZERO) <= 0) return "enter a number above 0";
  if (part.numbers === "multiple" && !value.over(Exact.read(part.step)).whole) return `enter a multiple of ${part.step}`;
  if (part.least !== undefined && value.compare(Exact.read(part.least)) < 0) return `enter ${part.least} or more`;
  const most = limit ?? part.most;
  if (most !== undefined && value.compare(Exact.read(most)) > 0) return `enter ${most} or less`;
  return value.digits > digits ? `enter a number with at most ${digits} digits` : "";
}
