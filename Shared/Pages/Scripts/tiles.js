// The maps of a layer as tiles on one canvas: sizes, order, scale, what the pointer and the keyboard point at.
const gap = 3, firstRows = 1200;
let scaleChosen = "robust", orderChosen = "variance";
const orders = { variance: "std", max: "max", mean: "mean", zeros: "zeros", index: null };
const near = new Set();

// From few maps to many: how many fit 720 to 800 pixels at a size that is still sharp. A phone gets at least 64 pixels a tile.
function tileSide(count, room) {
  if (count === 1) return Math.min(352, room);
  const side = count <= 3 ? 240 : count <= 14 ? 112 : count <= 64 ? 88 : count <= 176 ? 64 : count <= 384 ? 44 : 26;
  if (room >= 520) return side;
  const columns = Math.max(2, Math.floor((room + gap) / (Math.max(side, 64) + gap)));
  return Math.floor((room + gap) / Math.min(columns, count)) - gap;
}

// Long maps of one or two rows are broken into lines as a text is, with a row free between lines of two: LineWrap in C# does the same.
const lineLengths = [16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 400, 512];
function linesOf(width, height) {
  if (height > 2 || width <= 256) return { width, height, step: height, lines: 1 };
  const wanted = Math.sqrt(2 * width * (2 * height - 1)), line = lineLengths.find(length => length >= wanted) ?? lineLengths.at(-1);
  const lines = Math.ceil(width / line), step = 2 * height - 1;
  return { width: line, height: lines * step - (step - height), step, lines };
}

// The place under a share of a tile's width and height.
function cellAt(layer, across, down) {
  const { width, height, step, lines } = layer.seen, inside = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  const x = inside(across, width), y = inside(down, height);
  return lines === 1 ? [x, y] : [Math.min(layer.width - 1, Math.floor(y / step) * width + x), Math.min(layer.height - 1, y % step)];
}

function gridOf(layer, room) {
  // Lines of a long map are thin in a small tile.
  const wanted = Math.max(tileSide(layer.count, Math.min(room, 800)), layer.seen.lines > 1 ? 240 : 0), side = Math.min(wanted, room), ratio = layer.seen.height / layer.seen.width;
  const width = ratio > 2 ? Math.max(12, Math.round(side * 2 / ratio)) : side;
  const height = Math.max(8, Math.min(Math.round(width * ratio), 2 * side));
  const columns = Math.max(1, Math.min(layer.count, Math.floor((Math.min(room, 800) + gap) / (width + gap))));
  const most = layer.all.shown ?? Math.max(columns, Math.floor(firstRows / (height + gap)) * columns);
  const shown = Math.min(layer.count, most);
  return { width, height, columns, shown, rows: Math.ceil(shown / columns), place: i => [i % columns * (width + gap), Math.floor(i / columns) * (height + gap)] };
}

function orderOf(layer) {
  const column = layer.known[orders[orderChosen]], channels = Array.from({ length: layer.count }, (_, i) => i);
  if (column === undefined || typeof column === "number") return channels;
  const key = i => Number.isNaN(column[i]) ? -Infinity : column[i];
  return channels.sort((a, b) => key(b) - key(a) || a - b);
}

// Maps that say nothing: one value everywhere.
const isFlat = facts => facts.min === facts.max && oddOf(facts) === 0;

function paintTile(to, layer, channel, x, y, width, height, scale, scratch) {
  to.save();
  to.beginPath();
  to.roundRect(x, y, width, height, Math.min(4 * devicePixelRatio, width / 8));
  to.clip();
  paintMap(to, layer, channel, x, y, width, height, scale, scratch);
  to.restore();
}

function paintMap(to, layer, channel, x, y, width, height, scale, scratch) {
  const facts = layer.facts(channel);
  if (isFlat(facts) && layer.area > 1) {
    const style = getComputedStyle(document.documentElement);
    to.fillStyle = style.getPropertyValue("--flat");
    to.fillRect(x, y, width, height);
    to.fillStyle = style.getPropertyValue("--soft");
    to.font = `${Math.max(9, Math.min(12 * devicePixelRatio, height / 3))}px system-ui, sans-serif`;
    if (width > 34 * devicePixelRatio) to.fillText(`= ${short(facts.min)}`, x + 4 * devicePixelRatio, y + height - 5 * devicePixelRatio);
    return;
  }
  if (layer.codes) {
    scratch.getContext("2d").putImageData(pixelsOf(layer, channel, scale), 0, 0);
    to.imageSmoothingEnabled = width < layer.seen.width;
    to.imageSmoothingQuality = "high";
    to.drawImage(scratch, x, y, width, height);
  } else if (layer.picture) {
    const [tx, ty, tw, th, tgap, columns, count] = layer.tiles;
    if (channel >= count) return;
    to.imageSmoothingEnabled = width < tw;
    to.drawImage(layer.picture, tx + channel % columns * (tw + tgap), ty + Math.floor(channel / columns) * (th + tgap), tw, th, x, y, width, height);
  }
}

// Without values the tiles of the PNG beside the page are shown: with the scale that it was drawn with.
async function loadPicture(layer) {
  const { png, tiles } = layer.section.dataset;
  if (!png || !tiles) return;
  const picture = element("img", { src: png });
  layer.tiles = tiles.split(" ").map(Number);
  await picture.decode().then(() => { layer.picture = picture; }, () => {});
}

async function drawTiles(section) {
  if (section.dataset.pair) return drawPair(section);
  const box = section.querySelector(".tiles");
  if (!box) return;
  const layer = await layerOf(section);
  if (!layer.codes && !layer.picture) await loadPicture(layer);
  const room = Math.floor(box.parentNode.clientWidth);
  if (room === 0) return;
  const grid = layer.grid = gridOf(layer, room), ratio = devicePixelRatio;
  layer.order = orderOf(layer);
  const canvas = box.querySelector("canvas");
  const whole = [grid.columns * (grid.width + gap) - gap, grid.rows * (grid.height + gap) - gap];
  [canvas.width, canvas.height] = whole.map(side => Math.round(side * ratio));
  [canvas.style.width, canvas.style.height] = whole.map(side => `${side}px`);
  const to = canvas.getContext("2d"), scale = scales[scaleChosen];
  const scratch = element("canvas", { width: layer.seen.width, height: layer.seen.height });
  scratch.getContext("2d", { willReadFrequently: true });
  const round = value => Math.round(value * ratio);
  for (let i = 0; i < grid.shown; i++) {
    const [x, y] = grid.place(i);
    paintTile(to, layer, layer.order[i], round(x), round(y), round(x + grid.width) - round(x), round(y + grid.height) - round(y), scale, scratch);
  }
  box.dataset.drawn = `${scaleChosen} ${orderChosen}`;
  tellScale(section, layer, scale);
  placeSpot(section, layer, Math.min(layer.spot ?? 0, grid.shown - 1));
}

// The line below the maps: what the colours mean, in which order, and what is dead.
function tellScale(section, layer, scale) {
  const line = section.querySelector(".legend"), palette = paletteFor(scale);
  const stops = Array.from({ length: 17 }, (_, i) => cssOf(palette[Math.min(255, i * 16)])).join(", ");
  line.querySelector(".ramp").style.background = `linear-gradient(90deg, ${layer.codes ? stops : "var(--line), var(--line)"})`;
  const perMap = !scale.diverging && scaleChosen !== "layer", [low, high] = scale.ends({}, layer.all);
  line.querySelector(".low").textContent = perMap ? "low" : short(low);
  line.querySelector(".high").textContent = perMap ? "high" : short(high);
  const dead = layer.order.filter(channel => { const facts = layer.facts(channel); return isFlat(facts) && facts.min === 0; }).length;
  line.querySelector(".says").textContent = [layer.codes ? scale.says : "as in the PNG: values of this layer are beyond --values",
    layer.seen.lines > 1 ? `lines of ${layer.seen.width} values` : "",
    dead > 0 && layer.area > 1 ? `${dead} of ${layer.count} dead` : "", layer.grid.shown < layer.count ? `${layer.grid.shown} of ${layer.count} shown` : ""].filter(Boolean).join(" · ");
  line.querySelector(".more").hidden = layer.grid.shown === layer.count;
}

const tell = (layer, channel) => {
  const facts = layer.facts(channel), odd = oddOf(facts);
  return `#${channel} · ${isFlat(facts) ? `= ${short(facts.min)}` : `${short(facts.min)} … ${short(facts.max)}`} · zeros ${percent(facts.zeros)}${odd ? ` · ${odd} not finite` : ""}`;
};

// One real button stands over the map that is pointed at: it has the focus, and says what the map shows.
function placeSpot(section, layer, place, focus = false) {
  const box = section.querySelector(".tiles"), old = box.querySelector(".spot"), [x, y] = layer.grid.place(place), channel = layer.order[place];
  const spot = element("button", { type: "button", className: "spot", title: "", "aria-label": `map ${tell(layer, channel).slice(1)}: enlarge` });
  Object.assign(spot.style, { left: `${x}px`, top: `${y}px`, width: `${layer.grid.width}px`, height: `${layer.grid.height}px` });
  layer.spot = place;
  if (old) old.replaceWith(spot); else box.append(spot);
  if (focus) { spot.focus({ preventScroll: true }); spot.scrollIntoView({ block: "nearest" }); showTip(section, layer, place); }
}

function showTip(section, layer, place) {
  const tip = section.querySelector(".tip"), [x, y] = layer.grid.place(place);
  tip.textContent = tell(layer, layer.order[place]);
  tip.hidden = false;
  Object.assign(tip.style, { left: `${Math.max(0, Math.min(x, section.querySelector(".tiles").clientWidth - 230))}px`, top: `${y + layer.grid.height + 4}px` });
}

function placeUnder(layer, event) {
  const { width, height, columns, shown } = layer.grid, { offsetX: x, offsetY: y } = event;
  const column = Math.floor(x / (width + gap)), place = Math.floor(y / (height + gap)) * columns + column;
  return x < 0 || y < 0 || column >= columns || place >= shown ? -1 : place;
}

// What of the input a place is computed from, where the graph tells it: rows and columns of the picture, from and to. HoverFields in C#
// writes what this reads.
const steps = text => text.split(" ").reduce((values, part) => {
  const [by, times] = part.split("x").map(Number);
  if (times === undefined) return [by];
  for (let i = 0; i < times; i++) values.push(values.at(-1) + by);
  return values;
}, []);

function fieldOf(section) {
  const text = section.dataset.field;
  if (!text || text === "whole") return text ?? null;
  const [size, ...lists] = text.split("|"), [rows, columns] = size.split(" ").map(Number), [top, bottom, left, right] = lists.map(steps);
  return { rows, columns, top, bottom, left: left ?? top, right: right ?? bottom };
}

// The frame in shares of the picture, and what it is: the receptive field, or the same place when nobody knows that.
function frameOf(layer, cx, cy) {
  const field = layer.field ??= fieldOf(layer.section) ?? "place";
  if (field === "whole") return { box: [0, 0, 1, 1], says: "receptive field: the whole picture" };
  if (field === "place") return { box: [cx / layer.width, cy / layer.height, 1 / layer.width, 1 / layer.height], says: "the same place; its receptive field is not known" };
  const [left, top] = [field.left[cx], field.top[cy]], [wide, high] = [field.right[cx] + 1 - left, field.bottom[cy] + 1 - top];
  if (wide <= 0 || high <= 0) return { box: null, says: "receptive field: padding alone" };
  return { box: [left / field.columns, top / field.rows, wide / field.columns, high / field.rows], says: `receptive field: ${wide} × ${high} pixels` };
}

// The input with that frame, when the pointer rests.
let resting = 0;
function peek(layer, place, event) {
  clearTimeout(resting);
  const box = document.getElementById("peek"), picture = document.querySelector(".hero img.seen");
  if (!picture || layer.area < 2) return;
  const [x, y] = layer.grid.place(place), { offsetX, offsetY, clientX, clientY } = event;
  const [cx, cy] = cellAt(layer, (offsetX - x) / layer.grid.width, (offsetY - y) / layer.grid.height);
  resting = setTimeout(() => {
    const { box: shares, says } = frameOf(layer, cx, cy), seen = element("div", {}, element("img", { src: picture.src, alt: "" }));
    if (shares) {
      const frame = element("i"), [left, top, wide, high] = shares.map(share => 100 * share);
      Object.assign(frame.style, { left: `${left}%`, top: `${top}%`, width: `${Math.max(2, wide)}%`, height: `${Math.max(2, high)}%` });
      seen.append(frame);
    }
    box.replaceChildren(seen, element("p", { textContent: says }));
    box.hidden = false;
    Object.assign(box.style, { left: `${Math.min(clientX + 18, innerWidth - 180)}px`, top: `${Math.max(8, clientY - 230)}px` });
  }, 300);
}

function unpeek(section) {
  clearTimeout(resting);
  document.getElementById("peek").hidden = true;
  section.querySelector(".tip").hidden = true;
}

function watchTiles(section) {
  const box = section.querySelector(".tiles"), canvas = box.querySelector("canvas");
  box.addEventListener("pointermove", async event => {
    const layer = await layerOf(section);
    if (!layer.grid) return;
    if (event.target === canvas) {
      const place = placeUnder(layer, event);
      if (place < 0) return unpeek(section);
      if (place !== layer.spot) placeSpot(section, layer, place);
      showTip(section, layer, place);
    }
    const bounds = canvas.getBoundingClientRect();
    peek(layer, layer.spot, { clientX: event.clientX, clientY: event.clientY, offsetX: event.clientX - bounds.x, offsetY: event.clientY - bounds.y });
  });
  box.addEventListener("pointerleave", () => unpeek(section));
  box.addEventListener("focusout", () => unpeek(section));
  box.addEventListener("focusin", async event => { const layer = await layerOf(section); if (layer.grid && event.target.matches(":focus-visible")) showTip(section, layer, layer.spot); });
  box.addEventListener("click", async event => {
    const layer = await layerOf(section);
    if (!layer.grid) return;
    const place = event.target === canvas ? placeUnder(layer, event) : layer.spot;
    if (place >= 0) openChannel(section, layer.order[place]);
  });
  box.addEventListener("keydown", async event => {
    const layer = await layerOf(section), columns = layer.grid?.columns;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const next = event.key === "Home" ? 0 : event.key === "End" ? layer.grid.shown - 1 : step ? layer.spot + step : -1;
    if (next < 0 || next >= layer.grid.shown) return;
    placeSpot(section, layer, next, true);
  });
  box.addEventListener("keydown", event => {
    if (/^(Arrow|Home|End)/.test(event.key)) { event.preventDefault(); event.stopPropagation(); }
  });
}

// Chosen on one card, they hold for all.
function chooseScale(name) {
  scaleChosen = name;
  for (const radio of document.querySelectorAll(`.segmented input[value="${name}"]`)) radio.checked = true;
  near.forEach(drawTiles);
}

function chooseOrder(name) {
  orderChosen = name;
  for (const select of document.querySelectorAll(".legend select")) select.value = name;
  near.forEach(drawTiles);
}

// The part of a card that shows maps.
function tilesCard(section) {
  const legend = element("p", { className: "legend" },
    element("span", { className: "low" }), element("i", { className: "ramp" }), element("span", { className: "high" }), element("span", { className: "says" }),
    element("button", { type: "button", className: "more link", textContent: "show all", hidden: true }));
  if (Number(section.dataset.maps.split(" ")[0]) > 1) {
    const select = element("select", { "aria-label": "Order of the maps" }, ...Object.keys(orders).map(name => element("option", { value: name, textContent: name })));
    select.value = orderChosen;
    select.addEventListener("change", () => chooseOrder(select.value));
    legend.append(element("label", {}, "sorted by ", select));
  }
  legend.querySelector(".more").addEventListener("click", async () => { (await layerOf(section)).all.shown = Infinity; drawTiles(section); });
  const box = element("div", { className: "tiles", role: "group", "aria-label": `${section.querySelector(".shape").textContent} of ${section.querySelector("h2").textContent}; the arrow keys walk from map to map` },
    element("canvas", { "aria-hidden": "true" }), element("p", { className: "tip", hidden: true, role: "status" }));
  if (section.dataset.values)
    section.querySelector("header").append(segmented(`scale-${section.id}`, "Scale", Object.entries(scales).map(([name, scale]) => [name, scale.label, scale.says]), scaleChosen, chooseScale));
  return element("div", { className: "maps" }, box, legend);
}
