// Keeps the states of submissions up to date while they are queued or run, and says what changed.
"use strict";

(() => {
  let known = new Map();
  let source = null;
  let tells = false;
  let shown = "";

  async function refresh() {
    const answer = await fetch(location.href).catch(() => null); // null: the page is being left
    if (!answer || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    const old = document.getElementById("live");
    if (!fresh) return;
    const busy = document.activeElement.closest("a, button, input");
    if (busy && old.contains(busy)) setTimeout(refresh, 2000); // or the focus would be lost
    else old.replaceWith(fresh);
  }

  function heard(states) {
    const changed = states.filter((one) => known.get(one.id) !== `${one.state} ${one.stage}`);
    known = new Map(states.map((one) => [one.id, `${one.state} ${one.stage}`]));
    const all = JSON.stringify(states); // with what is not read aloud: how long logs are
    if (all === shown) return;
    shown = all;
    if (tells && changed.length) document.getElementById("heard").textContent = changed.map((one) => `submission ${one.id}: ${one.state} ${one.stage}`).join("; ");
    tells = true;
    refresh();
  }

  function watch() {
    if (source) source.close();
    source = new EventSource(document.getElementById("live").dataset.live);
    source.addEventListener("message", (event) => heard(JSON.parse(event.data)));
    source.addEventListener("done", () => { source.close(); source = null; });
  }

  document.addEventListener("submitted", () => { tells = true; watch(); });
  addEventListener("pagehide", () => source && source.close());
  if (document.querySelector(".state.provisional")) watch();
})();
