// What an answer does with the image on the stage. Where images come from is a source: the queue, the review, a search.
// A source has `current`, `advance()`, `back(item)`, `words` and `stood(item)`, the class that an image has so far.

import { byId, say, show } from "./dom.js";
import { announce, notice } from "./announce.js";

export class Desk {
  /** @param ahead called when another image stands on the stage. */
  constructor({ stage, answers, classes, list, ahead }) {
    Object.assign(this, { stage, answers, classes, list, ahead });
    this.source = null;
  }

  /** Take images from here. */
  from(source) {
    this.source = source;
    this.draw();
  }

  /** The shown image, or null. */
  get item() {
    return this.stage.item;
  }

  draw() {
    const item = this.source.current;
    if (item !== this.stage.item || !item) this.stage.show(item, this.source.words);
    const given = item && this.answers.given(item.image);
    const stood = item ? given?.class_id ?? item.label ?? null : null;
    this.list.mark(stood && this.classes.get(stood)?.id);
    for (const button of document.querySelectorAll("[data-needs-image]")) button.disabled = !item;
    byId("undo").disabled = !this.answers.depth;
    this.ahead(item);
  }

  label(one) {
    const item = this.#seen();
    if (!item) return;
    this.list.flash(one.id);
    this.answers.label([[item, one]], one.name, this.stage.seconds);
    this.#on(`Labelled ${one.name}.`, one);
  }

  decline(reason) {
    const item = this.#seen();
    if (!item) return;
    this.answers.decline(item, reason, this.stage.seconds);
    this.#on(`Noted: ${reason}.`);
  }

  skip() {
    const item = this.#seen();
    if (!item) return;
    this.answers.skip(item, this.stage.seconds);
    this.#on("Skipped; it comes again later.");
  }

  /** Take back the latest step; its image stands on the stage again. */
  undo() {
    const step = this.answers.undo();
    if (!step) {
      notice("Nothing left to take back.");
      return null;
    }
    if (step.items.length === 1) {
      this.source.back(step.items[0]);
      this.#last(`Took back: ${step.words}`);
      announce(`Took back ${step.words}. The image is shown again.`);
    } else notice(`Took back ${step.items.length} labels (${step.words}).`);
    this.draw();
    return step;
  }

  /** The shown image if something of it can be seen; otherwise null, and the key does nothing. */
  #seen() {
    if (this.stage.visible) return this.item;
    announce(this.item ? "The image is not here yet." : "There is no image to answer.");
    return null;
  }

  #on(words, one = null) {
    this.source.advance();
    this.draw();
    this.#last(one ? one.name : words, one);
    announce(`${words} ${this.item ? "Next image." : this.source.words || "No image is at hand."}`);
  }

  #last(words, one = null) {
    const line = byId("last");
    show(line, true);
    line.style.setProperty("--hue", one ? one.hue : 0);
    line.classList.toggle("coloured", Boolean(one));
    say(line, words);
  }
}
