// Accuracy on the images that are never trained on, after each training, always with its interval.

import { byId, h, number, percent, plural, s, say, show } from "./dom.js";
import { get } from "./http.js";

const WIDTH = 320;
const HEIGHT = 150;
const LEFT = 34;
const BOTTOM = 20;
const TOP = 6;

export class Curve {
  #cycle = null;

  /** The state has changed: the number at once, the curve where there is a new training. */
  async take(state) {
    const { cycle, advice } = state;
    const accuracy = cycle?.accuracy;
    show(byId("accuracy-number"), Boolean(accuracy?.counted));
    if (accuracy?.counted) {
      say(byId("accuracy-value"), percent(accuracy.right / accuracy.counted));
      say(byId("accuracy-interval"), `${percent(accuracy.low)} to ${percent(accuracy.high)}`);
      say(byId("accuracy-of"), `${number(accuracy.right)} of ${plural(accuracy.counted, "test image")} right; they are never trained on`);
    }
    say(byId("accuracy-words"), state.first_training
      ? `${untilFirst(state.first_training)} Accuracy stands here after it, always with its 95 % interval.`
      : accuracy?.counted ? "" : "None of the images that the page asks for testing has a label yet; about every fifth one asked is for testing.");
    say(byId("advice"), advice?.words ?? "");
    byId("advice").dataset.verdict = advice?.verdict ?? "";
    if (cycle && cycle.number !== this.#cycle) {
      try {
        const { cycles } = await get("/api/curve");
        this.#cycle = cycle.number;
        this.#draw(cycles);
      } catch { /* at the next state */ }
    }
  }

  #draw(cycles) {
    const measured = cycles.filter((one) => one.counted > 0 && one.accuracy !== null && !one.superseded);
    byId("curve").replaceChildren(...(measured.length > 1 ? [picture(measured)] : []));
    const swither = cycles.filter((one) => one.dispersion !== null && one.dispersion !== undefined);
    const now = swither.at(-1);
    const before = swither.at(-2);
    show(byId("minds"), Boolean(now));
    if (now) {
      byId("minds").replaceChildren(h("span", {}, "The pool still changes its mind in "), h("b", {}, percent(now.dispersion, 1)),
        h("span", {}, ` of predictions${before ? `, ${percent(before.dispersion, 1)} before` : ""}.`), spark(swither.map((one) => one.dispersion)));
    }
  }
}

/** What the first training waits for, in words. */
export function untilFirst({ labels, classes }) {
  if (labels) return `First training after ${plural(labels, "more label", "more labels")}${classes ? ", with two classes or more" : ""}; images that are kept for testing do not count.`;
  return classes ? "First training once two classes have labels." : "There are labels enough for the first training; it begins by itself.";
}

const rounded = (value, up) => (up ? Math.ceil : Math.floor)(value * 10) / 10;

/** The learning curve: labels across, accuracy up, the interval as a band. */
export function picture(cycles) {
  const most = Math.max(...cycles.map((one) => one.labelled));
  const least = Math.min(...cycles.map((one) => one.labelled));
  const low = Math.max(0, rounded(Math.min(...cycles.map((one) => one.low)), false));
  const high = Math.min(1, rounded(Math.max(...cycles.map((one) => one.high)), true));
  const x = (labels) => LEFT + ((labels - least) / (most - least || 1)) * (WIDTH - LEFT - 8);
  const y = (share) => TOP + (1 - (share - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  const line = (points) => points.map(([a, b], place) => `${place ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");
  const upper = cycles.map((one) => [x(one.labelled), y(one.high)]);
  const lower = cycles.map((one) => [x(one.labelled), y(one.low)]).reverse();
  const last = cycles.at(-1);
  const ticks = Array.from({ length: Math.round((high - low) * 10) + 1 }, (_, place) => low + place / 10)
    .filter((_, place, all) => all.length < 7 || place % 2 === 0);
  const words = `Learning curve: ${percent(cycles[0].accuracy)} with ${plural(cycles[0].labelled, "label")}, ${percent(last.accuracy)} with ${number(last.labelled)}; interval now ${percent(last.low)} to ${percent(last.high)}.`;
  return s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words, class: "curve" },
    s("title", {}, words),
    ...ticks.flatMap((share) => [s("line", { class: "rule", x1: LEFT, x2: WIDTH - 8, y1: y(share), y2: y(share) }),
      s("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, percent(share).replace(" %", ""))]),
    s("path", { class: "band", d: `${line(upper)}${line(lower).replace("M", "L")}Z` }),
    s("path", { class: "line", d: line(cycles.map((one) => [x(one.labelled), y(one.accuracy)])) }),
    ...cycles.map((one) => s("circle", { cx: x(one.labelled), cy: y(one.accuracy), r: 2.6 },
      s("title", {}, `${plural(one.labelled, "label")}: ${percent(one.accuracy)} (${percent(one.low)} to ${percent(one.high)})`))),
    s("text", { x: LEFT, y: HEIGHT - 4 }, number(least)),
    s("text", { x: WIDTH - 8, y: HEIGHT - 4, "text-anchor": "end" }, `${number(most)} labels`));
}

/** A line as high as a letter. */
function spark(values) {
  if (values.length < 2) return "";
  const most = Math.max(...values) || 1;
  const points = values.map((value, place) => `${(2 + (place / (values.length - 1)) * 56).toFixed(1)},${(14 - (value / most) * 12).toFixed(1)}`);
  return s("svg", { viewBox: "0 0 60 16", class: "spark", "aria-hidden": "true" }, s("polyline", { points: points.join(" ") }));
}
