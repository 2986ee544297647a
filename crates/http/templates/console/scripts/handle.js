// Shows the address that a handle makes while it is typed, and suggests a handle from the shop's name.
const handle = document.getElementById("handle");
const name = document.getElementById("name");
const shown = document.querySelector("[data-before]");

const LETTERS = {
  ä: "ae", ö: "oe", ü: "ue", ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i",
};

const slug = (text) =>
  text
    .replace(/[\p{Alphabetic}\p{N}]/gu, (sign) => sign.normalize("NFKC"))
    .normalize("NFC")
    .toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[äöüßæœøłđðþı]/g, (letter) => LETTERS[letter])
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32)
    .replace(/-+$/, "");

// What the field holds, if it can be a handle as it is.
const typed = () => {
  const text = handle.value.trim().toLowerCase();
  return /^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$/.test(text) ? text : "";
};

const show = () => {
  const { before, sample, after } = shown.dataset;
  shown.textContent = before + (typed() || sample) + after;
};

for (const free of document.querySelectorAll("button[name=take]")) {
  free.addEventListener("click", (click) => {
    click.preventDefault();
    handle.value = free.value;
    handle.focus();
    show();
  });
}

// The handle follows the name until somebody types into it, and again once it is empty.
let follows = handle.value === "";
name.addEventListener("input", () => {
  if (!follows) return;
  handle.value = slug(name.value);
  show();
});
handle.addEventListener("input", () => {
  follows = handle.value === "";
  show();
});
