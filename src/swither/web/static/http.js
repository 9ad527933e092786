// One door to the server: JSON in, JSON out, every failure an Error with words and a status.

export class Refused extends Error {
  /** @param ours whether swither refused it, and not some other program that answers at this address. */
  constructor(status, words, ours = true) {
    super(words);
    this.status = status;
    this.ours = ours;
  }
}

let project = ""; // for which everything is asked and said, once it is known; the server refuses what is for another
let over = false;

/** From now on everything that is asked and said is for this project. */
export function speakFor(id) {
  project = id;
}

/** From now on nothing is asked or said any more. */
export function hangUp() {
  over = true;
}

async function answer(response) {
  if (!response.headers.get("X-Swither")) throw new Refused(response.status, "Another program answers at this address.", false);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body.error ?? `The server answered ${response.status}.`);
  return body;
}

function ask(path, options) {
  if (over) throw new Refused(0, "This page has ended; open it anew.", false);
  if (project) options.headers["X-Swither-Project"] = project;
  return fetch(path, options);
}

const limit = (seconds) => AbortSignal.timeout(1000 * seconds);

/** GET; parameters with null are left out. Throws TypeError where there is no connection. */
export async function get(path, parameters = {}, seconds = 60) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== ""));
  const address = query.size ? `${path}?${query}` : path;
  return answer(await ask(address, { headers: { Accept: "application/json" }, signal: limit(seconds) }));
}

/** POST with the header that other sites cannot send. */
export async function post(path, body = {}, { keepalive = false, seconds = 60 } = {}) {
  const headers = { "Content-Type": "application/json", "X-Swither": "1" };
  const options = { method: "POST", headers, body: JSON.stringify(body), keepalive };
  return answer(await ask(path, keepalive ? options : { ...options, signal: limit(seconds) }));
}
