// Keeps the invoice on the page current: server-sent events, polling where they fail; the server renders, this swaps.
const POLL_MS = 2000;
const GIVE_UP_EVENTS_AFTER = 3;

const invoice = () => document.getElementById("invoice");
let polling = null;
let failures = 0;

async function refresh() {
  const url = new URL(location.href);
  url.searchParams.set("fragment", "1");
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await response.text();
  const next = fresh.content.getElementById("invoice");
  if (!next || Number(next.dataset.version) <= Number(invoice().dataset.version)) return;
  invoice().replaceWith(next);
  tick();
  offerCard();
  if (next.dataset.redirect) setTimeout(() => location.assign(next.dataset.redirect), 1500);
}

function heard(version) {
  if (Number(version) > Number(invoice().dataset.version)) refresh();
}

async function poll() {
  const response = await fetch(`/i/${invoice().dataset.id}/status`, { cache: "no-store" });
  if (response.ok) heard((await response.json()).version);
}

function startPolling() {
  polling ??= setInterval(() => poll().catch(() => {}), POLL_MS);
}

function listen() {
  if (!("EventSource" in window)) return startPolling();
  const events = new EventSource(`/i/${invoice().dataset.id}/events`);
  events.addEventListener("status", (event) => { failures = 0; heard(event.lastEventId); });
  events.addEventListener("error", () => {
    if (++failures >= GIVE_UP_EVENTS_AFTER) { events.close(); startPolling(); }
  });
}

function tick() {
  const left = document.querySelector(".left");
  if (!left) return;
  const seconds = Math.max(0, Number(invoice().dataset.expires) - Math.floor(Date.now() / 1000));
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${left.dataset.left}`;
  left.textContent = seconds <= Number(left.dataset.from) ? clock : "";
}

// A payer's card, where the browser reads it (Web NFC); the server asks its issuer, because no page may.
const card = document.getElementById("card");
const said = document.getElementById("card-said");
const pinForm = document.getElementById("card-pin");
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
  said.textContent = card.dataset.wait;
  try {
    const response = await fetch(`/i/${invoice().dataset.id}/tap`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(pin ? { link, pin } : { link }),
    });
    if (response.ok) return;
    const problem = await response.json();
    pinForm.hidden = problem.code !== "pin-required" && problem.code !== "pin-wrong";
    said.textContent = pinForm.hidden ? `${card.dataset.refused} (${problem.message})` : "";
    if (!pinForm.hidden) document.getElementById("card-digits").focus();
  } catch {
    said.textContent = card.dataset.wait; // nobody knows: the invoice tells
  } finally {
    asking = false;
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
  said.textContent = card.dataset.tap;
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
  const label = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 1500);
});
// A page that comes back to the front may have slept through events.
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll().catch(() => {}); });

listen();
offerCard();
tick();
setInterval(tick, 1000);
