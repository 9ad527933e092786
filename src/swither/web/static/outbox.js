// What was said and is not yet stored: kept in the browser before the next key, sent in order, sent again until the
// server has it. Ids are made here, so an event that arrived twice is stored once.

import { now } from "./ids.js";
import { Refused, post } from "./http.js";

const BATCH = 100;
const FOR_GOOD = [400, 413, 415, 422]; // so answered by swither, an event will never be taken; all else may pass
const TIME = /^\d{15}\./; // what follows the project in a key
const WAITS = [0.3, 0.6, 1, 2, 4, 8]; // seconds between attempts; the last one is kept

export class Outbox extends EventTarget {
  #prefix;
  #aside; // before the keys of what was refused
  #waiting = new Map(); // storage key -> event, in the order in which they were said
  #count = 0;
  #failures = 0;
  #timer = 0;
  #sending = false;
  #storage;

  /** @param project the id of the project: others may be served at the same address, another day or in another tab. */
  constructor(project, storage = globalThis.localStorage) {
    super();
    this.#prefix = `swither.unsent.${project}.`;
    this.#aside = `swither.refused.${project}.`;
    this.#storage = storage;
    this.refused = []; // {event, error, key}; kept in this browser until somebody has decided
    this.trouble = ""; // why nothing can be sent, in words; "" while all is well
    this.kept = true; // false where this browser keeps nothing, so that closing the page would lose labels
    this.#restore();
    globalThis.addEventListener("online", () => this.sendNow());
    globalThis.addEventListener("pagehide", () => this.#lastWord());
    globalThis.addEventListener("beforeunload", (leaving) => {
      if (!this.kept && this.#waiting.size) leaving.preventDefault();
    });
  }

  /** Events that the server does not have yet, oldest first. */
  get unsent() {
    return [...this.#waiting.values()];
  }

  get offline() {
    return this.#failures > 0;
  }

  /** Keep events and send them soon. They are durable in this browser when this returns. */
  add(events) {
    for (const event of events) {
      event.at ??= now();
      const order = `${String(Date.now()).padStart(15, "0")}.${String(this.#count++).padStart(8, "0")}`;
      const key = `${this.#prefix}${order}.${event.event}`;
      this.#waiting.set(key, event);
      try {
        this.#storage.setItem(key, JSON.stringify(event));
      } catch {
        this.kept = false;
      }
    }
    this.#changed();
    if (!this.#failures) this.#later(0);
  }

  /** Try at once, whatever went wrong before. */
  sendNow() {
    this.#later(0);
  }

  /** Send once more what was refused. */
  tryRefused() {
    const again = this.refused;
    this.add(again.map(({ event }) => event)); // kept as unsent before it is let go as refused
    this.refused = [];
    for (const { key } of again) this.#remove(key);
    this.#changed();
  }

  /** Let go of what was refused. */
  dismissRefused() {
    for (const { key } of this.refused) this.#remove(key);
    this.refused = [];
    this.#changed();
  }

  #restore() {
    for (const [key, event] of this.#found(this.#prefix)) if (event.event) this.#waiting.set(key, event);
    for (const [key, one] of this.#found(this.#aside)) if (one.event?.event) this.refused.push({ ...one, key });
    if (this.#waiting.size) this.#later(0);
  }

  /** What is kept under a beginning of keys, in order; a value that cannot be read stops no other. */
  #found(prefix) {
    let keys = [];
    try {
      keys = Object.keys(this.#storage).filter((key) => key.startsWith(prefix) && TIME.test(key.slice(prefix.length))).sort();
    } catch {
      this.kept = false;
    }
    return keys.flatMap((key) => {
      try {
        return [[key, Object(JSON.parse(this.#storage.getItem(key)))]];
      } catch {
        return [];
      }
    });
  }

  #later(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), 1000 * seconds);
  }

  async #send() {
    if (this.#sending || !this.#waiting.size) return;
    this.#sending = true;
    const batch = [...this.#waiting].slice(0, this.trouble ? 1 : BATCH);
    let wait = 0;
    try {
      this.#settle(batch, await post("/api/events", { events: batch.map(([, event]) => event) }, { seconds: 20 }));
      this.#failures = 0;
      this.trouble = "";
    } catch (error) {
      wait = this.#failed(batch, error);
    }
    this.#sending = false;
    this.#changed();
    if (this.#waiting.size) this.#later(wait);
  }

  #settle(batch, receipt) {
    const done = new Set([...receipt.stored, ...receipt.repeated]);
    const why = new Map((receipt.refused ?? []).map((refusal) => [refusal.event, refusal.error]));
    const stored = [];
    for (const [key, event] of batch) {
      if (!done.has(event.event) && !why.has(event.event)) continue;
      if (why.has(event.event)) this.#setAside(key, why.get(event.event));
      else {
        stored.push(event);
        this.#forget(key);
      }
    }
    this.dispatchEvent(new CustomEvent("stored", { detail: stored }));
  }

  #failed(batch, error) {
    const refusal = error instanceof Refused ? error : null;
    const wrong = refusal?.ours && FOR_GOOD.includes(refusal.status);
    if (wrong && batch.length === 1) { // this one will never be taken: say so, and go on with the others
      this.#setAside(batch[0][0], refusal.message);
      return 0;
    }
    this.trouble = refusal ? refusal.message : "";
    if (wrong) return 0; // one of them is at fault: from here on one by one, until one is taken
    this.#failures += 1;
    const wait = WAITS[Math.min(this.#failures, WAITS.length) - 1];
    return wait * (0.8 + 0.4 * Math.random()); // pages that lost the same server do not all come back at once
  }

  /** Kept as refused before it is let go as unsent. */
  #setAside(key, error) {
    const one = { event: this.#waiting.get(key), error };
    const aside = this.#aside + key.slice(this.#prefix.length);
    try { this.#storage.setItem(aside, JSON.stringify(one)); } catch { this.kept = false; }
    this.refused.push({ ...one, key: aside });
    this.#forget(key);
  }

  #forget(key) {
    this.#waiting.delete(key);
    this.#remove(key);
  }

  #remove(key) {
    try { this.#storage.removeItem(key); } catch { /* nothing was kept */ }
  }

  #lastWord() {
    if (!this.#waiting.size) return;
    post("/api/events", { events: this.unsent.slice(0, BATCH) }, { keepalive: true }).catch(() => {});
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
