// Weights as pictures: around zero, whose colour is the card's own.
const weightsRead = new Map();

// A weight's data beside the page: { outputs, inputs, height, width, kernel(output) → Float64Array }; null where there is none.
function weightOf(id) {
  if (!weightsRead.has(id)) weightsRead.set(id, readWeight(document.getElementById(id)));
  return weightsRead.get(id);
}

async function readWeight(data) {
  if (!data?.dataset.file) return null;
  const { shape, largest, codes } = parseWeight(await beside(data.dataset.file));
  if (!codes) return null;
  const [outputs, inputs, height, width] = shape, length = inputs * height * width;
  const kernel = output => Float64Array.from(codes.subarray(output * length, (output + 1) * length), code => (code - 128) / 127 * at(largest, output));
  return { name: data.dataset.name, outputs, inputs, height, width, length, area: height * width, largest, codes, kernel, colours: data.dataset.colours };
}

function parseWeight(text) {
  if (!text) return {};
  const lines = text.trim().split("\n"), { largest, codes } = columnsOf(lines.slice(1).join("\n"));
  return { shape: lines[0].split(" ").slice(1).map(Number), largest, codes };
}

const sizeOf = weight => Math.max(...(typeof weight.largest === "number" ? [weight.largest] : weight.largest));

// Cells of one value each; "colour" makes a value a canvas colour.
function cellsImage(values, width, height, colour) {
  const image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colour(values[i]);
  return image;
}

const around = size => {
  const palette = paletteOf(isDark() ? "dark" : "light");
  return value => palette[size > 0 ? Math.min(255, Math.max(0, Math.round(128 + value / size * 127))) : 128];
};

function put(canvas, image, x, y, width, height) {
  const scratch = element("canvas", { width: image.width, height: image.height });
  scratch.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
  const to = canvas.getContext("2d");
  to.imageSmoothingEnabled = width < image.width;
  to.drawImage(scratch, x, y, width, height);
}

// Three inputs of a first layer are red, green and blue: grey is 0.
function colourKernel(weight, output) {
  const values = weight.kernel(output), size = at(weight.largest, output), order = weight.colours === "bgr" ? [2, 1, 0] : [0, 1, 2];
  const byte = value => Math.round(128 + (size > 0 ? value / size : 0) * 127);
  const image = new ImageData(weight.width, weight.height), pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < weight.area; i++) {
    const [red, green, blue] = order.map(plane => byte(values[plane * weight.area + i]));
    pixels[i] = (0xff000000 | blue << 16 | green << 8 | red) >>> 0;
  }
  return image;
}

function canvasOf(width, height, label) {
  const ratio = devicePixelRatio, canvas = element("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio), role: "img", "aria-label": label });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  return canvas;
}

// Kernels of one output each, side by side, as many as a few rows hold.
function kernelGrid(weight, room, image, label) {
  const side = weight.outputs <= 16 ? 44 : weight.outputs <= 64 ? 27 : 18, columns = Math.max(1, Math.min(weight.outputs, Math.floor((room + 3) / (side + 3))));
  const shown = Math.min(weight.outputs, columns * 14), rows = Math.ceil(shown / columns), high = Math.max(6, Math.round(side * weight.height / weight.width));
  const canvas = canvasOf(columns * (side + 3) - 3, rows * (high + 3) - 3, label), ratio = devicePixelRatio;
  for (let i = 0; i < shown; i++)
    put(canvas, image(i), Math.round(i % columns * (side + 3) * ratio), Math.round(Math.floor(i / columns) * (high + 3) * ratio), Math.round(side * ratio), Math.round(high * ratio));
  return [canvas, shown];
}

// The weights beside the maps they make: kernels where they are one picture each, else a matrix of values or of norms.
async function drawWeights(box) {
  const weight = await weightOf(box.dataset.weight);
  if (!weight) return;
  const room = Math.min(240, box.clientWidth || 240), text = document.createElement("figcaption");
  const kernels = `${weight.height} × ${weight.width}`;
  let canvas, shown;
  if (weight.area > 1 && (weight.colours ? weight.inputs === 3 : false)) {
    [canvas, shown] = kernelGrid(weight, room, i => colourKernel(weight, i), `kernels of ${weight.name}`);
    text.textContent = `${shown} of ${weight.outputs} kernels of ${kernels} over ${weight.colours.toUpperCase()}, grey is 0`;
  } else if (weight.area > 1 && weight.inputs === 1) {
    [canvas, shown] = kernelGrid(weight, room, i => cellsImage(weight.kernel(i), weight.width, weight.height, around(at(weight.largest, i))), `kernels of ${weight.name}`);
    text.textContent = `${shown} of ${weight.outputs} kernels of ${kernels}, one a map`;
  } else {
    const rows = Math.min(weight.outputs, 512), columns = Math.min(weight.inputs, 512), norms = new Float64Array(rows * columns);
    for (let o = 0; o < rows; o++) {
      const kernel = weight.kernel(o);
      for (let i = 0; i < columns; i++)
        norms[o * columns + i] = weight.area === 1 ? kernel[i] : Math.hypot(...kernel.subarray(i * weight.area, (i + 1) * weight.area));
    }
    const largest = norms.reduce((most, value) => Math.max(most, Math.abs(value)), 0), palette = paletteOf("maps");
    const colour = weight.area === 1 ? around(largest) : value => palette[largest > 0 ? Math.round(value / largest * 255) : 0];
    const cell = Math.max(1, Math.min(24, Math.floor(room / columns))), width = Math.min(room, columns * cell);
    canvas = canvasOf(width, Math.min(300, Math.max(4, Math.round(width * rows / columns))), `weights of ${weight.name}`);
    put(canvas, cellsImage(norms, columns, rows, colour), 0, 0, canvas.width, canvas.height);
    const all = rows === weight.outputs && columns === weight.inputs ? "" : `, of ${weight.outputs} × ${weight.inputs}`;
    text.textContent = weight.area === 1 ? `${rows} outputs × ${columns} inputs${all}, around 0 (± ${short(largest)})`
      : `norms of ${rows} × ${columns} kernels of ${kernels}${all}, up to ${short(largest)}`;
  }
  box.replaceChildren(canvas, text);
}

// All kernels of one output, large: what the zoom shows.
function kernelCanvas(weight, output, room) {
  if (weight.colours && weight.inputs === 3 && weight.area > 1) {
    const canvas = canvasOf(Math.min(room, 300), Math.round(Math.min(room, 300) * weight.height / weight.width), `kernel ${output}`);
    put(canvas, colourKernel(weight, output), 0, 0, canvas.width, canvas.height);
    return canvas;
  }
  const kernel = weight.kernel(output), colour = around(at(weight.largest, output));
  const [count, width, height] = weight.area > 1 ? [weight.inputs, weight.width, weight.height] : [1, Math.ceil(Math.sqrt(weight.inputs)), 0];
  if (weight.area === 1) {
    const rows = Math.ceil(weight.inputs / width), padded = new Float64Array(width * rows);
    padded.set(kernel);
    const canvas = canvasOf(Math.min(room, width * 20), Math.min(room, width * 20) * rows / width, `weights ${output}`);
    put(canvas, cellsImage(padded, width, rows, colour), 0, 0, canvas.width, canvas.height);
    return canvas;
  }
  const columns = Math.ceil(Math.sqrt(count)), side = Math.max(4, Math.min(96, Math.floor((room + 2) / columns) - 2)), high = Math.round(side * height / width);
  const rows = Math.ceil(count / columns), canvas = canvasOf(columns * (side + 2) - 2, rows * (high + 2) - 2, `kernels ${output}`), ratio = devicePixelRatio;
  for (let i = 0; i < count; i++)
    put(canvas, cellsImage(kernel.subarray(i * weight.area, (i + 1) * weight.area), width, height, colour),
      Math.round(i % columns * (side + 2) * ratio), Math.round(Math.floor(i / columns) * (high + 2) * ratio), Math.round(side * ratio), Math.round(high * ratio));
  return canvas;
}
