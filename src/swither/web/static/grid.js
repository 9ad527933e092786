// Many small images at once. Of one predicted class: all are taken for it, pick those that are not. Like one image:
// none is taken, pick those that are. Enter gives the class to what is in.

import { byId, h, leaf, percent, plural, say, show } from "./dom.js";
import { get } from "./http.js";
import { announce, notice } from "./announce.js";

const COUNT = 48;

export class Grid {
  #cells = [];
  #passed = new Set(); // images that were left out here; not offered again in this session
  #asked = 0;

  /** @param trained whether there was a training yet. */
  constructor(classes, answers, ondone, trained) {
    Object.assign(this, { classes, answers, ondone, trained });
    this.board = byId("grid-cells");
    this.target = null; // class that Enter gives
    this.request = { kind: "class", class_id: null };
    this.choice = byId("grid-class");
    this.choice.addEventListener("change", () => this.#chosen());
    byId("grid-confirm").addEventListener("click", () => this.confirm());
    byId("grid-all").addEventListener("click", () => this.#all());
    classes.addEventListener("change", () => this.#options());
  }

  /** Images of one predicted class; null: of the class that the server holds best for this. */
  ofClass(id = null) {
    return this.#load({ kind: "class", class_id: id });
  }

  /** Images like this one. */
  like(item) {
    return this.#load({ kind: "like", item });
  }

  again() {
    return this.#load(this.request);
  }

  async #load(request) {
    this.request = request;
    const turn = ++this.#asked;
    this.#empty("Looking …");
    const like = request.kind === "like";
    const count = Math.min(200, COUNT + this.#passed.size); // what was left out comes again, and is left out again
    try {
      const answer = like
        ? await get("/api/similar", { image: request.item.image, count })
        : await get("/api/grid", { class_id: request.class_id, count });
      if (turn !== this.#asked) return;
      const given = like && (this.answers.given(request.item.image)?.class_id ?? request.item.label);
      this.target = this.classes.get(like ? given : answer.class_id) ?? null;
      const items = answer.items.filter((item) => !this.answers.isAnswered(item) && !this.#passed.has(item.image)).slice(0, COUNT);
      if (!items.length) this.#empty(answer.words ?? this.#none());
      else this.#show(items, !like);
    } catch (error) {
      if (turn === this.#asked) this.#empty(`${error.message ?? "No connection."} The images could not be fetched.`);
    }
  }

  #none() {
    if (this.request.kind === "like") return "No unlabelled images like this one are known yet. They are found as the folder is read.";
    if (this.trained() && this.request.class_id) return `The model takes no other image without a label for ${this.classes.name(this.request.class_id)}. Another class can be chosen above.`;
    return this.trained()
      ? "There is no other image without a label that the model takes for any class."
      : "Nothing to show yet. After the first training, images that the model is surest of stand here, class by class.";
  }

  #empty(words) {
    this.#cells = [];
    this.board.replaceChildren(h("p", { class: "empty" }, words));
    this.#head();
  }

  #show(items, inside) {
    this.#cells = items.map((item) => this.#cell(item, inside));
    this.board.replaceChildren(...this.#cells.map((cell) => cell.element));
    this.#head();
    this.#cells[0].element.focus({ preventScroll: true });
  }

  #cell(item, inside) {
    const cell = { item, inside, other: null };
    cell.image = h("img", { src: item.thumbnail, alt: "", loading: "lazy", decoding: "async" });
    cell.tag = h("bdi", { class: "tag", dir: "auto" });
    cell.element = h("button", { type: "button", class: "cell" }, cell.image, cell.tag);
    cell.element.addEventListener("click", () => { cell.inside = !(cell.inside || cell.other); cell.other = null; this.#mark(cell); this.#head(); });
    this.#mark(cell);
    return cell;
  }

  #mark(cell) {
    const one = cell.other ?? (cell.inside ? this.target : null);
    cell.element.classList.toggle("in", Boolean(cell.other) || cell.inside);
    cell.element.classList.toggle("other", Boolean(cell.other));
    cell.element.style.setProperty("--hue", one?.hue ?? 0);
    cell.element.setAttribute("aria-pressed", String(Boolean(cell.other) || cell.inside));
    const sure = cell.item.confidence ? `, ${percent(cell.item.confidence)} sure` : "";
    cell.element.setAttribute("aria-label", `${leaf(cell.item.name)}: ${one?.name ?? (cell.inside ? "in" : "left out")}${sure}`);
    say(cell.tag, cell.other ? cell.other.name : "");
  }

  #head() {
    const like = this.request.kind === "like";
    this.board.classList.toggle("picking", like); // what is left out is the rule there, and is not struck out
    const inside = this.#cells.filter((cell) => cell.inside && !cell.other).length;
    const others = this.#cells.filter((cell) => cell.other).length;
    say(byId("grid-title"), like ? "Like this image" : "The model says");
    say(byId("grid-help"), like
      ? "Pick those that belong together; a class key gives all picked ones their class."
      : "Pick those that are not. A class key gives the one in focus another class.");
    show(byId("grid-seed"), like);
    if (like) byId("grid-seed").src = this.request.item.thumbnail;
    this.#options();
    const button = byId("grid-confirm");
    button.disabled = !(this.target ? inside + others : others);
    button.style.setProperty("--hue", this.target?.hue ?? 0);
    button.replaceChildren(h("kbd", {}, "↵"), h("span", {}, this.target
      ? `Label ${plural(inside, "image")} ` : "Choose a class"), this.target ? h("bdi", { dir: "auto" }, this.target.name) : "",
      others ? h("span", {}, `, ${others} otherwise`) : "");
    show(button, this.#cells.length > 0);
    show(byId("grid-all"), this.#cells.length > 0);
    say(byId("grid-all"), this.#cells.some((cell) => cell.inside) ? "None" : "All");
  }

  #options() {
    const wanted = this.target?.id ?? "";
    const first = this.request.kind === "like" ? "Which class?" : "Any class";
    const options = this.classes.active.map((one) => h("option", { value: one.id }, one.name));
    this.choice.replaceChildren(h("option", { value: "" }, first), ...options);
    this.choice.value = wanted;
  }

  #chosen() {
    if (this.request.kind === "like") {
      this.target = this.classes.get(this.choice.value) ?? null;
      this.#cells.forEach((cell) => this.#mark(cell));
      this.#head();
    } else this.ofClass(this.choice.value || null);
  }

  #all() {
    const inside = !this.#cells.some((cell) => cell.inside);
    for (const cell of this.#cells) {
      Object.assign(cell, { inside, other: null });
      this.#mark(cell);
    }
    this.#head();
  }

  /** A class was chosen by key or button. */
  give(one) {
    if (this.request.kind === "like" && (!this.target || this.#focused() < 0)) {
      this.target = one;
      this.#cells.forEach((cell) => this.#mark(cell));
      this.#head();
      if (this.#cells.some((cell) => cell.inside)) this.confirm();
      return;
    }
    const cell = this.#cells[this.#focused()];
    if (!cell) return;
    const home = one.id === this.target?.id;
    Object.assign(cell, { inside: home, other: home ? null : one });
    this.#mark(cell);
    this.#head();
    announce(`${one.name}.`);
    this.#focus(this.#focused() + 1);
  }

  /** Give the classes; what was left out stays unlabelled. */
  confirm() {
    const pairs = this.#cells
      .filter((cell) => cell.other || (cell.inside && this.target))
      .map((cell) => [cell.item, cell.other ?? this.target]);
    if (!pairs.length) return;
    for (const cell of this.#cells) this.#passed.add(cell.item.image);
    this.answers.label(pairs, this.target?.name ?? "");
    notice(`Labelled ${plural(pairs.length, "image")}${this.target ? ` ${this.target.name}` : ""}.`, { name: "Take back (u)", run: () => this.ondone("undo") });
    this.ondone("labelled");
    this.again();
  }

  /** After undo: what was taken back may be shown again. */
  restore(step) {
    for (const item of step.items) this.#passed.delete(item.image);
    this.again();
  }

  /** Arrows move, Enter confirms, the space bar picks (as on every button). */
  key(name, event) {
    if (name === "Enter") { this.confirm(); return true; }
    const across = Math.max(1, Math.floor((this.board.clientWidth + 8) / ((this.#cells[0]?.element.offsetWidth ?? 1e9) + 8)));
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Home: -1e9, End: 1e9 };
    if (!(name in steps) || !this.#cells.length || event.shiftKey) return false;
    const forward = getComputedStyle(this.board).direction === "rtl" && Math.abs(steps[name]) === 1 ? -1 : 1;
    this.#focus(this.#focused() + forward * steps[name]);
    return true;
  }

  #focused() {
    return this.#cells.findIndex((cell) => cell.element === document.activeElement);
  }

  #focus(place) {
    this.#cells[Math.min(this.#cells.length - 1, Math.max(0, place))]?.element.focus();
  }
}
