// What a page lacks for those who cannot see it well, use a mouse, or have a large screen: a list of faults in words.
() => {
  const faults = [];
  const shown = (one) =>
    one.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && one.getClientRects().length > 0;
  const numbers = (colour) => {
    const [, inside] = /rgba?\(([^)]+)\)/.exec(colour) ?? [];
    const [red, green, blue, alpha = 1] = (inside ?? "0,0,0,0").split(/[\s,/]+/).map(Number);
    return { red, green, blue, alpha };
  };
  const over = (top, below) =>
    Object.fromEntries(
      ["red", "green", "blue"].map((name) => [name, top[name] * top.alpha + below[name] * (1 - top.alpha)]),
    );
  const ground = (one) => {
    const layers = [];
    for (let each = one; each; each = each.parentElement) layers.push(numbers(getComputedStyle(each).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), { red: 255, green: 255, blue: 255 });
  };
  const light = ({ red, green, blue }) => {
    const [r, g, b] = [red, green, blue]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!own || !shown(one) || one.closest(":disabled, option")) continue;
    const style = getComputedStyle(one),
      below = ground(one),
      ratio = contrast(over(numbers(style.color), below), below);
    const size = parseFloat(style.fontSize),
      large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${one.textContent.trim().slice(0, 40)}`);
  }
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], summary")) {
    if (!shown(one)) continue;
    const labels = [...(one.labels ?? [])].map((label) => label.textContent).join(" ");
    const name = one.getAttribute("aria-label") ?? (labels || one.textContent);
    if (!name.trim() || (one.tagName === "SELECT" && !labels.trim() && !one.getAttribute("aria-label")))
      faults.push(`no name: ${one.outerHTML.slice(0, 80)}`);
    for (const id of (one.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean))
      if (!document.getElementById(id)) faults.push(`describedby ${id}`);
    const edge = one.matches("input, select, textarea") && !one.matches("[type=checkbox], [type=radio], .file, [type=file]");
    if (edge) {
      const style = getComputedStyle(one),
        ratio = contrast(numbers(style.borderTopColor), ground(one.parentElement));
      if (ratio < 3) faults.push(`border ${ratio.toFixed(2)}: ${one.id}`);
    }
    const box = (one.matches("[type=checkbox], [type=radio]") ? (one.closest("label") ?? one) : one).getBoundingClientRect();
    const inline = one.matches("a, .plain, summary, .file");
    if (!inline && (box.width < 24 || box.height < 24))
      faults.push(`small (${box.width} by ${box.height}): ${one.outerHTML.slice(0, 80)}`);
    if (one.tabIndex > 0) faults.push(`tabindex: ${one.outerHTML.slice(0, 80)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) faults.push(`the id ${id} twice`);
  let level = 0;
  for (const one of [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown)) {
    const next = Number(one.tagName[1]);
    if (next > level + 1) faults.push(`heading ${one.tagName} after level ${level}: ${one.textContent}`);
    level = next;
  }
  for (const one of document.querySelectorAll("[aria-labelledby]"))
    if (!document.getElementById(one.getAttribute("aria-labelledby")))
      faults.push(`labelledby ${one.getAttribute("aria-labelledby")}`);
  for (const one of document.querySelectorAll("fieldset"))
    if (!one.querySelector(":scope > legend")) faults.push("a fieldset without a legend");
  if (!document.documentElement.lang) faults.push("no language");
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) faults.push(`${wide} pixels too wide`);
  return faults;
}
