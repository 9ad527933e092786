// One door to the server: JSON in, JSON out, every failure an Error with words and a status.

export class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body.error ?? `The server answered ${response.status}.`);
  return body;
}

const limit = (seconds) => AbortSignal.timeout(1000 * seconds);

/** GET; parameters with null are left out. Throws TypeError where there is no connection. */
export async function get(path, parameters = {}, seconds = 60) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== ""));
  const address = query.size ? `${path}?${query}` : path;
  return answer(await fetch(address, { headers: { Accept: "application/json" }, signal: limit(seconds) }));
}

/** POST with the header that other sites cannot send. */
export async function post(path, body = {}, { keepalive = false, seconds = 60 } = {}) {
  const headers = { "Content-Type": "application/json", "X-Swither": "1" };
  const options = { method: "POST", headers, body: JSON.stringify(body), keepalive };
  return answer(await fetch(path, keepalive ? options : { ...options, signal: limit(seconds) }));
}
