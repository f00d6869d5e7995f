// Builds a move by hand: shows the parts that server/forms.py describes, checks them as they are filled in, and gives the
// move as JSON. Numbers are exact: whole numbers of any length, and fractions where prices may have them.

let identifiers = 0;

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

/** An exact rational: a whole numerator over a positive whole denominator. */
export class Exact {
  constructor(numerator, denominator = 1n) {
    let a = numerator < 0n ? -numerator : numerator, b = denominator;
    while (b) [a, b] = [b, a % b];
    this.numerator = numerator / (a || 1n);
    this.denominator = denominator / (a || 1n);
  }
  /** What is written as 3, -7/2 or 0.25; undefined for anything else. */
  static read(text) {
    const written = text.trim().replace(/^\+/, "");
    const whole = /^-?\d{1,4000}$/.exec(written);
    if (whole) return new Exact(BigInt(written));
    const fraction = /^(-?\d{1,2000})\s*\/\s*(\d{1,2000})$/.exec(written);
    if (fraction && BigInt(fraction[2]) > 0n) return new Exact(BigInt(fraction[1]), BigInt(fraction[2]));
    const decimal = /^(-?)(\d{0,2000})\.(\d{1,2000})$/.exec(written);
    if (!decimal) return undefined;
    const scale = 10n ** BigInt(decimal[3].length), value = BigInt((decimal[2] || "0") + decimal[3]);
    return new Exact(decimal[1] ? -value : value, scale);
  }
  plus(other) {
    return new Exact(this.numerator * other.denominator + other.numerator * this.denominator, this.denominator * other.denominator);
  }
  minus(other) { return this.plus(new Exact(-other.numerator, other.denominator)); }
  over(other) {
    const sign = other.numerator < 0n ? -1n : 1n;
    return new Exact(sign * this.numerator * other.denominator, sign * other.numerator * this.denominator);
  }
  compare(other) {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  get whole() { return this.denominator === 1n; }
  toString() { return this.whole ? `${this.numerator}` : `${this.numerator}/${this.denominator}`; }
  toJSON() {
    const small = this.whole && this.numerator < 2n ** 53n && this.numerator > -(2n ** 53n);
    return small ? Number(this.numerator) : this.toString();
  }
}
const ZERO = new Exact(0n);

/** What is wrong with a number under a part's rules; empty where nothing is. */
function objection(value, part, limit) {
  if (value === undefined) return part.numbers === "rational" ? "a number such as 3, 7/2 or 0.25" : "a whole number";
  if ((part.numbers ?? "integer") === "integer" && !value.whole) return "a whole number";
  if (part.numbers === "multiple" && !value.over(Exact.read(part.step)).whole) return `a multiple of ${part.step}`;
  if (part.positive && value.compare(ZERO) <= 0) return "a number above 0";
  if (part.least !== undefined && value.compare(Exact.read(part.least)) < 0) return `at least ${part.least}`;
  const most = limit ?? part.most;
  if (most !== undefined && value.compare(Exact.read(most)) > 0) return `at most ${most}`;
  return "";
}

/** A field for a number, with the place where its fault is told. */
function numberField(label, change, start = "0") {
  const id = `n${++identifiers}`;
  const input = make("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", value: start,
    "aria-describedby": `${id}f`, oninput: change });
  const fault = make("span", { id: `${id}f`, class: "fault", role: "status" });
  const row = make("div", { class: "field" }, make("label", { for: id }, label), input, fault);
  return { input, fault, row, read: () => Exact.read(input.value), show: (words) => {
    fault.textContent = words;
    input.setAttribute("aria-invalid", words ? "true" : "false");
  } };
}

const PARTS = {
  set(part, change) {
    const boxes = part.goods.map((good) => make("input", { type: "checkbox", value: good, onchange: change }));
    const shown = part.goods.map((good, place) => make("label", { class: "choice" }, boxes[place], ` ${good}`));
    return { element: make("div", { class: "choices" }, ...shown),
      read: () => ({ value: boxes.filter((box) => box.checked).map((box) => box.value) }) };
  },

  members(part, change) {
    const boxes = part.players.map((name) => make("input", { type: "checkbox", value: name, onchange: change,
      checked: name === part.always, disabled: name === part.always }));
    const shown = part.players.map((name, place) => make("label", { class: "choice" }, boxes[place], ` ${name}`));
    return { element: make("div", { class: "choices" }, ...shown),
      read: () => ({ value: boxes.filter((box) => box.checked).map((box) => box.value) }) };
  },

  allocation(part, change) {
    const owner = {};
    for (const [name, goods] of Object.entries(part.start ?? {})) for (const good of goods) owner[good] = name;
    const selects = part.goods.map((good) => {
      const options = ["", ...part.owners].map((name) => make("option", { value: name, selected: (owner[good] ?? "") === name },
        name || part.nobody));
      return make("select", { "aria-label": `${good} goes to`, onchange: change }, ...options);
    });
    const rows = part.goods.map((good, place) => make("div", { class: "field" }, make("span", {}, good), selects[place]));
    return { element: make("div", { class: "rows" }, ...rows), read: (whole) => {
      const value = {}, destroyed = [], problems = [];
      part.goods.forEach((good, place) => {
        const name = selects[place].value;
        if (!name) { destroyed.push(good); return; }
        (value[name] ??= []).push(good);
        const among = part.among && whole[part.among];
        if (among && !among.includes(name)) problems.push(`${good} goes to ${name}, with whom you do not act together`);
      });
      return { value, problems, more: part.lists_nobody && destroyed.length ? { destroyed } : {} };
    } };
  },

  prices(part, change) {
    const fields = new Map(part.players.map((name) => [name, numberField(name, change)]));
    const sum = make("output", { class: "sum" });
    const filled = part.filled && fields.get(part.filled);
    if (filled) filled.input.readOnly = true;
    return { element: make("div", { class: "rows" }, ...[...fields.values()].map((field) => field.row), sum), read: (whole) => {
      const value = {}, problems = [];
      let total = ZERO;
      for (const [name, field] of fields) {
        if (field === filled) continue;
        const buys = !part.only_sold || (whole.allocation ?? {})[name] !== undefined;
        field.input.disabled = !buys;
        const number = buys ? field.read() : ZERO;
        const fault = buys ? objection(number, part, part.limits?.[name]) : "";
        field.show(fault && `expected ${fault}`);
        if (fault) { problems.push(`${name}: expected ${fault}`); continue; }
        total = total.plus(number);
        if (number.compare(ZERO)) value[name] = number;
      }
      if (filled) {
        const rest = Exact.read(part.total).minus(total);
        filled.input.value = rest.toString();
        if (rest.compare(ZERO)) value[part.filled] = rest;
      } else if (part.total !== undefined && !problems.length && total.compare(Exact.read(part.total))) {
        problems.push(`the prices sum to ${total}, not to ${part.total}`);
      }
      sum.textContent = part.revenue ? `Revenue so far: ${total}` : "";
      return { value, problems };
    } };
  },

  state(part, change) {
    const options = [...(part.null ? [["", "none of them"]] : []), ...part.states.map((name) => [name, name])];
    const select = make("select", { "aria-label": part.title, onchange: change },
      ...options.map(([value, words]) => make("option", { value }, words)));
    return { element: make("div", { class: "field" }, select), read: () => ({ value: select.value || null }) };
  },

  table(part, change) {
    const players = part.players.filter((name) => name !== part.without);
    const cells = players.map((name) => part.states.map((state) => numberField(`${name}, ${state}`, change)));
    const head = make("tr", {}, make("td"), ...part.states.map((state) => make("th", { scope: "col" }, state)));
    const rows = players.map((name, row) => make("tr", {}, make("th", { scope: "row" }, name), ...cells[row].map((cell) => {
      cell.input.setAttribute("aria-label", `${name}, ${part.states[cells[row].indexOf(cell)]}`);
      return make("td", {}, cell.input, cell.fault);
    })));
    return { element: make("div", { class: "scroll" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows))),
      read: () => {
        const value = {}, problems = [];
        players.forEach((name, row) => part.states.forEach((state, column) => {
          const cell = cells[row][column], number = cell.read(), fault = objection(number, part);
          cell.show(fault && `expected ${fault}`);
          if (fault) problems.push(`${name}, ${state}: expected ${fault}`);
          else if (number.compare(ZERO)) (value[name] ??= {})[state] = number;
        }));
        return { value, problems };
      } };
  },

  valuation(part, change) {
    const kind = make("select", { "aria-label": "How your values add up", onchange: change },
      make("option", { value: "xor" }, "one of these sets at most"),
      make("option", { value: "or" }, "any of these sets together"));
    const list = make("div", { class: "rows" });
    const bids = [];
    const add = () => {
      const set = PARTS.set({ goods: part.goods }, change), field = numberField("is worth", change);
      const bid = { set, field, row: make("div", { class: "bid" }, set.element, field.row) };
      bid.row.append(make("button", { type: "button", class: "quiet", onclick: () => {
        bids.splice(bids.indexOf(bid), 1); bid.row.remove(); change();
      } }, "remove"));
      bids.push(bid);
      list.append(bid.row);
      change();
    };
    const more = make("button", { type: "button", class: "quiet", onclick: add }, "add a set of goods");
    const rule = { numbers: "integer", ...(part.signed ? {} : { least: "0" }) };
    return { element: make("div", {}, make("div", { class: "field" }, kind), list, more), read: () => {
      const problems = [], found = [];
      for (const { set, field } of bids) {
        const goods = set.read().value, number = field.read(), fault = objection(number, rule);
        field.show(fault && `expected ${fault}`);
        if (fault) problems.push(`a value: expected ${fault}`);
        else if (!goods.length) problems.push("a set of goods is empty");
        else found.push({ goods, value: number });
      }
      return { value: { kind: kind.value, bids: found }, problems };
    } };
  },

  number(part, change) {
    const field = numberField(part.title, change);
    return { element: field.row, read: () => {
      const number = field.read(), fault = objection(number, part);
      field.show(fault && `expected ${fault}`);
      return { value: number, problems: fault ? [`${part.title}: expected ${fault}`] : [] };
    } };
  },

  answer(part, change) {
    const name = `answer${++identifiers}`;
    const radios = ["YES", "NO"].map((value) => make("input", { type: "radio", name, value, onchange: change }));
    const shown = radios.map((radio) => make("label", { class: "choice large" }, radio, ` ${radio.value}`));
    return { element: make("div", {}, make("p", { class: "offer" }, part.offer), make("div", { class: "choices" }, ...shown)),
      read: () => {
        const chosen = radios.find((radio) => radio.checked);
        return chosen ? { value: chosen.value } : { problems: ["answer YES or NO"] };
      } };
  },
};

/** The form of one decision, inside `container`. `changed` is told after every change; `read` gives `{ move }`, or
 *  `{ problems }`: a list of what is missing or wrong. */
export class MoveForm {
  constructor(container, form, changed = () => {}) {
    this.form = form;
    this.changed = changed;
    const change = () => this.changed(this.read());
    this.parts = form.parts.map((part) => ({ part, ...PARTS[part.kind](part, change) }));
    this.out = form.out && make("input", { type: "checkbox", onchange: change });
    const sections = this.parts.map(({ part, element }) => make("fieldset", {}, make("legend", {}, part.title), element));
    if (this.out) container.append(make("label", { class: "choice" }, this.out, " I stay out of this"));
    container.append(...sections);
    change();
  }

  read() {
    if (this.out?.checked) return { move: this.form.out };
    const whole = {}, problems = [];
    for (const { part, read } of this.parts) {
      const found = read(whole);
      problems.push(...(found.problems ?? []));
      whole[part.field] = found.value;
      Object.assign(whole, found.more ?? {});
    }
    if (problems.length) return { problems };
    return { move: JSON.parse(JSON.stringify(this.form.whole === "value" ? whole[this.form.parts[0].field] : whole)) };
  }
}
