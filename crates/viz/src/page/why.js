// Explains the gradient of an element, with the text that the tape computed when the page was written.

const why = document.getElementById("why");

/** Shows the explanation of an element, or why there is none; `close` is called when the reader has enough. */
function showWhy({ entry, place }, close) {
  const name = elementName(entry, place);
  const attributes = { type: "button", class: "close", "aria-label": "Close", title: "Close (Escape)", onclick: close };
  const button = element("button", attributes, "×");
  const text = tape.explanations[entry]?.[place];
  const content = text === undefined ? [element("p", {}, missing(entry, name))] : explanation(text);
  why.replaceChildren(element("h2", {}, `Why is ∂L/∂${name} what it is?`), button, ...content);
  why.hidden = false;
  why.scrollTop = 0;
}

/** The lines of an explanation; what is too long goes on below its own beginning. */
function explanation(text) {
  const lines = text.trimEnd().split("\n").map((line, index) => {
    const indent = line.length - line.trimStart().length;
    const isCheck = line.trimStart().startsWith("check:");
    const doubtful = isCheck && /more than rounding|NaN/.test(line);
    const kind = index === 0 ? "result" : doubtful ? "check doubtful" : isCheck ? "check" : "";
    return element("div", { class: kind, style: `--indent: ${indent}ch` }, unbroken(line.trimStart()));
  });
  return [element("div", { class: "explanation" }, lines)];
}

/** A text in which no line ends behind a minus sign. */
function unbroken(text) {
  const parts = text.split(/(\S*-\S*)/);
  return parts.map((part, index) => (index % 2 === 1 ? element("span", { class: "word" }, part) : part));
}

/** Why there is no explanation, and what to do. */
function missing(entry, name) {
  const { role, gradient, value } = tape.entries[entry];
  if (tape.passes.length === 0) {
    return "No backward pass was recorded: call backward() on the loss inside the closure of Tape::record.";
  }
  if (gradient !== null) {
    const more = Math.max(1000, 5 * tape.explained);
    return `This element was not explained: the page was made with at most ${tape.explained} explanations.
      Page::of(&tape).explanations(${more}) makes more.`;
  }
  const { kind } = tape.tensors[value];
  if (kind === "i64" || kind === "bool") return `${name} holds ${kind}, which has no gradient.`;
  if (role === "data") return `${name} is data: no gradient is computed for it.`;
  return `No recorded backward pass reached ${name}: the loss does not depend on it, or the way was cut,
    for example by detach or no_grad.`;
}

