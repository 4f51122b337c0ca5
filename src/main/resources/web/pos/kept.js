// What must outlive this page: sales that may still bring money, and notices that nobody has read yet.
import { terminal } from "./page.js";

const PLACE = `sluice-pos-open-${terminal}`;
const KEPT_MAX = 50; // the oldest go

export function all() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? [];
  } catch {
    return []; // written by something else
  }
}

export const isKept = (id) => all().some((entry) => entry.id === id);

export const keep = (entry) => write([...others(entry.id), entry]);

export const drop = (id) => write(others(id));

const others = (id) => all().filter((entry) => entry.id !== id);

function write(entries) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(entries.slice(-KEPT_MAX)));
  } catch {
    // the browser has no room: what is open is known to this page alone
  }
}
