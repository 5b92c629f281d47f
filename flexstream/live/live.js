"use strict";
// Symbols of a stream may be anything: they get into the document by textContent alone, never as HTML.
(() => {
  const $ = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";
  const OFTEN = 250, SELDOM = 2000, LISTED = 60;
  const make = (tag, text, kind) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };
  const draw = (tag, attributes, text) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const count = (value) => Math.round(value).toLocaleString("en");
  const put = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

  // --- asking: one short request after the other, so that no tab holds a connection, and none while nobody looks

  const have = { version: 0, line: 0, age: -1, points: 0 };
  let series = [];
  let paused = false;
  let wait = OFTEN;
  let timer = null;
  let ended = false;

  async function ask() {
    timer = null;
    if (document.hidden || paused) return;
    const given = new AbortController();
    const limit = setTimeout(() => given.abort(), 10000);
    try {
      const query = new URLSearchParams(Object.entries(have).filter(([, value]) => value >= 0));
      const answer = await fetch(`news?${query}`, { cache: "no-store", signal: given.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const news = await answer.json();
      take(news);
      wait = ended ? SELDOM : Math.max(OFTEN, (news.numbers || {}).again || 0);
    } catch {
      put("state", "Nobody answers: the program has ended. What is shown is the last that came.");
      wait = Math.min(2 * wait, 10000);
    } finally {
      clearTimeout(limit);
    }
    plan(wait);
  }
  function plan(time) { if (timer === null) timer = setTimeout(ask, time); }
  function at_once() { clearTimeout(timer); timer = null; ask(); }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) at_once(); });
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    if (!paused) at_once();
  });

  function take(news) {
    if (news.age !== have.age) series = [];
    series.length = Math.min(series.length, news.first);
    for (const point of news.points) series.push(point);
    Object.assign(have, { age: news.age, points: series.length, version: news.version });
    if (news.numbers.seconds !== undefined) numbers(news.numbers);
    for (const line of news.lines) { have.line = Math.max(have.line, line[0]); list(line); }
    if (news.scene) show(news.scene, news.version);
    charts();
  }

  // --- numbers and lists

  function clock(seconds) {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return `${hours}:${String(minutes).padStart(2, "0")}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  }
  function numbers(now) {
    ended = now.ended !== null;
    put("state", ended ? now.ended : `Learning for ${clock(now.seconds)}`);
    put("traces", count(now.traces));
    put("events", count(now.events));
    put("states", count(now.states));
    put("symbols", count(now.symbols));
    put("memory", `${now.memory} (${now.used} of ${now.budget} accounted for)`);
    const last = series.slice(-4);
    const mean = (place) => last.reduce((sum, point) => sum + point[place], 0) / Math.max(1, last.length);
    put("rate", ended ? "0" : count(mean(1)));
    put("event-rate", ended ? "0" : count(mean(2)));
    const scored = series.filter((point) => point[4] !== null).at(-1);
    put("bits", scored ? scored[4].toFixed(2) : "–");
  }
  function list([, kind, words, place, seconds]) {
    const into = $(`list-${kind === "together" ? "drift" : kind}`);
    for (const none of into.querySelectorAll(".none")) none.remove();
    const line = make("li", `${words} `);
    line.append(make("span", `${place ? `${place}, ` : ""}at ${clock(seconds)}`));
    into.prepend(line);
    while (into.children.length > LISTED) into.lastChild.remove();
  }

  // --- the automaton: what stays stays where it is

  const canvas = $("canvas");
  const svg = draw("svg", { role: "group", "aria-label": "States and arrows", preserveAspectRatio: "xMidYMid meet" });
  const [edges, words, nodes] = [draw("g", {}), draw("g", {}), draw("g", {})]; // no arrow lies on words of another
  svg.append(edges, words, nodes);
  canvas.append(svg);
  const known = new Map(); // key of a box: its group
  let scene = null;
  let chosen = null;
  const zoomed = zoomable(canvas, () => svg, () => scene && scene.frame);

  function show(next, version) {
    const had = scene !== null;
    scene = next;
    const news = new Map(next.news.map((one) => [one.key, one]));
    const here = new Set(next.boxes.map((box) => box.key));
    for (const [key, group] of known) {
      if (here.has(key)) continue;
      const into = news.get(key);
      const target = into && into.other && next.boxes.find((box) => box.key === into.other);
      if (target) move(group, target);
      group.classList.add("leaving");
      group.removeAttribute("tabindex");
      group.setAttribute("aria-hidden", "true");
      known.delete(key);
      setTimeout(() => group.remove(), 800);
    }
    for (const box of next.boxes) put_box(box, news.get(box.key), had);
    edges.replaceChildren(...next.arrows.map(arrow_of));
    words.replaceChildren(...next.arrows.map(words_of));
    put("version", `${count(next.states)} states, ${count(next.transitions)} transitions; version ${count(version)}${next.changed ? `, ${count(next.changed)} changes of states` : ""}`);
    $("legend").replaceChildren(...next.legend.map((line) => make("div", line)));
    grow();
    if (!zoomed.own) zoomed.fit();
    if (chosen !== null) tell(chosen);
  }
  // A picture that is high is given a higher box, so that its words can be read; a box does not shrink while one looks.
  function grow() {
    const box = canvas.getBoundingClientRect();
    const high = Math.min(Math.min(box.width / scene.frame[2], 0.9) * scene.frame[3], 0.92 * innerHeight);
    if (high > box.height) canvas.style.height = `${high}px`;
  }
  function move(group, box) { group.style.transform = `translate(${box.x}px, ${box.y}px)`; }

  function put_box(box, news, tells) {
    let group = known.get(box.key);
    if (!group) {
      group = draw("g", { class: "node", "data-key": box.key });
      known.set(box.key, group);
      nodes.append(group);
      const origin = news && news.other && scene.boxes.find((other) => other.key === news.other);
      if (origin) { move(group, origin); group.getBoundingClientRect(); }
      if (tells && box.kind === "state") { group.classList.add("new"); setTimeout(() => group.classList.remove("new"), 4000); }
      if (box.kind === "state") {
        group.setAttribute("tabindex", "0");
        group.setAttribute("role", "button");
        group.addEventListener("click", () => { if (!zoomed.moved) tell(box.key); });
        group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); tell(box.key); } });
      }
    }
    const [left, top] = [-box.width / 2, -box.height / 2];
    const parts = [];
    if (box.kind === "start") parts.push(draw("circle", { r: 4, fill: box.fill }));
    else {
      const round = box.kind === "state" ? 8 : 0;
      const dots = box.open ? { "stroke-dasharray": "1 3" } : {};
      if (box.ends) parts.push(draw("rect", { x: left - 4, y: top - 4, width: box.width + 8, height: box.height + 8, rx: round, fill: "#fff", stroke: box.outline, ...dots }));
      parts.push(draw("rect", { class: "shape", x: left, y: top, width: box.width, height: box.height, rx: round, fill: box.fill, stroke: box.outline, ...dots }));
    }
    let y = -box.lines.reduce((sum, line) => sum + 1.22 * line[1], 0) / 2;
    for (const [text, size, kind] of box.lines) {
      y += 1.22 * size;
      parts.push(draw("text", { y: y - 0.3 * size, "text-anchor": "middle", "font-size": size, "font-family": "Helvetica,Arial,sans-serif", "font-weight": kind === "head" ? "bold" : "normal", fill: kind === "small" ? "#4a5b69" : "#14212c" }, text));
    }
    group.replaceChildren(...parts);
    if (box.kind === "state") group.setAttribute("aria-label", box.tip);
    else group.setAttribute("aria-hidden", "true");
    move(group, box);
  }

  function arrow_of(arrow) {
    const group = draw("g", { class: "edge", "data-source": arrow.source, "data-target": arrow.target, "aria-hidden": "true" });
    const dashed = arrow.kind === "guessed" ? { "stroke-dasharray": "5 3" } : {};
    group.append(draw("path", { d: arrow.path, fill: "none", stroke: arrow.colour, "stroke-width": (0.8 + 2 * arrow.share).toFixed(2), ...dashed }));
    const [fromX, fromY, x, y] = arrow.tip;
    const far = Math.hypot(x - fromX, y - fromY) || 1;
    const [dx, dy] = [(x - fromX) / far, (y - fromY) / far];
    group.append(draw("path", { d: `M${x} ${y}L${x - 7 * dx - 3.5 * dy} ${y - 7 * dy + 3.5 * dx}L${x - 7 * dx + 3.5 * dy} ${y - 7 * dy - 3.5 * dx}Z`, fill: arrow.colour }));
    return group;
  }
  function words_of(arrow) {
    const group = draw("g", { class: "edge", "aria-hidden": "true" });
    let line = arrow.label[1] - 0.61 * 10 * (arrow.lines.length - 1);
    for (const text of arrow.lines) {
      group.append(draw("text", { x: arrow.label[0], y: line + 3.4, "font-size": 10, "font-family": "Helvetica,Arial,sans-serif", fill: "#14212c" }, text));
      line += 12.2;
    }
    return group;
  }

  function tell(key) {
    chosen = key;
    const box = scene.boxes.find((one) => one.key === key);
    for (const [other, group] of known) group.classList.toggle("chosen", other === key);
    const parts = [make("h2", box ? `State ${box.lines.map((line) => line[0]).slice(0, 2).join(" ")}` : "State"), make("p", box ? box.tip : "It is not drawn any more.")];
    for (const arrow of scene.arrows.filter((one) => one.source === key)) parts.push(make("p", arrow.words.join("; ")));
    $("panel").replaceChildren(...parts);
  }

  // --- over time

  const [WIDE, HIGH, LEFT, BELOW] = [400, 150, 52, 18];
  function chart(id, name, value, band) {
    const rows = series.filter((point) => value(point) !== null);
    if (rows.length < 2) return;
    const values = rows.flatMap((point) => [value(point), ...(band && band(point)[0] !== null ? band(point) : [])]);
    let [low, high] = [Math.min(...values), Math.max(...values)];
    if (!band) low = Math.min(low, 0);
    if (high - low < 1e-9) high = low + 1;
    const [first, last] = [rows[0][0], rows.at(-1)[0]];
    const x = (point) => LEFT + (WIDE - LEFT - 4) * (point[0] - first) / Math.max(last - first, 1e-9);
    const y = (amount) => 6 + (HIGH - BELOW - 6) * (high - amount) / (high - low);
    const way = (points) => points.map(([across, down], at) => `${at ? "L" : "M"}${across.toFixed(1)} ${down.toFixed(1)}`).join("");
    const parts = [draw("path", { class: "axis", d: `M${LEFT} 4V${HIGH - BELOW}H${WIDE}` })];
    const sure = band ? rows.filter((point) => band(point)[0] !== null) : [];
    if (sure.length > 1) parts.push(draw("path", { class: "band", d: `${way([...sure.map((point) => [x(point), y(band(point)[1])]), ...sure.toReversed().map((point) => [x(point), y(band(point)[0])])])}Z` }));
    parts.push(draw("path", { d: way(rows.map((point) => [x(point), y(value(point))])) }));
    const short = (amount) => (amount >= 1e6 ? `${(amount / 1e6).toFixed(1)} M` : amount >= 1e4 ? `${(amount / 1e3).toFixed(0)} k` : amount >= 100 ? amount.toFixed(0) : amount.toFixed(2));
    for (const [amount, down] of [[high, 12], [low, HIGH - BELOW]]) parts.push(draw("text", { x: LEFT - 4, y: down, "text-anchor": "end" }, short(amount)));
    parts.push(draw("text", { x: LEFT, y: HIGH - 4 }, clock(first)), draw("text", { x: WIDE - 2, y: HIGH - 4, "text-anchor": "end" }, clock(last)));
    let drawing = $(id).firstChild;
    if (!drawing) {
      drawing = draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", preserveAspectRatio: "none" });
      $(id).append(drawing);
    }
    drawing.setAttribute("aria-label", `${name}: ${short(value(rows.at(-1)))} now, between ${short(low)} and ${short(high)}`);
    drawing.replaceChildren(...parts);
  }
  function charts() {
    chart("chart-bits", "Bits a trace", (point) => point[4], (point) => [point[5], point[6]]);
    chart("chart-rate", "Traces a second", (point) => point[1]);
    chart("chart-memory", "Memory of the process in MiB", (point) => point[3] / 1048576);
  }

  // --- dark and light

  const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = () => { $("theme").setAttribute("aria-pressed", String(dark())); };
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; theme(); });
  theme();

  ask();
})();
