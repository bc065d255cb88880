// What a board gains where scripts run: tips and arrow keys on points, rows and points that light up
// together, and a button that names the entries to compare. Without this file everything still works.
"use strict";

function tips(plot) {
  const tip = plot.querySelector(".tip");
  const points = [...plot.querySelectorAll("a.point")];
  const along = points.filter((point) => point.tabIndex >= 0).sort((a, b) => left(a) - left(b));

  function left(point) {
    return parseFloat(point.querySelector(".disc").getAttribute("cx"));
  }

  function show(point) {
    tip.replaceChildren(...point.dataset.tip.split("\n").filter(Boolean).map((line, number) => {
      const part = document.createElement(number ? "span" : "strong");
      part.textContent = line;
      return part;
    }));
    tip.hidden = false;
    const disc = point.querySelector(".disc").getBoundingClientRect();
    const frame = plot.getBoundingClientRect();
    const x = disc.left + disc.width / 2 - frame.left - tip.offsetWidth / 2;
    const above = disc.top - frame.top - tip.offsetHeight - 10;
    tip.style.left = `${Math.max(0, Math.min(x, frame.width - tip.offsetWidth))}px`;
    tip.style.top = `${above < -24 ? disc.bottom - frame.top + 10 : above}px`;
    light(point.dataset.record, true);
  }

  function hide(point) {
    tip.hidden = true;
    light(point.dataset.record, false);
  }

  for (const point of points) {
    const title = point.querySelector("title");
    point.dataset.tip = title.textContent;
    title.remove(); // or the browser would show a second tip
    point.addEventListener("pointerenter", () => show(point));
    point.addEventListener("pointerleave", () => hide(point));
    point.addEventListener("focus", () => show(point));
    point.addEventListener("blur", () => hide(point));
    point.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.key === "Escape") hide(point);
      if (!step) return;
      event.preventDefault();
      const seen = along.filter((one) => one.checkVisibility());
      seen[(seen.indexOf(point) + step + seen.length) % seen.length].focus();
    });
  }
}

function light(record, on) {
  if (!record) return;
  for (const one of document.querySelectorAll(`[data-record="${CSS.escape(record)}"]`)) {
    one.classList.toggle("lit", on);
  }
}

function rows() {
  for (const row of document.querySelectorAll("tr[data-record]")) {
    row.addEventListener("pointerenter", () => light(row.dataset.record, true));
    row.addEventListener("pointerleave", () => light(row.dataset.record, false));
  }
}

function comparing(form) {
  const button = form.querySelector("button[type=submit]");
  const boxes = [...form.querySelectorAll("input[name=entry]")];
  const name = (box) => box.closest("tr").querySelector(".entry bdi").textContent;
  function tell() {
    const ticked = boxes.filter((box) => box.checked);
    for (const box of boxes) box.disabled = ticked.length >= 2 && !box.checked;
    button.disabled = ticked.length !== 2;
    button.textContent = ["Tick two entries to compare them", "Tick one more to compare", ""][ticked.length]
      || `Compare ${ticked.map(name).join(" and ")}`;
    form.classList.toggle("picking", ticked.length > 0);
  }
  form.addEventListener("change", tell);
  tell();
}

document.querySelectorAll(".plot").forEach((plot) => plot.querySelector(".tip") && tips(plot));
document.querySelectorAll("form#pick").forEach(comparing);
rows();

// Says in words that a table goes on; without scripts its shadow does.
const goesOn = new ResizeObserver((seen) => {
  for (const { target } of seen) target.classList.toggle("cut", target.scrollWidth > target.clientWidth + 1);
});
document.querySelectorAll(".scroll").forEach((one) => goesOn.observe(one));
