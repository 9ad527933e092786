// The next images, fetched and decoded before they are wanted, so that a key never waits for one.

const DECODED = 3; // how many stand decoded; the rest are fetched only
const AT_ONCE = 3; // a browser has six connections to a server; answers and questions need theirs

export class Images {
  #held = new Map(); // image id -> what is held of it, nearest first
  #loading = 0;

  /** Keep exactly these, nearest first: all fetched, one after the other, the first few decoded. */
  prepare(items) {
    const before = this.#held;
    this.#held = new Map(items.map((item) => [item.image, before.get(item.image) ?? new Held(item, () => this.#ended())]));
    for (const [image, held] of before) if (!this.#held.has(image)) held.drop();
    this.#next();
    [...this.#held.values()].slice(0, DECODED).forEach((held) => held.decodeSoon());
  }

  /** The element of an item, fetched or on its way; `ready` settles when it can be drawn without delay. */
  get(item) {
    let held = this.#held.get(item.image);
    if (!held) {
      held = new Held(item, () => this.#ended());
      this.#held = new Map([[item.image, held], ...this.#held]);
    }
    if (held.state === "new" || held.state === "failed") this.#load(held, "high");
    return { element: held.element, ready: held.decoded(), there: () => held.state === "decoded" };
  }

  /** Fetch again what a lost connection left out. */
  again() {
    for (const held of this.#held.values()) if (held.state === "failed") held.state = "new";
    this.#next();
  }

  /** How many can be answered from here on, one after the other, whatever becomes of the connection. */
  get here() {
    const held = [...this.#held.values()];
    const missing = held.findIndex(({ state }) => state !== "fetched" && state !== "decoded");
    return missing < 0 ? held.length : missing;
  }

  #next() {
    document.body.dataset.here = this.here;
    for (const held of this.#held.values()) {
      if (this.#loading >= AT_ONCE) return;
      if (held.state === "new") this.#load(held);
    }
  }

  #load(held, priority = "auto") {
    this.#loading += 1;
    held.load(priority);
  }

  #ended() {
    this.#loading -= 1;
    this.#next();
  }
}

/** One image: new, loading, fetched, decoded or failed. */
class Held {
  constructor(item, ended) {
    this.item = item;
    this.ended = ended;
    this.state = "new";
    this.wanted = false;
    this.element = new Image();
    this.element.decoding = "async";
    this.waiting = []; // those who want it decoded
    this.element.addEventListener("load", () => this.#arrived("fetched"));
    this.element.addEventListener("error", () => this.#arrived("failed"));
  }

  load(priority) {
    this.state = "loading";
    this.element.fetchPriority = priority;
    this.element.src = this.item.preview;
  }

  /** Settles when it can be drawn without delay, or when it cannot be had. */
  decoded() {
    if (this.state === "decoded") return Promise.resolve();
    this.decodeSoon();
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  decodeSoon() {
    this.wanted = true;
    if (this.state === "fetched") this.#decode();
  }

  /** Not wanted any more; a fetch that has begun ends here. */
  drop() {
    if (this.state !== "loading") return;
    this.element.removeAttribute("src");
    this.#arrived("new");
  }

  #arrived(state) {
    if (this.state !== "loading") return;
    this.state = state;
    this.ended();
    if (state === "failed") this.#settle("reject");
    else if (this.wanted && state === "fetched") this.#decode();
  }

  async #decode() {
    try {
      await this.element.decode();
      this.state = "decoded";
      this.#settle("resolve");
    } catch {
      this.state = "failed";
      this.#settle("reject");
    }
  }

  #settle(how) {
    for (const waiting of this.waiting.splice(0)) waiting[how]();
  }
}
