// Hands in a file: announces it, sends its bytes (again from where they broke off), and submits it.
"use strict";

(() => {
  const form = document.querySelector("form#submit");
  if (!form) return;
  const { slug, csrf, most } = form.dataset;
  const [file, drop, bar, told] = ["file", "drop", "progress", "told"].map((id) => document.getElementById(id));
  const button = form.querySelector("button[type=submit]");
  const TRIES = 5;

  function tell(text, wrong = false) {
    told.textContent = text;
    told.classList.toggle("why", wrong);
  }

  async function post(path, body) {
    const answer = await fetch(`/api/competitions/${slug}/${path}`, {
      method: "POST", headers: { "content-type": "application/json", "x-csrf-token": csrf }, body: JSON.stringify(body),
    });
    const reply = await answer.json();
    if (!answer.ok) throw new Error(reply.message || `the server answered ${answer.status}`);
    return reply;
  }

  // One try: resolves with the number of bytes that the server has.
  function put(path, chosen, start) {
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest();
      sending.open("PUT", path);
      if (start) sending.setRequestHeader("content-range", `bytes ${start}-${chosen.size - 1}/${chosen.size}`);
      sending.upload.addEventListener("progress", (event) => { bar.value = 100 * (start + event.loaded) / chosen.size; });
      sending.addEventListener("error", () => reject(new TypeError("the connection broke off")));
      sending.addEventListener("load", () => {
        const range = /bytes=0-(\d+)/.exec(sending.getResponseHeader("range") || "");
        if (sending.status === 200) resolve(chosen.size);
        else if (sending.status === 308) resolve(range ? Number(range[1]) + 1 : 0);
        else reject(new Error(reason(sending)));
      });
      sending.send(chosen.slice(start));
    });
  }

  function reason(sending) {
    try { return JSON.parse(sending.responseText).message; } catch { return `the server answered ${sending.status}`; }
  }

  async function send(path, chosen) {
    let start = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        start = await put(path, chosen, start);
        if (start === chosen.size) return;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        tell(`${error.message}; trying again`);
        await new Promise((later) => setTimeout(later, 500 * attempt));
        start = await had(path, chosen, start);
      }
      if (attempt >= TRIES) throw new Error("the upload broke off too often; try again later");
    }
  }

  // Ask how many bytes the server has; the same as before where it cannot be reached.
  async function had(path, chosen, start) {
    try {
      const answer = await fetch(path, { method: "PUT", headers: { "content-range": `bytes */${chosen.size}` }, redirect: "manual" });
      if (answer.status === 200) return chosen.size;
      const range = /bytes=0-(\d+)/.exec(answer.headers.get("range") || "");
      return range ? Number(range[1]) + 1 : 0;
    } catch { return start; }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = file.files[0];
    if (!chosen) return tell("Choose a file first.", true);
    if (chosen.size > Number(most)) return tell(`${chosen.name} is too large: ${chosen.size.toLocaleString("en")} bytes, at most ${Number(most).toLocaleString("en")}.`, true);
    button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    try {
      tell("Uploading …");
      const upload = await post("uploads", { file_name: chosen.name, bytes: chosen.size });
      await send(upload.path, chosen);
      const made = await post("submissions", { token: upload.token, profile: form.elements.profile.value, description: form.elements.description.value });
      tell(`Submitted as number ${made.id}.`);
      form.reset();
      document.dispatchEvent(new Event("submitted"));
    } catch (error) {
      tell(`Not submitted: ${error.message}`, true);
    } finally {
      button.disabled = false;
      bar.hidden = true;
    }
  });

  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    tell(`${file.files[0].name} is chosen.`);
  });
})();
