// A terminal in the browser: keypad, tap or QR code, verdict, last charges. Amounts are whole smallest units throughout.
const root = document.getElementById("pos");
const texts = JSON.parse(root.dataset.texts);
const decimals = Number(root.dataset.decimals);
const currency = root.dataset.currency;
const base = `/api/v1/stores/${root.dataset.store}`;
const charges = `${base}/terminals/${root.dataset.terminal}/charges`;
const storeKey = `sluice-pos-${root.dataset.terminal}`;
const DIGITS_MAX = 12;
const RETRIES_MAX = 5;
const RETRY_MS = 1000;
const POLL_MS = 1500;

const $ = (id) => document.getElementById(id);
let digits = "";
let due = 0n;
let waiting = null; // the tap that asks for its PIN
let reader = null;
let watch = null;
let foreignInvoice = null; // what a card of another issuer was asked to pay

const key = () => localStorage.getItem(storeKey);
const text = (name) => texts[name] ?? name;

/** Whole smallest units as the API takes and people read them. */
function decimal(units) {
  const padded = units.toString().padStart(decimals + 1, "0");
  return decimals === 0 ? padded : `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

function shown(units) {
  const [whole, part] = decimal(units).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${part === undefined ? grouped : `${grouped}.${part}`} ${currency}`;
}

function show(...ids) {
  for (const id of ["setup", "keypad", "pay", "result"]) $(id).hidden = !ids.includes(id);
  $("last").hidden = !ids.includes("keypad") || !key();
}

async function call(method, path, body, requestKey) {
  const headers = { Authorization: `token ${key()}` };
  if (body) headers["Content-Type"] = "application/json";
  if (requestKey) headers["Idempotency-Key"] = requestKey;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  if (response.status === 401 || response.status === 403) throw new Refused(text("pos.key.wrong"), true);
  if (response.status >= 500 || response.status === 429) throw new Error(String(response.status));
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.message ?? answer[0]?.message ?? String(response.status), false, answer.code);
  return answer;
}

/** An answer that repeating does not change. */
class Refused extends Error {
  constructor(message, noKey = false, code = "") { super(message); this.noKey = noKey; this.code = code; }
}

/** The same request until it is answered: its key makes sure that it counts once. */
async function insist(method, path, body) {
  const requestKey = crypto.randomUUID();
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(method, path, body, requestKey);
    } catch (failure) {
      if (failure instanceof Refused || attempt >= RETRIES_MAX) throw failure;
      $("hint").textContent = text("pos.again");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt));
    }
  }
}

function press(name) {
  if (name === "back") digits = digits.slice(0, -1);
  else if ((digits + name).length <= DIGITS_MAX) digits = (digits + name).replace(/^0+/, "");
  total();
}

/** The price and its tip, which is rounded down to a whole smallest unit. */
function total() {
  const tip = BigInt(document.querySelector("[name=tip]:checked").value);
  const price = BigInt(digits || "0");
  due = price + (price * tip) / 100n;
  $("amount").textContent = shown(due);
  $("ask").disabled = due === 0n;
}

function keypad() {
  stopWaiting();
  digits = "";
  document.querySelector("[name=tip][value='0']").checked = true;
  total();
  show("keypad");
  list();
}

function ask() {
  waiting = null;
  foreignInvoice = null;
  $("due").textContent = shown(due);
  $("hint").textContent = text("pos.tap");
  $("pinform").hidden = true;
  $("link").hidden = false;
  $("code").hidden = true;
  $("qr").hidden = false;
  $("tapped").value = "";
  $("nfc").hidden = !("NDEFReader" in globalThis) || reader !== null;
  show("pay");
  $("tapped").focus();
}

function stopWaiting() {
  clearInterval(watch);
  watch = null;
}

/** One reader for as long as the page lives: a declined tap must not end the reading. */
async function listen() {
  const ndef = new globalThis.NDEFReader();
  ndef.addEventListener("reading", (event) => {
    const record = [...event.message.records].find((r) => r.recordType === "url" || r.recordType === "absolute-url");
    const link = record && new TextDecoder().decode(record.data);
    if (link && !$("pay").hidden && $("pinform").hidden) charge(link);
  });
  await ndef.scan();
  reader = ndef;
  $("nfc").hidden = true;
}

/** Whose card it is shows in its link. */
function isOurs(tap) {
  try { return new URL(tap.replace(/^lnurlw:/i, "https:")).host === location.host; } catch { return true; }
}

/** A card of another issuer is asked to pay an invoice; the invoice says when it has. */
async function foreign(tap, pin) {
  const invoice = foreignInvoice ?? await insist("POST", `${base}/invoices`, { amount: decimal(due), currency });
  foreignInvoice = invoice;
  $("hint").textContent = text("pos.wait");
  const body = pin ? { link: tap, pin } : { link: tap };
  try {
    await call("POST", `${base}/invoices/${invoice.id}/lnurl-withdraw`, body);
  } catch (failure) {
    if (failure instanceof Refused) throw failure; // else nobody knows: the invoice tells
  }
  clearInterval(watch);
  watch = setInterval(() => look(`/i/${encodeURIComponent(invoice.id)}`).catch(() => {}), POLL_MS);
}

async function charge(tap, pin) {
  if (root.getAttribute("aria-busy") === "true") return;
  root.setAttribute("aria-busy", "true");
  try {
    if (!isOurs(tap)) {
      await foreign(tap, pin);
      return;
    }
    const body = { amount: decimal(due), currency, tap };
    if (pin) body.pin = pin;
    const answer = await insist("POST", charges, body);
    if (answer.reason === "pin-required" || answer.reason === "pin-wrong") askPin(tap, answer);
    else verdict(answer.approved, answer.approved ? text("pos.approved") : text("pos.declined"),
      answer.approved ? shown(due) : text(`decline.${answer.reason}`));
  } catch (failure) {
    if (failure.noKey) setup(failure.message);
    else if (failure.code === "pin-required") askPin(tap, { reason: "pin-required" });
    else verdict(false, text(failure instanceof Refused ? "pos.declined" : "pos.unknown"),
      failure instanceof Refused ? failure.message : text("pos.unknown.text"));
  } finally {
    root.setAttribute("aria-busy", "false");
  }
}

function askPin(tap, answer) {
  waiting = tap;
  $("pin").value = "";
  $("link").hidden = true;
  $("qr").hidden = true;
  $("pinform").hidden = false;
  $("hint").textContent = answer.reason === "pin-wrong"
    ? `${text("decline.pin-wrong")} (${answer.pinTriesLeft ?? 0})` : text("decline.pin-required");
  $("pin").focus();
}

function verdict(approved, headline, detail) {
  stopWaiting();
  $("result").className = approved ? "approved" : "declined";
  $("verdict").textContent = headline;
  $("detail").textContent = detail;
  show("result");
  $("next").focus();
}

/** An invoice for wallets; the page hears by itself when it is paid. */
async function code() {
  $("qr").hidden = true;
  try {
    const invoice = await insist("POST", `${base}/invoices`, { amount: decimal(due), currency });
    const path = `/i/${encodeURIComponent(invoice.id)}`;
    const page = await fetch(`${path}?fragment=1`, { cache: "no-store" });
    const part = document.createElement("template");
    part.innerHTML = await page.text();
    const picture = part.content.querySelector(".code svg");
    if (picture) {
      $("code").replaceChildren(picture);
      $("code").href = path;
      $("code").hidden = false;
    }
    watch = setInterval(() => look(path).catch(() => {}), POLL_MS);
  } catch (failure) {
    verdict(false, text("pos.declined"), failure.message);
  }
}

async function look(path) {
  const response = await fetch(`${path}/status`, { cache: "no-store" });
  if (!response.ok || !watch) return;
  const status = (await response.json()).status;
  if (status === "Settled" || status === "Processing") verdict(true, text("pos.approved"), shown(due));
  else if (status === "Expired" || status === "Invalid") verdict(false, text("pos.declined"), status);
}

async function list() {
  if (!key()) return;
  try {
    const all = await call("GET", `${charges}?take=10`);
    $("last").querySelector("ul").replaceChildren(...all.map(line));
  } catch (failure) {
    if (failure.noKey) setup(failure.message);
  }
}

function line(charge) {
  const item = document.createElement("li");
  const amount = document.createElement("span");
  amount.textContent = `${charge.amount} ${charge.currency}`;
  const state = document.createElement("span");
  const left = charge.status === "Captured" && charge.captured !== charge.refunded;
  state.textContent = charge.status === "Captured" && !left ? text("pos.refunded")
    : charge.status === "Declined" ? text(`decline.${charge.reason}`) : text(`pos.${charge.status.toLowerCase()}`);
  item.append(amount, state);
  if (left) item.append(refundButton(charge));
  return item;
}

/** The second press of the button means it. */
function refundButton(charge) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = text("pos.refund");
  button.addEventListener("click", async () => {
    if (button.dataset.sure !== "yes") {
      button.dataset.sure = "yes";
      button.textContent = text("pos.refund.sure");
      return;
    }
    button.disabled = true;
    try {
      await insist("POST", `${base}/charges/${charge.id}/refund`, {});
      await list();
    } catch (failure) {
      button.textContent = failure.message;
    }
  });
  return button;
}

function setup(why) {
  localStorage.removeItem(storeKey);
  $("key").value = "";
  show("setup");
  if (why) $("setup").querySelector("small").textContent = why;
}

/** A key that came with the link leaves the address bar at once; it never reaches a server in a URL. */
function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) localStorage.setItem(storeKey, given);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
}

document.querySelectorAll("[data-key]").forEach((k) => k.addEventListener("click", () => press(k.dataset.key)));
document.querySelectorAll("[name=tip]").forEach((tip) => tip.addEventListener("change", total));
document.addEventListener("keydown", (event) => {
  if ($("keypad").hidden || event.target.matches("input:not([type=radio])")) return;
  if (/^\d$/.test(event.key)) press(event.key);
  else if (event.key === "Backspace") press("back");
});
$("ask").addEventListener("click", ask);
$("nfc").addEventListener("click", () => listen().catch((failure) => { $("hint").textContent = failure.message; }));
$("link").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("tapped").value.trim()) charge($("tapped").value.trim());
});
$("pinform").addEventListener("submit", (event) => { event.preventDefault(); charge(waiting, $("pin").value); });
$("qr").addEventListener("click", code);
$("cancel").addEventListener("click", keypad);
$("next").addEventListener("click", keypad);
$("forget").addEventListener("click", () => setup());
$("setup").addEventListener("submit", (event) => {
  event.preventDefault();
  localStorage.setItem(storeKey, $("key").value.trim());
  keypad();
});

takeKey();
if (key()) keypad();
else setup();
