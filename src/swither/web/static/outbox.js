// What was said and is not yet stored: kept in the browser before the next key, sent in order, sent again until the
// server has it. Ids are made here, so an event that arrived twice is stored once.

import { now } from "./ids.js";
import { Refused, post } from "./http.js";

const BATCH = 100;
const WAITS = [0.3, 0.6, 1, 2, 4, 8]; // seconds between attempts; the last one is kept

export class Outbox extends EventTarget {
  #prefix;
  #waiting = new Map(); // storage key -> event, in the order in which they were said
  #count = 0;
  #failures = 0;
  #timer = 0;
  #sending = false;
  #storage;

  /** @param project what tells this project from others that were served from the same address. */
  constructor(project, storage = globalThis.localStorage) {
    super();
    this.#prefix = `swither.unsent.${project}.`;
    this.#storage = storage;
    this.refused = [];
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

  dismissRefused() {
    this.refused = [];
    this.#changed();
  }

  #restore() {
    try {
      const keys = Object.keys(this.#storage).filter((key) => key.startsWith(this.#prefix)).sort();
      for (const key of keys) this.#waiting.set(key, JSON.parse(this.#storage.getItem(key)));
    } catch {
      this.kept = false;
    }
    if (this.#waiting.size) this.#later(0);
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
      if (why.has(event.event)) this.refused.push({ event, error: why.get(event.event) });
      else stored.push(event);
      this.#forget(key);
    }
    this.dispatchEvent(new CustomEvent("stored", { detail: stored }));
  }

  #failed(batch, error) {
    const refusal = error instanceof Refused ? error : null;
    const wrong = refusal && refusal.status >= 400 && refusal.status < 500 && ![401, 403, 408, 429].includes(refusal.status);
    if (wrong && batch.length === 1) { // this one will never be taken: say so, and go on with the others
      this.refused.push({ event: batch[0][1], error: refusal.message });
      this.#forget(batch[0][0]);
      return 0;
    }
    this.trouble = refusal ? refusal.message : "";
    if (wrong) return 0; // one of them is at fault: from here on one by one, until one is taken
    this.#failures += 1;
    const wait = WAITS[Math.min(this.#failures, WAITS.length) - 1];
    return wait * (0.8 + 0.4 * Math.random()); // pages that lost the same server do not all come back at once
  }

  #forget(key) {
    this.#waiting.delete(key);
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
