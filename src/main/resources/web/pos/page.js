// The page itself: its texts, its screens, and amounts, which are whole smallest units throughout.
export const root = document.getElementById("pos");
export const texts = JSON.parse(root.dataset.texts);
export const language = document.documentElement.lang;
export const currency = root.dataset.currency;
export const terminal = root.dataset.terminal;
export const base = `/api/v1/stores/${root.dataset.store}`;
export const charges = `${base}/terminals/${terminal}/charges`;
const decimals = Number(root.dataset.decimals);
const SCREENS = ["setup", "keypad", "pay", "result"];
const SETTLE_MS = 400; // the second of two taps was meant for what stood there before

let changedAt = -SETTLE_MS;
let settling = 0;

export const $ = (id) => document.getElementById(id);
export const text = (name) => texts[name] ?? name;
export const hint = (words) => { $("hint").textContent = words; };

/** A button of the page's kind that says something. */
export function button(words, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = words;
  made.addEventListener("click", pressed);
  return made;
}

/** Whole smallest units as the API takes and people read them. */
export function decimal(units) {
  const padded = units.toString().padStart(decimals + 1, "0");
  return decimals === 0 ? padded : `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

export function shown(units) {
  const [whole, part] = decimal(units).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${part === undefined ? grouped : `${grouped}.${part}`} ${currency}`;
}

export function show(screen) {
  for (const id of SCREENS) $(id).hidden = id !== screen;
  settle();
}

/** What stands on the page has changed: taps are taken again once people have had the time to see it. */
export function settle() {
  changedAt = performance.now();
  root.classList.add("fresh");
  clearTimeout(settling);
  settling = setTimeout(() => root.classList.remove("fresh"), SETTLE_MS);
}

/** Keys click with neither detail nor pointer: who uses them has the focus before them. */
function early(event) {
  if ((event.detail === 0 && !event.pointerType) || event.timeStamp - changedAt >= SETTLE_MS) return;
  event.preventDefault();
  event.stopPropagation();
}

root.addEventListener("click", early, true);
