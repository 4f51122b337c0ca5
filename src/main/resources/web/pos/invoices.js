// Invoices behind sales: for wallets and cards of other issuers. The invoice says when it is paid.
import { $, base, currency, hint, text } from "./page.js";
import { Unanswered, Unsent, call, insist, page, pause } from "./api.js";
import { drop, isKept, keep } from "./kept.js";
import { remove, tell } from "./notices.js";
import { approved, awaitTap, declined, isAtCounter, seen } from "./sale.js";

const POLL_MS = 1500;
const LATE_POLL_MS = 5000; // one look at any of the invoices whose sale has ended
const LATE_S = 600; // a closed invoice is looked at so long after its expiry
const ISSUER_MS = 30_000; // the gateway gives an issuer twenty seconds

let following = 0;

/** One for the whole sale: it can be paid once, by whoever comes first. */
export function invoiceOf(its) {
  its.invoice ??= insist("POST", `${base}/invoices`, { amount: its.price, currency }, { over: () => !isAtCounter(its) })
    .catch((failure) => {
      its.invoice = null;
      throw failure;
    });
  return its.invoice;
}

/** A card of another issuer is asked to pay an invoice. */
export async function askIssuer(its, tap, pin) {
  const { id } = await invoiceOf(its).catch((failure) => {
    throw failure instanceof Unanswered ? new Unsent() : failure; // whoever has the card was not asked
  });
  if (!isAtCounter(its)) return;
  hint(text("pos.wait"));
  follow(its, id);
  try {
    const body = pin ? { link: tap, pin } : { link: tap };
    await call("POST", `${base}/invoices/${id}/lnurl-withdraw`, body, { within: ISSUER_MS });
  } catch (failure) {
    if (!(failure instanceof Unanswered)) throw failure;
    if (isAtCounter(its)) hint(text("pos.silent")); // nobody knows: the invoice tells
  }
  if (!isAtCounter(its)) return;
  $("pinform").hidden = true;
  $("link").hidden = false;
  if (!its.followed) declined(its, text("pos.declined"), text("decline.invoice-not-payable")); // it ended meanwhile
}

/** Shows an invoice's code to wallets; fails where the gateway has none to show. */
export async function offer(its, id) {
  const path = `/i/${encodeURIComponent(id)}`;
  const answer = await page(`${path}?fragment=1`);
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  if (!isAtCounter(its) || its.paid) return; // nobody has seen it
  const picture = answer.ok && part.content.querySelector(".code svg");
  if (!picture) throw new Unsent();
  $("code").replaceChildren(picture);
  $("code").href = path;
  $("code").hidden = false;
  follow(its, id);
}

/** Closes the invoice of a sale that has ended or was paid by card, unless a payment of it was seen. */
export async function withdraw(its) {
  const asked = its.invoice;
  if (!asked || its.withdrawn) return;
  its.withdrawn = true;
  try {
    const { id } = await asked;
    remember(its, id);
    await insist("POST", `/api/v1/invoices/${id}/cancel`, null, { by: its.key });
  } catch {
    // it was not made, it is paid, or nobody knows: then it expires
  }
}

/** Looks at a sale's invoice until it is decided, longer than the sale lasts: money may be on its way. */
export async function follow(its, id) {
  if (its.followed) return;
  its.followed = true;
  remember(its, id);
  following++;
  do await pause(isAtCounter(its) ? POLL_MS : LATE_POLL_MS * following);
  while (!await look(its, id).catch(() => false));
  following--;
  drop(id);
  if (its.note) remove(its.note);
  its.followed = false;
  its.invoice = null; // another try needs another
}

/** Keeps what a page that is opened again must know of it. */
function remember(its, id) {
  if (!its.followed) return;
  const { amount, cancelled, withdrawn, paid } = its;
  keep({ id, kind: "invoice", amount, cancelled, withdrawn, paid, seen: its.seen });
}

/** Whether the invoice is decided, or another page of this terminal has told of it. */
async function look(its, id) {
  const response = await page(`/i/${encodeURIComponent(id)}/status`);
  if (response.status === 404 || (its.resumed && !isKept(id))) return true;
  if (!response.ok) return false;
  const { status, settled, expirationTime } = await response.json();
  if (its.withdrawn && status === "Invalid") {
    if (its.seen) unseen(its, id, status);
    return late(its, id, settled) || Date.now() / 1000 > expirationTime + LATE_S;
  }
  if (status === "Settled") approved(its, id);
  else if (status === "Processing") noticed(its, id);
  else unseen(its, id, status);
  return status !== "New" && status !== "Processing";
}

/** Whether money came for an invoice that is not valid: what is seen and not settled is none. */
function late(its, id, settled) {
  const came = Number(settled) > 0;
  if (came) tell(its, "came", id, settled);
  return came;
}

function noticed(its, id) {
  const before = its.seen;
  seen(its);
  if (its.seen !== before) remember(its, id);
}

/** Not paid, or not any more. */
function unseen(its, id, status) {
  if (its.paid) return; // by a card meanwhile
  const before = its.seen;
  its.seen = false;
  if (!isAtCounter(its) && before) tell(its, "lost", id);
  else if (status === "New" && isAtCounter(its) && before) awaitTap();
  else if (status !== "New" && !its.busy) declined(its, text("pos.declined"), text("decline.invoice-not-payable"));
  if (before) remember(its, id);
}
