// The classes as the person sees them: what the server has, with what was said here and is still on its way.

export const KEYS = [...document.body.dataset.classKeys]; // as the server gives them: never a letter of the page's own

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const same = (text) => text.normalize("NFC").toLowerCase();

/** Colour by order of adding: neighbours stand far apart on the circle, and a class keeps its own. */
export const hueOf = (place) => (25 + place * 137.508) % 360;

const OF_CLASSES = new Set(["class_added", "class_renamed", "class_merged"]);
const GRACE = 5000; // milliseconds in which the server's word may lag behind what it has stored

/** What the server has with events of classes on top. Each class: {id, name, key, labels, merged_into, hue}. */
export function withEvents(classes, events) {
  const all = new Map(classes.map((one, place) => [one.id, { ...one, hue: hueOf(place) }]));
  for (const event of events) {
    const known = all.get(event.class_id);
    if (event.kind === "class_added" && !known) {
      const place = all.size;
      const one = { id: event.class_id, name: event.text, key: KEYS[place] ?? "", labels: 0, merged_into: null };
      all.set(one.id, { ...one, hue: hueOf(place) });
    } else if (event.kind === "class_renamed" && known) known.name = event.text;
    else if (event.kind === "class_merged" && known) known.merged_into = event.into;
  }
  return [...all.values()];
}

/** Whether the server's classes show what an event said. */
function reflected(event, classes) {
  const one = classes.find((candidate) => candidate.id === event.class_id);
  if (event.kind === "class_added") return Boolean(one);
  return event.kind === "class_renamed" ? one?.name === event.text : Boolean(one?.merged_into);
}

/** How well a name answers what was typed: 0 not at all; higher is better. Letters in order, starts of words first. */
export function match(typed, name) {
  const words = typed.trim().split(/\s+/);
  const whole = closeness(typed, name);
  if (words.length < 2 || whole >= 300) return whole;
  const each = words.map((word) => closeness(word, name)); // "12 spe": both, in any order
  return each.includes(0) ? 0 : each.reduce((sum, one) => sum + one, 0) / each.length;
}

function closeness(typed, name) {
  const wanted = fold(typed.trim());
  const text = fold(name);
  if (!wanted) return 1;
  if (text === wanted) return 1000;
  if (text.startsWith(wanted)) return 800 - text.length / 100;
  const at = text.indexOf(wanted);
  if (at >= 0) return (/[\s\-_/.(]/.test(text[at - 1]) ? 600 : 400) - at / 10 - text.length / 100;
  let place = -1;
  let gaps = 0;
  for (const letter of wanted.replace(/\s/g, "")) {
    const next = text.indexOf(letter, place + 1);
    if (next < 0) return 0;
    gaps += place < 0 ? next : next - place - 1;
    place = next;
  }
  return Math.max(1, 200 - gaps * 5);
}

export class Classes extends EventTarget {
  #said = new Map(); // id -> event of a class that the server may not show yet

  constructor() {
    super();
    this.all = [];
  }

  /** Take what the server says and what it does not have yet; tells listeners only where something has changed. */
  take(classes, unsent) {
    for (const event of unsent) {
      if (OF_CLASSES.has(event.kind)) this.#said.set(event.event, { event, until: Date.now() + GRACE });
    }
    for (const event of unsent) if (event.kind === "undone") this.#said.delete(event.undoes);
    const waiting = new Set(unsent.map((event) => event.event));
    for (const [id, { event, until }] of this.#said) {
      // A stored class is kept until the server shows it: it must not vanish between the two, and its key with it.
      if (!waiting.has(id) && (reflected(event, classes) || Date.now() > until)) this.#said.delete(id);
    }
    const next = withEvents(classes, [...this.#said.values()].map(({ event }) => event));
    const before = JSON.stringify(this.all);
    this.all = next;
    if (JSON.stringify(next) !== before) this.dispatchEvent(new Event("change"));
  }

  /** Those that can be given, in order of adding. */
  get active() {
    return this.all.filter((one) => !one.merged_into);
  }

  /** A class by id, through merges; undefined where there is none. */
  get(id) {
    let one = this.all.find((candidate) => candidate.id === id);
    for (let steps = 0; one?.merged_into && steps < this.all.length; steps += 1) {
      const into = one.merged_into;
      one = this.all.find((candidate) => candidate.id === into);
    }
    return one;
  }

  name(id) {
    return this.get(id)?.name ?? "";
  }

  ofKey(key) {
    return this.active.find((one) => one.key === key);
  }

  named(name) {
    return this.active.find((one) => same(one.name) === same(name.trim()));
  }

  /** The best answers to what was typed, best first; equal ones in order of adding. */
  search(typed) {
    return this.active
      .map((one) => ({ one, score: match(typed, one.name) }))
      .filter(({ score }) => score > 0)
      .sort((first, second) => second.score - first.score)
      .map(({ one }) => one);
  }
}
