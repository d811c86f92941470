// Layers that are built when they come near, addresses that hold, keys, light and dark, print.
const help = document.getElementById("help");

// A layer's content is text until somebody comes near: hundreds of layers that nobody looks at yet cost nothing.
function build(section) {
  const text = section.querySelector("script.lazy");
  if (!text) return;
  const body = section.querySelector(".body");
  body.innerHTML = text.textContent;
  text.remove();
  if (section.dataset.maps) {
    body.prepend(tilesCard(section));
    watchTiles(section);
  }
}

function buildAndDraw(section) {
  build(section);
  if (section.dataset.maps || section.dataset.pair) drawTiles(section);
  for (const box of section.querySelectorAll("[data-weight]:not(section):empty")) drawWeights(box);
}

// Layers get their pictures when they come near, and give them back when they are far.
const prepare = new IntersectionObserver(changes => {
  for (const { target, isIntersecting } of changes) {
    if (isIntersecting) { near.add(target); buildAndDraw(target); }
    else near.delete(target);
  }
}, { rootMargin: "700px 0px" });

// The first layer in the upper part of the window is the current one.
const visible = new Set();
const watch = new IntersectionObserver(changes => {
  for (const { target, isIntersecting } of changes) {
    const index = sections.indexOf(target);
    if (isIntersecting) visible.add(index); else visible.delete(index);
  }
  if (visible.size > 0 && !staying && !visible.has(current)) mark(Math.min(...visible));
}, { rootMargin: "-60px 0px -60% 0px" });

// Scrolls to a layer and stays there while the layers around it get their height, until somebody moves the page.
let staying = null;
function stay(section) {
  const until = performance.now() + 1500, mine = staying = {};
  section.scrollIntoView({ block: "start" });
  const margin = Number.parseFloat(getComputedStyle(section).scrollMarginTop) || 0;
  const hold = () => {
    if (staying !== mine) return;
    const off = section.getBoundingClientRect().top - margin, atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 1;
    if (Math.abs(off) > 1 && !(atEnd && off > 0)) scrollBy({ top: off, behavior: "instant" });
    if (performance.now() < until) requestAnimationFrame(hold);
    else staying = null;
  };
  requestAnimationFrame(hold);
}
for (const kind of ["wheel", "touchmove", "pointerdown"]) addEventListener(kind, () => { staying = null; }, { passive: true });

// #layer or #layer/channel; a layer is its number or its name.
function follow() {
  const [, layer, channel] = /^#(.+?)(?:\/(\d+))?$/.exec(location.hash) ?? [];
  if (!layer) { if (zoom.open) zoom.close(); return; }
  let name = layer;
  try { name = decodeURIComponent(layer); } catch { /* Not an address of ours. */ }
  const section = sections.find(one => one.id === layer) ?? sections.find(one => one.querySelector("h2").textContent === name);
  if (!section) return;
  section.hidden = false;
  if (channel === undefined && zoom.open) { zoomed = null; zoom.close(); }
  mark(sections.indexOf(section));
  if (channel === undefined) closeList();
  stay(section);
  if (channel !== undefined) showChannel(section, Number(channel));
}
addEventListener("hashchange", follow);

// A link to where the page already is has no other address to change to.
document.addEventListener("click", event => {
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) { event.preventDefault(); follow(); }
});

function theme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  remembered("theme", document.documentElement.dataset.theme);
  recolour();
}

function recolour() {
  near.forEach(drawTiles);
  for (const box of document.querySelectorAll("[data-weight]:not(section):not(:empty)")) drawWeights(box);
  if (zoomed) showChannel(zoomed.section, zoomed.channel);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);

function nextOf(names, name) { return names[(names.indexOf(name) + 1) % names.length]; }

const keys = {
  j: () => walk(1), k: () => walk(-1), "/": () => find.focus(), t: theme, "?": () => help.showModal(),
  s: () => chooseOrder(nextOf(Object.keys(orders), orderChosen)), c: () => chooseScale(nextOf(Object.keys(scales), scaleChosen)),
};

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || zoom.open || help.open) return;
  if (event.target === find) {
    if (event.key === "Escape") { find.value = ""; filter(); find.blur(); }
    if (event.key === "Enter") { find.blur(); current = -1; walk(1); }
    return;
  }
  if (event.target.matches("input, select, textarea") || remembered("keys") === "off") return;
  if (event.key === "Enter" && !event.target.matches("a, button, summary")) {
    if (current < 0) walk(1);
    const section = sections[current];
    if (section?.dataset.maps) layerOf(section).then(layer => openChannel(section, (layer.order ?? orderOf(layer))[layer.spot ?? 0]));
    else if (section?.dataset.pair) openChannel(section, Number(section.dataset.channels.split(" ")[0]));
    return;
  }
  const action = keys[event.key];
  if (action) { event.preventDefault(); action(); }
});

// On a phone the list is behind a button.
const menu = document.getElementById("menu");
function closeList() { document.body.classList.remove("listing"); menu?.setAttribute("aria-expanded", "false"); }
menu?.addEventListener("click", () => {
  const open = document.body.classList.toggle("listing");
  menu.setAttribute("aria-expanded", `${open}`);
  if (open) find?.focus();
});
document.getElementById("themes")?.addEventListener("click", theme);
document.getElementById("keys")?.addEventListener("click", () => help.showModal());
document.getElementById("nokeys")?.addEventListener("change", event => remembered("keys", event.target.checked ? "off" : "on"));
if (document.getElementById("nokeys")) document.getElementById("nokeys").checked = remembered("keys") === "off";
help?.addEventListener("click", event => { if (event.target === help || event.target.matches(".close")) help.close(); });

// On paper the day stands below the name.
addEventListener("beforeprint", () => { document.getElementById("printed").textContent = new Date().toLocaleDateString(); });
addEventListener("beforeprint", () => sections.filter(section => !section.hidden).forEach(build));
let resized = 0;
addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(() => near.forEach(drawTiles), 150); });

// Reports of several inputs know their neighbours from a list beside the overview.
async function neighbours() {
  const place = document.getElementById("neighbours");
  if (!place) return;
  const { root, own } = place.dataset;
  const names = (await beside(`${root}inputs.js`)).trim().split("\n").filter(Boolean), index = names.indexOf(own);
  for (const [name, text, label] of [[names[index - 1], "‹ previous", "Previous input"], [names[index + 1], "next ›", "Next input"]])
    if (index >= 0 && name) place.append(element("a", { href: `${root}${name.split("/").map(encodeURIComponent).join("/")}/index.html`, textContent: text, title: label }));
}

const themed = remembered("theme");
if (themed === "light" || themed === "dark") document.documentElement.dataset.theme = themed;
if (find) filter();
sections.forEach(section => { watch.observe(section); prepare.observe(section); });
neighbours();
follow();
