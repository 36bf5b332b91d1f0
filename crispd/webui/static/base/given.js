// What the document brought along: the first answer and the state of the house, so that neither
// has to be asked for. A document out of the service worker's cache brings nothing.

const element = document.getElementById("given");
/** @type {Record<string, any>} */
const given = element?.textContent ? JSON.parse(element.textContent) : {};
element?.remove();

/**
 * Once: what is asked later is asked of the house.
 * @param {string} name
 */
export function taken(name) {
  const value = given[name] ?? null;
  delete given[name];
  return value;
}
