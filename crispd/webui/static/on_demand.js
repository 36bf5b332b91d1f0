// What is loaded when somebody opens it. Here, since it is looked for from where the linked script is.

/** @returns {Promise<typeof import("./map/map.js")>} */
export const loadMap = () => import("./map/map.js");
