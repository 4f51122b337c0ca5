// The gateway's API: a request is answered, or refused for good, or did nothing, or nobody knows what came of it.
import { language, terminal, text, texts } from "./page.js";

const STORE_KEY = `sluice-pos-${terminal}`;
const RETRIES_MAX = 5;
const RETRY_MS = 1000;
const ANSWER_MS = 8000; // a charge takes far below a second: a connection that is silent for so long is dead
const PATIENCE_MS = 30_000; // so long after its first time a request is sent once more at most
const LOCAL = /^(localhost|127\.|\[::1\])/; // is reached without any network

export const key = () => localStorage.getItem(STORE_KEY);
export const setKey = (given) => localStorage.setItem(STORE_KEY, given);
export const forgetKey = () => localStorage.removeItem(STORE_KEY);
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An answer that repeating does not change. */
export class Refused extends Error {
  constructor(message, code = "", noKey = false) {
    super(message);
    this.code = code;
    this.noKey = noKey;
    this.ofCard = code === "card-refused" || `decline.${code}` in texts;
  }
}

/** Nothing was done: it was not sent, or not let in. */
export class Unsent extends Error {
  constructor(forGood = false) {
    super();
    this.forGood = forGood;
  }
}

/** It may have been done. */
export class Unanswered extends Error {}

/** A name that makes a repeated request count once; also where the page's origin is not secure. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Browsers of before 2022 wait as long as they like. */
const until = (ms) => AbortSignal.timeout?.(ms);

/** A page of the gateway, never from a cache. */
export const page = (path) => fetch(path, { cache: "no-store", signal: until(ANSWER_MS) });

/** The parsed answer; fails with one of the above. */
export async function call(method, path, body, { requestKey, by = key(), within = ANSWER_MS } = {}) {
  const request = prepared(method, path, body, requestKey, by, within);
  if (!navigator.onLine && !LOCAL.test(location.hostname)) throw new Unsent();
  const response = await fetch(request).catch(() => { throw new Unanswered(); });
  if (response.status === 401) throw new Refused(text("pos.key.wrong"), "unauthenticated", true);
  if (response.status === 429) throw new Unsent();
  if (response.status === 408 || response.status >= 500) throw new Unanswered();
  const answer = await response.json().catch(() => { if (response.ok) throw new Unanswered(); return {}; });
  if (response.ok) return answer;
  if (answer.code === "idempotency-in-progress") throw new Unanswered();
  throw new Refused(why(answer, response.status), answer.code);
}

function prepared(method, path, body, requestKey, by, within) {
  try {
    const headers = { Authorization: `token ${by}` };
    if (body) headers["Content-Type"] = "application/json";
    if (requestKey) headers["Idempotency-Key"] = requestKey;
    const json = body && JSON.stringify(body);
    return new Request(path, { method, headers, body: json, cache: "no-store", signal: until(within) });
  } catch {
    throw new Unsent(true);
  }
}

/**
 * The same request until it is answered or nobody wants it any more: its key makes sure that it counts once. Once it
 * may have been done, a refusal of the repetition says nothing of the first.
 */
export async function insist(method, path, body, how = {}) {
  const { requestKey = newKey(), over = () => false, again = () => {}, by, within } = how;
  const begun = performance.now();
  let doubt = how.doubt ?? false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(method, path, body, { requestKey, by, within });
    } catch (failure) {
      doubt ||= failure instanceof Unanswered;
      const end = doubt ? new Unanswered() : failure;
      const late = attempt >= RETRIES_MAX || performance.now() - begun > PATIENCE_MS;
      if (failure instanceof Refused || failure.forGood || late || over()) throw end;
      again();
      await pause(RETRY_MS * attempt);
      if (over()) throw end; // asked again it might take money that nobody asks for any more
    }
  }
}

/** What people are told of a refusal, in their language: the gateway and the issuers of cards speak English or any. */
function why(answer, status) {
  const { code = "", message = "", missingPermission = "" } = Array.isArray(answer) ? answer[0] ?? {} : answer;
  const known = texts[`pos.refused.${code}`] ?? texts[`decline.${code}`];
  const said = language === "en" ? message : "";
  if (code === "card-refused") return said && said !== known ? `${known}\n${said}` : known;
  if (known) return known.replace("{0}", missingPermission);
  return said || text("pos.refused").replace("{0}", code || status);
}
