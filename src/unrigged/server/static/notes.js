// What the participant knows, shown from notes that never leave this browser; and files he can be advised from.

import { make } from "./elements.js";

/** The note of the organiser where there is one: an object with `lines` in words, and `type`, `knowledge`, `together`. */
export function noteIn(text) {
  try {
    const found = JSON.parse(text);
    return Array.isArray(found?.lines) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Notes as elements: lines in words where they are a note, else the text as it is. */
export function shownNotes(text) {
  if (!text) return [make("p", {}, "There are no notes here. Your link had none, or they were forgotten.")];
  const note = noteIn(text);
  if (!note) return [make("div", { class: "notes" }, make("pre", {}, text))];
  return [make("ul", { class: "notes lines" }, ...note.lines.map((line) => make("li", {}, String(line))))];
}

/** A scenario file to begin with: the session's rules, and what the note says. Whoever is not known is worth 0 in it, and
 * nobody is said to know what the file does not hold. */
export function starter(seen, player, text) {
  const { mechanism, parameters, setting } = seen.play,
    note = noteIn(text ?? "") ?? {};
  const exactly = { ...note.types, ...(note.type ? { [player]: note.type } : {}) };
  const whole = setting.players.every((name) => exactly[name]);
  const sure = (known) => (!whole && (known === "perfect" || known?.precision) ? "none" : known);
  const own = sure(note.knowledge ?? "none"),
    mates = Object.entries(note.mates ?? {}).map(([name, known]) => [name, sure(known)]);
  const others = own.bounds ?? own.belief?.lower ?? {};
  const nothing = Object.fromEntries((setting.states ?? []).map((state) => [state, 0]));
  const theirs = own === "perfect" || own.precision ? own : "none";
  return {
    unrigged: 1,
    title: seen.title,
    mechanism,
    parameters,
    ...setting,
    types: Object.fromEntries(setting.players.map((name) => [name, exactly[name] ?? others[name] ?? nothing])),
    knowledge: {
      ...Object.fromEntries(setting.players.map((name) => [name, theirs])),
      ...Object.fromEntries(mates),
      [player]: own,
    },
    ...(note.together?.length ? { coalitions: [[player, ...note.together]] } : {}),
  };
}

/** A name as a shell takes it. */
export const quoted = (name) =>
  /^[\w.,-]+$/.test(name) && !name.startsWith("-") ? name : `'${name.replaceAll("'", "'\\''")}'`;
