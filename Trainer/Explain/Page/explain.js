// Draws maps over the picture: the picture in grey fades into the card, a map's strength is how much of its colour covers it.
const maps = JSON.parse(document.getElementById("maps")?.textContent ?? "[]");
const picture = document.getElementById("pic");
const slider = document.getElementById("opacity");
const drawn = new Map();
let grey = null;

// A colour of the style sheet as red, green, blue: what a context makes of it, whatever it is written as.
function colourOf(name) {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = text;
  probe.fillRect(0, 0, 1, 1);
  return probe.getImageData(0, 0, 1, 1).data;
}

function greyPicture() {
  const canvas = element("canvas", { width: picture.naturalWidth, height: picture.naturalHeight });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const light = 0.299 * pixels.data[i] + 0.587 * pixels.data[i + 1] + 0.114 * pixels.data[i + 2];
    pixels.data[i] = pixels.data[i + 1] = pixels.data[i + 2] = light;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

// Numbers as colour for and against, their strength as alpha; "strength" gives −1 to 1 for a place.
function coloured(width, height, kind, strength) {
  const positive = colourOf(kind === "t1" ? "--warm" : "--accent"), negative = colourOf(kind === "d" ? "--warm" : "--against");
  const canvas = element("canvas", { width, height }), context = canvas.getContext("2d"), pixels = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const value = strength(i), colour = value < 0 ? negative : positive;
    pixels.data.set([colour[0], colour[1], colour[2], Math.round(255 * Math.min(1, Math.abs(value)))], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

// A map as it is drawn small.
function smallOf(index, kind) {
  const key = index + kind;
  if (!drawn.has(key)) {
    const map = maps[index], bytes = bytesOf(map.v);
    drawn.set(key, coloured(map.w, map.h, kind, i => (bytes[i] - 128) / 127));
  }
  return drawn.get(key);
}

const kindOf = canvas => ["t0", "t1", "d"].find(name => canvas.classList.contains(name)) ?? "t0";

// The picture fades into the card as the map's share grows.
function paint(canvas, map, share) {
  const scale = Math.min(3, window.devicePixelRatio || 1), box = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width * scale));
  canvas.height = Math.max(1, Math.round(box.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--card");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.globalAlpha = Math.min(1, 2 * (1 - share)) * 0.88;
  context.drawImage(grey, 0, 0, canvas.width, canvas.height);
  context.globalAlpha = Math.min(1, 1.8 * share);
  context.drawImage(map, 0, 0, canvas.width, canvas.height);
}

const shareOf = () => slider ? slider.value / 100 : 0.55;
const draw = canvas => paint(canvas, smallOf(Number(canvas.dataset.map), kindOf(canvas)), shareOf());

// Only what comes near is drawn: a page may have hundreds of maps.
function start() {
  grey = greyPicture();
  const near = new Set();
  const watch = new IntersectionObserver(entries => {
    for (const entry of entries)
      if (entry.isIntersecting) {
        near.add(entry.target);
        draw(entry.target);
      } else {
        near.delete(entry.target);
      }
  }, { rootMargin: "400px" });
  document.querySelectorAll("canvas.map").forEach(canvas => watch.observe(canvas));
  slider?.addEventListener("input", () => near.forEach(draw));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawn.clear();
    near.forEach(draw);
  });
}
