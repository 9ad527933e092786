// Joins the parts: which mode is on, what each key does in it, and what follows from a new state.

import { announce, notice } from "./announce.js";
import { Answers } from "./answers.js";
import { ClassEditor } from "./class_editor.js";
import { ClassList } from "./class_list.js";
import { Classes, KEYS } from "./classes.js";
import { Curve } from "./curve.js";
import { Desk } from "./desk.js";
import { byId, leaf, plural, say, show } from "./dom.js";
import { Find } from "./find.js";
import { Grid } from "./grid.js";
import { hangUp, post, speakFor } from "./http.js";
import { Images } from "./images.js";
import { Keys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { drawConnection, drawProblems, drawState, noticeRead } from "./panels.js";
import { Queue } from "./queue.js";
import { Review } from "./review.js";
import { Stage } from "./stage.js";
import { ServerState } from "./state.js";
import { Why } from "./why.js";

const server = new ServerState();
const first = await server.start();
const project = first.project.id; // unsent answers belong to it, whatever is served here another day
speakFor(project);
const outbox = new Outbox(project);
const answers = new Answers(outbox, project);
const classes = new Classes();
const images = new Images();
const queue = new Queue(images, (item) => answers.isAnswered(item), whyNone);
const stage = new Stage(images);
const review = new Review(images, classes, answers);
const grid = new Grid(classes, answers, (what) => (what === "undo" ? undo() : undefined), () => Boolean(server.value.cycle) && !server.value.first_training);
const find = new Find(classes, answers, open);
const why = new Why(classes);
const curve = new Curve();
const list = new ClassList(classes, { pick: give, add: addClasses, leave: () => toImages() });
new ClassEditor(classes, answers, (one) => { setMode("grid"); grid.ofClass(one.id); });
const desk = new Desk({ stage, answers, classes, list, ahead });
const keys = new Keys();
let mode = "";
let cycle = first.cycle?.number ?? 0;

// Modes

const SOURCES = { one: queue, review, found: find };

/** @param back from one found image to the list of all that were found. */
function setMode(next, { back = false } = {}) {
  if (next !== mode) scrollTo(0, 0); // on a phone the page scrolls, and another mode stands at its top
  mode = next;
  const onStage = next in SOURCES;
  show(byId("single"), onStage);
  show(byId("grid"), next === "grid");
  show(byId("find"), next === "find");
  show(byId("found-bar"), next === "found");
  const pressed = next === "found" ? "find" : next;
  for (const name of ["one", "grid", "review", "find"]) byId(`mode-${name}`).setAttribute("aria-pressed", String(name === pressed));
  document.body.dataset.mode = next;
  if (next === "review") review.enter();
  if (onStage) desk.from(SOURCES[next]);
  else why.of(null);
  review.draw(next === "review");
  if (next === "find" && back) find.again();
  else if (next === "find") find.enter();
  if (next === "grid") announce("Grid. Arrows move, the space bar picks, Enter labels.");
}

function toImages() {
  if (mode === "grid") byId("grid-cells").querySelector("button")?.focus();
  else byId("frame").focus({ preventScroll: true });
}

function open(item) {
  setMode("found");
  say(byId("found-words"), `${leaf(item.name)}: give it a label, or go back.`);
  toImages();
}

function ahead(item) {
  why.of(item);
  if (mode === "review") review.draw(true);
}

/** Words in place of an image. */
function whyNone(asked) {
  const { indexing, counts } = server.value;
  if (!server.connected || outbox.offline) return "No more images are at hand. They come when the connection is back; what you said is kept.";
  if (!asked) return "The first image comes …";
  if (indexing?.running) return "The folder is being read; the next image comes as soon as it is there.";
  if (!counts.files) return "There are no images in this folder.";
  if (!counts.left) return "Every image has an answer. Review those that deserve a second look, or take the labels out as CSV.";
  return "Nothing to ask just now. What is left was skipped, is before somebody else, or is a near copy of a test image.";
}

// What a person can do

function give(one) {
  if (!one) return;
  if (mode === "grid") grid.give(one);
  else answer(() => desk.label(one));
  if (mode !== "grid") toImages();
}

function answer(act) {
  if (!(mode in SOURCES)) return;
  if (mode === "review") review.answered();
  act();
}

function undo() {
  if (mode === "found" || mode === "find") setMode("one");
  const step = desk.undo();
  if (mode === "grid" && step) {
    if (step.items.length > 1) grid.restore(step);
    else setMode("one");
  }
}

function addClasses(names) {
  const before = classes.active.length;
  const labelled = Number(server.value?.counts?.labelled ?? 0) > 0;
  const fresh = names.filter((name, place) => !classes.named(name) && names.indexOf(name) === place);
  for (const name of fresh) answers.addClass(name);
  const known = names.filter((name) => !fresh.includes(name));
  if (known.length) notice(`There is a class “${known[0]}” already.`);
  else if (fresh.length && labelled && before > 1) notice(`Added “${fresh.join("”, “")}”. Earlier images that may belong to it come up under Review after the next training.`);
  else announce(`Added ${fresh.join(", ")}. ${classes.active.length} classes.`);
}

function like() {
  const item = stage.item ?? queue.current;
  if (!item) return;
  setMode("grid");
  grid.like(item);
}

async function train() {
  byId("train").disabled = true;
  try {
    await post("/api/train");
    notice("Training is asked for; go on labelling meanwhile.");
  } catch (error) {
    notice(error.status ? error.message : "No connection: training could not be asked for.");
  }
  server.refresh();
}

function theme() {
  const now = globalThis.switherTheme.next();
  byId("theme").dataset.theme = now;
  byId("theme").title = `Colours: ${now}`;
  announce(`Colours: ${now}.`);
}

// Keys

const commands = {
  u: undo, Undo: undo, Backspace: undo,
  s: () => answer(() => desk.skip()), " ": () => answer(() => desk.skip()),
  x: () => answer(() => desk.decline("cannot tell")),
  m: () => answer(() => desk.decline("more than one")),
  z: () => mode in SOURCES && stage.zoom.toggle(),
  l: like,
  g: () => (mode === "grid" ? setMode("one") : enterGrid()),
  r: () => setMode(mode === "review" ? "one" : "review"),
  w: () => { byId("why").open = !byId("why").open; },
  "/": () => list.openSearch(),
  "+": () => list.openAdd(),
  "?": () => byId("help").showModal(),
  Escape: () => { if (stage.zoom.active) stage.zoom.toggle(); else setMode(mode === "found" ? "find" : "one", { back: mode === "found" }); },
};

function enterGrid() {
  setMode("grid");
  grid.ofClass(null);
}

keys.add((key, event) => {
  if (mode === "grid" && grid.key(key, event)) return true;
  if (mode in SOURCES && stage.zoom.key(key)) return true;
  if (mode === "review" && key === "ArrowLeft") return keepOrTake("class_id");
  if (mode === "review" && key === "ArrowRight") return keepOrTake("suggested");
  if (event.repeat && key !== "Backspace" && key !== "u") return key.length === 1; // a held key answers once
  const one = classes.ofKey(key);
  if (one && mode !== "find") { give(one); return true; }
  if (!(key in commands)) return noClass(key);
  commands[key]();
  return true;
});

/** A key that a class could have, and none has: said, so that nobody takes the image for labelled. */
function noClass(key) {
  if (mode === "find" || !KEYS.includes(key)) return false;
  notice(`No class has the key ${key.toUpperCase()}.`);
  return true;
}

function keepOrTake(which) {
  const one = classes.get(review.current?.[which]);
  if (one && review.current.reason) give(one);
  return true;
}

const clicks = {
  undo, skip: commands.s, "cannot-tell": commands.x, several: commands.m, zoom: commands.z, like, theme, train,
  "mode-one": () => setMode("one"), "mode-grid": enterGrid, "mode-review": () => setMode("review"), "mode-find": () => setMode("find"),
  "found-back": () => setMode("find", { back: true }), "help-open": commands["?"], "review-keep": () => keepOrTake("class_id"),
  "review-take": () => keepOrTake("suggested"), "connection-close": () => outbox.dismissRefused(),
  "connection-again": () => outbox.tryRefused(), "elsewhere-open": () => location.reload(),
  "problems-open": () => { drawProblems(); byId("problems").showModal(); }, who: askName,
  "notice-close": noticeRead,
};
for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener("click", act);

function askName() {
  byId("by").value = server.value?.by ?? "";
  byId("name-dialog").showModal();
}

byId("name-form").addEventListener("submit", async () => {
  try {
    await post("/api/name", { name: byId("by").value.trim() });
  } catch (error) {
    notice(error.status ? error.message : "No connection: the name could not be kept.");
  }
  server.refresh();
});

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
// A pointer leaves no focus on a button, where the next key would press it again.
addEventListener("pointerup", (event) => {
  const button = event.target instanceof Element && event.target.closest("button, summary");
  if (button && !button.closest("dialog") && !button.matches("#grid-cells .cell, #class-edit")) setTimeout(() => { if (document.activeElement === button) toImages(); });
});

// What follows from a new state

function draw() {
  const state = server.value;
  classes.take(state.classes, outbox.unsent);
  drawState(state, outbox.offline ? outbox.unsent : []); // with a connection they are stored before one could read it
  curve.take(state);
}

server.addEventListener("state", () => {
  draw();
  const number = server.value.cycle?.number ?? 0;
  queue.batch(number);
  if (mode === "one" && !stage.item) desk.draw();
  if (number !== cycle && mode in SOURCES) why.again();
  cycle = number;
  review.known(`${server.value.cycle?.number ?? 0} ${server.value.classes.length}`);
});
server.addEventListener("other", () => {
  hangUp();
  keys.end(); // a browser may let Escape shut the words below for a moment, and nothing is to be said meanwhile
  const unsent = outbox.unsent.length;
  const kept = unsent ? `${plural(unsent, "answer")} for ${first.project.folder} ${unsent === 1 ? "is" : "are"} kept in this browser, and sent when that folder is labelled at this address again.` : "All that you said is stored.";
  say(byId("elsewhere-words"), `“${server.other.project.name}” is labelled at this address now, and no longer “${first.project.name}”. ${kept}`);
  const box = byId("elsewhere");
  // It stays: there is nothing behind it that could be said any more, even while a browser lets Escape shut it.
  for (const part of document.body.children) part.inert = part !== box;
  addEventListener("keydown", (event) => { if (event.key === "Escape") event.preventDefault(); });
  box.addEventListener("close", () => box.showModal());
  box.showModal();
});
server.addEventListener("connection", () => {
  drawConnection(server.connected, outbox);
  if (!server.connected) return;
  outbox.sendNow();
  images.again();
  stage.again();
  queue.fill();
});
outbox.addEventListener("change", () => {
  if (outbox.offline) drawState(server.value, outbox.unsent);
  classes.take(server.value.classes, outbox.unsent);
  drawConnection(server.connected, outbox);
  queue.answeredTokens = outbox.unsent.map((event) => event.query).filter(Boolean);
});
answers.addEventListener("said", ({ detail }) => {
  if (mode === "one") return;
  queue.drop(new Set(detail.map((event) => event.image)));
});
queue.addEventListener("change", () => { if (mode === "one") desk.draw(); });
review.addEventListener("change", () => { if (mode === "review") { desk.draw(); review.draw(true); } });
find.addEventListener("done", () => {
  setMode("find", { back: true });
  const one = classes.get(answers.given(find.seen)?.class_id);
  notice(one ? `Labelled ${one.name}.` : `Noted: ${answers.latest}.`, { name: "Take back (u)", run: undo });
});
classes.addEventListener("change", () => {
  if (mode in SOURCES) desk.draw();
});

byId("theme").dataset.theme = globalThis.switherTheme.current();
draw();
list.draw();
drawConnection(server.connected, outbox);
setMode("one");
queue.batch(first.cycle?.number ?? 0);
review.known(`${first.cycle?.number ?? 0} ${first.classes.length}`);
if (classes.active.length < 2) list.openAdd();
document.body.dataset.ready = "";
