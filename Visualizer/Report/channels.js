// The channels of a layer: where their tiles are, what was measured of them, and pictures of them in another order.
const orders = ["index", "mean", "max", "variance", "zeros"];
const numbers = new Map();

function tilesOf(figure) {
  const tiles = figure?.querySelector("img").dataset.tiles;
  if (!tiles) return null;
  const [x, y, width, height, gap, columns, count] = tiles.split(" ").map(Number);
  const place = i => [x + i % columns * (width + gap), y + Math.floor(i / columns) * (height + gap)];
  return { x, y, width, height, gap, columns, count, place, rows: Math.ceil(count / columns) };
}

// Lines such as "mean 0.1 -2 NaN"; read when first asked for.
function numbersOf(section) {
  if (!numbers.has(section)) {
    const lines = section.querySelector(".numbers")?.textContent.trim().split("\n") ?? [];
    numbers.set(section, Object.fromEntries(lines.map(line => {
      const [name, ...values] = line.split(" ");
      return [name, values.map(Number)];
    })));
  }
  return numbers.get(section);
}

// Channels in the order in which they are shown: the largest first, NaN last.
function orderOf(section, count) {
  const by = order.value === "variance" ? "std" : order.value;
  const channels = Array.from({ length: count }, (_, i) => i);
  const values = numbersOf(section)[by];
  if (!values) return channels;
  const key = i => Number.isNaN(values[i]) ? -Infinity : values[i];
  return channels.sort((a, b) => key(b) - key(a) || a - b);
}

const order = document.querySelector("#sort select");

// A mosaic whose tiles are copied to other places; only as long as it is near the window.
async function reorder(section) {
  const figure = section.querySelector("figure.maps"), tiles = tilesOf(figure);
  if (!tiles || order.value === "index" || tiles.count < 2) return restore(section);
  const by = order.value, picture = figure.querySelector("img");
  picture.loading = "eager";
  try { await picture.decode(); } catch { return; }
  if (order.value !== by) return;
  const canvas = figure.querySelector("canvas") ?? picture.after(document.createElement("canvas")) ?? figure.querySelector("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const to = canvas.getContext("2d");
  to.drawImage(picture, 0, 0);
  orderOf(section, tiles.count).forEach((channel, i) =>
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

const zoom = document.getElementById("zoom");
let channelShown = null;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// By a whole factor where there is room, so that every value stays a square.
function enlarge(picture, [x, y], width, height, roomX, roomY) {
  const room = Math.min(roomX / width, roomY / height), factor = room >= 1 ? Math.floor(room) : room;
  const canvas = element("canvas", { width: Math.max(1, width * factor), height: Math.max(1, height * factor) });
  const to = canvas.getContext("2d");
  to.imageSmoothingEnabled = factor < 1;
  to.drawImage(picture, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// A row of many small kernels is cut into lines; kernels are about as wide as high.
function kernelCanvas(figure, channel) {
  const tiles = tilesOf(figure), picture = figure?.querySelector("img");
  if (!tiles || channel >= tiles.count || !picture.naturalWidth) return null;
  const [x, y] = tiles.place(channel), step = tiles.height + tiles.gap, room = 340;
  const scale = Math.max(1, Math.round(24 / tiles.height)), each = Math.max(1, Math.floor(room / scale / step)) * step;
  if (tiles.width <= each) return enlarge(picture, [x, y], tiles.width, tiles.height, room, room);
  const lines = Math.ceil(tiles.width / each);
  const canvas = element("canvas", { width: each * scale, height: lines * step * scale });
  const to = canvas.getContext("2d");
  to.imageSmoothingEnabled = false;
  for (let i = 0; i < lines; i++) {
    const width = Math.min(each, tiles.width - i * each);
    to.drawImage(picture, x + i * each, y, width, tiles.height, 0, i * step * scale, width * scale, tiles.height * scale);
  }
  return canvas;
}

function showChannel(section, place) {
  const figure = section.querySelector("figure.maps"), tiles = tilesOf(figure), picture = figure.querySelector("img");
  place = (place + tiles.count) % tiles.count;
  const channel = orderOf(section, tiles.count)[place];
  channelShown = { section, place };
  const map = enlarge(picture, tiles.place(channel), tiles.width, tiles.height, innerWidth - 520, innerHeight - 120);
  const facts = element("dl");
  for (const [name, values] of Object.entries(numbersOf(section)))
    facts.append(element("dt", { textContent: name }), element("dd", { textContent: name === "zeros" ? `${+(100 * values[channel]).toFixed(2)} %` : values[channel] }));
  const side = element("div", { className: "side" },
    element("h3", { textContent: section.querySelector(".name").textContent }),
    element("p", { textContent: `channel ${channel} of ${tiles.count}` + (order.value === "index" ? "" : `, number ${place + 1} by ${order.value}`) }), facts);
  const weights = section.querySelector("figure.kernel"), load = weights?.querySelector("img");
  if (load) {
    load.loading = "eager";
    load.decode().then(() => {
      const kernel = kernelCanvas(weights, channel);
      if (kernel && channelShown?.place === place) side.append(element("p", { textContent: `its weights, of ${load.alt}` }), kernel);
    }, () => {});
  }
  zoom.replaceChildren(element("div", { className: "channel" }, map, side));
  if (!zoom.open) zoom.showModal();
}

function showPicture(picture) {
  channelShown = null;
  const factor = Math.max(1, Math.floor(Math.min(innerWidth / picture.naturalWidth, innerHeight / picture.naturalHeight)));
  zoom.replaceChildren(element("img", { src: picture.src, alt: picture.alt, width: picture.naturalWidth * factor }));
  zoom.showModal();
}

zoom.addEventListener("click", event => { if (!event.target.closest(".side")) zoom.close(); });
zoom.addEventListener("close", () => { channelShown = null; });
zoom.addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowLeft: -1, j: 1, k: -1 }[event.key];
  if (!step || !channelShown) return;
  event.preventDefault();
  showChannel(channelShown.section, channelShown.place + step);
});

document.querySelector("main").addEventListener("click", event => {
  const figure = event.target.closest("figure"), section = event.target.closest("section[id]");
  if (!figure || !event.target.matches("img, canvas")) return;
  const place = figure.matches(".maps") && section?.querySelector(".numbers") ? placeAt(figure, event) : -1;
  if (place >= 0) showChannel(section, place);
  else showPicture(figure.querySelector("img"));
});

