// The values of a layer's maps, one byte each, and the scales that make them colours.
//
// A map's 256 codes are spread over its range in three straight pieces: low tail, the middle from its 1st to its 99th percentile, high
// tail, so that neither the whole range nor the middle loses more than a level. MapCodes in C# writes what this reads.
function codeBook(min, low, high, max, top) {
  const values = new Float64Array(256).fill(min), width = max - min;
  if (!(width > 0)) return values;
  const below = (low - min) / width, above = (max - high) / width, middle = 1 - below - above;
  const lows = Math.ceil(top * below / (2 - middle)), highs = Math.ceil(top * above / (2 - middle)), middles = top - lows - highs;
  for (let code = 0; code <= top; code++)
    values[code] = code < lows ? min + code * (low - min) / lows
      : code <= lows + middles ? low + (code - lows) * (high - low) / middles
      : high + (code - lows - middles) * (max - high) / highs;
  return values;
}

// Scales: from a map's and its layer's numbers to a function from a value to a level, 0 to 255.
const span = (low, high) => high > low ? value => (value - low) * 255 / (high - low) : () => 0;
const scales = {
  robust: { label: "robust 1–99 %", says: "each map by itself, 1–99 %", of: map => span(map.low, map.high), ends: map => [map.low, map.high] },
  tile: { label: "min–max", says: "each map by its own range", of: map => span(map.min, map.max), ends: map => [map.min, map.max] },
  layer: { label: "layer", says: "one range for the layer", of: (_, all) => span(all.min, all.max), ends: (_, all) => [all.min, all.max] },
  symmetric: {
    label: "around 0", says: "one range for the layer, around 0", diverging: true,
    of: (_, all) => all.size > 0 ? value => 128 + value * 127 / all.size : () => 128, ends: (_, all) => [-all.size, all.size],
  },
};

const levelOf = (scale, map, all) => {
  const place = scale.of(map, all);
  return value => Math.min(Math.max(Math.floor(place(value) + 0.5), 0), 255);
};

// Tables of 256 colours as the canvas has them: red in the lowest byte.
const palettes = {};
function paletteOf(name) {
  const hex = document.getElementById("colours")?.dataset[name] ?? "";
  return palettes[name] ??= Uint32Array.from({ length: 256 }, (_, i) => {
    const colour = parseInt(hex.slice(6 * i, 6 * i + 6), 16);
    return (0xff000000 | (colour & 255) << 16 | colour & 0xff00 | colour >> 16) >>> 0;
  });
}

const paletteFor = scale => paletteOf(scale.diverging ? (isDark() ? "dark" : "light") : "maps");
const cssOf = colour => `rgb(${colour & 255} ${colour >> 8 & 255} ${colour >> 16 & 255})`;

// What is known of a section's maps: { count, width, height, seen, facts(channel), all, codes } – seen is how they are drawn, codes are null where only a picture is there.
const layers = new WeakMap();

function layerOf(section) {
  if (!layers.has(section)) layers.set(section, readLayer(section));
  return layers.get(section);
}

const extreme = (column, pick) => typeof column === "number" ? column : column.reduce((best, value) => pick(best, value), column[0]);

async function readLayer(section) {
  const [count, width, height] = section.dataset.maps.split(" ").map(Number);
  const numbers = section.querySelector(".numbers");
  const [told, valued] = await Promise.all([
    numbers?.dataset.file ? beside(numbers.dataset.file) : numbers?.textContent ?? "",
    section.dataset.values ? beside(section.dataset.values) : "",
  ]);
  const known = { ...columnsOf(told), ...columnsOf(valued) }, names = Object.keys(known).filter(name => name !== "codes");
  const facts = channel => Object.fromEntries(names.map(name => [name, at(known[name], channel)]));
  const codes = known.codes?.length === count * width * height ? known.codes : null;
  // The maps are one sample's; the section's range is that of all samples.
  const [min, max] = codes ? [extreme(known.min, Math.min), extreme(known.max, Math.max)] : section.dataset.range.split(" ").map(Number);
  return { section, count, width, height, seen: linesOf(width, height), known, facts, codes, area: width * height, all: { min, max, size: Math.max(Math.abs(min), Math.abs(max)) } };
}

const oddOf = facts => (facts.NaN ?? 0) + (facts.infinite ?? 0);

const bookOf = facts => codeBook(facts.min, facts.low, facts.high, facts.max, oddOf(facts) > 0 ? 254 : 255);

// Of each value of a map its level on a scale; of what is no finite number −1.
function levelsOf(layer, channel, scaleName) {
  const facts = layer.facts(channel), book = bookOf(facts), level = levelOf(scales[scaleName], facts, layer.all);
  const levels = Int16Array.from(book, value => level(value));
  if (oddOf(facts) > 0) levels[255] = -1;
  return Array.from(layer.codes.subarray(channel * layer.area, (channel + 1) * layer.area), code => levels[code]);
}

// The pixels of one map, a pixel for each value; what is free between lines stays clear.
function pixelsOf(layer, channel, scale) {
  const facts = layer.facts(channel), palette = paletteFor(scale), level = levelOf(scale, facts, layer.all), odd = oddOf(facts) > 0;
  const colours = Uint32Array.from(bookOf(facts), value => palette[level(value)]);
  const { width, height, step, lines } = layer.seen, image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer);
  const codes = layer.codes, from = channel * layer.area;
  for (let i = 0; i < layer.area; i++) {
    const code = codes[from + i], x = i % layer.width, y = Math.floor(i / layer.width);
    const at = lines === 1 ? i : (Math.floor(x / width) * step + y) * width + x % width;
    pixels[at] = odd && code === 255 ? ((x + y) % 2 ? 0xff404040 : 0xffc0c0c0) : colours[code];
  }
  return image;
}

// The value at a place, as its code tells it, and how far off that may be.
function valueAt(layer, channel, x, y) {
  const facts = layer.facts(channel), book = bookOf(facts), code = layer.codes[channel * layer.area + y * layer.width + x];
  if (oddOf(facts) > 0 && code === 255) return { value: NaN, within: 0 };
  const next = book[Math.min(code + 1, 254)], before = book[Math.max(code - 1, 0)];
  return { value: book[code], within: Math.max(Math.abs(next - book[code]), Math.abs(book[code] - before)) / 2 };
}
