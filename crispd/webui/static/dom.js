// Elements without markup in strings: the page's policy forbids innerHTML.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && name !== "list" && name !== "role") element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
// 24 by 24, drawn with a line of 2.
const PATHS = {
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8",
  state: "M3 12h4l3-7 4 14 3-7h4",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.500v.1",
  alike: "M4 4h9v9H4zM16 8h4v12H8v-4",
  open: "M14 4h6v6M20 4l-9 9M10 5H4v15h15v-6",
  save: "M12 4v11M7 10.500l5 5 5-5M4 20h16",
  share: "M8 12l8-5M8 12l8 5M6 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM18 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM18 21a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  unplugged: "M6 6l-2 7v6h14M10 5h7l3 8v5M4 13h9M3 3l18 18",
  copies: "M8 8h12v12H8zM4 16V4h12",
  date: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  folder: "M3 6h7l2 3h9v11H3z",
  type: "M6 3h8l5 5v13H6zM14 3v5h5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-5 4-7 8-7s8 2 8 7",
  place: "M12 21c5-6 7-9 7-12a7 7 0 1 0-14 0c0 3 2 6 7 12zM12 11a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  keyword: "M4 12V4h8l9 9-8 8zM8 8v.1",
  text: "M5 6h14M12 6v13",
  sort: "M7 5v14M4 16l3 3 3-3M13 7h8M13 12h6M13 17h4",
  more: "M6 9l6 6 6-6",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  recent: "M12 21a9 9 0 1 0-9-9M3 6v6h6M12 7v5l3 2",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "round", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}
