// Improves the page that waits for a mail: it offers another one when it is time, and looks whether the link
// was opened in the meantime.
"use strict";

const wait = document.getElementById("wait");
const again = document.getElementById("again");

if (wait && again) {
  setTimeout(() => {
    wait.hidden = true;
    again.hidden = false;
  }, Number(wait.dataset.seconds) * 1000);
}

const until = Date.now() + 15 * 60 * 1000;

async function look() {
  if (Date.now() > until) return;
  if (!document.hidden) {
    try {
      const answer = await fetch("/-/code/state", { cache: "no-store" });
      if (answer.ok && (await answer.text()) !== "waiting") {
        location.replace("/-/code");
        return;
      }
    } catch {
      // The next look may succeed.
    }
  }
  setTimeout(look, 3000);
}

setTimeout(look, 3000);
