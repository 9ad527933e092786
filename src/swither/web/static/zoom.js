// Looking closer: wheel, pinch, double click or the z key; drag or arrows move; the original is fetched when it is wanted.

const MOST = 16;
const STEP = 80; // pixels an arrow key moves

export class Zoom {
  #pointers = new Map();
  #scale = 1;
  #x = 0;
  #y = 0;

  /** @param frame the element that cuts off what lies outside; @param onclose called when something is magnified. */
  constructor(frame, onclose) {
    this.frame = frame;
    this.onclose = onclose;
    this.element = null;
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.#down(event));
    frame.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel", "pointerleave"]) {
      frame.addEventListener(kind, (event) => this.#pointers.delete(event.pointerId));
    }
    frame.addEventListener("dblclick", (event) => this.toggle(this.#local(event)));
  }

  get active() {
    return this.#scale > 1.001;
  }

  /** Another image: whole again. */
  reset(element) {
    this.element = element;
    this.#pointers.clear();
    this.#to(1, 0, 0);
  }

  /** The same image, sharper or at last here: as near as it was. */
  replace(element) {
    this.element = element;
    this.#to(this.#scale, this.#x, this.#y);
  }

  /** The whole image, or one pixel of the original to one of the screen (twice the size where that is smaller). */
  toggle(at = null) {
    if (!this.element) return;
    if (this.active) this.#to(1, 0, 0);
    else {
      const shown = this.element.getBoundingClientRect().width;
      const natural = Number(this.element.dataset.width || this.element.naturalWidth) / devicePixelRatio;
      this.#around(Math.min(MOST, Math.max(2, natural / shown)), at ?? { x: 0, y: 0 });
    }
  }

  /** Move by arrow keys while magnified; whether the key was taken. */
  key(name) {
    const moves = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    if (!this.active || !moves[name]) return false;
    this.#to(this.#scale, this.#x + moves[name][0], this.#y + moves[name][1]);
    return true;
  }

  /** A point from the middle of the frame. */
  #local(event) {
    const box = this.frame.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  }

  #wheel(event) {
    if (!this.element) return;
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? 16 * event.deltaY : event.deltaY;
    this.#around(this.#scale * Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0016)), this.#local(event));
  }

  #down(event) {
    this.#pointers.set(event.pointerId, this.#local(event));
    if (this.active || this.#pointers.size > 1) this.frame.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before || !this.element) return;
    const after = this.#local(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, after);
    if (other) {
      const apart = (first, second) => Math.hypot(first.x - second.x, first.y - second.y) || 1;
      const middle = { x: (after.x + other.x) / 2, y: (after.y + other.y) / 2 };
      this.#around((this.#scale * apart(after, other)) / apart(before, other), middle);
    } else if (this.active) this.#to(this.#scale, this.#x + after.x - before.x, this.#y + after.y - before.y);
  }

  /** Magnify so that what lies under the point stays there. */
  #around(scale, { x, y }) {
    const next = Math.min(MOST, Math.max(1, scale));
    const share = next / this.#scale;
    this.#to(next, x - (x - this.#x) * share, y - (y - this.#y) * share);
  }

  #to(scale, x, y) {
    const was = this.active;
    this.#scale = scale;
    const box = this.element;
    // Half of what sticks out on either side is how far it may be moved: no edge comes into the frame.
    const room = (size, frame) => Math.max(0, (size * scale - frame) / 2);
    const across = box ? room(box.offsetWidth, this.frame.clientWidth) : 0;
    const down = box ? room(box.offsetHeight, this.frame.clientHeight) : 0;
    this.#x = scale === 1 ? 0 : Math.min(across, Math.max(-across, x));
    this.#y = scale === 1 ? 0 : Math.min(down, Math.max(-down, y));
    if (box) box.style.transform = this.active ? `translate(${this.#x}px, ${this.#y}px) scale(${scale})` : "";
    this.frame.classList.toggle("magnified", this.active);
    if (this.active && !was) this.onclose();
  }
}
