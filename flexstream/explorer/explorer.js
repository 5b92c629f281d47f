"use strict";
// Symbols of a log may be anything: they get into the document by textContent and value alone, never as HTML.
(() => {
  const whole = JSON.parse(document.getElementById("data").textContent);
  const models = [...whole.sizes.slice(0, whole.place), whole, ...whole.sizes.slice(whole.place)].map((size) => ({ ...whole, bits: null, trust: null, ...size }));
  let data = null; // what is known of the automaton of the size that is chosen, its stops, and what leaves its states
  let stops = null;
  let leaving = [];
  const [READABLE, NEAR, LOWEST] = [0.8, 0.9, 220]; // scales: of words that can be read, of what is so large; pixels
  const $ = (id) => document.getElementById(id);
  const all = [...document.querySelectorAll(".picture")];
  let pictures = all;
  const numbers = new Map(whole.symbols.map((symbol, at) => [symbol, at]));
  let shown = -1;
  let inPart = false; // whether a part is seen because the whole is too large

  const make = (tag, text, kind) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };
  const share = (value) => (value <= 0 ? "0" : value < 0.0005 ? "<0.001" : value >= 1 - 1e-12 ? "1" : value >= 0.9995 ? ">0.999" : value < 0.01 || value > 0.99 ? value.toFixed(3) : value.toFixed(2));
  // Behind Arabic and Hebrew what follows stands on the right again, as it is written.
  const sided = (text) => (/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(text) ? `${text}\u200e` : text);
  const count = (value) => value.toLocaleString("en", { maximumFractionDigits: 3 });
  const named = (state) => `q${state} (${sided(data.states[state].name)})`;

  // --- pictures: which one, what of it

  const svg = () => pictures[shown].querySelector("svg");
  const nodeOf = (group) => { const found = /^q(\d+)$/.exec(group.dataset.state || ""); return found ? Number(found[1]) : null; };

  function label(group) {
    // Graphviz names nodes and edges in their titles; our own layouts in attributes.
    const title = group.querySelector("title");
    const words = title ? title.textContent : "";
    if (group.classList.contains("node")) {
      group.dataset.state = group.dataset.state || words;
    } else if (!group.dataset.source) {
      const [source, target] = words.split("->");
      group.dataset.source = source;
      group.dataset.target = target;
    }
    if (title) title.remove();
    for (const link of group.querySelectorAll("a")) link.removeAttribute("xlink:title");
  }

  function prepare(picture, activities) {
    const drawing = picture.querySelector("svg");
    drawing.removeAttribute("width");
    drawing.removeAttribute("height");
    drawing.setAttribute("preserveAspectRatio", "xMidYMid meet");
    drawing.setAttribute("role", "group");
    drawing.setAttribute("aria-label", "States and arrows");
    for (const title of drawing.querySelectorAll(":scope > title, :scope > g > title")) title.remove();
    for (const group of drawing.querySelectorAll(".node, .edge")) {
      label(group);
      const state = nodeOf(group);
      const ends = group.classList.contains("edge") ? [group.dataset.source, group.dataset.target].map((id) => /^q(\d+)$/.exec(id || "")) : [];
      if (activities || (state === null && !(ends[0] && ends[1]))) continue;
      const what = state !== null ? `State ${named(state)}` : `Arrow from ${named(Number(ends[0][1]))} to ${named(Number(ends[1][1]))}`;
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-label", what);
      const choose = () => (state !== null ? tellState(state) : tellEdge(Number(ends[0][1]), Number(ends[1][1])));
      group.addEventListener("click", () => { if (!zoomed.moved) choose(); });
      group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
    }
    picture.states = activities ? [] : [...drawing.querySelectorAll(".node")].filter((group) => nodeOf(group) !== null);
    const box = drawing.viewBox.baseVal;
    picture.whole = [box.x, box.y, box.width, box.height];
  }

  function show(place) {
    for (const kind of KINDS) tell(kind, place);
    if (shown === place && !pictures[place].hidden) return;
    for (const picture of all) picture.hidden = true;
    shown = place;
    if (!pictures[place].whole) prepare(pictures[place], place === stops.activities);
    pictures[place].hidden = false;
    paint();
    zoomed.own = false;
    look();
    search();
    mark();
  }

  // The whole of a picture, or a part that can be read, in a box that is no higher than the picture.
  function look() {
    canvas.style.height = "";
    const [box, whole] = [canvas.getBoundingClientRect(), pictures[shown].whole];
    const scale = Math.min(box.width / whole[2], box.height / whole[3], zoomed.LARGEST);
    const high = (scale < READABLE ? NEAR : scale) * whole[3] + 8;
    if (box.width > 0 && high < box.height) canvas.style.height = `${Math.max(high, LOWEST)}px`;
    if (printed.matches) zoomed.see([...whole]);
    else zoomed.fit();
    inPart = !printed.matches && approach();
    if ($("search").value === "") say();
  }
  function say() {
    const drawn = [...svg().querySelectorAll(".node")].filter((group) => nodeOf(group) !== null).length;
    $("status").textContent = `${count(drawn)} of ${shown === stops.activities ? "the activities" : `${count(data.states.length)} ${data.states.length === 1 ? "state" : "states"}`} drawn${inPart ? ", at first seen in part: Fit shows all of it" : ""}`;
  }

  // What is so large that its words could not be read is seen in part at first: around the start.
  function approach() {
    const box = canvas.getBoundingClientRect();
    const whole = pictures[shown].whole;
    if (box.width === 0 || 1 / zoomed.unit() >= READABLE) return false;
    const start = svg().querySelector("[data-state='q0']");
    const at = start ? start.getBoundingClientRect() : box;
    const middle = [(at.x + at.width / 2 - box.x) / box.width, (at.y + at.height / 2 - box.y) / box.height];
    const [width, height] = [box.width / NEAR, box.height / NEAR];
    const [wide, high] = [box.width * zoomed.unit(), box.height * zoomed.unit()];
    const centre = [whole[0] + whole[2] / 2 + (middle[0] - 0.5) * wide, whole[1] + whole[3] / 2 + (middle[1] - 0.5) * high];
    const near = (point, size, from, length) => (length <= size ? from + (length - size) / 2 : Math.min(Math.max(point - size / 2, from), from + length - size));
    zoomed.see([near(centre[0], width, whole[0], whole[2]), near(centre[1], height, whole[1], whole[3]), width, height]);
    return true;
  }

  const canvas = $("canvas");
  const zoomed = zoomable(canvas, svg, () => pictures[shown].whole);
  let width = 0; // of the box when the part that is seen was chosen: a frame gets its size after its script has run
  new ResizeObserver(() => {
    const now = canvas.getBoundingClientRect().width;
    if (now === width) return;
    width = now;
    if (shown >= 0 && !zoomed.own) look();
  }).observe(canvas);
  const printed = matchMedia("print"); // all of a picture, unless somebody has chosen a part
  printed.addEventListener("change", () => { if (!zoomed.own) look(); });

  // --- colours: of visits, as drawn, or of what the report trusts

  function paint() {
    const trust = $("trusted").checked ? data.trust : null;
    for (const group of pictures[shown].states) {
      const state = nodeOf(group);
      for (const shape of group.querySelectorAll("path, polygon, rect")) {
        shape.dataset.fill = shape.dataset.fill || shape.getAttribute("fill") || "none";
        shape.dataset.stroke = shape.dataset.stroke || shape.getAttribute("stroke") || "none";
        if (shape.dataset.fill !== "none") shape.setAttribute("fill", trust ? trust.fills[state] : shape.dataset.fill);
        if (shape.dataset.stroke !== "none") shape.setAttribute("stroke", trust && trust.contradicted[state] ? trust.alarm : shape.dataset.stroke);
      }
    }
    $("trust-value").textContent = trust ? trust.legend : "";
  }
  $("trusted").addEventListener("change", paint);

  // --- sliders

  const KINDS = ["states", "coverage"]; // as what is told of each picture
  const written = { coverage: (value) => `${Math.floor(value * 1000 + 1e-6) / 10} %`, states: (value) => `${value}` };
  // What stands beside a slider is true of the picture that is shown, whichever slider has chosen it.
  function tell(kind, place) {
    const [slider, of] = [$(kind), stops[kind]];
    slider.max = of.length - 1;
    slider.disabled = of.length < 2;
    if (place === stops.activities) {
      $(`${kind}-value`).textContent = "";
      slider.removeAttribute("aria-valuetext");
      return;
    }
    const value = stops.drawn[place][KINDS.indexOf(kind)];
    const far = (stop) => (stop[1] === place ? -1 : Math.abs(stop[0] - value));
    const at = of.reduce((best, stop, other) => (far(stop) < far(of[best]) ? other : best), 0);
    if (of[Number(slider.value)][1] !== place) slider.value = at;
    const [states, share] = stops.drawn[place];
    const more = Number(slider.value) === of.length - 1 && (states < data.states.length || share < 1 - 1e-9);
    const words = `${written[kind](value)}${more ? ", more could not be read" : ""}`;
    $(`${kind}-value`).textContent = words;
    slider.setAttribute("aria-valuetext", words);
  }
  for (const kind of KINDS) $(kind).addEventListener("input", () => { $("activities").checked = false; show(stops[kind][Number($(kind).value)][1]); });
  $("activities").addEventListener("change", () => show($("activities").checked ? stops.activities : stops.readable));

  // --- search

  for (const symbol of whole.shown.slice(0, 500)) { const option = make("option"); option.value = symbol; $("symbols").append(option); }
  function search() {
    const wanted = $("search").value.toLowerCase();
    let hits = 0;
    for (const edge of svg().querySelectorAll(".edge")) {
      const [source, target] = [edge.dataset.source, edge.dataset.target].map((id) => Number((id || "").slice(1)));
      const found = wanted !== "" && shown !== stops.activities && leaving[source] !== undefined && /^q/.test(edge.dataset.target) && [...leaving[source].values()].some((row) => row[2] === target && data.shown[row[1]].toLowerCase().includes(wanted));
      edge.classList.toggle("found", found);
      edge.classList.toggle("faint", wanted !== "" && !found);
      hits += found;
    }
    if (wanted === "") say();
    else {
      const all = data.edges.filter((row) => data.shown[row[1]].toLowerCase().includes(wanted)).length;
      $("status").textContent = `${hits} arrows drawn, ${all} transitions in all, with "${$("search").value}"`;
    }
  }
  $("search").addEventListener("input", search);

  // --- explanations

  let chosen = null; // a state, or source and target
  function mark() {
    for (const group of svg().querySelectorAll(".node, .edge")) {
      const state = nodeOf(group);
      const hit = chosen !== null && shown !== stops.activities && (typeof chosen === "number" ? state === chosen && group.classList.contains("node") : group.dataset.source === `q${chosen[0]}` && group.dataset.target === `q${chosen[1]}`);
      group.classList.toggle("chosen", hit);
      group.classList.toggle("passed", shown !== stops.activities && group.classList.contains("node") && passed.has(state));
    }
  }
  function table(heads, rows) {
    const found = make("table");
    const head = found.createTHead().insertRow();
    for (const text of heads) { const cell = make("th", text); cell.scope = "col"; head.append(cell); }
    const body = found.createTBody();
    for (const row of rows) { const line = body.insertRow(); for (const cell of row) line.append(cell instanceof Node ? cell : make("td", cell)); }
    return found;
  }
  const fill = (panel, ...parts) => panel.replaceChildren(...parts);
  const rowsOf = (edges) => edges.sort((one, other) => other[3] - one[3]).map((edge) => [data.shown[edge[1]], share(edge[3]) + (edge[5] ? " ?" : ""), count(edge[4]), edge[6] || "–", named(edge[2])]);
  const HEADS = ["Symbol", "Probability", "Count", "Median time", "Leads to"];

  function tellState(state) {
    chosen = state;
    const about = data.states[state];
    const parts = [make("h2", `State ${named(state)}`), make("p", `${count(about.visits)} visits; traces end here with probability ${share(about.end)}`)];
    if (data.trust) parts.push(make("p", `By the report the probabilities of what follows are off by ${share(data.trust.widths[state])} at most, all together${data.trust.proven ? "" : ", which is not proven: something speaks against the model"}${data.trust.contradicted[state] ? "; evidence contradicts this state" : ""}`, data.trust.contradicted[state] ? "odd" : ""));
    if (about.text) parts.push(make("pre", about.text.map((line) => line.replace(/^ {2}/, "")).join("\n")));
    parts.push(make("h3", "What follows"), table(HEADS, rowsOf([...leaving[state].values()])));
    const into = data.edges.filter((edge) => edge[2] === state).sort((one, other) => other[4] - one[4]);
    parts.push(make("h3", "What leads here"), table(["From", "Symbol", "Count"], into.slice(0, 30).map((edge) => [named(edge[0]), data.shown[edge[1]], count(edge[4])])));
    fill($("panel"), ...parts);
    mark();
  }
  function tellEdge(source, target) {
    chosen = [source, target];
    const rows = [...leaving[source].values()].filter((edge) => edge[2] === target);
    const sum = rows.reduce((total, edge) => total + edge[3], 0);
    const parts = [make("h2", `From ${named(source)} to ${named(target)}`), make("p", `probability ${share(sum)}`), table(HEADS, rowsOf(rows))];
    if (rows.some((edge) => edge[5])) parts.push(make("p", "?: too little evidence to say where it leads"));
    fill($("panel"), ...parts);
    mark();
  }

  // --- traces

  const passed = new Set();
  let ran = null; // the trace that was run last: it runs again through automata of other sizes
  function events(text) {
    if (text.trim().startsWith("[")) {
      const list = JSON.parse(text);
      if (!Array.isArray(list)) throw new Error("no list");
      return list.map(String);
    }
    const wordsOf = (part) => part.split(/\s+/).filter((word) => word !== "");
    const readings = [parted([wordsOf(text)])];
    for (const mark of [",", ";", "|", "->", "=>", ">", "→"])
      if (text.includes(mark)) {
        const parts = text.split(mark).map(wordsOf);
        const whole = parts.map((part) => part.join(" "));
        readings.push(whole.every((event) => numbers.has(event)) ? whole : parted(parts));
      }
    return readings.find((found) => found.every((event) => numbers.has(event))) || readings[0];
  }
  function parted(parts) {
    // Words as events, where names hold blanks: the fewest unknown, then the fewest without a transition, then the likeliest.
    const longest = Math.max(1, ...[...numbers.keys()].map((symbol) => symbol.split(" ").length));
    const words = parts.flat();
    const ends = parts.flatMap((part, at) => part.map(() => parts.slice(0, at + 1).flat().length));
    const best = Array.from({ length: words.length + 1 }, () => new Map());
    best[0].set(0, { cost: [0, 0, 0], events: [] });
    ends.forEach((end, place) => {
      for (let size = 1; size <= Math.min(longest, end - place); size += 1) {
        const symbol = words.slice(place, place + size).join(" ");
        if (size > 1 && !numbers.has(symbol)) continue;
        for (const [state, { cost, events }] of best[place]) {
          const { next, bits, known } = step(state, symbol);
          const fresh = [cost[0] + !numbers.has(symbol), cost[1] + !known, cost[2] + (known ? bits : 0)];
          const found = best[place + size].get(next);
          if (!found || before(fresh, found.cost)) best[place + size].set(next, { cost: fresh, events: [...events, symbol] });
        }
      }
    });
    const whole = [...best[words.length]].map(([state, { cost, events }]) => {
      return { cost: [cost[0], cost[1], cost[2] - Math.log2(data.states[state].end)], events };
    });
    return whole.reduce((one, other) => (before(other.cost, one.cost) ? other : one)).events;
  }
  function before(one, other) {
    const at = one.findIndex((value, place) => value !== other[place]);
    return at >= 0 && one[at] < other[at];
  }
  function step(state, symbol) {
    // As the automaton alone scores: counts, and what the smoothing leaves to the rest.
    const number = numbers.get(symbol);
    const edge = number === undefined ? undefined : leaving[state].get(number);
    const chance = edge ? edge[3] : data.states[state].rest * (number === undefined ? data.base[1] : data.base[number + 2]);
    const next = edge ? edge[2] : number === undefined ? state : data.fallback[number];
    return { symbol, state, next, bits: -Math.log2(chance), known: Boolean(edge) };
  }
  function follow(trace) {
    let state = 0;
    const steps = [];
    for (const symbol of trace) {
      steps.push(step(state, symbol));
      state = steps[steps.length - 1].next;
    }
    steps.push({ symbol: null, state, next: null, bits: -Math.log2(data.states[state].end), known: true });
    return steps;
  }
  function run(trace) {
    ran = trace;
    const steps = follow(trace);
    passed.clear();
    for (const step of steps) passed.add(step.state);
    const total = steps.reduce((sum, step) => sum + step.bits, 0);
    const rows = steps.map((step, at) => {
      const cell = (text) => make("td", text, step.bits >= 4 || !step.known ? "odd" : "");
      return [cell(String(at)), cell(named(step.state)), cell((step.symbol === null ? "(end)" : visible(step.symbol)) + (step.known ? "" : " (no such transition)")), make("td", step.bits.toFixed(2), "number")];
    });
    const words = `${total.toFixed(2)} bits in all${data.mixed ? ", by the automaton alone: scores of the command line mix it with an n-gram" : ""}`;
    fill($("run"), make("p", words), table(["At", "State", "Event", "Bits"], rows));
    mark();
  }
  const visible = (symbol) => (numbers.has(symbol) ? whole.shown[numbers.get(symbol)] : symbol);
  whole.samples.forEach((trace, at) => {
    const text = trace.map(visible).join(" ");
    const option = make("option", text.length > 70 ? `${text.slice(0, 69)}…` : text);
    option.value = String(at);
    $("samples").append(option);
  });
  $("samples").addEventListener("change", () => {
    if ($("samples").value === "") return;
    const trace = whole.samples[Number($("samples").value)];
    $("trace").value = trace.every((symbol) => symbol !== "" && !/\s|^\[/.test(symbol)) ? trace.join(" ") : JSON.stringify(trace);
    run(trace);
  });
  $("runner").addEventListener("submit", (event) => {
    event.preventDefault();
    try { run(events($("trace").value)); } catch { fill($("run"), make("p", "This is no list of events: [\"a\", \"b\"] is one.", "odd")); }
  });

  // --- the table of all states

  let listed = 0;
  let order = [];
  function list(most) {
    const body = $("table").tBodies[0];
    for (const state of order.slice(listed, listed + most)) {
      const about = data.states[state];
      const button = make("button", `q${state}`);
      button.type = "button";
      button.addEventListener("click", () => { tellState(state); $("panel").focus(); });
      const first = make("td");
      first.append(button);
      const follows = [...leaving[state].values()].sort((one, other) => other[3] - one[3]);
      const words = follows.slice(0, 4).map((edge) => `${sided(data.shown[edge[1]])} ${share(edge[3])} → q${edge[2]}`).join("; ") + (follows.length > 4 ? "; …" : "");
      const row = body.insertRow();
      row.append(first, make("td", about.name), make("td", count(about.visits), "number"), make("td", share(about.end), "number"), make("td", words));
    }
    listed += most;
    $("more").hidden = listed >= order.length;
  }
  $("more").addEventListener("click", () => list(200));

  // --- dark and light

  const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = () => { $("theme").setAttribute("aria-pressed", String(dark())); };
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; theme(); });
  theme();

  // --- the size of the automaton

  function use(model) {
    data = model;
    stops = model.stops;
    pictures = all.slice(stops.first);
    leaving = data.states.map(() => new Map());
    for (const edge of data.edges) leaving[edge[0]].set(edge[1], edge);
    if (chosen !== null) fill($("panel"), make("h2", "State or arrow"), make("p", "Click one, or press Enter on it."));
    chosen = null;
    $("activities").checked = false;
    $("trust").hidden = !data.trust;
    for (const kind of KINDS) { $(kind).max = stops[kind].length - 1; $(kind).value = 0; }
    shown = -1;
    $("table").tBodies[0].replaceChildren();
    listed = 0;
    order = data.states.map((_, state) => state).sort((one, other) => data.states[other].visits - data.states[one].visits || one - other);
    list(100);
    passed.clear();
    show(stops.readable);
    if (ran !== null) run(ran);
  }
  function sizeChosen() {
    const model = models[Number($("size").value)];
    const words = `${model.states.length}, ${model.bits === null ? "as learned" : `${model.bits.toFixed(2)} bits a trace`}`;
    $("size-value").textContent = words;
    $("size").setAttribute("aria-valuetext", words);
    return model;
  }
  $("sizes").hidden = models.length === 1;
  $("size").max = models.length - 1;
  $("size").value = whole.place;
  $("size").addEventListener("input", () => use(sizeChosen()));

  use(sizeChosen());
  window.flexstreamFollow = follow;
})();
