// Shows the server's preview in the place of the fields, and what a price means as soon as it is typed.
const form = document.getElementById("editor");
const writing = document.getElementById("writing");
const preview = document.getElementById("preview");
const told = document.getElementById("price-told");
const address = form.querySelector("[data-preview]").dataset.preview;
const submit = form.querySelector("button[value=preview]");

const ask = async (names) => {
  const typed = new FormData(form);
  const body = new URLSearchParams(names.map((name) => [name, typed.get(name) ?? ""]));
  const reply = await fetch(address, { method: "POST", body });
  // A session that has ended leads to the form for signing in.
  if (!reply.ok || reply.redirected) throw new Error(`no preview: ${reply.status}`);
  return new DOMParser().parseFromString(await reply.text(), "text/html");
};

const put = (parts, element) => {
  element.replaceChildren(...parts.getElementById(element.id).childNodes);
};

const modes = document.getElementById("modes").content.cloneNode(true).firstElementChild;
const [write, look] = modes.querySelectorAll("button");

const show = (isPreview) => {
  write.setAttribute("aria-pressed", String(!isPreview));
  look.setAttribute("aria-pressed", String(isPreview));
  writing.hidden = isPreview;
  preview.hidden = !isPreview;
};

write.addEventListener("click", () => show(false));
look.addEventListener("click", async () => {
  try {
    const parts = await ask(["title", "teaser", "body", "accessMode", "price", "currency"]);
    put(parts, preview);
    put(parts, told);
    show(true);
    preview.focus();
  } catch {
    // The whole form says what is wrong.
    form.requestSubmit(submit);
  }
});

writing.before(modes);
submit.hidden = true;
show(!preview.hidden);

// Each answer is about what was typed when it was asked for, so that only the newest one counts.
let asked = 0;
const tell = async () => {
  asked += 1;
  const mine = asked;
  let parts = null;
  try {
    parts = await ask(["accessMode", "price", "currency"]);
  } catch {
    // What the price means is told again when the form is sent.
  }
  if (mine !== asked) return;
  if (parts) put(parts, told);
  else told.replaceChildren();
};

let timer = 0;
const changed = ({ target }) => {
  if (!["accessMode", "price", "currency"].includes(target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(tell, 300);
};
form.addEventListener("input", changed);
// What chooses in a list for somebody may tell of the choice alone.
form.addEventListener("change", changed);
