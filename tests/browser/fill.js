// Fills in whatever form stands in `selector`, at random by `seed`, and then mends what the form calls wrong.
([selector, seed]) => {
  let state = (seed * 2654435761) % 4294967296;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
  const place = document.querySelector(selector);
  const seen = (one) => !one.disabled && !one.closest("[hidden]");
  const all = (query) => [...place.querySelectorAll(query)].filter(seen);
  const tell = (one, kind) => one.dispatchEvent(new Event(kind, { bubbles: true }));
  const set = (one, value) => {
    one.value = value;
    tell(one, "input");
    tell(one, "change");
  };
  const choose = () => {
    for (const one of all("select")) {
      const options = [...one.options].filter((option) => !option.disabled);
      set(one, options[random(options.length)].value);
    }
  };
  choose();
  if (all(".bid").length === 0)
    for (const more of all("button.quiet")) for (let count = random(3); count > 0; count--) more.click();
  for (const one of all("input[type=checkbox]")) {
    const out = !one.closest("fieldset");
    one.checked = random(out ? 6 : 2) === 0;
    tell(one, "change");
  }
  for (const bid of all(".bid")) {
    const boxes = [...bid.querySelectorAll("input[type=checkbox]")];
    if (!boxes.some((box) => box.checked)) {
      boxes[0].checked = true;
      tell(boxes[0], "change");
    }
  }
  if (all("option:disabled").length) choose();
  const groups = new Set(all("input[type=radio]").map((one) => one.name));
  for (const name of groups) {
    const radios = all("input[type=radio]").filter((one) => one.name === name),
      chosen = radios[random(radios.length)];
    chosen.checked = true;
    tell(chosen, "change");
  }
  for (const one of all("input[type=text]:not([readonly])")) set(one, String(random(4)));
  for (const one of all("input[type=text]:not([readonly])")) {
    const words = one.getAttribute("aria-invalid") === "true" ? document.getElementById(`${one.id}f`).textContent : "";
    const range = /enter (-?\d+) or (more|less)/.exec(words),
      multiple = /multiple of (\S+)/.exec(words);
    if (range) set(one, range[1]);
    else if (multiple) set(one, multiple[1]);
    else if (words) set(one, "1");
  }
  const sum = /make (-?\d+); they must make 0/.exec(place.textContent);
  if (sum && sum[1] !== "0") {
    const one = all("input[type=text]")[0];
    set(one, String(Number(one.value) - Number(sum[1])));
  }
  return all("input, select").length;
}
