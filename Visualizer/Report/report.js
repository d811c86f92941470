"use strict";
const entries = [...document.querySelectorAll("#list li")];
const sections = [...document.querySelectorAll("section[id]")];
const find = document.getElementById("find");
const zoom = document.getElementById("zoom");
let current = -1;

const shown = () => sections.map((_, i) => i).filter(i => !sections[i].classList.contains("hidden"));

function mark(index) {
  if (index === current) return;
  for (const list of [entries, sections]) {
    list[current]?.classList.remove("current");
    list[index]?.classList.add("current");
  }
  current = index;
  entries[index]?.scrollIntoView({ block: "nearest" });
}

function walk(step) {
  const places = shown();
  if (places.length === 0) return;
  const at = places.indexOf(current);
  const next = at < 0 ? (step > 0 ? 0 : places.length - 1) : Math.min(Math.max(at + step, 0), places.length - 1);
  mark(places[next]);
  sections[current].scrollIntoView({ block: "start" });
}

// Every word has to occur; the order does not matter.
function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  sections.forEach((section, i) => {
    const hide = !words.every(word => section.dataset.find.includes(word));
    section.classList.toggle("hidden", hide);
    entries[i].classList.toggle("hidden", hide);
  });
  const left = shown().length;
  document.getElementById("count").textContent = left === sections.length ? `${left}` : `${left} of ${sections.length}`;
}

function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

const keys = {
  j: () => walk(1), k: () => walk(-1), ArrowRight: () => walk(1), ArrowLeft: () => walk(-1),
  "/": () => find.focus(), t: theme,
};

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || zoom.open) return;
  if (document.activeElement === find) {
    if (event.key === "Escape") { find.value = ""; filter(); find.blur(); }
    if (event.key === "Enter") { find.blur(); current = -1; walk(1); }
    return;
  }
  const action = keys[event.key];
  if (action) { event.preventDefault(); action(); }
});

find.addEventListener("input", filter);
document.getElementById("list").addEventListener("click", event => {
  const entry = event.target.closest("li");
  if (entry) mark(entries.indexOf(entry));
});

// Small pictures are enlarged by a whole factor, so that every value stays a square.
document.querySelector("main").addEventListener("click", event => {
  const picture = event.target.closest("figure img");
  if (!picture) return;
  const large = zoom.firstElementChild;
  const factor = Math.max(1, Math.floor(Math.min(innerWidth / picture.naturalWidth, innerHeight / picture.naturalHeight)));
  large.src = picture.src;
  large.width = picture.naturalWidth * factor;
  zoom.showModal();
});
zoom.addEventListener("click", () => zoom.close());

// The first section in the upper part of the window is the current one.
const visible = new Set();
const watch = new IntersectionObserver(changes => {
  for (const change of changes) {
    const index = sections.indexOf(change.target);
    if (change.isIntersecting) visible.add(index);
    else visible.delete(index);
  }
  if (visible.size > 0 && !visible.has(current)) mark(Math.min(...visible));
}, { rootMargin: "0px 0px -60% 0px" });
sections.forEach(section => watch.observe(section));
filter();
