// Shows the address that a handle makes while it is typed, and suggests a handle from the shop's name.
const handle = document.getElementById("handle");
const name = document.getElementById("name");
const shown = document.querySelector("[data-before]");

const slug = (text) =>
  text
    .normalize("NFD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32)
    .replace(/-+$/, "");

const show = () => {
  const { before, after } = shown.dataset;
  if (handle.value) shown.textContent = before + slug(handle.value) + after;
};

// The handle follows the name until somebody types into it.
let follows = handle.value === "";
name.addEventListener("input", () => {
  if (!follows) return;
  handle.value = slug(name.value);
  show();
});
handle.addEventListener("input", () => {
  follows = false;
  show();
});
