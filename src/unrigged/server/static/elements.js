// The elements that pages are made of by script: texts are never markup, and every field has a name of its own.

import { Exact, ZERO } from "./exact.js";

let identifiers = 0;

/** An identifier that no other element of the page has. */
export const identifier = () => `n${++identifiers}`;

/** An element with attributes and children; a text child is a text, never markup. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Which keys a phone shows: digits alone where nothing else can be meant. */
function keyboard(part) {
  const signed = part.signed || (part.least ?? (part.positive ? "0" : "-1")).startsWith("-");
  return !signed && (part.numbers ?? "integer") === "integer" ? "numeric" : "text";
}

/** A field for a number, with the place where its fault is told. `said`: its name, where that is more than its label. */
export function numberField(label, change, part, { unit = "", note = "", said } = {}) {
  const id = identifier();
  const input = make("input", {
    id,
    class: "exact-number",
    type: "text",
    inputmode: keyboard(part),
    autocomplete: "off",
    value: part.positive ? "" : "0",
    "aria-describedby": note ? `${id}m ${id}f` : `${id}f`,
    "aria-label": said,
    oninput: change,
  });
  const fault = make("span", { id: `${id}f`, class: "fault" });
  const row = make(
    "div",
    { class: "field" },
    make("label", { for: id }, label),
    input,
    make("span", { class: "unit" }, unit),
    make("span", { class: "note", id: `${id}m` }, note),
    fault,
  );
  const showFault = (words) => {
    fault.textContent = words;
    input.setAttribute("aria-invalid", words ? "true" : "false");
  };
  return {
    input,
    fault,
    row,
    showFault,
    read: () => (input.value.trim() || part.positive ? Exact.read(input.value) : ZERO),
  };
}

/** A box to tick for every value; `settled`: which one is ticked for good. */
export function boxes(values, change, settled) {
  const inputs = values.map((value) =>
    make("input", { type: "checkbox", value, onchange: change, checked: value === settled, disabled: value === settled }),
  );
  const shown = values.map((value, place) => make("label", { class: "choice" }, inputs[place], ` ${value}`));
  return {
    inputs,
    element: make("div", { class: "choices" }, ...shown),
    read: () => inputs.filter((box) => box.checked).map((box) => box.value),
  };
}
