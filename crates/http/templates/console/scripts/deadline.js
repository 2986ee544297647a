// Says what the deadline, which is typed in UTC, is in the time zone of the browser.
const field = document.getElementById("deadline");
const here = document.getElementById("deadline-here");
const { lang } = document.documentElement;
// As the screens write dates.
const format = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

const show = () => {
  const at = new Date(`${field.value}Z`);
  here.textContent = Number.isNaN(at.getTime()) ? "" : `${here.dataset.text} ${format.format(at)}`;
};

if (field) {
  field.addEventListener("input", show);
  show();
}
