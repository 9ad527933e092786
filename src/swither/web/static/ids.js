// Ids of events, made here, so that sending one again is harmless.

/** A random UUID; also where the page came over plain HTTP from another machine, where randomUUID is absent. */
export function newId() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Now, ISO 8601 in UTC, in microseconds like every time in the store. */
export const now = () => new Date().toISOString().replace("Z", "000Z");
