// Images by the name of their file, to look at, and to give another label.

import { byId, h, leaf, say } from "./dom.js";
import { get } from "./http.js";

export class Find extends EventTarget {
  #timer = 0;
  #asked = 0;

  /** @param open given an item that was chosen. */
  constructor(classes, answers, open) {
    super();
    Object.assign(this, { classes, answers, open });
    this.field = byId("find-text");
    this.board = byId("find-cells");
    this.item = null;
    this.words = "The list again.";
    this.seen = null; // the image that was opened last: the focus comes back to it
    this.field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#search(), 200);
    });
    byId("find-form").addEventListener("submit", (event) => { event.preventDefault(); this.board.querySelector("button")?.focus(); });
  }

  // As a source for the desk: one image, then back to the list.
  get current() {
    return this.item;
  }

  advance() {
    this.item = null;
    this.dispatchEvent(new Event("done"));
  }

  back(item) {
    this.item = item;
  }

  enter() {
    this.field.focus();
    this.#search();
  }

  /** Back from an image: the focus is on the list, not in the field, where keys such as U would be typed. */
  again() {
    this.board.focus({ preventScroll: true });
    this.#search();
  }

  async #search() {
    const turn = ++this.#asked;
    const text = this.field.value.trim();
    if (!text) {
      this.board.replaceChildren();
      say(byId("find-words"), "");
      return;
    }
    try {
      const { items, words = "" } = await get("/api/find", { text });
      if (turn !== this.#asked) return;
      say(byId("find-words"), words || (items.length ? "" : "No file has this in its name."));
      const onList = document.activeElement === this.board || this.board.contains(document.activeElement);
      const cells = items.map((item) => this.#cell(item));
      this.board.replaceChildren(...cells);
      if (onList) (cells[items.findIndex((item) => item.image === this.seen)] ?? this.board).focus();
    } catch (error) {
      say(byId("find-words"), error.status ? error.message : "No connection.");
    }
  }

  #cell(item) {
    const one = this.classes.get(this.answers.given(item.image)?.class_id ?? item.label);
    return h("button", { type: "button", class: "cell found", hue: one?.hue ?? 0, onclick: () => { this.item = item; this.seen = item.image; this.open(item); } },
      h("img", { src: item.thumbnail, alt: "", loading: "lazy" }),
      one ? h("bdi", { class: "tag", dir: "auto" }, one.name) : "",
      h("span", { class: "path", title: item.name }, leaf(item.name)));
  }
}
