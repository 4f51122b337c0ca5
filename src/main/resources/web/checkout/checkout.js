// Keeps the invoice on the page current: server-sent events, looks where they may fail; the server renders, this swaps.
const BEAT_MS = 2000;
const REOPEN_BEATS = 5; // after a stream that the browser gave up, as it does at any answer but 200
const BESIDE_BEATS = 10; // between looks beside a stream that tells: a proxy may hold its next event back
const ANSWER_MS = 10000;

const invoice = () => document.getElementById("invoice");
const shown = () => Number(invoice().dataset.version);
const isFinal = () => invoice().dataset.final === "true";
let wanted = shown(); // the newest version that was heard of
let ahead = clockAhead();
let events = null;
let told = false; // the stream has told something since it was opened: a proxy may answer in its place and go silent
let silent = 0; // beats since something was heard
let closed = 0; // beats since the browser gave the stream up

function ask(url) {
  return fetch(url, { cache: "no-store", signal: globalThis.AbortSignal?.timeout?.(ANSWER_MS) });
}

/** One at a time; what fails, or is asked meanwhile, the next beat asks again. */
function alone(work) {
  let busy = false;
  return async () => {
    if (busy) return false;
    busy = true;
    try { return await work(); } catch { return false; } finally { busy = false; }
  };
}

/** Whether a newer one is on the page now. */
const renew = alone(async () => {
  const url = new URL(location.href);
  url.searchParams.set("fragment", "1");
  const response = await ask(url);
  if (!response.ok) return false;
  const fresh = document.createElement("template");
  fresh.innerHTML = await response.text();
  const next = fresh.content.getElementById("invoice");
  if (!next || Number(next.dataset.version) <= shown()) return false;
  show(next);
  return true;
});

async function refresh() {
  if (await renew() && wanted > shown()) refresh();
}

/** Fills the page with the next state. What tells it stays, or no screen reader would hear that it changed. */
function show(next) {
  const main = invoice();
  const state = main.querySelector(".state");
  const focused = document.activeElement ?? document.body;
  const place = sign(focused);
  main.className = next.className;
  Object.assign(main.dataset, next.dataset);
  const news = next.querySelector(".state");
  if (news.innerHTML !== state.innerHTML) state.replaceChildren(...news.childNodes);
  news.remove();
  [...main.childNodes].filter((node) => node !== state).forEach((node) => node.remove());
  state.after(...next.childNodes);
  ahead = clockAhead();
  follow();
  tick();
  offerCard();
  if (!focused.isConnected || focused.closest("[hidden]")) {
    ([...main.querySelectorAll("a, button, input")].find((other) => sign(other) === place) ?? state).focus();
  }
  if (next.dataset.redirect) setTimeout(() => location.assign(next.dataset.redirect), 1500);
}

/** What makes a place for the focus the same on the next page. */
function sign(element) {
  const { tagName, id, className, dataset, textContent } = element;
  return [tagName, id, className, dataset.copy ?? textContent.trim()].join("|");
}

function heard(version) {
  silent = 0;
  wanted = Math.max(wanted, Number(version));
  if (wanted > shown()) refresh();
}

const look = alone(async () => {
  const response = await ask(`/i/${invoice().dataset.id}/status`);
  if (response.ok) heard((await response.json()).version);
});

function listen() {
  events = new EventSource(`/i/${invoice().dataset.id}/events`);
  closed = 0;
  events.addEventListener("status", (event) => { told = true; heard(event.lastEventId); });
  events.addEventListener("error", () => { told = false; });
}

function hush() {
  events?.close();
  events = null;
  told = false;
}

/** A stream only while there is something to hear and somebody to see it: a browser has six connections for us. */
function follow() {
  if (isFinal() || document.hidden) hush();
  else if (!events && "EventSource" in window) listen();
}

function beat() {
  if (document.hidden) return;
  silent++;
  if (wanted > shown()) refresh();
  else if (!isFinal() && (!told || silent >= BESIDE_BEATS)) look();
  if (events?.readyState === EventSource.CLOSED && ++closed >= REOPEN_BEATS) hush();
  follow();
}

/** How far this device's clock is ahead of the gateway's: people set theirs by hand. */
function clockAhead() {
  return Date.now() - Number(invoice().dataset.now);
}

function tick() {
  const left = document.querySelector(".left");
  if (!left) return;
  const seconds = Math.max(0, Number(invoice().dataset.expires) - Math.floor((Date.now() - ahead) / 1000));
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${left.dataset.left}`;
  left.textContent = seconds <= Number(left.dataset.from) ? clock : "";
}

// A payer's card, where the browser reads it (Web NFC); the server asks its issuer, because no page may.
const card = document.getElementById("card");
const said = document.getElementById("card-said");
const pinForm = document.getElementById("card-pin");
const texts = JSON.parse(card.dataset.texts);
let reader = null;
let tapped = null;
let asking = false;

function offerCard() {
  card.hidden = !("NDEFReader" in globalThis) || !invoice().querySelector("a.code");
}

async function payByCard(link, pin) {
  if (asking || card.hidden) return;
  asking = true;
  tapped = link;
  pinForm.hidden = true;
  said.textContent = texts["tap.wait"];
  const offline = !navigator.onLine;
  try {
    const response = await fetch(`/i/${invoice().dataset.id}/tap`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(pin ? { link, pin } : { link }),
    });
    if (!response.ok) declined(response.status, await response.json().catch(() => ({})));
  } catch {
    said.textContent = texts[offline ? "tap.offline" : "tap.unknown"];
  } finally {
    asking = false;
  }
}

/** A refusal is the gateway's word. An error is nobody's: the card's issuer may have been asked, the invoice tells. */
function declined(status, { code, message }) {
  const known = texts[`tap.refused.${code}`] ?? texts[`decline.${code}`]; // the gateway's refusals, and cards'
  pinForm.hidden = code !== "pin-required" && code !== "pin-wrong";
  if (!pinForm.hidden) {
    said.textContent = code === "pin-wrong" ? known : "";
    document.getElementById("card-digits").focus();
  } else if (status >= 500 && !known) {
    said.textContent = texts["tap.unknown"];
  } else {
    const why = known ?? (document.documentElement.lang === "en" ? message : null); // others' words are English
    said.textContent = why ? `${texts["tap.refused"]} (${why})` : texts["tap.refused"];
  }
}

document.getElementById("card-start").addEventListener("click", async () => {
  if (!reader) {
    reader = new globalThis.NDEFReader();
    reader.addEventListener("reading", (event) => {
      const record = [...event.message.records].find((r) => r.recordType === "url" || r.recordType === "absolute-url");
      const link = record && new TextDecoder().decode(record.data);
      if (link) payByCard(link);
    });
    try { await reader.scan(); } catch { reader = null; card.hidden = true; return; }
  }
  said.textContent = texts["tap.hold"];
});

pinForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const digits = document.getElementById("card-digits");
  payByCard(tapped, digits.value);
  digits.value = "";
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
  button.dataset.label ??= button.textContent; // pressed again it says that it has copied
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = button.dataset.label; }, 1500);
});
// A page that comes back to the front has slept through events, also of money that came late.
document.addEventListener("visibilitychange", () => {
  follow();
  if (!document.hidden) look();
});

follow();
offerCard();
tick();
setInterval(beat, BEAT_MS);
setInterval(tick, 1000);
