// Why this image was asked: what the network took it for, epoch by epoch, in the colours of the classes. It says what
// the network thinks, so it stays shut until somebody asks for it, for each image anew: an answer, above all one of a
// test image, is to be the person's own.

import { byId, h, percent, plural, s, say, show } from "./dom.js";
import { get } from "./http.js";

const WIDTH = 320;
const HEIGHT = 56;

export class Why {
  #image = null; // whose story stands in the panel
  #asked = null; // whose story is on its way or there

  constructor(classes) {
    this.classes = classes;
    this.box = byId("why");
    this.box.addEventListener("toggle", () => this.of(this.item));
    classes.addEventListener("change", () => { if (this.answer && this.#image === this.item?.image) this.draw(); });
  }

  /** What stands on the stage now: with another image the panel shuts; the story is fetched once it is opened. */
  of(item) {
    const another = item?.image !== this.item?.image;
    this.item = item;
    show(this.box, Boolean(item));
    if (another) {
      this.box.open = false;
      this.#image = this.#asked = null;
      byId("why-body").replaceChildren();
    }
    if (item && this.box.open && this.#asked !== item.image) this.#load(item);
  }

  /** A new training: the story of the same image is another one. */
  again() {
    if (this.#image) byId("why-body").classList.add("stale");
    this.#asked = null;
    this.of(this.item);
  }

  async #load(item) {
    this.#asked = item.image;
    if (this.#image !== item.image) this.#words("Looking …");
    try {
      const answer = await get(`/api/why/${item.image}`);
      if (this.item?.image !== item.image) return;
      this.answer = answer;
      this.#image = item.image;
      this.draw();
    } catch (error) {
      if (this.item?.image !== item.image) return;
      this.#asked = null; // opened again, it is asked for again
      this.#words(error.status ? error.message : "No connection: open it again later.");
    }
  }

  #words(words) {
    byId("why-body").classList.remove("stale");
    byId("why-body").replaceChildren(h("p", {}, words));
  }

  draw() {
    const { labels = [], epochs = [], confidence = [], nearest = [], words = "", dispersion } = this.answer;
    const body = byId("why-body");
    body.classList.remove("stale");
    const parts = [h("p", {}, words)];
    if (labels.length) parts.push(timeline(labels, epochs, confidence, this.classes), this.#legend(labels, dispersion));
    if (nearest.length) parts.push(this.#nearest(nearest));
    body.replaceChildren(...parts);
  }

  #legend(labels, dispersion) {
    const counts = new Map();
    for (const id of labels) counts.set(id, (counts.get(id) ?? 0) + 1);
    const most = [...counts].sort((first, second) => second[1] - first[1]);
    const chips = most.slice(0, 6).map(([id, count]) => {
      const one = this.classes.get(id);
      return h("li", {}, h("bdi", { class: "chip", hue: one?.hue ?? 0, dir: "auto" }, one?.name ?? "?"), h("span", { class: "count" }, percent(count / labels.length)));
    });
    const rest = most.length > 6 ? [h("li", { class: "count" }, `and ${most.length - 6} more`)] : [];
    const measure = dispersion === null || dispersion === undefined ? [] : [h("p", { class: "small" }, `Dispersion ${Number(dispersion).toFixed(2)}: the share of epochs that did not say what most of them said.`)];
    return h("div", {}, h("ul", { class: "legend" }, ...chips, ...rest), ...measure);
  }

  #nearest(nearest) {
    const cells = nearest.slice(0, 6).map(({ image, class_id }) => {
      const one = this.classes.get(class_id);
      return h("li", { hue: one?.hue ?? 0 }, h("img", { src: `/images/${image}/thumbnail`, alt: "" }), h("bdi", { dir: "auto" }, one?.name ?? ""));
    });
    return h("div", {}, h("h3", {}, "Nearest labelled images"), h("ul", { class: "nearest" }, ...cells));
  }
}

/** One bar for each recorded epoch: its colour the label that was predicted, its height how sure the network was. */
export function timeline(labels, epochs, confidence, classes) {
  const flips = labels.filter((id, place) => place > 0 && id !== labels[place - 1]).length;
  const last = labels.at(-1);
  const sure = confidence.length ? `, ${percent(confidence.at(-1))} sure` : "";
  const words = `Over ${plural(labels.length, "recorded epoch")} the predicted label changed ${plural(flips, "time")}; at the end: ${classes.name(last)}${sure}.`;
  const step = WIDTH / labels.length;
  const gap = step > 4 ? 1 : 0;
  const bars = labels.map((id, place) => {
    const height = Math.max(3, (confidence[place] ?? 1) * HEIGHT);
    const title = `epoch ${epochs[place] ?? place + 1}: ${classes.name(id)}${confidence.length ? `, ${percent(confidence[place])}` : ""}`;
    return s("rect", { class: "epoch", hue: classes.get(id)?.hue ?? 0, x: place * step, y: HEIGHT - height, width: Math.max(0.5, step - gap), height }, s("title", {}, title));
  });
  const axis = s("text", { x: 0, y: HEIGHT + 14 }, `epoch ${epochs[0] ?? 1}`);
  const end = s("text", { x: WIDTH, y: HEIGHT + 14, "text-anchor": "end" }, String(epochs.at(-1) ?? labels.length));
  const picture = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 18}`, role: "img", "aria-label": words, class: "timeline" },
    s("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }), ...bars, axis, end);
  return h("figure", {}, picture); // the server's words stand above; these are for those who cannot see the bars
}
