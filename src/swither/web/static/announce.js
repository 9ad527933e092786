// What just happened: one quiet line for the eye, the same for a screen reader.

import { byId, h, say } from "./dom.js";

let timer = 0;

/** Tell a screen reader; the line is emptied first so that the same words twice are read twice. */
export function announce(words) {
  const live = byId("live");
  live.textContent = "";
  requestAnimationFrame(() => say(live, words));
}

/** A line at the foot of the page that goes by itself, with at most one thing to do about it. */
export function notice(words, action = null, seconds = 6) {
  const line = byId("notice");
  (document.querySelector("dialog[open]") ?? document.body).append(line); // nothing outside an open dialog can be seen
  clearTimeout(timer);
  const close = () => { line.hidden = true; };
  const button = action && h("button", { class: "link", onclick: () => { close(); action.run(); } }, action.name);
  line.replaceChildren(h("span", {}, words), ...(button ? [button] : []));
  line.hidden = false;
  timer = setTimeout(close, 1000 * (action ? seconds + 4 : seconds));
  announce(words);
}
