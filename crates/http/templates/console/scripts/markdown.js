// A toolbar over each Markdown field: its buttons put Markdown around what is selected.
const template = document.getElementById("toolbar");

// Typing it, rather than setting the value, keeps the field's undo.
const type = (field, start, end, text) => {
  field.focus();
  field.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

const around = (field, mark) => {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const selected = value.slice(start, end);
  type(field, start, end, mark + selected + mark);
  field.setSelectionRange(start + mark.length, end + mark.length);
};

const link = (field, target) => {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const selected = value.slice(start, end);
  const isAddress = /^https?:\/\/\S+$/.test(selected);
  const [text, address] = isAddress ? ["", selected] : [selected, target];
  type(field, start, end, `[${text}](${address})`);
  const from = isAddress || text === "" ? start + 1 : start + text.length + 3;
  field.setSelectionRange(from, isAddress || text === "" ? from : from + address.length);
};

const lines = (field, mark) => {
  const { value } = field;
  const start = value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const next = value.indexOf("\n", Math.max(field.selectionEnd, start));
  const end = next === -1 ? value.length : next;
  const number = (index) => (mark === "1. " ? `${index + 1}. ` : mark);
  const marked = value
    .slice(start, end)
    .split("\n")
    .map((line, index) => number(index) + line)
    .join("\n");
  type(field, start, end, marked);
  field.setSelectionRange(start + marked.length, start + marked.length);
};

const press = (field, { around: mark, lines: before, link: target }) => {
  if (mark) around(field, mark);
  else if (before) lines(field, before);
  else link(field, target);
};

for (const field of document.querySelectorAll("textarea[data-markdown]")) {
  const bar = template.content.cloneNode(true).firstElementChild;
  const buttons = [...bar.querySelectorAll("button")];
  bar.setAttribute("aria-controls", field.id);
  for (const [index, button] of buttons.entries()) {
    button.tabIndex = index === 0 ? 0 : -1;
    button.addEventListener("click", () => press(field, button.dataset));
  }
  // One stop for the Tab key; the arrow keys move within the toolbar.
  bar.addEventListener("keydown", (event) => {
    const isRtl = getComputedStyle(bar).direction === "rtl";
    const steps = { ArrowRight: isRtl ? -1 : 1, ArrowLeft: isRtl ? 1 : -1 };
    const now = buttons.indexOf(document.activeElement);
    const goals = { Home: 0, End: buttons.length - 1 };
    const goal = goals[event.key] ?? (event.key in steps ? now + steps[event.key] : null);
    if (goal === null) return;
    event.preventDefault();
    const next = buttons[(goal + buttons.length) % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
  field.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const button = buttons.find((button) => button.dataset.key === event.key.toLowerCase());
    if (!button) return;
    event.preventDefault();
    press(field, button.dataset);
  });
  field.before(bar);
}
