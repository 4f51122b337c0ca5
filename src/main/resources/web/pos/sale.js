// The sale at the counter: a card is tapped or a code shown, and what comes of it is told of this sale alone.
import { $, charges, currency, hint, root, show, shown, decimal, text } from "./page.js";
import { Refused, Unanswered, Unsent, call, insist, key, newKey } from "./api.js";
import { drop, keep } from "./kept.js";
import { tell } from "./notices.js";
import { askIssuer, invoiceOf, offer, withdraw } from "./invoices.js";
import { setup } from "./keypad.js";

let sale = null; // every answer is compared with it, because it may be of one that has ended
let underWay = 0; // cards that are being asked, at the counter or not any more

export const isAtCounter = (its) => its === sale;
export const isUnderWay = () => underWay > 0;

/** One ask for money. What is under way when it ends may still move some: that is told, never taken for another's. */
export class Sale {
  constructor(price, amount) {
    this.price = price; // as the API takes it
    this.amount = amount; // as people read it
    this.key = key();
    this.busy = false;
    this.tap = null; // that asks for its PIN
    this.asked = null; // of a card of ours, as long as nobody knows what came of it
    this.invoice = null; // for wallets and cards of other issuers
    this.followed = false;
    this.retry = null; // what another try does, where there is one
    this.cancelled = false;
    this.resumed = false; // the page was opened again meanwhile
    this.withdrawn = false; // nobody is to pay its invoice any more
    this.seen = false; // the page said that a payment is not confirmed yet
    this.paid = false;
  }
}

/** Puts a sale at the counter, or none; the one before has ended. */
export function serve(next) {
  if (sale) end(sale);
  sale = next;
  root.setAttribute("aria-busy", "false");
}

function end(its) {
  its.cancelled = true;
  if (its.asked && its.busy) keepAsked(its); // its answer is still awaited
  else if (its.asked) drop(its.asked.requestKey);
  withdraw(its);
}

export function begin(due) {
  serve(new Sale(decimal(due), shown(due)));
  $("code").hidden = true;
  awaitTap();
}

/** Another card, or another look at the code, for what is asked already. */
export function awaitTap() {
  sale.retry = null;
  $("due").textContent = sale.amount;
  hint(text("pos.tap"));
  $("pinform").hidden = true;
  $("link").hidden = false;
  $("code").hidden ||= !sale.invoice;
  $("qr").hidden = !$("code").hidden;
  $("tapped").value = "";
  show("pay");
  $("tapped").focus();
}

/** Whether a card that is held to the reader now pays this sale. */
export function takesTap() {
  if (!sale || sale.busy) return false;
  return $("result").hidden ? !$("pay").hidden && $("pinform").hidden : sale.retry === awaitTap;
}

export function again() {
  sale?.retry?.();
}

export function charge(tap, pin) {
  const its = sale;
  if (!its || its.busy) return;
  if ($("pay").hidden) awaitTap();
  run(its, tap, () => (isOurs(tap) ? own(its, tap, pin) : askIssuer(its, tap, pin)));
}

export function chargeWithPin(pin) {
  if (sale?.tap) charge(sale.tap, pin);
}

/** Whose card it is shows in its link. */
function isOurs(tap) {
  try { return new URL(tap.replace(/^lnurlw:/i, "https:")).host === location.host; } catch { return true; }
}

async function run(its, tap, work) {
  busy(its, true);
  if (its === sale) hint(text("pos.charging"));
  try {
    await work();
  } catch (failure) {
    failed(its, tap, failure);
  } finally {
    busy(its, false);
  }
}

function busy(its, yes) {
  its.busy = yes;
  underWay += yes ? 1 : -1;
  if (its === sale) root.setAttribute("aria-busy", String(yes));
}

function own(its, tap, pin) {
  const body = { amount: its.price, currency, tap };
  if (pin) body.pin = pin;
  return askOwn(its, { body, requestKey: newKey(), doubt: false, at: Date.now() });
}

/** Asks a card of ours, for the first time or once more: by its request key it is charged once. */
export async function askOwn(its, asked) {
  its.asked = asked;
  keepAsked(its);
  const answer = await answerOf(its, asked);
  its.asked = null;
  drop(asked.requestKey);
  if (answer.approved) approved(its);
  else if (its.resumed && !its.cancelled) tell(its, "declined");
  else if (answer.reason === "pin-required" || answer.reason === "pin-wrong") askPin(its, asked.body.tap, answer);
  else declined(its, text("pos.declined"), text(`decline.${answer.reason}`));
}

async function answerOf(its, asked) {
  try {
    return await insist("POST", charges, asked.body, {
      requestKey: asked.requestKey,
      doubt: asked.doubt,
      by: its.key,
      over: () => its !== sale && !its.resumed,
      again: () => { if (its === sale) hint(text("pos.again")); },
    });
  } catch (failure) {
    asked.doubt = failure instanceof Unanswered;
    if (!asked.doubt) its.asked = null;
    if (!asked.doubt || its !== sale) drop(asked.requestKey);
    if (asked.doubt && its !== sale) tell(its, its.cancelled ? "unknown" : "doubt");
    throw failure;
  }
}

/** A PIN is not kept anywhere: what asked with one cannot be asked again by another page. */
function keepAsked(its) {
  const { requestKey, at, body: { pin, ...body } } = its.asked;
  keep({ id: requestKey, kind: "charge", amount: its.amount, cancelled: its.cancelled, at, body: pin ? null : body });
}

function failed(its, tap, failure) {
  if (failure.noKey && its === sale) setup(failure.message);
  else if (failure.code === "pin-required") askPin(its, tap, { reason: "pin-required" });
  else if (failure instanceof Refused) declined(its, headline(failure), failure.message);
  else if (failure instanceof Unsent) declined(its, text("pos.unsent"), text("pos.unsent.text"));
  else if (its === sale && !its.seen && !its.paid) doubtful(its);
}

const headline = (refused) => text(refused.ofCard ? "pos.declined" : "pos.unsent");

/** The only other try is the same request, which tells what came of it. */
function doubtful(its) {
  const { asked } = its;
  const retry = asked && (() => {
    awaitTap();
    run(its, asked.body.tap, () => askOwn(its, asked));
  });
  verdict("unknown", text("pos.unknown"), text("pos.unknown.text"), retry);
}

function askPin(its, tap, answer) {
  if (its !== sale || its.seen || its.paid) return;
  its.tap = tap;
  $("pin").value = "";
  $("link").hidden = true;
  $("qr").hidden = true;
  $("pinform").hidden = false;
  hint(answer.reason === "pin-wrong"
    ? `${text("decline.pin-wrong")} (${answer.pinTriesLeft ?? 0})` : text("decline.pin-required"));
  $("pin").focus();
}

/** Money came: for the sale at the counter, or for one that has ended, or once more. */
export function approved(its, invoice = null) {
  const twice = its.paid;
  const open = its.resumed && !its.cancelled && !its.withdrawn;
  its.paid = true;
  if (invoice) its.withdrawn = true; // it is paid: nothing is left to close
  else withdraw(its);
  if (its === sale && !twice) verdict("approved", text("pos.approved"), its.amount);
  else tell(its, twice ? "twice" : its.seen ? "confirmed" : open ? "resumed" : "paid", invoice);
}

/** Nothing was taken: the same sale may be tried again. */
export function declined(its, headline, detail) {
  if (its === sale && !its.seen && !its.paid) verdict("declined", headline, detail, awaitTap);
}

/** Covered by a payment on chain that its payer can still replace: no reason to hand anything over. */
export function seen(its) {
  if (its !== sale || its.seen || its.paid) return;
  its.seen = true;
  verdict("seen", text("pos.seen"), `${its.amount}\n${text("pos.seen.text")}`);
}

function verdict(kind, headline, detail, retry = null) {
  sale.retry = retry;
  $("result").className = kind;
  $("verdict").textContent = headline;
  $("detail").textContent = detail;
  $("retry").hidden = !retry;
  $("retry").textContent = text(kind === "unknown" ? "pos.ask.again" : "pos.retry");
  show("result");
  $(retry ? "retry" : "next").focus();
}

/** An invoice for wallets; the page hears by itself when it is paid. */
export async function code() {
  const its = sale;
  $("qr").hidden = true;
  try {
    const { id } = await invoiceOf(its);
    await offer(its, id);
  } catch (failure) {
    uncoded(its, failure);
  }
}

/** Nobody was asked for anything, so it can be tried again. */
function uncoded(its, failure) {
  if (its !== sale || its.paid || its.seen) return;
  if (failure.noKey) {
    setup(failure.message);
    return;
  }
  const said = failure instanceof Refused ? failure.message : text("pos.uncoded.text");
  if (its.busy || $("pay").hidden) { // a card is being asked meanwhile
    $("qr").hidden = false;
    hint(said);
  } else {
    verdict("uncoded", text(failure instanceof Refused ? "pos.unsent" : "pos.uncoded"), said, awaitTap);
  }
}
