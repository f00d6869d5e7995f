// Builds a move by hand: shows the parts that server/forms.py describes, checks them as they are filled in, and gives the
// move as JSON.

import { boxes, identifier, make, numberField } from "./elements.js";
import { Exact, ZERO, objection } from "./exact.js";
import { offered } from "./words.js";

const SHOWN = 30; // a list of more people than this is shown behind a line that opens it

const PARTS = {
  set(part, change) {
    const { element, read } = boxes(part.goods, change);
    return { element, read: () => ({ value: read() }) };
  },

  members(part, change) {
    const { element, read } = boxes(part.players, change, part.always);
    return { element, read: () => ({ value: read() }) };
  },

  allocation(part, change) {
    const owner = {};
    for (const [name, goods] of Object.entries(part.start ?? {})) for (const good of goods) owner[good] = name;
    const selects = [],
      rows = part.goods.map((good) => {
        const id = identifier();
        const options = ["", ...part.owners].map((name) =>
          make("option", { value: name, selected: (owner[good] ?? "") === name }, name || part.nobody),
        );
        selects.push(make("select", { id, onchange: change }, ...options));
        const before = part.start
          ? [make("span", { class: "note" }, owner[good] ? `now ${owner[good]}’s` : "now nobody’s")]
          : [];
        return make("div", { class: "field" }, make("label", { for: id }, good), selects.at(-1), ...before);
      });
    return {
      element: make("div", { class: "rows" }, ...rows),
      read: (whole) => {
        const value = {},
          destroyed = [],
          problems = [],
          among = part.among && whole[part.among];
        part.goods.forEach((good, place) => {
          const name = selects[place].value;
          if (among)
            for (const option of selects[place].options)
              option.disabled = option.value !== "" && !among.includes(option.value);
          if (!name) {
            destroyed.push(good);
            return;
          }
          (value[name] ??= []).push(good);
          if (among && !among.includes(name)) problems.push(`${good} goes to ${name}, with whom you do not act together`);
        });
        return { value, problems, more: part.lists_nobody && destroyed.length ? { destroyed } : {} };
      },
    };
  },

  prices(part, change, terms) {
    const fields = new Map(
      part.players.map((name) => {
        const rule = name === part.filled ? { ...part, least: "-1" } : part;
        const now = part.now ? `now ${part.now[name]}` : "",
          limit = part.limits?.[name];
        return [
          name,
          numberField(name, change, rule, {
            unit: terms.unit,
            note: [now, limit !== undefined ? `at most ${limit} more` : ""].filter(Boolean).join(", "),
          }),
        ];
      }),
    );
    const sum = make("output", { class: "sum", for: [...fields.values()].map((field) => field.input.id).join(" ") });
    const empty = part.only_sold && make("p", { class: "hint" }, "Say first who gets something; then say for how much.");
    const filled = part.filled && fields.get(part.filled);
    if (filled) filled.input.readOnly = true;
    const rows = [...fields.values()].map((field) => field.row);
    const list = make("div", { class: "rows" }, ...rows);
    const shown =
      rows.length > SHOWN && !part.only_sold
        ? make("details", {}, make("summary", {}, `all ${rows.length} participants`), list)
        : list;
    return {
      element: make("div", {}, ...(empty ? [empty] : []), shown, sum),
      read: (whole) => {
        const value = {},
          problems = [];
        let total = ZERO,
          asked = 0;
        for (const [name, field] of fields) {
          if (field === filled) continue;
          const buys = !part.only_sold || (whole.allocation ?? {})[name] !== undefined;
          field.row.hidden = field.input.disabled = !buys;
          if (!buys) continue;
          asked++;
          const number = field.read(),
            fault = objection(number, part, { limit: part.limits?.[name], digits: terms.digits });
          field.showFault(fault);
          if (fault) {
            problems.push(`${name}: ${fault}`);
            continue;
          }
          total = total.plus(number);
          if (number.compare(ZERO)) value[name] = number;
        }
        if (empty) empty.hidden = asked > 0;
        if (filled) {
          const rest = Exact.read(part.total).minus(total);
          filled.input.value = rest.toString();
          if (rest.compare(ZERO)) value[part.filled] = rest;
          sum.textContent =
            `Together the prices make ${part.total}: ${part.filled} ${rest.numerator < 0n ? "receives" : "pays"} ` +
            `${rest.numerator < 0n ? rest.negative : rest} ${terms.unit}.`;
        } else if (part.total !== undefined) {
          sum.textContent = `Together the prices make ${total}; they must make ${part.total}.`;
          if (!problems.length && total.compare(Exact.read(part.total))) {
            problems.push(`the prices make ${total} together, and must make ${part.total}`);
          }
        } else sum.textContent = part.revenue ? `Revenue so far: ${total} ${terms.unit}` : "";
        return { value, problems };
      },
    };
  },

  state(part, change) {
    const id = identifier();
    const options = [...(part.null ? [["", "none of them"]] : []), ...part.states.map((name) => [name, name])];
    const select = make(
      "select",
      { id, onchange: change },
      ...options.map(([value, words]) => make("option", { value }, words)),
    );
    return {
      element: make("div", { class: "field" }, make("label", { for: id }, "proposed"), select),
      read: () => ({ value: select.value || null }),
    };
  },

  table(part, change, terms) {
    const players = part.players.filter((name) => name !== part.without);
    const cells = players.map((name) =>
      part.states.map((state) => numberField("", change, part, { said: `${name}, ${state}` })),
    );
    const head = make("tr", {}, make("td"), ...part.states.map((state) => make("th", { scope: "col" }, state)));
    const rows = players.map((name, row) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, name),
        ...cells[row].map((cell) => make("td", {}, cell.input, cell.fault)),
      ),
    );
    const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
    return {
      element: make("div", { class: "wide", tabindex: "0", role: "group", "aria-label": part.title }, table),
      read: () => {
        const value = {},
          problems = [];
        players.forEach((name, row) =>
          part.states.forEach((state, column) => {
            const cell = cells[row][column],
              number = cell.read(),
              fault = objection(number, part, { digits: terms.digits });
            cell.showFault(fault);
            if (fault) problems.push(`${name}, ${state}: ${fault}`);
            else if (number.compare(ZERO)) (value[name] ??= {})[state] = number;
          }),
        );
        return { value, problems };
      },
    };
  },

  valuation(part, change, terms) {
    const id = identifier();
    const kind = make(
      "select",
      { id, onchange: change },
      make("option", { value: "additive" }, "every good by itself"),
      make("option", { value: "xor" }, "one of some sets of goods"),
      make("option", { value: "or" }, "any of some sets, together"),
    );
    const goods = part.goods.map((good) =>
      numberField(good, change, part.signed ? { signed: true } : { least: "0" }, terms),
    );
    const single = make("div", { class: "rows" }, ...goods.map((field) => field.row));
    const list = make("div", { class: "rows" }),
      bids = [];
    const add = () => {
      const number = bids.length + 1,
        set = boxes(part.goods, change);
      const field = numberField("are worth", change, { least: "0" }, { ...terms, said: `worth of set ${number}` });
      const bid = {
        set,
        field,
        row: make("fieldset", { class: "bid" }, make("legend", {}, `Set ${number}`), set.element, field.row),
      };
      bid.row.append(
        make(
          "button",
          {
            type: "button",
            class: "plain",
            onclick: () => {
              bids.splice(bids.indexOf(bid), 1);
              bid.row.remove();
              more.focus();
              change();
            },
          },
          "remove this set",
        ),
      );
      bids.push(bid);
      list.append(bid.row);
      return bid;
    };
    const more = make(
      "button",
      {
        type: "button",
        class: "quiet",
        onclick: () => {
          add().set.inputs[0]?.focus();
          change();
        },
      },
      "Add a set of goods",
    );
    const sets = make("div", {}, list, more);
    const number = (field, words, rule, problems) => {
      const found = field.read(),
        fault = objection(found, rule, { digits: terms.digits });
      field.showFault(fault);
      if (fault) problems.push(`${words}: ${fault}`);
      return fault ? ZERO : found;
    };
    return {
      element: make(
        "div",
        {},
        make("div", { class: "field stacked" }, make("label", { for: id }, "What I want"), kind),
        single,
        sets,
      ),
      size: () => bids.length,
      grow: (count) => {
        while (bids.length < count) add();
      },
      read: () => {
        const problems = [],
          apart = kind.value === "additive";
        single.hidden = !apart;
        sets.hidden = apart;
        if (apart) {
          const values = {},
            rule = part.signed ? {} : { least: "0" };
          part.goods.forEach((good, place) => {
            const value = number(goods[place], good, rule, problems);
            if (value.compare(ZERO)) values[good] = value;
          });
          return { value: { kind: "additive", values }, problems };
        }
        const found = bids.map(({ set, field }, place) => {
          const value = number(field, `set ${place + 1}`, { least: "0" }, problems),
            named = set.read();
          if (!named.length) problems.push(`set ${place + 1}: tick its goods`);
          return { goods: named, value };
        });
        return { value: { kind: kind.value, bids: found }, problems };
      },
    };
  },

  number(part, change, terms) {
    const field = numberField(part.title, change, part, { unit: terms.unit });
    return {
      element: field.row,
      read: () => {
        const number = field.read(),
          fault = objection(number, part, { digits: terms.digits });
        field.showFault(fault);
        return { value: number, problems: fault ? [`${part.title}: ${fault}`] : [] };
      },
    };
  },

  answer(part, change, terms) {
    const name = identifier();
    const radios = ["YES", "NO"].map((value) => make("input", { type: "radio", name, value, onchange: change }));
    const shown = radios.map((radio) => make("label", { class: "choice large" }, radio, ` ${radio.value}`));
    return {
      element: make(
        "div",
        {},
        make("p", {}, "You are offered: ", make("strong", {}, offered(part, terms))),
        make("div", { class: "choices" }, ...shown),
      ),
      read: () => {
        const chosen = radios.find((radio) => radio.checked);
        return chosen ? { value: chosen.value } : { problems: ["answer YES or NO"] };
      },
    };
  },
};

/** Which amounts a part takes, in words; empty where all do, or there is none. */
function amounts(part, unit) {
  if (!["prices", "number", "table", "valuation"].includes(part.kind)) return "";
  if (part.numbers === "multiple") return `Multiples of ${part.step} ${unit}.`;
  return (part.numbers ?? "integer") === "integer" ? `Whole numbers of ${unit || "money"}.` : "";
}

/** The form of one decision, inside `container`. `terms`: the `unit` of money, and how many `digits` a number may have.
 *  `changed` is told after every change; `read` gives `{ move }`, or `{ problems }`: a list of what is missing or wrong. */
export class MoveForm {
  constructor(container, form, changed = () => {}, terms = {}) {
    this.form = form;
    this.changed = changed;
    const change = () => changed(this.read());
    this.parts = form.parts.map((part) => ({
      part,
      ...PARTS[part.kind](part, change, { unit: "", digits: 4000, ...terms }),
    }));
    this.out = form.out && make("input", { type: "checkbox", onchange: change });
    this.sections = this.parts.map(({ part, element }) => {
      const words = amounts(part, terms.unit ?? ""),
        hint = words ? [make("p", { class: "hint" }, words)] : [];
      return make("fieldset", {}, make("legend", {}, part.title), ...hint, element);
    });
    this.container = container;
    if (this.out) container.append(make("label", { class: "choice large" }, this.out, " I stay out of this"));
    container.append(...this.sections);
    change();
  }

  read() {
    for (const section of this.sections) section.hidden = Boolean(this.out?.checked);
    if (this.out?.checked) return { move: this.form.out };
    const whole = {},
      problems = [];
    for (const { part, read } of this.parts) {
      const found = read(whole);
      problems.push(...(found.problems ?? []));
      whole[part.field] = found.value;
      Object.assign(whole, found.more ?? {});
    }
    if (problems.length) return { problems };
    return { move: JSON.parse(JSON.stringify(this.form.whole === "value" ? whole[this.form.parts[0].field] : whole)) };
  }

  get _controls() {
    return [...this.container.querySelectorAll("input, select")];
  }

  /** What is filled in, as a value that `restore` takes. */
  keep() {
    return {
      sizes: this.parts.map(({ size }) => size?.() ?? 0),
      values: this._controls.map((one) => (["checkbox", "radio"].includes(one.type) ? one.checked : one.value)),
    };
  }

  /** Fill in what was kept of a form with the same description; anything else is left out. */
  restore(kept) {
    if (!Array.isArray(kept?.values) || !Array.isArray(kept.sizes)) return;
    this.parts.forEach(({ grow }, place) => grow?.(kept.sizes[place] ?? 0));
    if (this._controls.length !== kept.values.length) return;
    this._controls.forEach((one, place) => {
      if (typeof kept.values[place] === "boolean") one.checked = kept.values[place];
      else one.value = kept.values[place];
    });
    this.changed(this.read());
  }
}
