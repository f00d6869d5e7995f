// A move in words, for its mover to read before he seals it: every part of its form under the part's title.

import { Exact, ZERO } from "./exact.js";

const listed = (names) => (names.length ? names.join(", ") : "nothing");

/** What an answer is about: what is offered, and for how much. */
export function offered(part, terms) {
  const price = Exact.read(part.price);
  return price.compare(ZERO) < 0
    ? `${part.offer}, and to receive ${price.negative.words} ${terms.unit} with it`
    : `${part.offer} for ${price.words} ${terms.unit}`;
}

const PARTS = {
  set: (part, value) => [listed(value)],

  members: (part, value) => {
    const others = value.filter((name) => name !== part.always);
    return [others.length ? `${part.always} (you), ${others.join(", ")}` : "nobody: you act alone"];
  },

  allocation: (part, value) => {
    const given = new Set(Object.values(value).flat());
    const left = part.goods.filter((good) => !given.has(good));
    const lines = part.owners.filter((name) => value[name]).map((name) => `${name}: ${value[name].join(", ")}`);
    return left.length ? [...lines, `${part.nobody}: ${left.join(", ")}`] : lines;
  },

  prices: (part, value, terms, whole) => {
    const raised = part.field === "raises",
      lines = [];
    const shown = part.players.filter((name) => (part.only_sold ? whole.allocation?.[name] : value[name] !== undefined));
    let total = ZERO;
    for (const name of shown) {
      const price = Exact.read(String(value[name] ?? 0)),
        now = Exact.read(part.now?.[name] ?? "0");
      total = total.plus(price);
      if (raised) lines.push(`${name}: ${price} more, from ${now} to ${now.plus(price)} ${terms.unit}`);
      else if (price.compare(ZERO) < 0) lines.push(`${name} receives ${price.negative} ${terms.unit}`);
      else lines.push(`${name} pays ${price} ${terms.unit}`);
    }
    if (!shown.length) lines.push(raised ? "nobody’s price" : "nobody pays anything");
    if (part.revenue && shown.length) lines.push(`revenue: ${total} ${terms.unit}`);
    return lines;
  },

  state: (part, value) => [value ?? "none of them"],

  table: (part, value) => {
    const told = part.players
      .filter((name) => value[name])
      .map(
        (name) =>
          `${name}: ${Object.entries(value[name])
            .map(([state, worth]) => `${state} ${worth}`)
            .join(", ")}`,
      );
    return told.length ? [...told, "everything else is worth 0"] : ["everything is worth 0 to everybody"];
  },

  valuation: (part, value, terms) => {
    if (value.kind === "additive") {
      const told = Object.entries(value.values).map(([good, worth]) => `${good}: ${worth} ${terms.unit}`);
      return told.length
        ? [...told, "every other good: 0; several goods are worth their sum"]
        : ["everything is worth 0 to you"];
    }
    if (!value.bids.length) return ["everything is worth 0 to you"];
    const how = value.kind === "xor" ? "you want one of these sets" : "you want any of these together";
    return [...value.bids.map(({ goods, value: worth }) => `${goods.join(", ")}: ${worth} ${terms.unit}`), how];
  },

  number: (part, value, terms) => [`${value} ${terms.unit}`],

  answer: (part, value, terms) => [`${value} to ${offered(part, terms)}`],
};

/** What a move says: for every part its title and lines. */
export function inWords(form, move, terms) {
  if (form.out !== undefined && move === form.out) return [{ title: "You stay out of this", lines: [] }];
  return form.parts.map((part) => {
    const value = form.whole === "value" ? move : move[part.field];
    return { title: part.title, lines: PARTS[part.kind](part, value, terms, move) };
  });
}
