// Labels that deserve a second look, one after the other: why, what it is called now, what it may be.

import { byId, h, plural, say, show } from "./dom.js";
import { get } from "./http.js";

export class Review extends EventTarget {
  constructor(images, classes, answers) {
    super();
    Object.assign(this, { images, classes, answers });
    this.items = [];
    this.active = false; // whether the review is what stands on the page
    this.stale = true;
    this.total = 0; // how many there are to look at, whether or not they were fetched
    this.what = null;
    this.words = "Looking …";
  }

  get current() {
    return this.items[0] ?? null;
  }

  advance() {
    this.items.shift();
    this.total = this.items.length;
    this.images.prepare(this.items.slice(0, 12));
    this.#count();
    if (!this.items.length) setTimeout(() => this.load(), 1500); // the last answer is on its way
  }

  back(item) {
    this.items = [item, ...this.items.filter((other) => other.image !== item.image)];
    this.total = this.items.length;
    this.#count();
  }

  /** What the list depends on: a new training or class makes a new one, but not under somebody's hands. */
  known(what) {
    if (what === this.what) return;
    this.what = what;
    this.stale = true;
    if (!this.active) this.#tally();
    else if (!this.items.length) this.load();
  }

  /** Only how many there are: the list itself is fetched when somebody wants to see it. */
  async #tally() {
    try {
      const { items, total = items.length } = await get("/api/review", { tally: 1 });
      if (!this.active && this.stale) this.total = total;
    } catch {
      return; // the next training or class asks again
    }
    this.#count();
  }

  enter() {
    if (!this.items.length || this.stale) this.load();
  }

  /** Ask for the list anew; what was answered here since is left out. */
  async load() {
    this.stale = false;
    try {
      const { items } = await get("/api/review");
      const fresh = items.filter((item) => !this.seen.has(`${item.image}:${item.suggested ?? ""}`));
      this.items = fresh;
      this.total = fresh.length;
      this.words = "Nothing to review. After a training, labels that look wrong come up here, and earlier images that may belong to a new class.";
    } catch {
      this.words = "The list could not be fetched; it is tried again when the connection is back.";
    }
    this.#count();
    this.dispatchEvent(new Event("change"));
  }

  seen = new Set();

  /** What is shown is being answered. */
  answered() {
    const item = this.current;
    if (item) this.seen.add(`${item.image}:${item.suggested ?? ""}`);
  }

  /** Words and the two ways out for the shown image. */
  draw(active) {
    this.active = active;
    const item = active ? this.current : null;
    const box = byId("review-bar");
    show(box, Boolean(item?.reason));
    if (!item?.reason) return;
    const now = this.classes.get(item.class_id);
    const other = this.classes.get(item.suggested);
    say(byId("review-reason"), item.words ?? item.reason);
    const chip = (one) => h("bdi", { class: "chip", hue: one?.hue ?? 0, dir: "auto" }, one?.name ?? "no label");
    byId("review-keep").replaceChildren(h("kbd", {}, "←"), h("span", {}, "Keep"), chip(now));
    show(byId("review-take"), Boolean(other));
    if (other) byId("review-take").replaceChildren(h("span", {}, "Change to"), chip(other), h("kbd", {}, "→"));
  }

  #count() {
    const badge = byId("review-count");
    show(badge, this.total > 0);
    say(badge, String(this.total));
    byId("mode-review").title = this.total ? plural(this.total, "label") + " to look at again" : "";
  }
}
