// Uploads a picture from the editor, and puts its Markdown where the cursor is.
const { address } = document.getElementById("picture").dataset;
const body = document.getElementById("body");
const field = document.getElementById("picture-field").content.cloneNode(true).firstElementChild;
const input = field.querySelector("input");
const status = field.querySelector("[role=status]");

// A text that nobody has been in has its cursor at its beginning, where no picture belongs.
let hasCursor = false;
for (const kind of ["focus", "select", "input"]) {
  body.addEventListener(kind, () => {
    hasCursor = true;
  });
}

// Behind what is selected, which stays, and behind the line of another picture, whose description may be about to be typed.
const place = ({ selectionEnd, value }) => {
  const at = hasCursor ? selectionEnd : value.length;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const next = value.indexOf("\n", at);
  const end = next === -1 ? value.length : next;
  const isInside = at > from && /^!\[.*\]\(.*\)\s*$/.test(value.slice(from, end));
  return isInside ? end : at;
};

const insert = (markdown) => {
  const start = place(body);
  const [before, rest] = [body.value.slice(0, start), body.value.slice(start)];
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const end = rest.startsWith("\n\n") ? "" : rest.startsWith("\n") ? "\n" : "\n\n";
  body.setRangeText(`${gap}${markdown}${end}`, start, start, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
  // Between the brackets, for the description.
  const inside = start + gap.length + markdown.indexOf("[") + 1;
  body.setSelectionRange(inside, inside);
  // Browsers scroll to the cursor of a field when it gets the focus.
  body.blur();
  body.focus();
  if (body.value.length - inside <= markdown.length + end.length) body.scrollTop = body.scrollHeight;
};

// Says how it went; what is wrong looks like it does beside any field.
const tell = (text, isWrong = false) => {
  status.textContent = text;
  status.classList.toggle("error", isWrong);
  if (isWrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
};

const upload = async (file) => {
  const form = new FormData();
  form.append("file", file);
  const reply = await fetch(address, { method: "POST", body: form });
  const screen = new DOMParser().parseFromString(await reply.text(), "text/html");
  const markdown = screen.getElementById("markdown");
  if (!reply.ok || !markdown) {
    tell(screen.getElementById("file-error")?.textContent ?? status.dataset.failed, true);
    return;
  }
  insert(markdown.value);
  tell(status.dataset.done);
};

input.addEventListener("change", async () => {
  const [file] = input.files;
  if (!file) return;
  input.disabled = true;
  tell(status.dataset.busy);
  try {
    await upload(file);
  } catch {
    tell(status.dataset.failed, true);
  }
  input.disabled = false;
  input.value = "";
});

document.getElementById("picture").replaceWith(field);
