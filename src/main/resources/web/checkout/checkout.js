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
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${left.dataset.left}`;
}

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
tick();
setInterval(tick, 1000);
