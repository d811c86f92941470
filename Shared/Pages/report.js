// Walking through the layers, finding them, the strip from input to output.
const entries = [...document.querySelectorAll("#list li")];
const sections = [...document.querySelectorAll("section[id]")];
const find = document.getElementById("find");
const help = document.getElementById("help");
const strip = document.getElementById("strip");
let current = -1;

const links = sections.map(section => {
  const op = section.querySelector(".op");
  const link = element("a", { href: `#${section.id}`, title: `${section.querySelector(".name").textContent} · ${op.textContent} · ${section.querySelector(".shape").textContent}` });
  link.append(element("b"), element("i", { className: op.classList[1] }));
  return link;
});
strip.append(...links);
strip.hidden = links.length < 2;

const shown = () => sections.map((_, i) => i).filter(i => !sections[i].classList.contains("hidden"));

// Scrolls the list itself, not what is around it.
function bring(item, box, start, size) {
  if (!item || box.hidden) return;
  const [at, length, from, room] = [item[`offset${start}`], item[`offset${size}`], box[`scroll${start}`], box[`client${size}`]];
  if (at < from || at + length > from + room) box[`scroll${start}`] = at - (room - length) / 2;
}

function mark(index) {
  if (index === current) return;
  for (const list of [entries, sections, links]) {
    list[current]?.classList.remove("current");
    list[index]?.classList.add("current");
  }
  current = index;
  bring(entries[index], document.getElementById("list"), "Top", "Height");
  bring(links[index], strip, "Left", "Width");
}

function walk(step) {
  const places = shown();
  if (places.length === 0) return;
  const at = places.indexOf(current);
  const next = at < 0 ? (step > 0 ? 0 : places.length - 1) : Math.min(Math.max(at + step, 0), places.length - 1);
  mark(places[next]);
  // Its neighbours would move it when they got their height.
  for (const place of places.slice(Math.max(0, at - 2), next + 3)) build(sections[place]);
  sections[current].scrollIntoView({ block: "start" });
}

// Every word has to occur; the order does not matter. op: and shape: look at one thing only.
let words = null;

function readWords() {
  words ??= sections.map(section => ({
    all: section.dataset.find,
    op: section.querySelector(".op").textContent.toLowerCase(),
    shape: section.querySelector(".shape").textContent.replace(/\s*×\s*/g, "x"),
  }));
}

function fits(text, word) {
  const [, key, value] = /^(op|shape):(.*)$/.exec(word) ?? [];
  if (key === "shape") return `x${text.shape}x`.includes(`x${value.replace(/[×,]/g, "x").replace(/^x|x$/g, "")}x`) || value === "";
  return key === "op" ? text.op.startsWith(value) : text.all.includes(word);
}

function filter() {
  const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  readWords();
  sections.forEach((section, i) => {
    const hide = !wanted.every(word => fits(words[i], word));
    for (const part of [section, entries[i], links[i]]) part.classList.toggle("hidden", hide);
  });
  tellCount(shown().length);
}

function tellCount(left) {
  document.getElementById("count").textContent = left === sections.length ? `${left}` : `${left} of ${sections.length}`;
}

function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

const near = new Set();

function sort() {
  document.querySelectorAll(".ordered").forEach(figure => restore(figure.closest("section")));
  near.forEach(reorder);
}

function nextOrder() {
  order.selectedIndex = (order.selectedIndex + 1) % orders.length;
  sort();
}

const keys = {
  j: () => walk(1), k: () => walk(-1), ArrowRight: () => walk(1), ArrowLeft: () => walk(-1),
  "/": () => find.focus(), t: theme, s: nextOrder, "?": () => help.showModal(),
  Enter: () => { if (current < 0) walk(1); if (current >= 0) showChannel(sections[current], 0); },
};

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || zoom.open || help.open) return;
  if (document.activeElement === find) {
    if (event.key === "Escape") { find.value = ""; filter(); find.blur(); }
    if (event.key === "Enter") { find.blur(); current = -1; walk(1); }
    return;
  }
  if (document.activeElement === order && event.key.startsWith("Arrow")) return;
  if (event.key === "Enter" && document.activeElement.matches("a, select")) return;
  const action = keys[event.key];
  if (action) { event.preventDefault(); action(); }
});

find.addEventListener("input", filter);
order.addEventListener("change", sort);
help.addEventListener("click", () => help.close());
document.getElementById("list").addEventListener("click", event => {
  const entry = event.target.closest("li");
  if (entry) { mark(entries.indexOf(entry)); build(sections[current]); }
});
strip.addEventListener("click", event => {
  const link = event.target.closest("a");
  if (link) { mark(links.indexOf(link)); build(sections[current]); }
});

// The first section in the upper part of the window is the current one.
const visible = new Set();
const watch = new IntersectionObserver(changes => {
  for (const change of changes) {
    const index = sections.indexOf(change.target);
    if (change.isIntersecting) visible.add(index);
    else visible.delete(index);
  }
  if (visible.size > 0 && !visible.has(current)) mark(Math.min(...visible));
}, { rootMargin: "-90px 0px -60% 0px" });

// Layers get their pictures when they come near; reordered mosaics are given up when they are far.
const prepare = new IntersectionObserver(changes => {
  for (const { target, isIntersecting } of changes) {
    if (isIntersecting) { build(target); near.add(target); if (order.value !== "index") reorder(target); }
    else { near.delete(target); restore(target); }
  }
}, { rootMargin: "800px 0px" });

// A layer in the strip is its summary picture or, without one, the part of its mosaic that is tiles.
function thumbnail(section, place) {
  build(section);
  const summary = section.querySelector("figure.pca img");
  if (summary) { place.style.backgroundImage = `url("${summary.src}")`; return; }
  const figure = section.querySelector("figure.maps"), tiles = tilesOf(figure), picture = figure?.querySelector("img");
  if (!picture) return;
  place.style.backgroundImage = `url("${picture.src}")`;
  if (!tiles) return;
  const side = 44, width = tiles.columns * (tiles.width + tiles.gap), height = tiles.rows * (tiles.height + tiles.gap);
  place.style.backgroundSize = `${picture.getAttribute("width") * side / width}px ${picture.getAttribute("height") * side / height}px`;
  place.style.backgroundPosition = `${-tiles.x * side / width}px ${-tiles.y * side / height}px`;
}

const unveil = new IntersectionObserver(changes => {
  for (const { target, isIntersecting } of changes)
    if (isIntersecting) { unveil.unobserve(target); thumbnail(sections[links.indexOf(target)], target.firstElementChild); }
}, { root: strip, rootMargin: "0px 300px" });

sections.forEach(section => { watch.observe(section); prepare.observe(section); });
links.forEach(link => unveil.observe(link));
document.getElementById("sort").hidden = !document.querySelector(".numbers");
tellCount(sections.length);
addEventListener("beforeprint", () => {
  sections.forEach(build);
  document.querySelectorAll("img").forEach(picture => { picture.loading = "eager"; });
});
