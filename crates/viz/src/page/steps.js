// The steps of the page, each with its formula, derivatives, numbers and the user's source line.

/** First every value in the order of the tape, then the steps of each backward pass. */
const steps = [
  ...tape.entries.map((_, entry) => ({ phase: "forward", entry })),
  ...tape.passes.flatMap((pass, which) =>
    pass.map((step, index) => ({ phase: "backward", entry: step.entry, which, index })),
  ),
];

/** What the backward pass does in a step. */
function passed(step) {
  return tape.passes[step.which][step.index];
}

/** `Backward, step 2 of 7`. */
function statusOf(step) {
  if (step.phase === "forward") return `Forward, value ${step.entry + 1} of ${tape.entries.length}`;
  const pass = tape.passes.length > 1 ? ` ${step.which + 1}` : "";
  return `Backward${pass}, step ${step.index + 1} of ${tape.passes[step.which].length}`;
}

/** A value that can be clicked to go to the step in which it is computed. */
function reference(entry, go) {
  const { name } = tape.entries[entry];
  const label = name === null ? `%${entry}` : `%${entry} ${name}`;
  const attributes = { type: "button", class: "reference", title: "Go to this value", onclick: () => go(entry) };
  return element("button", attributes, label);
}

/** `%2 = matmul(%0 x, %1 w)`, with what the operation is made with besides. */
function headline(entry, go) {
  const { op, settings, inputs, name, role } = tape.entries[entry];
  const own = element("span", { class: "own" }, name === null ? `%${entry}` : `%${entry} ${name}`);
  if (role !== "operation") return [own];
  const list = [...inputs.map((input) => reference(input, go)), ...(settings === "" ? [] : [settings])];
  const separated = list.flatMap((part, index) => (index > 0 ? [", ", part] : [part]));
  return [own, " = ", element("span", { class: "op" }, op), "(", separated, ")"];
}

/** Tensors in a row. */
function row(...figures) {
  return element("div", { class: "tensors" }, figures);
}

function arrow() {
  return element("span", { class: "arrow", "aria-hidden": "true" }, "→");
}

/** The value of an input, whose caption leads to it. */
function inputFigure(input, go) {
  return tensorFigure(tape.entries[input].value, input, reference(input, go));
}

/** Everything about a step; `go` is called with the entry of a value that was clicked. */
function stepContent(step, go) {
  const content = step.phase === "forward" ? forwardContent(step.entry, go) : backwardContent(step, go);
  return [...content, source(tape.entries[step.entry])].filter((part) => part !== null);
}

function forwardContent(number, go) {
  const entry = tape.entries[number];
  const inputs = entry.inputs.map((input) => inputFigure(input, go));
  const own = element("b", {}, entry.role === "operation" ? `output ${ownName(number)}` : "value");
  const output = tensorFigure(entry.value, number, own);
  const title = element("h2", {}, headline(number, go));
  if (entry.role !== "operation") {
    return [title, tags(entry), element("p", {}, leafText(entry)), row(output)];
  }
  return [
    title,
    tags(entry),
    definition([["formula", formula(entry.formula)], ...derivatives(entry, go)]),
    row(inputs, arrow(), output),
  ];
}

function ownName(number) {
  const { name } = tape.entries[number];
  return name === null ? `%${number}` : `%${number} ${name}`;
}

function leafText(entry) {
  return entry.role === "parameter"
    ? "A leaf that requires a gradient: the backward pass ends here, and the optimiser changes it."
    : "Data: it was not computed on this tape, and no gradient flows to it.";
}

/** The gradient of each input in words; what needs none has none. */
function derivatives(entry, go) {
  return entry.inputs.map((input, position) => {
    const wanted = tape.entries[input].gradient !== null;
    const rule = wanted ? formula(entry.derivatives[position]) : "none is needed";
    return [["gradient to ", reference(input, go)], rule];
  });
}

function formula(text) {
  return element("span", { class: "formula" }, text);
}

/** A list of terms with what they are. */
function definition(rows) {
  return element("dl", {}, rows.map(([term, meaning]) => [element("dt", {}, term), element("dd", {}, meaning)]));
}

function tags(entry) {
  const texts = [entry.role, entry.group === null ? null : `in ${entry.group}`];
  return element("p", { class: "tags" }, texts.filter((text) => text !== null).map((text) => element("span", {}, text)));
}

function backwardContent(step, go) {
  const { entry: number, gradient, contributions } = passed(step);
  const entry = tape.entries[number];
  const slope = (name) => `∂L/∂${name}`;
  const title = element("h2", {}, "backward: ", headline(number, go));
  const complete = element("b", {}, slope(nameOf(number)));
  const incoming = tensorFigure(gradient, number, complete, slope);
  if (contributions.length === 0) {
    const text = "The gradient is complete: every operation that uses this value has handed on its part.";
    const value = tensorFigure(entry.value, number, "value");
    return [title, tags(entry), element("p", {}, text), row(incoming, value)];
  }
  const received = element("section", {}, element("h3", {}, "incoming gradient ", formula("grad")), incoming);
  const parts = contributions.map((part) => contributionContent(step, part, slope, go));
  const values = [...new Set(entry.inputs)].map((input) => inputFigure(input, go));
  values.push(tensorFigure(entry.value, number, `output ${ownName(number)}`));
  return [
    title,
    tags(entry),
    definition([["formula", formula(entry.formula)]]),
    element("div", { class: "parts" }, received, parts),
    element("details", { open: true }, element("summary", {}, "Values of the forward pass"), row(values)),
  ];
}

/** What one input gets, and what it has got so far if there are several parts. */
function contributionContent(step, part, slope, go) {
  const { input } = part;
  const all = tape.passes[step.which].flatMap((other, index) =>
    other.contributions.filter((each) => each.input === input).map((each) => ({ index, each })),
  );
  const rank = all.findIndex(({ each }) => each === part);
  const whole = slope(nameOf(input));
  const figures = [];
  if (all.length === 1) figures.push(tensorFigure(part.gradient, input, element("b", {}, whole), slope));
  else {
    const isLast = rank + 1 === all.length;
    const soFar = `sum of the first ${rank + 1} of ${all.length} parts`;
    const sum = isLast ? element("b", {}, `${whole}, the sum of ${all.length} parts`) : soFar;
    figures.push(tensorFigure(part.gradient, input, "this part", slope), arrow());
    figures.push(tensorFigure(part.sum, input, sum, slope));
  }
  return element(
    "section",
    { class: "contribution" },
    element("h3", {}, "to ", reference(input, go), " ", formula(part.rule)),
    row(figures),
  );
}

/** The user's line with a few around it; only its place if the file was not found. */
function source({ file, line }) {
  const lines = Object.entries(tape.source[file] ?? {}).filter(([number]) => Math.abs(number - line) <= 3);
  const place = element("figcaption", {}, `${file}:${line}`);
  const own = ([number, text]) => {
    const isOwn = Number(number) === line;
    const margin = element("span", { class: "number" }, number);
    return element("div", { class: isOwn ? "line own" : "line" }, margin, text || " ");
  };
  if (lines.length === 0) return element("figure", { class: "source" }, place);
  const code = element("pre", { tabindex: "0", "aria-label": "Source" }, element("code", {}, lines.map(own)));
  return element("figure", { class: "source" }, place, code);
}

