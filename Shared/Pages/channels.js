// The channels of a layer: where their tiles are, what was measured of them, and pictures of them in another order.
const orders = ["index", "mean", "max", "variance", "zeros"];
const numbers = new Map(), waiting = new Map();

// What scripts beside the page call; they are loaded when they are needed, and once.
window.arrived = (file, text) => waiting.get(file).done(text);

function beside(file) {
  if (!waiting.has(file)) {
    const wait = {};
    wait.promise = new Promise(done => { wait.done = done; });
    waiting.set(file, wait);
    document.head.append(element("script", { src: file, onerror: () => wait.done("") }));
  }
  return waiting.get(file).promise;
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// A layer's pictures are text until somebody comes near.
function build(section) {
  const body = section.querySelector("script.body");
  if (!body) return;
  section.querySelector(".pictures").innerHTML = body.textContent;
  body.remove();
}

function tilesOf(figure) {
  const tiles = figure?.querySelector("img").dataset.tiles;
  if (!tiles) return null;
  const [x, y, width, height, gap, columns, count] = tiles.split(" ").map(Number);
  const place = i => [x + i % columns * (width + gap), y + Math.floor(i / columns) * (height + gap)];
  return { x, y, width, height, gap, columns, count, place, rows: Math.ceil(count / columns) };
}

// Name → a function from channel to number. A line has one number for all channels, or as many floats as there are channels.
function parseNumbers(text) {
  return Object.fromEntries(text.trim().split("\n").filter(Boolean).map(line => {
    const [name, first, floats] = line.split(" ");
    if (!floats) return [name, () => Number(first)];
    const bytes = new DataView(Uint8Array.from(atob(floats), c => c.charCodeAt(0)).buffer);
    return [name, channel => bytes.getFloat32(4 * channel, true)];
  }));
}

// Read when first asked for.
function numbersOf(section) {
  if (!numbers.has(section)) {
    const data = section.querySelector(".numbers");
    const text = data?.dataset.file ? beside(data.dataset.file) : Promise.resolve(data?.textContent ?? "");
    numbers.set(section, text.then(parseNumbers));
  }
  return numbers.get(section);
}

// Channels in the order in which they are shown: the largest first, NaN last.
function orderOf(values, count) {
  const value = values[order.value === "variance" ? "std" : order.value];
  const channels = Array.from({ length: count }, (_, i) => i);
  if (!value) return channels;
  const keys = Float64Array.from(channels, i => Number.isNaN(value(i)) ? -Infinity : value(i));
  return channels.sort((a, b) => keys[a] === keys[b] ? a - b : keys[b] - keys[a]);
}

const order = document.querySelector("#sort select");

// A mosaic whose tiles are copied to other places; only as long as it is near the window.
async function reorder(section) {
  const figure = section.querySelector("figure.maps"), tiles = tilesOf(figure);
  if (!tiles || order.value === "index" || tiles.count < 2) return restore(section);
  const by = order.value, picture = figure.querySelector("img");
  picture.loading = "eager";
  const values = await numbersOf(section);
  try { await picture.decode(); } catch { return; }
  if (order.value !== by) return;
  let canvas = figure.querySelector("canvas");
  if (!canvas) picture.after(canvas = element("canvas"));
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const to = canvas.getContext("2d");
  to.drawImage(picture, 0, 0);
  orderOf(values, tiles.count).forEach((channel, i) =>
    to.drawImage(picture, ...tiles.place(channel), tiles.width, tiles.height, ...tiles.place(i), tiles.width, tiles.height));
  figure.classList.add("ordered");
}

function restore(section) {
  const figure = section.querySelector("figure.maps.ordered");
  figure?.classList.remove("ordered");
  figure?.querySelector("canvas")?.remove();
}

// The place in the order that was clicked; −1 beside the tiles.
function placeAt(figure, event) {
  const tiles = tilesOf(figure), shown = event.target;
  if (!tiles) return -1;
  const scale = figure.querySelector("img").naturalWidth / shown.clientWidth;
  const x = event.offsetX * scale - tiles.x, y = event.offsetY * scale - tiles.y;
  const column = Math.floor(x / (tiles.width + tiles.gap)), row = Math.floor(y / (tiles.height + tiles.gap));
  const place = row * tiles.columns + column;
  return x < 0 || y < 0 || column >= tiles.columns || place >= tiles.count ? -1 : place;
}

// Values, read back from colours: origin + (index − offset) · step, where an index at either end may have been clipped.
const scales = {
  tile: channel => ({ origin: channel.min, step: (channel.max - channel.min) / 255, offset: 0 }),
  layer: (_, layer) => ({ origin: layer.min, step: (layer.max - layer.min) / 255, offset: 0 }),
  symmetric: (_, layer) => ({ origin: 0, step: Math.max(Math.abs(layer.min), Math.abs(layer.max)) / 127, offset: 128 }),
  standard: channel => ({ origin: channel.mean, step: channel.std / 64, offset: 128, clips: true }),
  raw255: () => ({ origin: 0, step: 1 / 255, offset: 0, clips: true }),
};

let indices = null;

// Colour → its place on the colormap; the middle one where several have the same colour. "within" is how far off that can be.
function readColours() {
  if (indices) return indices;
  const places = new Map(), text = document.getElementById("colours").textContent;
  let within = 0.5;
  for (let i = 0; i < 256; i++) {
    const colour = parseInt(text.slice(6 * i, 6 * i + 6), 16), first = places.get(colour)?.first ?? i;
    places.set(colour, { first, index: (first + i) / 2 });
    within = Math.max(within, (i - first + 1) / 2);
  }
  return indices = { within, at: ([red, green, blue]) => places.get(red << 16 | green << 8 | blue)?.index };
}

// Browsers let no script look into a picture that is a file.
async function readable(picture) {
  if (picture.src.startsWith("data:")) return picture;
  const copy = picture.dataset.copy ? await beside(picture.dataset.copy) : "";
  if (!copy) return null;
  const read = element("img", { src: copy });
  await read.decode();
  return read;
}

// The values of one channel: { width, height, within, at(x, y) }; { missing } says why not, null that no picture could tell them.
async function valuesOf(figure, channel, facts) {
  const picture = figure.querySelector("img"), tiles = tilesOf(figure);
  const [width, height, mode, min, max] = (picture.dataset.values ?? "").split(" ").map((part, i) => i === 2 ? part : Number(part));
  if (!mode || tiles.width % width || tiles.height % height || facts.NaN || facts.infinite || Number.isNaN(facts.min)) return null;
  if (facts.min === facts.max) return { width, height, within: 0, at: () => ({ value: facts.min, mark: "", colour: [0, 0, 0] }) };
  const source = await readable(picture);
  if (!source) return { missing: "no values: a browser lets no page read a picture that is a file, and this one is too large for a copy as text" };
  const scale = scales[mode](facts, { min, max }), colours = readColours();
  const canvas = element("canvas", { width: tiles.width, height: tiles.height });
  const to = canvas.getContext("2d", { willReadFrequently: true });
  to.drawImage(source, ...tiles.place(channel), tiles.width, tiles.height, 0, 0, tiles.width, tiles.height);
  const pixels = to.getImageData(0, 0, tiles.width, tiles.height).data;
  const factorX = tiles.width / width, factorY = tiles.height / height;
  const at = (x, y) => {
    const pixel = 4 * (Math.floor((y + 0.5) * factorY) * tiles.width + Math.floor((x + 0.5) * factorX));
    const colour = pixels.subarray(pixel, pixel + 3), index = colours.at(colour);
    if (index === undefined) return null;
    const mark = !scale.clips ? "" : index === 0 ? "≤ " : index === 255 ? "≥ " : "";
    return { value: Math.min(Math.max(scale.origin + (index - scale.offset) * scale.step, facts.min), facts.max), mark, colour };
  };
  return { width, height, within: colours.within * scale.step, at };
}
