// The classes beside the image: buttons with their keys, a search for many, a field that adds one by typing its name.

import { byId, h, number, say, show } from "./dom.js";

const MANY = 12; // from here on the search field stands open

export class ClassList {
  #buttons = new Map();
  #order = "";
  #hits = null; // what the search leaves, best first; null where nothing is searched
  #at = 0;
  #open = false; // whether somebody searches, be it with nothing typed yet

  /** @param pick given a class that was chosen; @param add given names that were typed. */
  constructor(classes, { pick, add, leave }) {
    Object.assign(this, { classes, pick, add, leave });
    this.search = byId("class-search");
    this.field = byId("class-add");
    this.list = byId("class-list");
    classes.addEventListener("change", () => this.draw());
    this.search.addEventListener("input", () => this.#filter());
    this.search.addEventListener("keydown", (event) => this.#searchKey(event));
    this.search.addEventListener("blur", () => setTimeout(() => this.#closeSearch(), 150));
    byId("class-form").addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    for (const kind of ["focus", "blur"]) this.field.addEventListener(kind, () => this.draw());
    this.field.addEventListener("keydown", (event) => { if (event.key === "Escape") this.leave(); });
  }

  openSearch() {
    this.#open = true;
    show(this.search.parentElement, true);
    this.search.focus();
    this.search.select();
    this.#filter();
  }

  openAdd() {
    this.field.focus();
  }

  /** Mark the class that the shown image has. */
  mark(id) {
    for (const [other, button] of this.#buttons) button.setAttribute("aria-pressed", String(other === id));
  }

  /** A short sign on the button, so that the eye sees which key was taken. */
  flash(id) {
    const button = this.#buttons.get(id);
    button?.classList.remove("given");
    requestAnimationFrame(() => button?.classList.add("given"));
  }

  draw() {
    const shown = this.#hits ?? this.classes.active;
    const known = new Set(this.classes.active.map((one) => one.id));
    for (const [id, button] of this.#buttons) {
      if (known.has(id)) continue;
      button.remove();
      this.#buttons.delete(id);
    }
    for (const one of this.classes.active) this.#button(one);
    const order = shown.map((one) => one.id).join();
    if (order !== this.#order || this.list.childElementCount !== shown.length) {
      this.list.replaceChildren(...shown.map((one) => this.#buttons.get(one.id)));
      this.#order = order;
    }
    shown.forEach((one, place) => {
      this.#buttons.get(one.id).classList.toggle("first", this.#hits !== null && place === this.#at);
    });
    const count = this.classes.active.length;
    show(this.search.parentElement, count > MANY || this.#open);
    show(byId("class-edit"), count > 0);
    const fresh = document.activeElement === this.field && !this.classes.active.some((one) => one.labels);
    show(byId("class-start"), count < 2 || fresh);
    this.list.classList.toggle("many", count > MANY);
    say(byId("class-start"), count === 0
      ? "What is to be told apart? Type the name of a class and press Enter; several at once with commas."
      : count === 1 ? "One more class, at least." : "Another class; or Enter on the empty field, and then the key of a class for each image.");
    const typed = this.search.value.trim();
    const none = this.#hits?.length === 0;
    show(byId("class-none"), none);
    if (none) say(byId("class-none"), `No class matches. Enter adds “${typed}”.`);
  }

  #button(one) {
    let button = this.#buttons.get(one.id);
    if (!button) {
      button = h("button", { type: "button", class: "class", "aria-pressed": "false" },
        h("kbd", { "aria-hidden": "true" }), h("bdi", { class: "class-name", dir: "auto" }), h("span", { class: "count" }));
      button.addEventListener("click", () => this.pick(this.classes.get(one.id)));
      this.#buttons.set(one.id, button);
    }
    button.style.setProperty("--hue", one.hue);
    const [key, name, count] = button.children;
    say(key, one.key.toUpperCase());
    say(name, one.name);
    say(count, one.labels ? number(one.labels) : "");
    button.title = one.name;
    if (one.key) button.setAttribute("aria-keyshortcuts", one.key);
    return button;
  }

  #filter() {
    const typed = this.search.value;
    this.#hits = typed.trim() ? this.classes.search(typed) : null;
    this.#at = 0;
    this.draw();
  }

  #searchKey(event) {
    const hits = this.#hits ?? [];
    if (event.key === "Escape") {
      event.preventDefault();
      this.#clear();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const typed = this.search.value.trim();
      const one = hits[this.#at];
      this.#clear();
      if (one) this.pick(one);
      else if (typed) this.add([typed]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && hits.length) {
      event.preventDefault();
      this.#at = (this.#at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length;
      this.draw();
      this.#buttons.get(hits[this.#at].id).scrollIntoView({ block: "nearest" });
    }
  }

  #clear() {
    this.#open = false;
    this.search.value = "";
    this.#hits = null;
    this.draw();
    this.leave();
  }

  #closeSearch() {
    if (document.activeElement === this.search || this.search.value) return;
    this.#open = false;
    this.#hits = null;
    this.draw();
  }

  #submit() {
    const names = this.field.value.split(",").map((name) => name.trim()).filter(Boolean);
    this.field.value = "";
    if (names.length) this.add(names);
    else if (this.classes.active.length) this.leave(); // Enter on the empty field: to the images
  }
}
