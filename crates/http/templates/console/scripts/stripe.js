// Looks whether Stripe has finished checking the account, and then shows its answer in the place of what was said before.
const section = document.getElementById("connection");
const until = Date.now() + 30 * 60 * 1000;
let timer = 0;
let pause = 5000;
let isDone = false;

const put = (parts) => {
  const hadFocus = section.contains(document.activeElement);
  for (const id of ["connection", "first-sale"]) {
    const there = parts.getElementById(id);
    if (there) document.getElementById(id)?.replaceChildren(...there.childNodes);
    else document.getElementById(id)?.remove();
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
  if (timer || isDone || document.hidden) return;
  timer = setTimeout(look, pause);
  // Who waits longer is not told much later, and each look reads all of the screen.
  pause = Math.min(pause * 1.25, 30000);
};

document.addEventListener("visibilitychange", wait);
wait();
