// Shows a step in the graph: finished nodes, the current one, and the gradients that flow along the edges.

const pane = document.getElementById("graph");
const svg = pane.querySelector("svg");
const nodes = [...svg.querySelectorAll("g.node")].map((group) => {
  return { group, entries: group.dataset.entries.split(" ").map(Number) };
});
/** The node in which each entry is drawn: its own, or that of its module. */
const nodeOf = new Map(nodes.flatMap((node) => node.entries.map((entry) => [entry, node])));
const edges = [...svg.querySelectorAll("path.edge")].map((path) => {
  const [from, to] = path.id.slice(1).split("-").map(Number);
  return { path, from: nodeOf.get(from), to: nodeOf.get(to) };
});
/** What is drawn on top for one step only: lines, and above them their badges. */
const [lines, labels] = [drawn("g", { "aria-hidden": "true" }), drawn("g", { "aria-hidden": "true" })];
/** Where the badges of the step are. */
const badges = [];
/** A graph is never drawn smaller than this share of its size: rather it is scrolled. */
const SMALLEST = 0.75;

/** Lets nodes be clicked and reached by keyboard; `go` is called with an entry. */
function prepareGraph(go) {
  svg.setAttribute("role", "group");
  svg.style.minWidth = `${SMALLEST * svg.width.baseVal.value}px`;
  nodes[0]?.group.parentElement.append(lines, labels);
  for (const { group, entries } of nodes) {
    const target = entries[entries.length - 1];
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", group.querySelector("title").textContent.split("\n")[0]);
    group.addEventListener("click", () => go(target));
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        go(target);
      }
    });
  }
}

/** The edge on which an operation takes an input. */
function edgeOf(input, entry, position) {
  const [from, to] = [nodeOf.get(input), nodeOf.get(entry)];
  const between = edges.filter((edge) => edge.from === from && edge.to === to);
  return between.find(({ path }) => path.id.endsWith(`-${entry}-${position}`)) ?? between[0];
}

/** Shows a step. */
function markGraph(step) {
  const current = nodeOf.get(step.entry);
  const isBackward = step.phase === "backward";
  svg.classList.toggle("backward", isBackward);
  lines.replaceChildren();
  labels.replaceChildren();
  badges.length = 0;
  const states = isBackward ? markBackward(step) : markForward(step);
  for (const node of nodes) {
    const { classList } = node.group;
    const state = states.get(node);
    for (const name of ["todo", "done", "partial", "graded"]) classList.toggle(name, state === name);
    classList.toggle("current", node === current);
    if (node === current) node.group.setAttribute("aria-current", "step");
    else node.group.removeAttribute("aria-current");
  }
  bringIntoView(current.group);
}

function markForward({ entry }) {
  const states = new Map(nodes.map((node) => [node, node.entries[0] <= entry ? "done" : "todo"]));
  for (const { path, to } of edges) path.parentElement.classList.toggle("todo", states.get(to) === "todo");
  tape.entries[entry].inputs.forEach((input, position) => flow(edgeOf(input, entry, position)));
  return states;
}

function markBackward(step) {
  const states = new Map(nodes.map((node) => [node, "done"]));
  const used = new Set();
  for (const { entry, contributions } of tape.passes[step.which].slice(0, step.index + 1)) {
    for (const { input, position } of contributions) {
      if (states.get(nodeOf.get(input)) === "done") states.set(nodeOf.get(input), "partial");
      used.add(edgeOf(input, entry, position));
    }
    states.set(nodeOf.get(entry), "graded");
  }
  for (const edge of edges) edge.path.parentElement.classList.toggle("todo", !used.has(edge));
  for (const { input, position, gradient } of passed(step).contributions) {
    flow(edgeOf(input, step.entry, position), contributionText(tape.tensors[gradient]));
  }
  return states;
}

/** A single number as it is, of others how large they are. */
function contributionText(tensor) {
  const isNumber = tensor.shape.every((size) => size === 1);
  return isNumber ? short(tensor.cells[0][0]) : `norm ${short(tensor.norm)}`;
}

/** Draws what moves along an edge: values forward, or a contribution to a gradient backward. */
function flow(edge, text = null) {
  if (!edge) return;
  lines.append(drawn("path", { class: "flowing", d: edge.path.getAttribute("d") }));
  if (text === null) return;
  const width = 7 * text.length + 14;
  const { x, y } = freePosition(edge.path, width);
  badges.push({ x, y, width });
  labels.append(
    drawn(
      "g",
      { class: "badge", transform: `translate(${x} ${y})` },
      drawn("rect", { x: -width / 2, y: -10, width, height: 20, rx: 10 }),
      drawn("text", { y: 4, "text-anchor": "middle", "font-size": 12 }, text),
    ),
  );
}

/** A place on an edge, at best near the node that gets the contribution, where no badge is yet. */
function freePosition(path, width) {
  const length = path.getTotalLength();
  const places = [Math.min(16, length / 2), length / 2, length - 16].map((at) => path.getPointAtLength(at));
  const isClear = (place, badge) =>
    Math.abs(place.x - badge.x) > (width + badge.width) / 2 || Math.abs(place.y - badge.y) > 20;
  return places.find((place) => badges.every((badge) => isClear(place, badge))) ?? places[1];
}

/** Scrolls the pane of the graph, and nothing else. */
function bringIntoView(group) {
  const [node, view] = [group.getBoundingClientRect(), pane.getBoundingClientRect()];
  const margin = Math.min(120, view.height / 4);
  const isLevel = node.left >= view.left && node.right <= view.right;
  if (isLevel && node.top >= view.top + margin && node.bottom <= view.bottom - margin) return;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  const top = pane.scrollTop + node.top - view.top - (view.height - node.height) / 2;
  const left = pane.scrollLeft + node.left - view.left - (view.width - node.width) / 2;
  pane.scrollTo({ top, left, behavior });
}

