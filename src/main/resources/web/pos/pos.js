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
const LATE_POLL_MS = 5000; // one look at any of the invoices whose sale has ended
const LATE_S = 600; // a closed invoice is looked at so long after its expiry

const $ = (id) => document.getElementById(id);
let digits = "";
let sale = null; // the one at the counter: every answer is compared with it, because it may be of one that has ended
let following = 0;
let reader = null;

/** One ask for money; what is under way when it ends may still move some, which is told and never taken for another's. */
class Sale {
  constructor(due) {
    this.due = due;
    this.busy = false;
    this.tap = null; // that asks for its PIN
    this.invoice = null; // for wallets and cards of other issuers
    this.followed = false;
    this.key = key();
    this.withdrawn = false; // nobody is to pay its invoice any more
    this.seen = false; // the page said that a payment is not confirmed yet
    this.paid = false;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
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

async function call(method, path, body, requestKey, by = key()) {
  const headers = { Authorization: `token ${by}` };
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

/** The same request until it is answered or its sale has ended: its key makes sure that it counts once. */
async function insist(method, path, body, its = null, by = key()) {
  const over = () => its !== null && its !== sale;
  const requestKey = crypto.randomUUID();
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(method, path, body, requestKey, by);
    } catch (failure) {
      if (failure instanceof Refused || attempt >= RETRIES_MAX || over()) throw failure;
      if (its) $("hint").textContent = text("pos.again");
      await pause(RETRY_MS * attempt);
      if (over()) throw failure; // asked again it might take money that nobody asks for any more
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
  const due = price + (price * tip) / 100n;
  $("amount").textContent = shown(due);
  $("ask").disabled = due === 0n;
  return due;
}

function serve(next) {
  if (sale) withdraw(sale);
  sale = next;
  root.setAttribute("aria-busy", "false");
}

function keypad() {
  serve(null);
  digits = "";
  document.querySelector("[name=tip][value='0']").checked = true;
  total();
  show("keypad");
  list();
}

function ask() {
  serve(new Sale(total()));
  $("code").hidden = true;
  $("qr").hidden = false;
  awaitTap();
}

function awaitTap() {
  $("due").textContent = shown(sale.due);
  $("hint").textContent = text("pos.tap");
  $("pinform").hidden = true;
  $("link").hidden = false;
  $("tapped").value = "";
  $("nfc").hidden = !("NDEFReader" in globalThis) || reader !== null;
  show("pay");
  $("tapped").focus();
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

async function charge(tap, pin) {
  const its = sale;
  if (!its || its.busy) return;
  busy(its, true);
  try {
    if (isOurs(tap)) await own(its, tap, pin);
    else await foreign(its, tap, pin);
  } catch (failure) {
    failed(its, tap, failure);
  } finally {
    busy(its, false);
  }
}

function busy(its, yes) {
  its.busy = yes;
  if (its === sale) root.setAttribute("aria-busy", String(yes));
}

async function own(its, tap, pin) {
  const body = { amount: decimal(its.due), currency, tap };
  if (pin) body.pin = pin;
  let answer;
  try {
    answer = await insist("POST", charges, body, its);
  } catch (failure) {
    if (its !== sale && !(failure instanceof Refused)) tell(its, "unknown");
    throw failure;
  }
  if (answer.approved) approved(its);
  else if (answer.reason === "pin-required" || answer.reason === "pin-wrong") askPin(its, tap, answer);
  else declined(its, text("pos.declined"), text(`decline.${answer.reason}`));
}

/** A card of another issuer is asked to pay an invoice; the invoice says when it has. */
async function foreign(its, tap, pin) {
  const { id } = await invoiceOf(its);
  if (its !== sale) return; // nobody was asked to pay
  $("hint").textContent = text("pos.wait");
  follow(its, id);
  try {
    await call("POST", `${base}/invoices/${id}/lnurl-withdraw`, pin ? { link: tap, pin } : { link: tap });
  } catch (failure) {
    if (failure instanceof Refused) throw failure; // else nobody knows: the invoice tells
  }
  if (its === sale) $("pinform").hidden = true;
}

/** One for the whole sale: it can be paid once, by whoever comes first. */
function invoiceOf(its) {
  its.invoice ??= insist("POST", `${base}/invoices`, { amount: decimal(its.due), currency }, its)
    .catch((failure) => {
      its.invoice = null;
      throw failure;
    });
  return its.invoice;
}

/** Closes the invoice of a sale that has ended or was paid by card, unless a payment of it was seen. */
async function withdraw(its) {
  const asked = its.invoice;
  if (!asked || its.withdrawn) return;
  its.withdrawn = true;
  try {
    const { id } = await asked;
    await insist("POST", `/api/v1/invoices/${id}/cancel`, null, null, its.key);
  } catch {
    // it was not made, it is paid, or nobody knows: then it expires
  }
}

function failed(its, tap, failure) {
  if (failure.noKey && its === sale) setup(failure.message);
  else if (failure.code === "pin-required") askPin(its, tap, { reason: "pin-required" });
  else if (failure instanceof Refused) declined(its, text("pos.declined"), failure.message);
  else declined(its, text("pos.unknown"), text("pos.unknown.text"));
}

function askPin(its, tap, answer) {
  if (its !== sale || its.seen || its.paid) return;
  its.tap = tap;
  $("pin").value = "";
  $("link").hidden = true;
  $("qr").hidden = true;
  $("pinform").hidden = false;
  $("hint").textContent = answer.reason === "pin-wrong"
    ? `${text("decline.pin-wrong")} (${answer.pinTriesLeft ?? 0})` : text("decline.pin-required");
  $("pin").focus();
}

/** Money came: for the sale at the counter, or for one that has ended, or once more. */
function approved(its, invoice = null) {
  const again = its.paid;
  its.paid = true;
  if (invoice) its.withdrawn = true; // it is paid: nothing is left to close
  else withdraw(its);
  if (its === sale && !again) verdict("approved", text("pos.approved"), shown(its.due));
  else tell(its, again ? "twice" : its.seen ? "confirmed" : "paid", invoice);
}

function declined(its, headline, detail) {
  if (its === sale && !its.seen && !its.paid) verdict("declined", headline, detail);
}

function verdict(kind, headline, detail) {
  $("result").className = kind;
  $("verdict").textContent = headline;
  $("detail").textContent = detail;
  show("result");
  $("next").focus();
}

/** An invoice for wallets; the page hears by itself when it is paid. */
async function code() {
  const its = sale;
  $("qr").hidden = true;
  try {
    const { id } = await invoiceOf(its);
    const path = `/i/${encodeURIComponent(id)}`;
    const page = await fetch(`${path}?fragment=1`, { cache: "no-store" });
    const part = document.createElement("template");
    part.innerHTML = await page.text();
    if (its !== sale || its.paid) return; // nobody has seen it
    const picture = part.content.querySelector(".code svg");
    if (picture) {
      $("code").replaceChildren(picture);
      $("code").href = path;
      $("code").hidden = false;
    }
    follow(its, id);
  } catch (failure) {
    if (failure.noKey && its === sale) setup(failure.message);
    else declined(its, text("pos.declined"), failure.message);
  }
}

/** Looks at a sale's invoice until it is decided, longer than the sale lasts: money may be on its way. */
async function follow(its, id) {
  if (its.followed) return;
  its.followed = true;
  following++;
  do await pause(its === sale ? POLL_MS : LATE_POLL_MS * following);
  while (!await look(its, id).catch(() => false));
  following--;
}

/** Whether the invoice is decided. */
async function look(its, id) {
  const response = await fetch(`/i/${encodeURIComponent(id)}/status`, { cache: "no-store" });
  if (!response.ok) return false;
  const { status, settled, expirationTime } = await response.json();
  if (its.withdrawn && status === "Invalid") {
    if (its.seen) unseen(its, id, status);
    return late(its, id, settled) || Date.now() / 1000 > expirationTime + LATE_S;
  }
  if (status === "Settled") approved(its, id);
  else if (status === "Processing") seen(its);
  else unseen(its, id, status);
  return status !== "New" && status !== "Processing";
}

/** Whether money came for an invoice that is not valid: what is seen and not settled is none. */
function late(its, id, settled) {
  const came = Number(settled) > 0;
  if (came) tell(its, "came", id, settled);
  return came;
}

/** Covered by a payment on chain that its payer can still replace: no reason to hand anything over. */
function seen(its) {
  if (its !== sale || its.seen || its.paid) return;
  its.seen = true;
  verdict("seen", text("pos.seen"), `${shown(its.due)}\n${text("pos.seen.text")}`);
}

/** Not paid, or not any more. */
function unseen(its, id, status) {
  if (its.paid) return; // by a card meanwhile
  const before = its.seen;
  its.seen = false;
  if (its !== sale && before) tell(its, "lost", id);
  else if (status !== "New") declined(its, text("pos.declined"), text("decline.invoice-not-payable"));
  else if (its === sale && before) awaitTap();
}

/** What came of a sale that is not at the counter stays on the page until somebody has read it. */
function tell(its, what, invoice = null, bitcoin = "") {
  const note = document.createElement("div");
  note.className = what;
  const words = document.createElement("p");
  words.textContent = text(`pos.late.${what}`).replace("{0}", shown(its.due)).replace("{1}", bitcoin);
  if (what === "paid" || what === "twice" || what === "came") words.append(" ", text(invoice ? "pos.late.invoice" : "pos.late.charge"));
  if (invoice) words.append(" ", linkTo(invoice));
  const read = document.createElement("button");
  read.type = "button";
  read.className = "button";
  read.textContent = text("pos.late.read");
  read.addEventListener("click", () => note.remove());
  note.append(words, read);
  $("late").append(note);
  if (!$("keypad").hidden) list();
}

function linkTo(invoice) {
  const to = document.createElement("a");
  to.href = `/i/${encodeURIComponent(invoice)}`;
  to.target = "_blank";
  to.textContent = invoice;
  return to;
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
  serve(null);
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
$("pinform").addEventListener("submit", (event) => { event.preventDefault(); charge(sale.tap, $("pin").value); });
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
