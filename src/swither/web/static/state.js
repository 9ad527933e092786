// What the server says of the project, pushed by it; asked for where the stream does not come through.

import { get } from "./http.js";

const PATIENCE = 40; // seconds without a sign of life; the server sends one every 15

/** Tells "state" and "connection"; "other", and then nothing more, once another project is served at this address. */
export class ServerState extends EventTarget {
  #source = null;
  #ended = false;
  #failures = 0;
  #heard = 0;

  constructor() {
    super();
    this.value = null;
    this.other = null; // the first state of another project
    this.connected = false;
    globalThis.addEventListener("online", () => this.#open());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.connected) this.#open();
    });
    setInterval(() => this.#watch(), 5000);
  }

  /** The first state, asked for; then the stream. Goes on trying until there is one. */
  async start() {
    for (;;) {
      try {
        this.#take(await get("/api/state"));
        break;
      } catch (error) {
        this.#lost(error);
        await new Promise((resume) => setTimeout(resume, 1000));
      }
    }
    this.#open();
    return this.value;
  }

  async refresh() {
    try { this.#take(await get("/api/state")); } catch (error) { this.#lost(error); }
  }

  #open() {
    this.#source?.close();
    if (this.#ended) return;
    const source = new EventSource("/api/stream");
    this.#source = source;
    source.addEventListener("open", () => this.#heardNow());
    source.addEventListener("state", (message) => this.#take(JSON.parse(message.data)));
    source.addEventListener("error", () => {
      if (this.#source !== source) return;
      source.close();
      this.#lost();
      const wait = Math.min(10, 0.5 * 2 ** Math.min(this.#failures, 5));
      setTimeout(() => { if (this.#source === source) this.#open(); }, 1000 * wait);
    });
  }

  #watch() {
    // A stream that sleeps behind a dead connection says nothing; then the state is asked for.
    if (!this.#ended && this.connected && Date.now() - this.#heard > 1000 * PATIENCE) this.refresh();
  }

  #heardNow() {
    this.#heard = Date.now();
    this.#failures = 0;
    if (!this.connected) {
      this.connected = true;
      this.dispatchEvent(new Event("connection"));
    }
  }

  #take(value) {
    if (this.#ended) return;
    if (this.value && value.project.id !== this.value.project.id) {
      this.other = value;
      this.#ended = true;
      this.#source?.close();
      this.dispatchEvent(new Event("other"));
      return;
    }
    this.value = value;
    this.#heardNow();
    this.dispatchEvent(new Event("state"));
  }

  #lost(error = null) {
    this.#failures += 1;
    this.error = error;
    if (this.connected || this.#failures === 1) {
      this.connected = false;
      this.dispatchEvent(new Event("connection"));
    }
  }
}
