// One channel, large, with its values, its numbers and its weights; or any picture, large.
const zoom = document.getElementById("zoom");
let channelShown = null;

const short = value => Number.isNaN(value) ? "NaN" : Number.isFinite(value) ? String(+value.toPrecision(4)) : String(value);

// As many digits as are known.
function digitsOf(within, value) {
  if (within === 0) return short(value);
  const decimals = Math.floor(-Math.log10(within));
  return decimals >= 0 && decimals <= 4 ? value.toFixed(decimals) : value === 0 ? "0" : value.toPrecision(2).replace("e+", "e");
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

// A number in every cell, if the longest one fits.
function writeValues(canvas, values) {
  const cell = canvas.width / values.width, lines = canvas.height / values.height;
  const cells = [];
  for (let y = 0; y < values.height; y++)
    for (let x = 0; x < values.width; x++) cells.push(values.at(x, y));
  const texts = cells.map(found => found ? digitsOf(values.within, found.value) : "");
  const to = canvas.getContext("2d");
  const longest = texts.reduce((a, b) => b.length > a.length ? b : a, "");
  const at = size => { to.font = `${size}px system-ui, sans-serif`; return to.measureText(longest).width; };
  const size = [15, 13, 11, 9].find(s => at(s) <= cell - 4 && s <= lines - 3);
  if (!size) return;
  at(size);
  to.textAlign = "center";
  to.textBaseline = "middle";
  texts.forEach((text, i) => {
    if (!text) return;
    const [red, green, blue] = cells[i].colour;
    to.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000c" : "#fffd";
    to.fillText(text, (i % values.width + 0.5) * cell, (Math.floor(i / values.width) + 0.5) * lines);
  });
}

// What the pointer is on.
function tellValues(canvas, values, place) {
  canvas.addEventListener("pointermove", event => {
    const x = Math.min(values.width - 1, Math.floor(event.offsetX / canvas.clientWidth * values.width));
    const y = Math.min(values.height - 1, Math.floor(event.offsetY / canvas.clientHeight * values.height));
    const found = values.at(x, y);
    place.textContent = found ? `row ${y}, column ${x}: ${found.mark}${digitsOf(values.within / 10, found.value)}` : "";
  });
}

async function addValues(figure, channel, facts, canvas, side) {
  const values = await valuesOf(figure, channel, facts);
  if (values?.missing) side.append(element("p", { className: "values" }, element("small", { textContent: values.missing })));
  if (!values?.at) return;
  const told = element("output"), within = values.within === 0 ? "" : `read from the colours, to within ${+values.within.toPrecision(2)}`;
  writeValues(canvas, values);
  tellValues(canvas, values, told);
  side.append(element("p", { className: "values" }, told, element("small", { textContent: within })));
}

async function addWeights(section, channel, side) {
  const weights = section.querySelector("figure.kernel"), load = weights?.querySelector("img");
  if (!load) return;
  const shown = channelShown;
  load.loading = "eager";
  try { await load.decode(); } catch { return; }
  const kernel = kernelCanvas(weights, channel);
  if (kernel && channelShown === shown) side.append(element("p", { textContent: `its weights, of ${load.alt}` }), kernel);
}

async function showChannel(section, place) {
  build(section);
  const figure = section.querySelector("figure.maps"), tiles = tilesOf(figure), picture = figure?.querySelector("img");
  if (!tiles) return;
  place = (place + tiles.count) % tiles.count;
  const shown = channelShown = { section, place };
  picture.loading = "eager";
  const numbers = await numbersOf(section);
  try { await picture.decode(); } catch { return; }
  if (channelShown !== shown) return;
  const channel = orderOf(numbers, tiles.count)[place];
  const facts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value(channel)]));
  const room = innerWidth > 900 ? innerWidth - 480 : innerWidth - 40;
  const map = enlarge(picture, tiles.place(channel), tiles.width, tiles.height, room, innerHeight - 80);
  const list = element("dl");
  for (const [name, value] of Object.entries(facts))
    list.append(element("dt", { textContent: name }), element("dd", { textContent: name === "zeros" ? `${+(100 * value).toFixed(2)} %` : short(value) }));
  const side = element("div", { className: "side" },
    element("h3", { textContent: section.querySelector(".name").textContent }),
    element("p", { textContent: `channel ${channel} (0 to ${tiles.count - 1})` + (order.value === "index" ? "" : `, number ${place + 1} by ${order.value}`) }), list);
  await addValues(figure, channel, facts, map, side);
  if (channelShown !== shown) return;
  zoom.replaceChildren(element("div", { className: "channel" }, map, side));
  if (!zoom.open) zoom.showModal();
  addWeights(section, channel, side);
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
  if (!figure || figure.closest("a") || !event.target.matches("img, canvas")) return;
  const place = figure.matches(".maps") && section?.querySelector(".numbers") ? placeAt(figure, event) : -1;
  if (place >= 0) showChannel(section, place);
  else showPicture(figure.querySelector("img"));
});
