// Where things stand, in words: progress and pace, the training, the reading of the folder, the model, the connection.

import { byId, h, number, percent, plural, say, show } from "./dom.js";

const minutes = (seconds) => (seconds < 90 ? "about a minute" : seconds < 5400 ? `about ${Math.round(seconds / 60)} minutes` : `about ${Math.round(seconds / 3600)} hours`);

/**
 * Everything that a new state says outside the image, the classes and the accuracy. What counts as labelled is on the
 * server's disk; `unsent`, what is still in this browser only, is said beside it.
 */
export function drawState(state, unsent) {
  const { counts = {}, pace = {}, project = {}, indexing, job, model } = state;
  const { name } = project;
  show(byId("project-notice"), Boolean(project.notice) && project.notice !== read());
  say(byId("project-notice").firstElementChild, project.notice ?? "");
  say(byId("project"), name);
  byId("project").title = project.folder ?? "";
  document.title = `${name} · swither`;
  const waiting = unsent.filter((event) => event.kind === "labelled").length;
  say(byId("done"), `${number(counts.labelled)} labelled${waiting ? `, ${number(waiting)} unsent` : ""}`);
  say(byId("pace"), pace.per_minute ? `${Math.round(pace.per_minute)} a minute` : "");
  const left = counts.left ?? 0;
  say(byId("left"), left ? `${number(left)} left` : "");
  byId("left").title = pace.seconds_left ? `At this pace all of them would take ${minutes(pace.seconds_left)}; you hardly need all.` : "";
  const accuracy = state.cycle?.accuracy;
  say(byId("good"), accuracy?.counted
    ? `${percent(accuracy.right / accuracy.counted)} right (${percent(accuracy.low).replace(" %", "")} to ${percent(accuracy.high)})` : "");
  say(byId("who"), state.by || "Your name");
  indexingPanel(indexing, counts);
  trainingPanel(job, state.cycle);
  say(byId("model-words"), model?.words ?? "");
  show(byId("model-command"), Boolean(model?.command));
  if (model?.command) say(byId("model-command").querySelector("code"), model.command);
}

const READ = "swither.notice";

function read() {
  try { return localStorage.getItem(READ); } catch { return null; }
}

/** The words of the project were read; they do not come again in this browser. */
export function noticeRead() {
  try { localStorage.setItem(READ, byId("project-notice").firstElementChild.textContent); } catch { /* this time only */ }
  show(byId("project-notice"), false);
}

function indexingPanel(indexing, counts) {
  const running = Boolean(indexing?.running);
  const of = indexing?.of || counts.files || 0;
  const problems = indexing?.problems ?? 0;
  show(byId("reading"), running || problems > 0);
  show(byId("reading-bar"), running);
  if (running) {
    byId("reading-bar").max = of || 1;
    byId("reading-bar").value = indexing.done ?? 0;
  }
  say(byId("reading-words"), running
    ? `${indexing.what || "Reading the folder"}: ${number(indexing.done ?? 0)} of ${number(of)}`
    : `${plural(counts.images ?? 0, "image")} read.`);
  const button = byId("problems-open");
  show(button, problems > 0);
  say(button, `${plural(problems, "file")} could not be read`);
  button.problems = indexing?.named ?? [];
}

export function drawProblems() {
  const problems = byId("problems-open").problems ?? [];
  byId("problem-rows").replaceChildren(...problems.map((one) =>
    h("li", {}, h("bdi", { class: "path" }, one.path), h("span", {}, one.words))));
}

function trainingPanel(job, cycle) {
  const active = job && (job.state === "running" || job.state === "waiting");
  const chip = byId("training-chip");
  const share = active && job.of ? Math.round((100 * job.done) / job.of) : null;
  const what = job?.what || (job?.state === "waiting" ? "waiting" : "training");
  show(chip, Boolean(active));
  say(byId("training-chip-words"), share === null ? what : `${what} ${share} %`);
  show(byId("training-bar"), Boolean(active));
  if (active && job.of) {
    byId("training-bar").max = job.of;
    byId("training-bar").value = job.done ?? 0;
  } else byId("training-bar").removeAttribute("value");
  const failed = job?.state === "failed";
  say(byId("training-words"), active
    ? `${what[0].toUpperCase()}${what.slice(1)}${job.of ? `, ${number(job.done ?? 0)} of ${number(job.of)}` : ""}. You can go on labelling.`
    : failed ? `The last training failed: ${job.error}`
      : cycle ? `${plural(cycle.number, "training")} so far; the latest knew ${plural(cycle.labelled, "label")}.`
        : "Nothing trained yet.");
  byId("training-words").classList.toggle("bad", Boolean(failed));
  byId("train").disabled = Boolean(active);
  factsOf(cycle?.facts);
}

/** What the training chose and why, as the server worded it. */
function factsOf(facts) {
  const rows = Object.entries(facts ?? {}).filter(([, value]) => ["string", "number"].includes(typeof value));
  show(byId("facts"), rows.length > 0);
  const words = ([name, value]) => [h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, typeof value === "number" ? number(Math.round(1000 * value) / 1000) : value)];
  byId("fact-rows").replaceChildren(...rows.flatMap(words));
}

/** Connection and unsent answers. */
export function drawConnection(connected, outbox) {
  const unsent = outbox.unsent.length;
  const line = byId("connection");
  const lost = !connected || outbox.offline;
  show(line, lost || !outbox.kept || outbox.refused.length > 0 || unsent > 20);
  line.dataset.kind = outbox.refused.length || !outbox.kept ? "bad" : lost ? "lost" : "busy";
  const kept = unsent ? ` ${plural(unsent, "answer")} ${unsent === 1 ? "is" : "are"} kept in this browser and sent later.` : "";
  if (outbox.refused.length) say(byId("connection-words"), `${plural(outbox.refused.length, "answer")} refused: ${outbox.refused[0].error}`);
  else if (!outbox.kept) say(byId("connection-words"), "This browser keeps nothing: do not close the page while answers are unsent.");
  else if (lost) say(byId("connection-words"), `${outbox.trouble || "No connection."} You can go on.${kept}`);
  else say(byId("connection-words"), `Sending ${plural(unsent, "answer")} …`);
  for (const id of ["connection-again", "connection-close"]) show(byId(id), outbox.refused.length > 0);
  byId("connection").dataset.unsent = unsent;
}
