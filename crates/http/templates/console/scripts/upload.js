// Sends the form of files with a progress bar, and shows the screen that the answer is. Without this module
// the browser sends the form itself.

const say = (form, text) => {
  form.querySelector("#upload-failed").textContent = text;
};

const tooLarge = (form) => {
  const most = Number(form.dataset.max);
  return Array.from(form.elements.file.files).find((file) => file.size > most);
};

// Takes the content of the screen that the server answered with.
const show = (screen) => {
  document.title = screen.title;
  const main = document.adoptNode(screen.querySelector("main"));
  document.querySelector("main").replaceWith(main);
  const told = main.querySelector(".summary, .notice") ?? main;
  told.tabIndex = -1;
  told.focus();
};

const answered = (form, request) => {
  const screen = request.response;
  // 401 shows what was typed in a form without a session.
  const isScreen = [200, 401, 422].includes(request.status);
  if (!isScreen || !screen?.querySelector("main")) return false;
  if (new URL(request.responseURL).pathname !== location.pathname) location.assign(request.responseURL);
  else show(screen);
  return true;
};

const send = (form) => {
  const panel = form.querySelector("#uploading");
  const [bar, figure, stop] = ["progress", "output", "button"].map((name) => panel.querySelector(name));
  const button = form.querySelector("[type=submit]");
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
  const request = new XMLHttpRequest();
  const leave = (event) => event.preventDefault();
  const end = () => {
    panel.hidden = true;
    button.disabled = false;
    removeEventListener("beforeunload", leave);
  };
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = loaded / total;
    figure.textContent = loaded < total ? percent.format(loaded / total) : panel.dataset.storing;
  });
  request.addEventListener("load", () => {
    end();
    if (!answered(form, request)) say(form, panel.dataset.failed);
  });
  request.addEventListener("error", () => {
    end();
    say(form, panel.dataset.failed);
  });
  request.addEventListener("abort", () => {
    end();
    say(form, panel.dataset.stopped);
  });
  stop.addEventListener("click", () => request.abort(), { once: true });
  addEventListener("beforeunload", leave);
  say(form, "");
  bar.value = 0;
  figure.textContent = percent.format(0);
  panel.hidden = false;
  button.disabled = true;
  request.open("POST", form.action);
  request.responseType = "document";
  request.send(new FormData(form));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "upload" || !form.elements.file.files.length) return;
  event.preventDefault();
  const large = tooLarge(form);
  const panel = form.querySelector("#uploading");
  if (large) say(form, panel.dataset.tooLarge.replace("{name}", () => large.name));
  else send(form);
});
