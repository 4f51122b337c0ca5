// What a page before this one left open: its notices are shown again, its sales are followed to their end.
import { key, pause } from "./api.js";
import { all, drop, isKept } from "./kept.js";
import { pending, put, remove, tell } from "./notices.js";
import { follow, withdraw } from "./invoices.js";
import { Sale, askOwn } from "./sale.js";

const ASK_WITHIN_MS = 60_000; // a tap lives so long: later nobody stands before the till who wants to pay by it
const ANSWER_MS = 1500; // another page of this terminal may hear the answer itself

export function resume() {
  for (const entry of all()) {
    if (entry.kind === "notice") put(entry);
    else if (entry.kind === "invoice") invoice(entry);
    else charge(entry);
  }
}

function saleOf(entry) {
  const its = new Sale(null, entry.amount);
  its.resumed = true;
  its.cancelled = entry.cancelled;
  return its;
}

function invoice(entry) {
  const its = saleOf(entry);
  its.paid = entry.paid;
  its.seen = entry.seen;
  its.invoice = Promise.resolve({ id: entry.id });
  follow(its, entry.id);
  if (its.cancelled || its.paid || entry.withdrawn) withdraw(its); // once more: the answer may have been lost
  else if (its.seen) its.note = pending(its, "seen", entry.id);
  else its.note = pending(its, "open", entry.id, () => {
    remove(its.note);
    withdraw(its);
  });
}

/** Asks what came of a charge by asking for it again, which charges once at most. */
async function charge(entry) {
  const its = saleOf(entry);
  const note = pending(its, "asking");
  await pause(ANSWER_MS);
  if (isKept(entry.id)) await ask(its, entry).catch(() => {}); // it was told
  remove(note);
}

async function ask(its, entry) {
  if (entry.body && key() && Date.now() - entry.at < ASK_WITHIN_MS) {
    await askOwn(its, { body: entry.body, requestKey: entry.id, doubt: true, at: entry.at });
  } else {
    drop(entry.id);
    tell(its, its.cancelled ? "unknown" : "doubt");
  }
}
