// Classes renamed and merged; each is an event, nothing is overwritten, and keys stay where they are.

import { byId, h, plural } from "./dom.js";
import { notice } from "./announce.js";

export class ClassEditor {
  constructor(classes, answers, more) {
    Object.assign(this, { classes, answers, more });
    this.dialog = byId("classes-dialog");
    byId("class-edit").addEventListener("click", () => this.open());
    classes.addEventListener("change", () => { if (this.dialog.open && !this.dialog.contains(document.activeElement)) this.draw(); });
  }

  open() {
    this.draw();
    this.dialog.showModal();
  }

  draw() {
    byId("class-rows").replaceChildren(...this.classes.active.map((one) => this.#row(one)));
  }

  #row(one) {
    const name = h("input", { value: one.name, "aria-label": `Name of ${one.name}`, dir: "auto", maxlength: "200" });
    const rename = () => {
      const typed = name.value.trim();
      if (!typed || typed === one.name) { name.value = one.name; return; }
      if (this.classes.named(typed) && this.classes.named(typed).id !== one.id) {
        notice(`There is a class “${typed}” already. Merge them, if they are the same.`);
        name.value = one.name;
        return;
      }
      const event = this.answers.renameClass(one, typed);
      notice(`Renamed “${one.name}” to “${typed}”.`, { name: "Take back", run: () => this.answers.takeBack(event) });
      setTimeout(() => this.draw());
    };
    name.addEventListener("change", rename);
    const merge = h("button", { type: "button", class: "quiet" }, "Merge into …");
    merge.addEventListener("click", () => merge.replaceWith(this.#choice(one)));
    const more = h("button", { type: "button", class: "quiet", onclick: () => { this.dialog.close(); this.more(one); } }, "More of these");
    return h("li", { hue: one.hue }, h("kbd", {}, one.key.toUpperCase() || "–"), name,
      h("span", { class: "count" }, plural(one.labels ?? 0, "label")), h("span", { class: "row-actions" }, more, merge));
  }

  #choice(one) {
    const others = this.classes.active.filter((other) => other.id !== one.id);
    const choice = h("select", { "aria-label": `Merge ${one.name} into` },
      h("option", { value: "" }, "Merge into …"), ...others.map((other) => h("option", { value: other.id }, other.name)));
    choice.addEventListener("change", () => {
      const into = this.classes.get(choice.value);
      if (!into) return;
      const event = this.answers.mergeClass(one, into);
      notice(`“${one.name}” is part of “${into.name}” from now on.`, { name: "Take back", run: () => this.answers.takeBack(event) });
      setTimeout(() => { this.draw(); this.dialog.querySelector("input")?.focus(); });
    });
    setTimeout(() => choice.focus());
    return choice;
  }
}
