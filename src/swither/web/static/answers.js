// Everything a person says becomes an event here, goes into the outbox, and can be taken back.

import { newId, now } from "./ids.js";

const DEEPEST = 5000; // entries of the undo stack that outlive a reload

export class Answers extends EventTarget {
  #stack = []; // {events: [ids], items: [Item], words, before: [[image, given]]}
  #given = new Map(); // image -> {class_id} | {declined} | {skipped}: what was said here
  #store;

  constructor(outbox, project, storage = globalThis.sessionStorage) {
    super();
    this.outbox = outbox;
    this.#store = { key: `swither.said.${project}`, storage };
    for (const event of outbox.unsent) this.#note(event);
    try {
      this.#stack = JSON.parse(storage.getItem(this.#store.key) ?? "[]");
    } catch { /* then undo reaches back to here */ }
  }

  get depth() {
    return this.#stack.length;
  }

  /** The latest step in words; empty where there is none. */
  get latest() {
    return this.#stack.at(-1)?.words ?? "";
  }

  /** What was said of an image here; undefined where nothing was. */
  given(image) {
    return this.#given.get(image);
  }

  /** Whether an image need not be asked again. A skipped one may come back under another token. */
  isAnswered(item) {
    const given = this.#given.get(item.image);
    if (!given) return false;
    return given.skipped === undefined || given.skipped === item.token;
  }

  /** Label images: pairs of item and class, one step for undo. */
  label(pairs, words, seconds = null) {
    this.#say(pairs.map(([item, one]) => ({ ...this.#of(item, seconds), kind: "labelled", class_id: one.id })),
      pairs.map(([item]) => item), words);
  }

  decline(item, reason, seconds = null) {
    this.#say([{ ...this.#of(item, seconds), kind: "declined", text: reason }], [item], `“${reason}”`);
  }

  skip(item, seconds = null) {
    this.#say([{ ...this.#of(item, seconds), kind: "skipped" }], [item], "skipped");
  }

  /** Take back the latest step; what it was about, or null where there is none. */
  undo() {
    const step = this.#stack.pop();
    if (!step) return null;
    for (const [image, given] of step.before) {
      if (given) this.#given.set(image, given);
      else this.#given.delete(image);
    }
    this.outbox.add(step.events.map((id) => ({ event: newId(), kind: "undone", undoes: id })));
    this.#keep();
    return step;
  }

  /** Events of classes; the caller may take them back by `takeBack`. */
  addClass(name) {
    const event = { event: newId(), kind: "class_added", class_id: newId(), text: name.trim().normalize("NFC") };
    this.outbox.add([event]);
    return event;
  }

  renameClass(one, name) {
    const event = { event: newId(), kind: "class_renamed", class_id: one.id, text: name.trim().normalize("NFC") };
    this.outbox.add([event]);
    return event;
  }

  mergeClass(one, into) {
    const event = { event: newId(), kind: "class_merged", class_id: one.id, into: into.id };
    this.outbox.add([event]);
    return event;
  }

  takeBack(event) {
    this.outbox.add([{ event: newId(), kind: "undone", undoes: event.event }]);
  }

  #of(item, seconds) {
    const event = { event: newId(), at: now(), image: item.image };
    if (item.token) event.query = item.token;
    if (seconds !== null) event.seconds = Math.round(1000 * seconds) / 1000;
    return event;
  }

  #say(events, items, words) {
    const before = items.map((item) => [item.image, this.#given.get(item.image) ?? null]);
    events.forEach((event) => this.#note(event));
    this.outbox.add(events);
    this.#stack.push({ events: events.map((event) => event.event), items, words, before });
    if (this.#stack.length > DEEPEST) this.#stack.shift();
    this.#keep();
    this.dispatchEvent(new CustomEvent("said", { detail: events }));
  }

  #note(event) {
    if (event.kind === "labelled") this.#given.set(event.image, { class_id: event.class_id });
    else if (event.kind === "declined") this.#given.set(event.image, { declined: event.text });
    else if (event.kind === "skipped") this.#given.set(event.image, { skipped: event.query ?? "" });
  }

  #keep() {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => { // not between two keys: a long stack takes a moment to write
      try { this.#store.storage.setItem(this.#store.key, JSON.stringify(this.#stack)); } catch { /* only for reloads */ }
    }, 400);
  }
}
