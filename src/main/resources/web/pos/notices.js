// What came of sales that are not at the counter: it stays until somebody has read it, also over a reload.
import { $, button, settle, text } from "./page.js";
import { newKey } from "./api.js";
import { drop, keep } from "./kept.js";
import { list } from "./charges.js";

const UNEXPECTED = ["paid", "twice", "came"]; // somebody must give this back

export function tell(its, what, invoice = null, bitcoin = "") {
  const notice = { id: newKey(), kind: "notice", what, amount: its.amount, invoice, bitcoin };
  keep(notice);
  put(notice);
  if (!$("keypad").hidden) list();
}

/** Puts a notice on the page. */
export function put({ id, what, amount, invoice, bitcoin }) {
  const words = sentence(what, amount, bitcoin);
  if (UNEXPECTED.includes(what)) words.append(" ", text(invoice ? "pos.late.invoice" : "pos.late.charge"));
  if (invoice) words.append(" ", linkTo(invoice));
  const note = box(what, words);
  note.append(button(text("pos.late.read"), () => {
    drop(id);
    remove(note);
  }));
}

/** Says how a sale stands that is still open, until it is removed; {@code close} ends it where that can be. */
export function pending(its, what, invoice, close) {
  const words = sentence(what, its.amount);
  if (invoice) words.append(" ", linkTo(invoice));
  const note = box("open", words);
  if (close) note.append(button(text("pos.late.close"), close));
  return note;
}

/** Takes a notice off; the next one moves to where it was, and the focus with it. */
export function remove(note) {
  const focused = note.contains(document.activeElement);
  const next = note.nextElementSibling ?? note.previousElementSibling;
  note.remove();
  settle();
  if (focused) (next?.querySelector("button") ?? $("keypad")).focus();
}

function box(kind, words) {
  const note = document.createElement("div");
  note.className = kind;
  note.append(words);
  $("late").append(note);
  settle();
  return note;
}

function sentence(what, amount, bitcoin = "") {
  const words = document.createElement("p");
  words.textContent = text(`pos.late.${what}`).replace("{0}", amount).replace("{1}", bitcoin);
  return words;
}

function linkTo(invoice) {
  const to = document.createElement("a");
  to.href = `/i/${encodeURIComponent(invoice)}`;
  to.target = "_blank";
  to.rel = "noopener";
  to.textContent = invoice;
  return to;
}
