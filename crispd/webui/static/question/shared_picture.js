// A picture that another app handed over: the service worker holds it.

const WAIT_MS = 5000;

/**
 * Null where there is none any more. The address that asked for it is taken back.
 * @returns {Promise<File | null>}
 */
export async function sharedPicture() {
  const asked = new URLSearchParams(location.search);
  if (asked.get("shared") !== "picture") return null;
  history.replaceState(history.state, "", "/");
  const worker = navigator.serviceWorker?.controller;
  if (!worker) return null;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage("shared-picture", [port2]);
    setTimeout(() => resolve(null), WAIT_MS);
  });
}
