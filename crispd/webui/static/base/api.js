// The calls of the service. Every failure is one of three: refused, not reachable, or given up.

export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export class Unreachable extends Error {}

const STARTING_TRIES = 60;
// What proxies say of a house that does not answer them.
const BEHIND = new Set([502, 504]);
let inReach = true;

/** @param {unknown} error */
export const isAbort = (error) => error instanceof Error && error.name === "AbortError";

/**
 * JSON of an address; a house that is starting is asked again until it stands.
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>} as base/types.d.ts has it
 */
export async function call(path, options = {}) {
  for (let tries = 0; ; tries += 1) {
    const answer = await reach(path, options);
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const problem = await answer.json().catch(() => ({}));
    const retry = Number(answer.headers.get("Retry-After"));
    if (answer.status === 503 && retry && tries < STARTING_TRIES) {
      await pause(retry * 1000, options.signal);
      continue;
    }
    if (answer.status === 401) window.dispatchEvent(new Event("crispd:stranger"));
    throw new Refused(answer.status, problem.detail ?? answer.statusText);
  }
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function reach(path, options) {
  let answer;
  try {
    answer = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  } catch (error) {
    if (isAbort(error)) throw error;
  }
  const reached = answer !== undefined && !BEHIND.has(answer.status);
  tell(reached);
  if (!answer || !reached) throw new Unreachable();
  return answer;
}

/**
 * The page hears when the house goes out of reach, and when it is back.
 * @param {boolean} now
 */
function tell(now) {
  if (now === inReach) return;
  inReach = now;
  window.dispatchEvent(new CustomEvent("crispd:reach", { detail: now }));
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal | null} [signal]
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/**
 * @param {string} path
 * @param {object} [body]
 */
export const post = (path, body) =>
  call(path, {
    method: "POST",
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
