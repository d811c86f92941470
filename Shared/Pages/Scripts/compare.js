// Pairs of maps: of the channels that differ most A, B and B − A, small on the card and large in the zoom, with their values.
function pairOf(section) {
  return section.pair ??= beside(section.dataset.pair).then(text => {
    const [count, height, width] = section.dataset.size.split(" ").map(Number), [trueHeight, trueWidth] = section.dataset.true.split(" ").map(Number);
    const area = height * width, channels = section.dataset.channels.split(" ").map(Number), { a, b } = columnsOf(text);
    if (!a || a.length !== count * area) return null;
    const d = a.map((value, i) => b[i] - value), finite = values => values.filter(Number.isFinite);
    const most = finite(d).reduce((size, value) => Math.max(size, Math.abs(value)), 0);
    const ends = channels.map((_, k) => finite([...a.subarray(k * area, (k + 1) * area), ...b.subarray(k * area, (k + 1) * area)])
      .reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]));
    return { section, count, height, width, area, channels, order: channels, a, b, d, most, ends, pooled: trueHeight > height || trueWidth > width, trueHeight, trueWidth };
  });
}

const sidesOf = () => [["a", "A"], ["b", "B"], ["d", "B − A"]];

// One map on a canvas of as many pixels as it has values; what is no number is grey, in a pattern.
function paintSide(canvas, pair, side, k) {
  [canvas.width, canvas.height] = [pair.width, pair.height];
  const image = new ImageData(pair.width, pair.height), pixels = new Uint32Array(image.data.buffer);
  const palette = side === "d" ? paletteOf(isDark() ? "dark" : "light") : paletteOf("maps"), [low, high] = pair.ends[k];
  const level = side === "d" ? (pair.most > 0 ? value => 128 + value * 127 / pair.most : () => 128) : span(low, high);
  for (let i = 0; i < pair.area; i++) {
    const value = pair[side][k * pair.area + i];
    pixels[i] = Number.isFinite(value) ? palette[Math.min(Math.max(Math.round(level(value)), 0), 255)]
      : ((i % pair.width + Math.floor(i / pair.width)) % 2 ? 0xff404040 : 0xffc0c0c0);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

async function drawPair(section) {
  const box = section.querySelector(".columns-of-maps"), pair = box && await pairOf(section);
  if (!pair) return;
  const room = box.clientWidth - 50, tile = Math.max(44, Math.min(pair.count === 1 ? 216 : 116, Math.floor(room / Math.min(pair.count, room < 460 ? 4 : 12)) - 4));
  box.style.setProperty("--tile", `${tile}px`);
  [...box.querySelectorAll("button")].forEach((button, k) => {
    [...button.querySelectorAll("canvas")].forEach((canvas, i) => paintSide(canvas, pair, sidesOf()[i][0], k));
    button.onclick = () => openChannel(section, pair.channels[k]);
  });
  box.querySelector(".ends").textContent = `B − A of all on ± ${short(pair.most)}${pair.pooled ? ` · drawn at ${pair.height} × ${pair.width}, means of neighbours` : ""}`;
  box.dataset.drawn = "";
}

function sidePane(pair, k, [side, name], size, point) {
  const canvas = element("canvas", { role: "img", "aria-label": `${name}, channel ${pair.channels[k]}` }), spot = element("i", { hidden: true });
  paintSide(canvas, pair, side, k);
  [canvas.style.width, canvas.style.height] = size.map(pixels => `${pixels}px`);
  const box = element("div", { className: "spotted" }, canvas, spot);
  canvas.addEventListener("pointermove", event => {
    const box = canvas.getBoundingClientRect(), x = Math.floor((event.clientX - box.left) / box.width * pair.width), y = Math.floor((event.clientY - box.top) / box.height * pair.height);
    if (x >= 0 && y >= 0 && x < pair.width && y < pair.height) point(x, y);
  });
  const palette = side === "d" ? paletteOf(isDark() ? "dark" : "light") : paletteOf("maps"), ramp = element("i", { className: "ramp" });
  ramp.style.background = `linear-gradient(90deg, ${Array.from({ length: 17 }, (_, i) => cssOf(palette[Math.min(255, i * 16)])).join(", ")})`;
  const [low, high] = side === "d" ? [-pair.most, pair.most] : pair.ends[k];
  return element("figure", { className: "map" }, element("h3", { textContent: side === "d" ? "B − A" : name }), box,
    element("p", { className: "bar" }, element("span", { textContent: short(low) }), ramp, element("span", { textContent: short(high) })));
}

function savePair(pair, k) {
  const rows = ["y,x,A,B"];
  for (let i = 0; i < pair.area; i++) rows.push([Math.floor(i / pair.width), i % pair.width, pair.a[k * pair.area + i], pair.b[k * pair.area + i]].join(","));
  download(`${pair.section.id}-${pair.channels[k]}.csv`, rows.join("\n") + "\n", "text/csv");
}

// The zoom of a pair; its address is #layer/channel, as that of a map in a report.
async function showPair(section, channel) {
  const pair = await pairOf(section);
  if (!pair) return;
  const k = Math.max(0, pair.channels.indexOf(channel));
  zoomed = { section, layer: pair, channel: pair.channels[k] };
  const wide = innerWidth > 900, room = wide ? (Math.min(1400, innerWidth - 32) - 120) / 3 : innerWidth - 56;
  const factor = Math.min(room / pair.width, (wide ? innerHeight - 280 : 360) / pair.height), whole = factor >= 1 ? Math.floor(factor) : factor;
  const size = [pair.width, pair.height].map(side => Math.max(1, Math.round(side * whole)));
  const told = element("output", { textContent: "point at a value" }), at = (side, x, y) => pair[side][k * pair.area + y * pair.width + x];
  let panes = [];
  const point = (x, y) => {
    told.textContent = `(${x}, ${y}): A ${short(at("a", x, y))} · B ${short(at("b", x, y))} · B − A ${short(at("d", x, y))}`;
    for (const spot of panes.map(pane => pane.querySelector(".spotted i"))) {
      spot.hidden = false;
      [spot.style.left, spot.style.top] = [`${x * size[0] / pair.width}px`, `${y * size[1] / pair.height}px`];
      [spot.style.width, spot.style.height] = [`${Math.max(4, size[0] / pair.width)}px`, `${Math.max(4, size[1] / pair.height)}px`];
    }
  };
  panes = sidesOf().map(side => sidePane(pair, k, side, size, point));
  const step = by => () => walkChannels(by), note = section.querySelector(".shape").textContent;
  const head = element("header", {},
    element("div", {}, element("h2", { textContent: section.querySelector("h2").textContent }),
      element("p", { role: "status", textContent: `channel ${pair.channels[k]}, number ${k + 1} of the ${pair.count} that differ most · ${note}${pair.pooled ? ` · shown at ${pair.height} × ${pair.width}, means of neighbours` : ""}` })),
    element("div", { className: "buttons" }, button("‹", "Channel before", step(-1)), button("›", "Next channel", step(1)), button("CSV", "Save the values as CSV", () => savePair(pair, k)), button("×", "Close", () => zoom.close())));
  const focused = zoom.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  zoom.replaceChildren(head, element("div", { className: "panes" }, ...panes), told);
  if (!zoom.open) zoom.showModal();
  (focused && [...zoom.querySelectorAll("button")].find(one => one.getAttribute("aria-label") === focused))?.focus();
}

// The list tells where differences are; the heat map which layers; the folded rows come when asked for.
for (const section of sections) if (section.dataset.finding && section.dataset.finding !== "ok") links.get(section.id)?.classList.add(section.dataset.finding);

for (const figure of document.querySelectorAll(".heat")) {
  const rows = figure.dataset.rows.split("\n"), columns = figure.dataset.columns.split("\n"), values = bytesOf(figure.dataset.values), svg = figure.querySelector("svg");
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect(), unit = svg.viewBox.baseVal.width / box.width;
    const j = Math.floor(((event.clientX - box.left) * unit - svg.dataset.left) / svg.dataset.side * columns.length), i = Math.floor((event.clientY - box.top) * unit / svg.dataset.side * rows.length);
    if (i >= 0 && j >= 0 && i < rows.length && j < columns.length) figure.querySelector("output").textContent = `${rows[i]} of A, ${columns[j]} of B: ${(values[i * columns.length + j] / 255).toFixed(2)}`;
  });
}

const unfold = () => { document.querySelector(".pairs-table")?.classList.remove("folded"); document.querySelector(".fold")?.remove(); };
document.querySelector(".fold button")?.addEventListener("click", unfold);
document.querySelector(".pairs-table thead")?.addEventListener("click", unfold);
