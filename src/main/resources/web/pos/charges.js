// The last charges of the terminal, and giving them back.
import { $, base, button, charges, text } from "./page.js";
import { Refused, Unanswered, call, insist, key, newKey } from "./api.js";
import { setup } from "./keypad.js";

const SURE_FROM_MS = 600; // two taps in one are no second thought
const SURE_UNTIL_MS = 6000;

export async function list() {
  if (!key()) return;
  try {
    const all = await call("GET", `${charges}?take=10`);
    $("last").querySelector("ul").replaceChildren(...all.map(line));
  } catch (failure) {
    if (failure.noKey) setup(failure.message);
    else if (failure instanceof Refused) $("last").querySelector("ul").replaceChildren(note("li", failure.message));
  }
}

function line(charge) {
  const item = document.createElement("li");
  item.append(note("span", amount(charge)), note("span", state(charge)));
  if (charge.status === "Captured" && charge.captured !== charge.refunded) item.append(refundButton(charge));
  return item;
}

function note(kind, words) {
  const made = document.createElement(kind);
  made.textContent = words;
  return made;
}

const isPart = (charge) => charge.status === "Captured" && charge.captured !== charge.cardAmount;

/** What was paid; a part of what was reserved is told as the card counts it. */
function amount(charge) {
  return isPart(charge) ? `${charge.captured} ${charge.cardCurrency}` : `${charge.amount} ${charge.currency}`;
}

function state(charge) {
  if (charge.status === "Declined") return text(`decline.${charge.reason}`);
  if (charge.status !== "Captured") return text(`pos.${charge.status.toLowerCase()}`);
  if (charge.captured === charge.refunded) return text("pos.refunded");
  const paid = isPart(charge)
    ? text("pos.captured.part").replace("{0}", `${charge.amount} ${charge.currency}`) : text("pos.captured");
  const given = text("pos.refunded.part").replace("{0}", `${charge.refunded} ${charge.cardCurrency}`);
  return /[1-9]/.test(charge.refunded) ? `${paid}\n${given}` : paid;
}

/** The second press of the button means it, neither too soon nor when everybody has forgotten the first. */
function refundButton(charge) {
  const requestKey = newKey();
  let asked = -Infinity;
  let lapse = 0;
  const question = (event) => {
    asked = event.timeStamp;
    refund.textContent = text("pos.refund.sure");
    refund.classList.add("fresh");
    setTimeout(() => refund.classList.remove("fresh"), SURE_FROM_MS);
    lapse = setTimeout(() => { refund.textContent = text("pos.refund"); }, SURE_UNTIL_MS);
  };
  const refund = button(text("pos.refund"), async (event) => {
    const after = event.timeStamp - asked;
    if (after < SURE_FROM_MS) return;
    if (after >= SURE_UNTIL_MS) { question(event); return; }
    clearTimeout(lapse);
    refund.disabled = true;
    try {
      await insist("POST", `${base}/charges/${charge.id}/refund`, {}, { requestKey });
      await list();
    } catch (failure) {
      refund.replaceWith(note("small", refusal(failure)));
    }
  });
  return refund;
}

function refusal(failure) {
  if (failure instanceof Refused) return failure.message;
  return text(failure instanceof Unanswered ? "pos.refund.unknown" : "pos.refund.unsent");
}
