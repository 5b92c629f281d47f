// Lays out pictures, [boxes, arrows] each, with a library of JavaScript; answers places and milliseconds.
const fs = require("fs");
const [kind, folder] = process.argv.slice(2);
const { pictures } = JSON.parse(fs.readFileSync(0));
const from = (name) => require(`${folder}/node_modules/${name}`);
async function elk(boxes, arrows) {
  const ELK = from("elkjs/lib/elk.bundled.js");
  const found = await new ELK().layout({ id: "all", layoutOptions: { "elk.algorithm": "layered", "elk.direction": "DOWN" },
    children: boxes.map(([id, width, height]) => ({ id, width, height })),
    edges: arrows.map(([source, target], at) => ({ id: `e${at}`, sources: [source], targets: [target] })) });
  return found.children.map((one) => [one.id, one.x + one.width / 2, one.y + one.height / 2]);
}
async function cytoscape(boxes, arrows) {
  const graph = from("cytoscape")({ headless: true, styleEnabled: true,
    style: boxes.map(([id, width, height]) => ({ selector: `#${id}`, style: { width, height } })),
    elements: [...boxes.map(([id]) => ({ data: { id } })), ...arrows.map(([source, target]) => ({ data: { source, target } }))] });
  graph.layout({ name: "cose", animate: false, randomize: true, boundingBox: { x1: 0, y1: 0, w: 1400, h: 1000 } }).run();
  return graph.nodes().map((node) => [node.id(), node.position().x, node.position().y]);
}
let kept = new Map();
async function force(boxes, arrows) {
  const d3 = await import(`${folder}/node_modules/d3-force/dist/d3-force.mjs`);
  const nodes = boxes.map(([id, width, height]) => ({ id, r: Math.hypot(width, height) / 2, ...kept.get(id) }));
  d3.forceSimulation(nodes).force("link", d3.forceLink(arrows.map(([source, target]) => ({ source, target }))).id((node) => node.id).distance(150))
    .force("charge", d3.forceManyBody().strength(-400)).force("apart", d3.forceCollide((node) => node.r)).stop().tick(300);
  kept = new Map(nodes.map(({ id, x, y }) => [id, { x, y }]));
  return nodes.map((node) => [node.id, node.x, node.y]);
}
(async () => {
  const lay = { elkjs: elk, cytoscape, "d3-force": force }[kind];
  const found = [], times = [];
  for (const [boxes, arrows] of pictures) { const began = performance.now(); found.push(await lay(boxes, arrows)); times.push(performance.now() - began); }
  process.stdout.write(JSON.stringify({ found, times }), () => process.exit(0)); // timers of libraries go on
})();
