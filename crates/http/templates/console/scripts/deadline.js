// Says what the deadline, which is typed in UTC, is in the time zone of the browser.
const field = document.getElementById("deadline");
const here = document.getElementById("deadline-here");
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "full",
  timeStyle: "short",
});

const show = () => {
  const at = new Date(`${field.value}Z`);
  here.textContent = Number.isNaN(at.getTime()) ? "" : `${here.dataset.text} ${format.format(at)}`;
};

if (field) {
  field.addEventListener("input", show);
  show();
}
