// A terminal in the browser: keypad, tap or QR code, verdict, last charges. What each part does is in its module.
import { $, hint, text } from "./pos/page.js";
import { key, setKey } from "./pos/api.js";
import { again, charge, chargeWithPin, code, isUnderWay, takesTap } from "./pos/sale.js";
import { ask, keypad, press, setup, total } from "./pos/keypad.js";
import { resume } from "./pos/resume.js";

/** One reader for as long as the page lives: a declined tap must not end the reading. */
async function listen() {
  const ndef = new globalThis.NDEFReader();
  ndef.addEventListener("reading", (event) => {
    const record = [...event.message.records].find((r) => r.recordType === "url" || r.recordType === "absolute-url");
    const link = record && new TextDecoder().decode(record.data);
    if (link && takesTap()) charge(link);
  });
  await ndef.scan();
  $("nfc").hidden = true;
}

/** A key that came with the link leaves the address bar at once; it never reaches a server in a URL. */
function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) setKey(given);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
}

/** Digits of a keyboard, but no shortcut of the browser's. */
function typed(event) {
  if ($("keypad").hidden || event.target.matches("input:not([type=radio])")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^\d$/.test(event.key)) press(event.key);
  else if (event.key === "Backspace") press("back");
}

/** What a form does in place of a request of the browser's. */
const onSubmit = (form, act) => $(form).addEventListener("submit", (event) => {
  event.preventDefault();
  act();
});

document.querySelectorAll("[data-key]").forEach((k) => k.addEventListener("click", () => press(k.dataset.key)));
document.querySelectorAll("[name=tip]").forEach((tip) => tip.addEventListener("change", total));
document.addEventListener("keydown", typed);
addEventListener("beforeunload", (event) => {
  if (isUnderWay()) event.returnValue = true; // also where preventDefault is not enough
});
$("ask").addEventListener("click", ask);
$("nfc").addEventListener("click", () => listen().catch(() => hint(text("pos.nfc.none"))));
$("qr").addEventListener("click", code);
$("retry").addEventListener("click", again);
for (const id of ["cancel", "next"]) $(id).addEventListener("click", keypad);
$("forget").addEventListener("click", () => setup());
onSubmit("link", () => { if ($("tapped").value.trim()) charge($("tapped").value.trim()); });
onSubmit("pinform", () => chargeWithPin($("pin").value));
onSubmit("setup", () => {
  setKey($("key").value.trim());
  keypad();
});

$("nfc").hidden = !("NDEFReader" in globalThis);
takeKey();
if (key()) keypad();
else setup();
resume();
