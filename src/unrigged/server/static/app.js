// What all pages share: they stay up to date, count down to deadlines, show times where the reader is, and ask before
// what cannot be undone. Every page can be read without this.

// Milliseconds between news and a look at it, so that many changes at once are one look; and up to as much more, so that
// many readers do not look in the same moment.
const calm = Number(document.body.dataset.calm ?? 400);

let offset = 0; // the house's clock less this computer's, in milliseconds

/** The time by the house's clock. */
export function now() {
  return Date.now() + offset;
}

function showTimes(root) {
  for (const time of root.querySelectorAll("time[data-ms]")) {
    const at = new Date(Number(time.dataset.ms));
    time.title = time.textContent;
    time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
    delete time.dataset.ms;
  }
}

function inWords(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds <= 0) return "the time is up";
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days) return `${days} d ${hours} h left`;
  if (hours) return `${hours} h ${minutes} min left`;
  return minutes ? `${minutes} min ${String(seconds % 60).padStart(2, "0")} s left` : `${seconds} s left`;
}

/** Show the time that is left wherever there is a deadline. */
export function countDown() {
  for (const each of document.querySelectorAll("[data-deadline]")) {
    const left = Number(each.dataset.deadline) - now();
    each.textContent = inWords(left);
    each.classList.toggle("soon", left < 60000);
  }
}

/** Fetch a part of the page again; what the reader has opened, and where he is, stays. */
async function refresh(part) {
  const answer = await fetch(part.dataset.live, { headers: { accept: "text/html" }, credentials: "same-origin" });
  const date = Date.parse(answer.headers.get("date") ?? "");
  if (!Number.isNaN(date) && Math.abs(date - Date.now()) > 3000) offset = date - Date.now();
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const html = await answer.text();
  if (part.dataset.last === html) return;
  part.dataset.last = html;
  const open = new Set([...part.querySelectorAll("details[open][id]")].map((each) => each.id));
  const typed = [...part.querySelectorAll("input[id]:not([type=hidden]), textarea[id]")]
    .filter((each) => each.value !== each.defaultValue)
    .map((each) => [each.id, each.value]);
  const focus = part.contains(document.activeElement) ? document.activeElement.id : "";
  const parsed = new DOMParser().parseFromString(html, "text/html");
  part.replaceChildren(...parsed.body.childNodes);
  for (const each of part.querySelectorAll("details[id]")) each.open ||= open.has(each.id);
  for (const [id, value] of typed) {
    const field = part.querySelector(`[id="${CSS.escape(id)}"]`);
    if (field) field.value = value;
  }
  if (focus) document.getElementById(focus)?.focus();
  showTimes(part);
  countDown();
}

async function refreshAll() {
  try {
    await Promise.all([...document.querySelectorAll("[data-live]")].map(refresh));
    connected(true);
  } catch {
    connected(false);
    setTimeout(refreshAll, 3000 + Math.random() * 2000);
  }
  document.dispatchEvent(new CustomEvent("house:change"));
}

function connected(yes) {
  const place = document.querySelector("[data-connection]");
  if (!place) return;
  place.hidden = yes;
  place.textContent = yes ? "" : "No connection. Trying again; nothing is lost.";
}

let source; // the stream of news that is listened to

/** Hear of news from `url`, and no longer from where they came from before. */
export function listen(url) {
  let waiting = 0;
  source?.close();
  const mine = (source = new EventSource(url));
  mine.addEventListener("change", () => {
    connected(true);
    if (!waiting) {
      waiting = setTimeout(() => {
        waiting = 0;
        refreshAll();
      }, calm * (1 + Math.random()));
    }
  });
  mine.addEventListener("error", () => {
    if (mine !== source) return;
    connected(false);
    if (mine.readyState === EventSource.CLOSED)
      setTimeout(() => mine === source && listen(url), 3000 + Math.random() * 2000);
  });
}

function askFirst(event) {
  const words = event.target.dataset.confirm;
  if (words && !globalThis.confirm(words)) event.preventDefault();
}

async function copy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const from = document.getElementById(button.dataset.copy);
  const text = from.href ?? from.value ?? from.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  } catch {
    getSelection().selectAllChildren(from);
  }
}

function enterByCode() {
  const field = document.querySelector("[data-code]");
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!field || !code) return;
  history.replaceState(null, "", location.pathname);
  field.value = code;
  field.form.submit();
}

showTimes(document);
countDown();
setInterval(countDown, 1000);
document.addEventListener("submit", askFirst);
document.addEventListener("click", copy);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-chooses]")) event.target.form.requestSubmit(document.querySelector("[data-choose]"));
});
for (const each of document.querySelectorAll("[data-choose]")) each.hidden = true;
enterByCode();
addEventListener("hashchange", enterByCode);
if (document.body.dataset.events) listen(document.body.dataset.events);
