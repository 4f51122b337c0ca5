// The amount, the terminal's key, and what the last charges were.
import { $, show, shown, text } from "./page.js";
import { forgetKey, key } from "./api.js";
import { list } from "./charges.js";
import { begin, serve } from "./sale.js";

const DIGITS_MAX = 12;

let digits = "";

export function press(name) {
  if (name === "back") digits = digits.slice(0, -1);
  else if ((digits + name).length <= DIGITS_MAX) digits = (digits + name).replace(/^0+/, "");
  total();
}

/** The price and its tip, which is rounded down to a whole smallest unit. */
export function total() {
  const tip = BigInt(document.querySelector("[name=tip]:checked").value);
  const price = BigInt(digits || "0");
  const due = price + (price * tip) / 100n;
  $("amount").textContent = shown(due);
  $("ask").disabled = due === 0n;
  return due;
}

export function keypad() {
  serve(null);
  digits = "";
  document.querySelector("[name=tip][value='0']").checked = true;
  total();
  show("keypad");
  $("last").hidden = !key();
  $("keypad").focus();
  list();
}

export function ask() {
  $("last").hidden = true;
  begin(total());
}

/** Asks for a key; {@code lost} says why the one before is none any more. */
export function setup(lost) {
  serve(null);
  forgetKey();
  $("key").value = "";
  $("last").hidden = true;
  show("setup");
  $("why").textContent = lost ?? text("pos.key.text");
  $("key").focus();
}
