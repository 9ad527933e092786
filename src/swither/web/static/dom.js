// Elements from code: no framework, and nothing that a content security policy would have to allow.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "hue") element.style.setProperty("--hue", value); // CSSOM, not a style attribute
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: h("button", {class: "key", onclick: f}, "text", child). */
export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export const byId = (id) => document.getElementById(id);

/** Show or hide by the `hidden` attribute, touching the page only where it changes. */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/** Set text only where it differs, so that screen readers and selections are left in peace. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const number = (value) => Number(value).toLocaleString("en-GB");
export const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;
export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** Name of a file without its folders. */
export const leaf = (path) => String(path ?? "").split("/").pop();
