// One map, large, in three panes: over the input, alone with its values, and the weights that made it. Its address is #layer/channel.
const zoom = document.getElementById("zoom");
let zoomed = null, opacity = 0.6;

function openChannel(section, channel) {
  const address = `#${section.id}/${channel}`;
  if (location.hash === address) showChannel(section, channel);
  else location.hash = address;
}

function mapCanvas(layer, channel, width, height) {
  const canvas = canvasOf(width, height, `map ${channel}`), scratch = element("canvas", { width: layer.seen.width, height: layer.seen.height });
  scratch.getContext("2d", { willReadFrequently: true });
  paintMap(canvas.getContext("2d"), layer, channel, 0, 0, canvas.width, canvas.height, scales[scaleChosen], scratch);
  return canvas;
}

// The largest whole number of pixels a value that has room.
function fitting(layer, room, high) {
  const { width, height } = layer.seen, factor = Math.min(room / width, high / height), whole = factor >= 1 ? Math.floor(factor) : factor;
  return [Math.max(1, Math.round(width * whole)), Math.max(1, Math.round(height * whole))];
}

function overPane(layer, channel, room) {
  const seen = document.querySelector(".hero img.seen");
  if (!seen || layer.seen.lines > 1) return "";
  const ratio = seen.naturalHeight / seen.naturalWidth || 1, width = Math.min(room, 360), height = Math.round(width * ratio);
  const map = mapCanvas(layer, channel, width, height), slider = element("input", { type: "range", min: 0, max: 100, value: 100 * opacity, "aria-label": "Opacity of the map over the input" });
  map.style.opacity = opacity;
  slider.addEventListener("input", () => { opacity = slider.value / 100; map.style.opacity = opacity; });
  const over = element("div", { className: "over" }, element("img", { src: seen.src, alt: "The input", width, height }), map);
  return element("figure", {}, element("h3", { textContent: "Over the input" }), over, element("label", { className: "slider" }, "input ", slider, " map"));
}

function barOf(layer, facts, scale) {
  const palette = paletteFor(scale), [low, high] = scale.ends(facts, layer.all);
  const stops = Array.from({ length: 17 }, (_, i) => cssOf(palette[Math.min(255, i * 16)])).join(", ");
  const ramp = element("i", { className: "ramp" });
  ramp.style.background = `linear-gradient(90deg, ${stops})`;
  return element("p", { className: "bar" }, element("span", { textContent: short(low) }), ramp, element("span", { textContent: short(high) }));
}

function mapPane(layer, channel, room, high) {
  const facts = layer.facts(channel), scale = scales[scaleChosen], [width, height] = fitting(layer, room, high);
  const canvas = mapCanvas(layer, channel, width, height), told = element("output", { textContent: layer.codes ? "point at a value" : "no values: this layer is beyond --values" });
  if (layer.codes) {
    canvas.addEventListener("pointermove", event => {
      const [x, y] = cellAt(layer, event.offsetX / width, event.offsetY / height);
      const { value, within } = valueAt(layer, channel, x, y);
      told.textContent = `(${x}, ${y}) = ${short(value)}${within > 0 ? ` ± ${+within.toPrecision(1)}` : ""}`;
    });
  }
  const pane = element("figure", { className: "map" }, element("h3", { textContent: `Map ${channel} of ${layer.count}` }), canvas);
  if (layer.codes && !isFlat(facts)) pane.append(barOf(layer, facts, scale));
  pane.append(told);
  return pane;
}

async function weightsPane(section, channel, room) {
  const id = section.dataset.weight, weight = id ? await weightOf(id) : null;
  if (!weight || channel >= weight.outputs) return "";
  const size = at(weight.largest, channel), shape = weight.area > 1 ? `${weight.inputs} × ${weight.height} × ${weight.width}` : `${weight.inputs} inputs`;
  return element("figure", {}, element("h3", { textContent: "The weights that make it" }), kernelCanvas(weight, channel, Math.min(room, 320)),
    element("p", { textContent: `${weight.name} · ${shape}${weight.colours && weight.inputs === 3 ? ", grey is 0" : `, around 0 (± ${short(size)})`}` }));
}

function button(text, label, act) {
  const made = element("button", { type: "button", textContent: text, title: label, "aria-label": label });
  made.addEventListener("click", act);
  return made;
}

function saveMap(layer, channel) {
  mapCanvas(layer, channel, layer.seen.width, layer.seen.height).toBlob(blob => blob && download(`${layer.section.id}-${channel}.png`, blob, "image/png"));
}

function saveValues(layer, channel) {
  const rows = [];
  for (let y = 0; y < layer.height; y++)
    rows.push(Array.from({ length: layer.width }, (_, x) => +valueAt(layer, channel, x, y).value.toPrecision(6)).join(","));
  download(`${layer.section.id}-${channel}.csv`, rows.join("\n") + "\n", "text/csv");
}

function factsOf(layer, channel) {
  const facts = layer.facts(channel), list = element("dl");
  const rows = [["min", short(facts.min)], ["max", short(facts.max)], ["mean", short(facts.mean)], ["std", short(facts.std)], ["zeros", percent(facts.zeros)]];
  if (oddOf(facts) > 0) rows.push(["not finite", `${oddOf(facts)}`]);
  for (const [name, value] of rows) list.append(element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value })));
  return list;
}

async function showChannel(section, channel) {
  build(section);
  if (section.dataset.pair) return showPair(section, channel);
  if (!section.dataset.maps) return;
  const layer = await layerOf(section);
  channel = Math.min(Math.max(channel, 0), layer.count - 1);
  if (!layer.codes && !layer.picture) await loadPicture(layer);
  layer.order ??= orderOf(layer);
  const wanted = zoomed = { section, layer, channel };
  const wide = innerWidth > 900, room = wide ? (innerWidth - 140) * 0.42 : innerWidth - 56, side = wide ? (innerWidth - 140) * 0.27 : innerWidth - 56;
  const weights = await weightsPane(section, channel, side);
  if (zoomed !== wanted) return;
  const step = by => () => walkChannels(by);
  const head = element("header", {},
    element("div", {}, element("h2", { textContent: section.querySelector("h2").textContent }), element("p", { role: "status", textContent: tell(layer, channel) })),
    element("div", { className: "buttons" }, button("‹", "Map before", step(-1)), button("›", "Next map", step(1)),
      ...layer.codes ? [button("PNG", "Save the map as PNG", () => saveMap(layer, channel)), button("CSV", "Save the values as CSV", () => saveValues(layer, channel))] : [],
      button("×", "Close", () => zoom.close())));
  const focused = zoom.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  zoom.replaceChildren(head, element("div", { className: "panes" }, overPane(layer, channel, side), mapPane(layer, channel, Math.min(room, 560), innerHeight - 260), weights), factsOf(layer, channel));
  if (!zoom.open) zoom.showModal();
  (focused && [...zoom.querySelectorAll("button, input")].find(one => one.getAttribute("aria-label") === focused))?.focus();
}

function walkChannels(by) {
  if (!zoomed) return;
  const { section, layer, channel } = zoomed, place = layer.order.indexOf(channel);
  const next = layer.order[(place + by + layer.count) % layer.count];
  history.replaceState(null, "", `#${section.id}/${next}`);
  showChannel(section, next);
}

zoom.addEventListener("close", () => {
  const section = zoomed?.section;
  zoomed = null;
  if (section && location.hash.startsWith(`#${section.id}/`)) history.replaceState(null, "", `#${section.id}`);
  section?.querySelector(".spot")?.focus({ preventScroll: true });
});
zoom.addEventListener("click", event => { if (event.target === zoom) zoom.close(); });
zoom.addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowLeft: -1, j: 1, k: -1 }[event.key];
  if (!step || event.target.matches("input")) return;
  event.preventDefault();
  walkChannels(step);
});

let touched = null;
zoom.addEventListener("touchstart", event => { touched = event.touches.length === 1 && !event.target.matches("input") ? event.touches[0] : null; }, { passive: true });
zoom.addEventListener("touchend", event => {
  if (!touched) return;
  const { clientX, clientY } = event.changedTouches[0], across = clientX - touched.clientX;
  if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(clientY - touched.clientY)) walkChannels(across < 0 ? 1 : -1);
});
