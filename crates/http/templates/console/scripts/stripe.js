// Looks whether Stripe has finished checking the account, and then shows its answer in the place of what was said before.
const section = document.getElementById("connection");
const until = Date.now() + 30 * 60 * 1000;
let timer = 0;
let isDone = false;

const put = (parts) => {
  const hadFocus = section.contains(document.activeElement);
  for (const id of ["connection", "first-sale"]) {
    const there = parts.getElementById(id);
    document.getElementById(id)?.replaceChildren(...(there?.childNodes ?? []));
  }
  if (hadFocus) section.querySelector("button")?.focus();
};

const look = async () => {
  timer = 0;
  if (document.hidden || isDone) return;
  try {
    const reply = await fetch(section.dataset.address, { cache: "no-store" });
    // A session that has ended leads to the form for signing in.
    isDone = reply.redirected || Date.now() > until;
    if (reply.ok && !reply.redirected) {
      const parts = new DOMParser().parseFromString(await reply.text(), "text/html");
      const { address, unknown } = parts.getElementById("connection").dataset;
      if (!address) isDone = true;
      // What cannot be asked just now does not take the place of what is known.
      if (!address || (section.dataset.unknown !== undefined && unknown === undefined)) {
        put(parts);
        delete section.dataset.unknown;
      }
    }
  } catch {
    // The next look may succeed.
  }
  wait();
};

const wait = () => {
  if (!timer && !isDone && !document.hidden) timer = setTimeout(look, 5000);
};

document.addEventListener("visibilitychange", wait);
wait();
