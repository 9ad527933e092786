// Which key means what, whatever the keyboard's layout; and when a key is not ours.

const FIELDS = "input, textarea, select, [contenteditable]";

/** The key's name as commands and classes know it: by what it types, or by where it lies where that is no Latin. */
export function keyOf(event) {
  const { key, code } = event;
  if (key.length > 1) return key;
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  if (/^[0-9/?+.,\- ]$/.test(key)) return key;
  const place = /^(?:Digit|Numpad)([0-9])$/.exec(code) ?? (/\p{L}/u.test(key) ? /^Key([A-Z])$/.exec(code) : null);
  return place ? place[1].toLowerCase() : key;
}

/** Whether the focused element wants this key for itself. */
function taken(event, key) {
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest("dialog") || document.querySelector("dialog[open]")) return true;
  if (target.matches(FIELDS)) return true;
  if (key === "Enter" && target.matches("#grid-cells .cell")) return false; // in the grid it confirms; the space bar picks
  return (key === " " || key === "Enter") && target.matches("button, a, summary, [role=button]");
}

export class Keys {
  #handlers = [];
  #off = new AbortController();

  constructor() {
    addEventListener("keydown", (event) => this.#pressed(event), { signal: this.#off.signal });
  }

  /** From now on no key means anything. */
  end() {
    this.#off.abort();
  }

  /** Add a handler: it is given the key's name and the event, and answers true where it took it. First come first. */
  add(handler) {
    this.#handlers.push(handler);
  }

  #pressed(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const key = keyOf(event);
    const undo = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === "z";
    if (!undo && (event.ctrlKey || event.metaKey || event.altKey)) return;
    if (taken(event, key)) return;
    const name = undo ? "Undo" : key;
    if (this.#handlers.some((handler) => handler(name, event))) event.preventDefault();
  }
}
