// The one large image: shown at once where it is decoded, its thumbnail meanwhile where it is not.

import { byId, h, leaf, plural, say, show } from "./dom.js";
import { Zoom } from "./zoom.js";

export class Stage {
  #shown = 0;
  #original = 0; // the turn whose original is shown, in which its preview comes too late

  constructor(images) {
    this.images = images;
    this.item = null;
    this.since = 0;
    this.frame = byId("frame");
    this.zoom = new Zoom(this.frame, () => this.#sharper());
  }

  /** Seconds since the image could be seen; null where it cannot yet. */
  get seconds() {
    return this.since ? (performance.now() - this.since) / 1000 : null;
  }

  /** Whether something of the image can be seen, be it its thumbnail: nobody labels what nobody has seen. */
  get visible() {
    const shown = this.zoom.element;
    return Boolean(this.item && shown?.complete && shown.naturalWidth);
  }

  /** Show an item, or words in place of one. */
  show(item, words = "") {
    this.item = item;
    this.since = 0;
    const turn = ++this.#shown;
    const nothing = byId("nothing");
    show(nothing, !item);
    show(byId("caption"), Boolean(item));
    if (!item) {
      this.frame.replaceChildren();
      say(nothing, words);
      this.zoom.reset(null);
      return;
    }
    const { element, ready, there } = this.images.get(item);
    const seen = () => {
      if (turn !== this.#shown) return;
      this.frame.classList.remove("coming");
      if (this.#original !== turn) this.#put(element, item);
      requestAnimationFrame(() => { if (turn === this.#shown) this.since ||= performance.now(); });
    };
    if (there()) seen();
    else {
      this.frame.classList.add("coming");
      this.#put(h("img", { src: item.thumbnail, alt: "" }), item);
      ready.then(seen, () => this.#missing(turn, item));
    }
    this.#caption(item);
  }

  #missing(turn, item) {
    if (turn !== this.#shown) return;
    this.frame.classList.remove("coming");
    this.frame.dataset.missing = item.image;
  }

  /** After a lost connection: fetch again what is missing here. */
  again() {
    if (this.item && this.frame.dataset.missing === this.item.image) {
      delete this.frame.dataset.missing;
      this.show(this.item);
    }
  }

  #put(element, item) {
    element.alt = `Image ${leaf(item.name)}`;
    element.draggable = false;
    element.dataset.width = item.width;
    element.dataset.image = item.image;
    // Small images are drawn larger, up to what the frame holds, so that a digit of 8 pixels can be seen.
    element.classList.toggle("small", item.width > 0 && item.width <= 96 && item.height <= 96);
    element.style.aspectRatio = item.width && item.height ? `${item.width} / ${item.height}` : "";
    this.frame.style.setProperty("--ratio", item.width && item.height ? item.width / item.height : 1);
    this.frame.style.setProperty("--most", item.width ? `${item.width * (item.width <= 96 ? 24 : 4)}px` : "100cqw");
    const same = this.zoom.element?.isConnected && this.zoom.element.dataset.image === item.image;
    this.frame.replaceChildren(element);
    if (same) this.zoom.replace(element); // whoever looks closer at the thumbnail goes on where they are
    else this.zoom.reset(element);
  }

  /** Magnified: the original takes the place of the preview as soon as it is there. */
  async #sharper() {
    const { item } = this;
    if (!item || Math.max(item.width, item.height) <= 1280) return;
    const original = new Image();
    original.src = `/images/${item.image}/original`;
    try { await original.decode(); } catch { return; } // the preview stays
    const shown = this.zoom.element;
    if (this.item !== item || !shown?.isConnected || !this.zoom.active) return;
    original.alt = shown.alt;
    original.draggable = false;
    Object.assign(original.dataset, shown.dataset);
    original.className = shown.className;
    original.style.cssText = shown.style.cssText;
    shown.replaceWith(original);
    this.zoom.replace(original);
    this.#original = this.#shown;
  }

  #caption(item) {
    say(byId("name"), item.name);
    byId("name").title = item.name;
    const copies = (item.copies ?? []).filter((path) => path !== item.name);
    say(byId("copies"), copies.length ? plural(copies.length, "exact copy", "exact copies") : "");
    byId("copies").title = copies.join("\n");
    const near = item.near ?? [];
    show(byId("near"), near.length > 0);
    byId("near").replaceChildren(
      h("span", {}, plural(near.length, "near copy", "near copies")),
      ...near.slice(0, 5).map((image) => h("img", {
        src: `/images/${image}/thumbnail`, alt: "A near copy, asked once at most in a batch", loading: "lazy",
      })),
    );
  }
}
