// Values under the pointer, and one map large: over the picture, alone, and beside that of another target. Its address is #map/12.
const zoom = document.getElementById("zoom"), peek = document.getElementById("peek");
const values = new Map();
let zoomed = null, pointed = null, chosen = null;

// The signed values of a map, from one byte each, and how far off they may be; those of a difference from both of its maps.
function valuesOf(index) {
  if (!values.has(index)) values.set(index, readValues(maps[index]));
  return values.get(index);
}

async function readValues(map) {
  if (map.of) {
    const [first, second] = await Promise.all(map.of.map(valuesOf));
    if (!first || !second) return null;
    const own = value => map.isPositive ? Math.max(0, value) : value;
    const at = i => own(first.at(i)) - own(second.at(i)), within = i => first.within(i) + second.within(i);
    let limit = 0;
    for (let i = 0; i < first.rows * first.columns; i++) limit = Math.max(limit, Math.abs(at(i)) || 0);
    return { ...first, at, within, limit };
  }
  const { file, rows, columns, block, limit } = map.values, known = columnsOf(await beside(file));
  if (known.codes?.length !== rows * columns) return null;
  const odd = known.NaN > 0, top = odd ? 254 : 255;
  const book = codeBook(known.min[0], known.low[0], known.high[0], known.max[0], top), code = i => known.codes[i];
  return {
    rows, columns, block, limit,
    at: i => odd && code(i) === 255 ? NaN : book[code(i)],
    within: i => Math.max(book[Math.min(code(i) + 1, top)] - book[code(i)], book[code(i)] - book[Math.max(code(i) - 1, 0)]) / 2,
  };
}

// Row and column of a share of height and width.
const placeIn = (known, right, down) => {
  const column = Math.min(known.columns - 1, Math.max(0, Math.floor(right * known.columns))), row = Math.min(known.rows - 1, Math.max(0, Math.floor(down * known.rows)));
  return { row, column, index: row * known.columns + column };
};

function told(known, { row, column, index }) {
  const within = known.within(index), value = known.at(index);
  const place = known.block > 1 ? `rows ${row * known.block}–${(row + 1) * known.block - 1}, columns ${column * known.block}–${(column + 1) * known.block - 1}` : `row ${row}, column ${column}`;
  return `${place}: ${value > 0 ? "+" : ""}${short(value)}${within > 0 ? ` ± ${+within.toPrecision(1)}` : ""}`;
}

async function tell(event) {
  const canvas = event.target.closest?.("main canvas.map");
  pointed = canvas;
  if (!canvas) {
    peek.hidden = true;
    return;
  }
  const map = maps[Number(canvas.dataset.map)], [right, down] = [event.offsetX / canvas.clientWidth, event.offsetY / canvas.clientHeight];
  const [x, y] = [event.clientX, event.clientY], known = await valuesOf(Number(canvas.dataset.map));
  if (pointed !== canvas || !known) return;
  peek.replaceChildren(element("b", { textContent: told(known, placeIn(known, right, down)) }), element("span", { textContent: `${map.method} · ${map.layer} · ${map.target}` }));
  peek.hidden = false;
  peek.style.left = `${Math.min(x + 14, innerWidth - peek.offsetWidth - 8)}px`;
  peek.style.top = `${y + 18 + peek.offsetHeight > innerHeight ? y - peek.offsetHeight - 10 : y + 18}px`;
}

// Other targets' maps of the same method and layer.
const others = map => map.index < 0 ? [] : maps.map((other, i) => [other, i]).filter(([other]) => other !== map && other.index >= 0 && other.method === map.method && other.layer === map.layer);

function pane(title, kind) {
  const canvas = element("canvas", { className: `large ${kind}` }), cell = element("i", { className: "cell", hidden: true }), output = element("output", { textContent: "point at a value" });
  const figure = element("figure", {}, element("h3", {}, ...title), element("div", { className: "over" }, canvas, cell), output);
  return { figure, canvas, cell, output };
}

const chip = (kind, text) => element("span", { className: `chip ${kind}`, textContent: text });

// The values' colours lie over the card alone, a cell a value.
function paintValues(canvas, known, kind) {
  const image = coloured(known.columns, known.rows, kind, i => known.limit > 0 && Number.isFinite(known.at(i)) ? known.at(i) / known.limit : 0);
  canvas.width = known.columns;
  canvas.height = known.rows;
  canvas.getContext("2d").drawImage(image, 0, 0);
}

function button(text, label, act) {
  const made = element("button", { type: "button", textContent: text, title: label, "aria-label": label });
  made.addEventListener("click", act);
  return made;
}

async function show(index, kind, canvas) {
  const map = maps[index], rest = others(map), next = rest.find(([, i]) => i === chosen) ?? rest[0];
  const shown = zoomed = { index, kind, canvas };
  const [known, second] = await Promise.all([valuesOf(index), next ? valuesOf(next[1]) : null]);
  if (zoomed !== shown || !known) return;
  const over = pane([map.method, " over the picture"], kind), alone = pane([chip(kind, map.target)], kind);
  const otherKind = next?.[0].index === 0 ? "t0" : "t1", panes = [[over, known, kind], [alone, known, kind]];
  if (second) panes.push([pane([chip(otherKind, next[0].target)], otherKind), second, otherKind]);
  const opacity = element("input", { type: "range", min: 0, max: 100, value: 100 * shareOf(), "aria-label": "Opacity of the map over the picture" });
  const overlay = () => paint(over.canvas, smallOf(index, kind), opacity.value / 100);
  opacity.addEventListener("input", overlay);
  over.figure.append(element("label", { className: "key" }, "picture ", opacity, " map"));
  if (rest.length > 1) {
    const choice = element("select", { "aria-label": "Target beside it" }, ...rest.map(([other, i]) => element("option", { value: i, textContent: other.target, selected: i === next[1] })));
    choice.addEventListener("change", () => { chosen = Number(choice.value); show(index, kind, canvas); });
    panes[2][0].figure.append(choice);
  }
  const difference = element("output", { className: "difference" });
  const file = canvas?.closest("a")?.getAttribute("href");
  const head = element("header", {},
    element("div", {}, element("h2", { textContent: `${map.method} at ${map.layer}` }), element("p", { className: "note", textContent: `${map.target} · ${known.rows} × ${known.columns} values, signed${known.block > 1 ? `, sums of ${known.block} × ${known.block} pixels` : ""}; colours end at ± ${short(known.limit)}` })),
    element("div", { className: "buttons" }, button("‹", "Map before", () => walk(-1)), button("›", "Next map", () => walk(1)),
      ...file ? [element("a", { href: file, textContent: "overlay", title: "The map over the picture in its own size" })] : [], button("×", "Close", () => zoom.close())));
  zoom.replaceChildren(head, element("div", { className: `panes of${panes.length}` }, ...panes.map(([one]) => one.figure)), difference);
  if (!zoom.open) zoom.showModal();
  overlay();
  paintValues(alone.canvas, known, kind);
  if (second) paintValues(panes[2][0].canvas, second, otherKind);
  for (const [one] of panes) one.canvas.addEventListener("pointermove", event => {
    const right = event.offsetX / one.canvas.clientWidth, down = event.offsetY / one.canvas.clientHeight;
    for (const [each, own] of panes) {
      const place = placeIn(own, right, down);
      each.output.textContent = told(own, place);
      each.cell.hidden = false;
      Object.assign(each.cell.style, { left: `${100 * place.column / own.columns}%`, top: `${100 * place.row / own.rows}%`, width: `${100 / own.columns}%`, height: `${100 / own.rows}%` });
    }
    if (second) difference.textContent = `${map.target} − ${next[0].target}: ${short(known.at(placeIn(known, right, down).index) - second.at(placeIn(second, right, down).index))}`;
  });
}

const all = [...document.querySelectorAll("main canvas.map")];

function open(canvas) {
  history.replaceState(null, "", `#map/${canvas.dataset.map}`);
  show(Number(canvas.dataset.map), kindOf(canvas), canvas);
}

function walk(by) {
  const place = all.indexOf(zoomed?.canvas);
  if (place >= 0) open(all[(place + by + all.length) % all.length]);
}

document.addEventListener("pointermove", tell);
document.addEventListener("scroll", () => { peek.hidden = true; }, { passive: true });
document.addEventListener("click", event => {
  const canvas = event.target.closest?.("main canvas.map");
  if (!canvas || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  peek.hidden = true;
  open(canvas);
});
document.addEventListener("keydown", event => {
  const canvas = event.target.closest?.("main canvas.map, main a:has(canvas.map)");
  if (event.key !== "Enter" || !canvas) return;
  event.preventDefault();
  open(canvas.querySelector("canvas.map") ?? canvas);
});
zoom?.addEventListener("click", event => { if (event.target === zoom) zoom.close(); });
zoom?.addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowLeft: -1, j: 1, k: -1 }[event.key];
  if (!step || event.target.matches("input, select")) return;
  event.preventDefault();
  walk(step);
});
zoom?.addEventListener("close", () => {
  zoomed?.canvas?.focus({ preventScroll: true });
  zoomed = null;
  history.replaceState(null, "", location.pathname + location.search);
});

function begin() {
  start();
  const [, wanted] = /^#map\/(\d+)$/.exec(location.hash) ?? [], canvas = all.find(one => one.dataset.map === wanted);
  if (canvas) open(canvas);
}

if (picture && maps.length > 0) {
  if (picture.complete) begin();
  else picture.addEventListener("load", begin);
}
