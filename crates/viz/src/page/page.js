// Puts the page together: the controls, the keys, and the view of each step.

const byId = (id) => document.getElementById(id);
let position = 0;

function show(target) {
  position = Math.max(0, Math.min(steps.length - 1, target));
  const step = steps[position];
  const panel = byId("step");
  // An element that is replaced loses the focus.
  const hadFocus = panel.contains(document.activeElement);
  panel.className = step.phase;
  panel.replaceChildren(...stepContent(step, goToValue));
  panel.scrollTop = 0;
  if (hadFocus) panel.focus();
  markGraph(step);
  const status = statusOf(step);
  byId("slider").value = position;
  byId("slider").setAttribute("aria-valuetext", status);
  byId("status").textContent = status;
  byId("controls").className = step.phase;
  byId("first").disabled = byId("back").disabled = position === 0;
  byId("last").disabled = byId("forth").disabled = position === steps.length - 1;
}

/** Goes to an entry: in the pass that is shown, or where it was computed. */
function goToValue(entry) {
  const { phase, which } = steps[position];
  const inPass = (step) => step.phase === "backward" && step.which === which && step.entry === entry;
  const found = phase === "backward" ? steps.findIndex(inPass) : -1;
  show(found < 0 ? entry : found);
}

/** Explains the element of a cell; without one the explanation is closed. */
function select(cell) {
  const element = cell && { entry: Number(cell.dataset.entry), place: Number(cell.dataset.place) };
  markSelected(element);
  if (!element) byId("why").hidden = true;
  else {
    showWhy(element, () => select(null));
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const cell = event.target.closest?.(".cell");
  if (event.key === "Escape") {
    const chosen = document.querySelector(".cell.selected");
    select(null);
    chosen?.focus();
  } else if (cell && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    select(cell);
  } else if (event.target !== byId("slider")) {
    // The slider already handles these keys.
    const target = { ArrowLeft: position - 1, ArrowRight: position + 1, Home: 0, End: steps.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    show(target);
  }
}

/** The shares of the phases under the slider. */
function preparePhases() {
  const phase = (name, count) => element("span", { class: name, style: `flex-grow: ${count}` }, name);
  const forward = tape.entries.length;
  byId("phases").append(phase("forward", forward));
  if (steps.length > forward) byId("phases").append(phase("backward", steps.length - forward));
}

function start() {
  const count = (n, noun, nouns) => `${n} ${n === 1 ? noun : nouns}`;
  const values = count(tape.entries.length, "value", "values");
  const some = count(tape.passes.length, "backward pass", "backward passes");
  const passes = tape.passes.length === 0 ? "no backward pass was recorded" : some;
  byId("recorded").textContent = `Recorded at ${tape.file}:${tape.line} · ${values} · ${passes}`;
  if (steps.length === 0) {
    byId("step").append(element("p", {}, "Nothing was computed while the tape was recorded."));
    byId("controls").hidden = true;
    return;
  }
  byId("slider").max = steps.length - 1;
  byId("slider").addEventListener("input", () => show(Number(byId("slider").value)));
  byId("first").addEventListener("click", () => show(0));
  byId("back").addEventListener("click", () => show(position - 1));
  byId("forth").addEventListener("click", () => show(position + 1));
  byId("last").addEventListener("click", () => show(steps.length - 1));
  byId("step").addEventListener("click", (event) => {
    const cell = event.target.closest(".cell");
    if (cell) select(cell);
  });
  document.addEventListener("keydown", onKey);
  preparePhases();
  prepareGraph(goToValue);
  show(0);
}

start();
