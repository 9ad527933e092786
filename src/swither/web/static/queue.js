// The images that will be asked next, kept far enough ahead that nobody waits for the server between two keys, and
// that labelling goes on for a while without a connection.

import { get } from "./http.js";

const AHEAD = 40;
const LOW = 30;
const MOST = 500; // tokens in one address
const KEEPING = 120; // seconds; what a page says it has, the server puts before nobody else for 300
const KEPT = 4; // when a new batch comes, what is about to be shown stays

export class Queue extends EventTarget {
  #fetching = false;
  #batch = undefined;
  #timer = 0;
  #failures = 0;
  #stale = false; // whether what lies further ahead is of an older batch

  /** @param isAnswered whether an image was answered here, whatever the server knows; @param why there may be none. */
  constructor(images, isAnswered, why) {
    super();
    this.images = images;
    this.isAnswered = isAnswered;
    this.why = why;
    this.asked = false; // whether the server has answered at all
    this.items = []; // items[0] is the one shown
    this.answeredTokens = []; // answers that are on their way
    setInterval(() => this.keep(), 1000 * KEEPING);
    document.addEventListener("visibilitychange", () => this.keep());
  }

  /** Why there is none, for people. */
  get words() {
    return this.why(this.asked);
  }

  get current() {
    return this.items[0] ?? null;
  }

  /** The shown one is answered: the next stands at its place, at once. */
  advance() {
    this.items.shift();
    this.#tidy();
  }

  /** Put one in front again (undo). */
  back(item) {
    this.items = [item, ...this.items.filter((other) => other.image !== item.image)];
    this.#tidy();
  }

  /** Drop what was answered elsewhere (grid, review, another page). */
  drop(images) {
    const shown = this.current;
    this.items = this.items.filter((item) => !images.has(item.image));
    this.#tidy();
    if (this.current !== shown) this.dispatchEvent(new Event("change"));
  }

  /** The number of the latest batch. Another one than before: what lies further ahead is asked for anew. */
  batch(number) {
    this.#stale ||= this.#batch !== undefined && this.#batch !== number;
    this.#batch = number;
    this.fill();
  }

  /** Say what is still here, while somebody can see it: nobody else is asked it meanwhile. */
  async keep() {
    if (document.hidden || !this.items.length) return;
    try {
      await get("/api/next", { count: 0, have: this.#tokens(this.items) });
    } catch { /* said again in two minutes */ }
  }

  /** Ask for more where there are few or older ones; again later where that fails. */
  async fill() {
    if (this.#fetching || (this.items.length >= LOW && !this.#stale)) return;
    this.#fetching = true;
    clearTimeout(this.#timer);
    const stale = this.#stale;
    this.#stale = false;
    const kept = stale ? this.items.slice(0, KEPT) : [...this.items];
    const count = stale ? 16 : this.items.length ? Math.min(8, AHEAD - this.items.length) : 3;
    const have = this.#tokens(kept);
    let wait = null;
    try {
      const added = this.#take(await get("/api/next", { count, have }, 120), stale ? kept : null);
      this.#failures = 0;
      if (this.items.length < LOW) wait = added ? 0 : 2 + 2 * Math.random();
    } catch {
      this.#stale ||= stale;
      this.#failures += 1;
      wait = Math.min(8, 0.5 * 2 ** this.#failures);
    }
    this.#fetching = false;
    if (wait !== null || this.#stale) this.#timer = setTimeout(() => this.fill(), 1000 * (wait ?? 0));
  }

  /** Add what came; of a new batch it takes the place of all but the kept ones, which nobody notices. */
  #take(answer, kept) {
    this.asked = true;
    const empty = !this.items.length;
    if (kept && answer.items.length) {
      const stay = new Set(kept.map((item) => item.image)).add(this.current?.image);
      this.items = this.items.filter((item) => stay.has(item.image));
    }
    const known = new Set(this.items.map((item) => item.image));
    const fresh = answer.items.filter((item) => !known.has(item.image) && !this.isAnswered(item));
    this.items.push(...fresh);
    this.images.prepare(this.items);
    if (empty || !this.items.length) this.dispatchEvent(new Event("change"));
    return fresh.length;
  }

  #tokens(items) {
    return [...items.map((item) => item.token), ...this.answeredTokens].filter(Boolean).slice(0, MOST).join(",");
  }

  #tidy() {
    this.images.prepare(this.items);
    this.fill();
  }
}
