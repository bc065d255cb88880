// Pictures of one unit, laid over each other with a slider: from 0 to 1 the second covers the first from the
// left, from 1 to 2 the third covers the second. Without this file they stand side by side.
"use strict";

function layered(figure) {
  const stack = figure.querySelector(".side-by-side");
  const layers = [...stack.children];
  const slider = figure.querySelector(".slider");
  const input = slider.querySelector("input");

  function show() {
    const at = Number(input.value);
    layers.forEach((layer, number) => {
      const covered = Math.max(0, Math.min(1, at - number + 1));
      layer.querySelector("img").style.clipPath = number ? `inset(0 ${100 * (1 - covered)}% 0 0)` : "";
      layer.querySelector("figcaption").hidden = number !== Math.round(at);
    });
  }

  stack.className = "stack";
  slider.hidden = false;
  input.addEventListener("input", show);
  show();
}

document.querySelectorAll("figure.layers").forEach(layered);
