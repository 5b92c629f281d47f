"use strict";
// Zoom and pan of a picture in a box, by wheel, pointer, keys and the buttons closer, farther and fit.
function zoomable(canvas, picture, whole) {
  // picture() is the SVG that is shown; whole() all there is to see of it, [x, y, width, height], or null: nothing yet.
  const [NEAREST, FARTHEST, LARGEST] = [1 / 60, 2, 1.5]; // LARGEST: pixels for a unit of a small picture that fits
  let view = null; // what part is seen, as whole()
  let drag = null;
  const zoomed = { moved: false, own: false, LARGEST }; // whether the pointer was dragged, and whether somebody chose the part

  const see = (part) => {
    view = part;
    picture().setAttribute("viewBox", view.map((value) => value.toFixed(2)).join(" "));
  };
  const fit = () => {
    if (!whole()) return;
    zoomed.own = false;
    const [box, [x, y, width, height]] = [canvas.getBoundingClientRect(), whole()];
    const more = Math.max(1, Math.min(box.width / width, box.height / height) / LARGEST);
    see([x - (width * (more - 1)) / 2, y - (height * (more - 1)) / 2, width * more, height * more]);
  };
  // How much of the picture a pixel shows.
  const unit = () => { const box = canvas.getBoundingClientRect(); return Math.max(view[2] / box.width, view[3] / box.height); };
  const zoom = (by, x = 0.5, y = 0.5) => {
    if (!view) return;
    zoomed.own = true;
    const width = Math.min(Math.max(view[2] * by, whole()[2] * NEAREST), whole()[2] * FARTHEST);
    const scale = width / view[2];
    see([view[0] + view[2] * x * (1 - scale), view[1] + view[3] * y * (1 - scale), width, view[3] * scale]);
  };
  const pan = (x, y) => { if (view) { zoomed.own = true; see([view[0] + x, view[1] + y, view[2], view[3]]); } };

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoom(Math.exp(Math.sign(event.deltaY) * 0.15), (event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => { drag = [event.clientX, event.clientY]; zoomed.moved = false; });
  window.addEventListener("pointermove", (event) => {
    if (!drag || !view) return;
    const [x, y] = [event.clientX - drag[0], event.clientY - drag[1]];
    if (!zoomed.moved && Math.hypot(x, y) < 4) return;
    zoomed.moved = true;
    pan(-x * unit(), -y * unit());
    drag = [event.clientX, event.clientY];
  });
  window.addEventListener("pointerup", () => { drag = null; });
  const by = (x, y) => () => { if (view) pan(x * view[2], y * view[3]); };
  const keys = { "+": () => zoom(0.8), "=": () => zoom(0.8), "-": () => zoom(1.25), 0: fit, ArrowLeft: by(-0.1, 0), ArrowRight: by(0.1, 0), ArrowUp: by(0, -0.1), ArrowDown: by(0, 0.1) };
  canvas.addEventListener("keydown", (event) => {
    if (keys[event.key] && !event.ctrlKey && !event.metaKey) { event.preventDefault(); keys[event.key](); }
  });
  for (const [id, act] of [["closer", keys["+"]], ["farther", keys["-"]], ["fit", fit]]) document.getElementById(id).addEventListener("click", act);
  return Object.assign(zoomed, { see, fit, unit });
}
