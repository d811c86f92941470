// Draws maps over the picture: the picture in grey fades into the card, a map's strength is how much of its colour covers it.
const maps = JSON.parse(document.getElementById("maps")?.textContent ?? "[]");
const picture = document.getElementById("pic");
const slider = document.getElementById("opacity");
const layers = new Map();
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
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
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

// A map in its own size: colour for, colour against, strength as alpha.
function layerOf(index, kind) {
  const key = index + kind;
  if (layers.has(key)) return layers.get(key);
  const map = maps[index], bytes = atob(map.v);
  const positive = colourOf(kind === "t1" ? "--warm" : "--accent");
  const negative = colourOf(kind === "d" ? "--warm" : "--against");
  const canvas = document.createElement("canvas");
  canvas.width = map.w;
  canvas.height = map.h;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(map.w, map.h);
  for (let i = 0; i < bytes.length; i++) {
    const value = (bytes.charCodeAt(i) - 128) / 127, colour = value < 0 ? negative : positive;
    pixels.data.set([colour[0], colour[1], colour[2], Math.round(255 * Math.min(1, Math.abs(value)))], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  layers.set(key, canvas);
  return canvas;
}

function draw(canvas) {
  const scale = Math.min(3, window.devicePixelRatio || 1), box = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width * scale));
  canvas.height = Math.max(1, Math.round(box.height * scale));
  const context = canvas.getContext("2d"), share = slider ? slider.value / 100 : 0.55;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--card");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.globalAlpha = Math.min(1, 2 * (1 - share)) * 0.88;
  context.drawImage(grey, 0, 0, canvas.width, canvas.height);
  context.globalAlpha = Math.min(1, 1.8 * share);
  const kind = ["t0", "t1", "d"].find(name => canvas.classList.contains(name)) ?? "t0";
  context.drawImage(layerOf(Number(canvas.dataset.map), kind), 0, 0, canvas.width, canvas.height);
}

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
    layers.clear();
    near.forEach(draw);
  });
}

if (picture && maps.length > 0) {
  if (picture.complete) start();
  else picture.addEventListener("load", start);
}
