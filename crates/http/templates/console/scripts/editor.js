// The address follows the title, texts show their length, and leaving with changes asks first.
const form = document.getElementById("editor");
const { title, slug } = form.elements;

const LETTERS = {
  ä: "ae", ö: "oe", ü: "ue", ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i",
};

// The same as `Slug::suggest` on the server.
const address = (text) =>
  text
    .replace(/[\p{Alphabetic}\p{N}]/gu, (sign) => sign.normalize("NFKC"))
    .normalize("NFC")
    .toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[äöüßæœøłđðþı]/g, (letter) => LETTERS[letter])
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 64)
    .replace(/-+$/, "");

if (slug) {
  let follows = slug.value === "";
  title.addEventListener("input", () => {
    if (follows) slug.value = address(title.value);
  });
  slug.addEventListener("input", () => {
    follows = slug.value === "";
  });
}

const lengths = {
  characters: (text) => [...text].length,
  kib: (text) => Math.ceil(new TextEncoder().encode(text).length / 1024),
};
const numbers = new Intl.NumberFormat(document.documentElement.lang);
for (const told of document.querySelectorAll("[data-most]")) {
  const text = document.getElementById(told.dataset.for);
  const show = () => {
    const length = lengths[told.dataset.unit](text.value);
    const isOver = length > Number(told.dataset.most);
    const now = told.dataset.text.replace("#", numbers.format(length));
    told.textContent = isOver ? `${now}. ${told.dataset.over}` : now;
    told.classList.toggle("over", isOver);
  };
  text.addEventListener("input", show);
  show();
}

// What the server shows again with an error or a preview is not saved either.
let changed = document.querySelector(".summary, #preview:not([hidden])") !== null;
form.addEventListener("input", () => {
  changed = true;
});
form.addEventListener("submit", () => {
  changed = false;
});
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
