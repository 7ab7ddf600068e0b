// Shows tensors as heat-map tables, with small pictures of larger matrices.

const tape = JSON.parse(document.getElementById("tape").textContent);
const [ROWS, COLUMNS, MATRICES] = tape.shown;

/** The matrix that is shown of each tensor that has several, by entry. */
const chosenMatrix = new Map();
/** The element that is explained, if any: its entry and its place in row-major order. */
let selected = null;

/** A number with about four digits, as explanations write it. What is not finite is a text already. */
function short(x) {
  if (typeof x === "string") return x;
  const size = Math.abs(x);
  if (x === 0) return "0";
  if (size < 1e-3 || size >= 1e6) {
    const [digits, exponent] = x.toExponential(3).split("e");
    return `${trimmed(digits)}e${Number(exponent)}`;
  }
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(size)));
  const scaled = size * 10 ** decimals;
  // Rounds halves to even, as Rust does.
  const isHalf = scaled % 1 === 0.5 && Math.floor(scaled) % 2 === 0;
  return trimmed((isHalf ? (Math.sign(x) * Math.floor(scaled)) / 10 ** decimals : x).toFixed(decimals));
}

/** Without the zeros behind the decimal point that say nothing. */
function trimmed(digits) {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** `[2, 3]`. */
function shapeText(shape) {
  return `[${shape.join(", ")}]`;
}

/** `%3`, with the name if it has one. */
function nameOf(number) {
  const name = tape.entries[number].name;
  return name === null ? `%${number}` : name;
}

/** How the shape splits into matrices: the last two dimensions. */
function matricesOf(shape) {
  const columns = shape.length > 0 ? shape[shape.length - 1] : 1;
  const rows = shape.length > 1 ? shape[shape.length - 2] : 1;
  return { outer: shape.slice(0, -2), rows, columns };
}

/** The index of an element from its place in row-major order. */
function unravel(place, shape) {
  const index = [];
  for (const size of [...shape].reverse()) {
    index.unshift(place % size);
    place = Math.floor(place / size);
  }
  return index;
}

/** `w[0, 1]`; only the name for a single number. */
function elementName(entry, place) {
  const { shape } = tape.tensors[tape.entries[entry].value];
  return shape.length === 0 ? nameOf(entry) : nameOf(entry) + shapeText(unravel(place, shape));
}

/**
 * A tensor under a caption. Its elements belong to those of an entry: they are its value, its gradient or a part of that.
 * `symbol` makes the name of an element from the name of the entry's element.
 */
function tensorFigure(number, entry, caption, symbol = (name) => name) {
  const tensor = tape.tensors[number];
  const holder = element("div", { class: "numbers" });
  const show = () => holder.replaceChildren(...numbers(tensor, entry, symbol, show));
  show();
  const kind = tensor.kind === "f32" ? "" : ` ${tensor.kind}`;
  const shape = element("span", { class: "shape" }, shapeText(tensor.shape) + kind);
  return element("figure", { class: "tensor" }, element("figcaption", {}, caption, " ", shape), holder);
}

function numbers(tensor, entry, symbol, redraw) {
  const count = tensor.cells.length;
  const matrix = Math.min(chosenMatrix.get(entry) ?? 0, count - 1);
  const choose = (which) => {
    chosenMatrix.set(entry, which);
    redraw();
  };
  const parts = [];
  if (count > 1 || tensor.pictures.length > 0) parts.push(matrixButtons(tensor, matrix, choose));
  parts.push(table(tensor, entry, matrix, symbol));
  const note = cutNote(tensor);
  if (note !== "") parts.push(element("p", { class: "cut" }, note));
  return parts;
}

/** Which part of a large tensor the table shows. */
function cutNote(tensor) {
  const { outer, rows, columns } = matricesOf(tensor.shape);
  const matrices = outer.reduce((product, size) => product * size, 1);
  const parts = [];
  if (rows > ROWS) parts.push(`${ROWS} of ${rows} rows`);
  if (columns > COLUMNS) parts.push(`${COLUMNS} of ${columns} columns`);
  if (matrices > MATRICES) parts.push(`${MATRICES} of ${matrices} matrices`);
  return parts.length > 0 ? `the first ${parts.join(", ")}` : "";
}

/** A button for each matrix, with a picture if there is one. */
function matrixButtons(tensor, current, choose) {
  const { outer, rows, columns } = matricesOf(tensor.shape);
  const button = (_, which) => {
    const index = outer.length > 0 ? shapeText(unravel(which, outer)) : "";
    const face = tensor.pictures[which] ? picture(tensor.pictures[which], rows, columns) : null;
    const attributes = {
      type: "button",
      class: face ? "matrix pictured" : "matrix",
      "aria-pressed": String(which === current),
      "aria-label": index === "" ? "The whole matrix" : `Matrix ${index}`,
      title: index === "" ? `${rows} by ${columns}` : `${index}: ${rows} by ${columns}`,
      onclick: () => choose(which),
    };
    return element("button", attributes, face, face && index === "" ? null : element("span", {}, index));
  };
  return element("div", { class: "matrices" }, tensor.cells.map(button));
}

/** Letters are shades: `a` to `z` above zero, `A` to `Z` below. */
function picture(shades, rows, columns) {
  const canvas = element("canvas", { width: columns, height: rows, "aria-hidden": "true" });
  const scale = Math.max(1, Math.min(4, Math.floor(64 / Math.max(rows, columns))));
  canvas.style.width = `${columns * scale}px`;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  [...shades].forEach((shade, at) => {
    const code = shade.charCodeAt(0);
    const level = code >= 97 ? code - 96 : code >= 65 ? code - 64 : 0;
    const color = shade === "!" ? [214, 39, 90] : code >= 97 ? [213, 94, 0] : [0, 114, 178];
    image.data.set([...color, shade === "!" ? 255 : (255 * level) / 26], 4 * at);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

function table(tensor, entry, matrix, symbol) {
  const { rows, columns } = matricesOf(tensor.shape);
  const [shownRows, shownColumns] = [Math.min(rows, ROWS), Math.min(columns, COLUMNS)];
  const isMatrix = tensor.shape.length > 1;
  const head = element("tr", {}, isMatrix ? element("td") : null);
  for (let column = 0; column < shownColumns; column++) head.append(element("th", { scope: "col" }, String(column)));
  const body = element("tbody");
  for (let row = 0; row < shownRows; row++) {
    const line = element("tr", {}, isMatrix ? element("th", { scope: "row" }, String(row)) : null);
    for (let column = 0; column < shownColumns; column++) {
      const value = tensor.cells[matrix][row * shownColumns + column];
      line.append(cell(tensor, value, entry, (matrix * rows + row) * columns + column, symbol));
    }
    if (columns > shownColumns) line.append(element("td", { class: "more", "aria-hidden": "true" }, "…"));
    body.append(line);
  }
  const empty = shownRows * shownColumns === 0;
  if (empty) return element("p", { class: "cut" }, "no elements");
  const label = symbol(nameOf(entry));
  const made = element("table", { role: "grid", "aria-label": label, onkeydown: moveInGrid }, body);
  if (tensor.shape.length > 0) made.prepend(element("thead", {}, head));
  body.querySelector(".cell").tabIndex = 0;
  return made;
}

function cell(tensor, value, entry, place, symbol) {
  const finite = typeof value !== "string";
  const heat = finite && tensor.largest > 0 ? Math.abs(value) / tensor.largest : 0;
  const sign = !finite ? "broken" : value > 0 ? "above" : "below";
  const text = textOf(value, tensor.kind);
  const full = `${symbol(elementName(entry, place))} = ${tensor.kind === "bool" ? text : value}`;
  const isSelected = selected !== null && selected.entry === entry && selected.place === place;
  return element(
    "td",
    {
      role: "gridcell",
      class: `cell ${sign}${isSelected ? " selected" : ""}`,
      "aria-selected": String(isSelected),
      style: `--heat: ${(100 * heat).toFixed(0)}%`,
      tabindex: "-1",
      title: full,
      "aria-label": full,
      "data-entry": entry,
      "data-place": place,
    },
    text,
  );
}

/** What a cell says. The file has the shortest digits that tell a number of 32 bits from its neighbours. */
function textOf(value, kind) {
  if (kind === "bool") return String(value === 1);
  return short(kind === "f32" && typeof value === "number" ? Math.fround(value) : value);
}

/** Shows which element is explained, in every table that has it. */
function markSelected(element) {
  selected = element;
  for (const cell of document.querySelectorAll(".cell")) {
    const { entry, place } = cell.dataset;
    const isSelected = element !== null && Number(entry) === element.entry && Number(place) === element.place;
    cell.classList.toggle("selected", isSelected);
    cell.setAttribute("aria-selected", String(isSelected));
  }
}

/** Arrow keys walk through the cells of a table; they do not step. */
function moveInGrid(event) {
  const cell = event.target.closest(".cell");
  const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!cell || !move) return;
  event.preventDefault();
  event.stopPropagation();
  const row = cell.parentElement;
  const target = row.parentElement.rows[row.sectionRowIndex + move[0]]?.cells[cell.cellIndex + move[1]];
  if (target?.classList.contains("cell")) {
    cell.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  }
}

