// The list of layers: a tree of the names' parts, found by name, operator or shape, walked by keys.
const sections = [...document.querySelectorAll("main > section[id]")];
const links = new Map([...document.querySelectorAll("#list a")].map(link => [link.hash.slice(1), link]));
const find = document.getElementById("find");
let current = -1, chosenOp = null, showsPlumbing = false;

const shown = () => sections.map((_, i) => i).filter(i => !sections[i].hidden);

function mark(index) {
  if (index === current) return;
  const before = links.get(sections[current]?.id), link = links.get(sections[index]?.id);
  sections[current]?.classList.remove("current");
  before?.removeAttribute("aria-current");
  sections[index]?.classList.add("current");
  link?.setAttribute("aria-current", "true");
  current = index;
  for (let box = link?.closest("details"); box; box = box.parentNode.closest("details")) box.open = true;
  bring(link);
}

// Scrolls the list itself, not what is around it.
function bring(link) {
  const list = document.getElementById("list");
  if (!link || list.clientHeight === 0) return;
  const place = link.getBoundingClientRect(), room = list.getBoundingClientRect();
  if (place.top < room.top || place.bottom > room.bottom) list.scrollTop += place.top - room.top - room.height / 3;
}

function walk(step) {
  const places = shown();
  if (places.length === 0) return;
  const from = places.indexOf(current);
  const next = from < 0 ? (step > 0 ? 0 : places.length - 1) : Math.min(Math.max(from + step, 0), places.length - 1);
  mark(places[next]);
  history.replaceState(null, "", `#${sections[current].id}`);
  stay(sections[current]);
}

// Every word has to occur; the order does not matter. op: and shape: look at one thing only.
function fits(section, word) {
  const [, key, value] = /^(op|shape):(.*)$/.exec(word) ?? [];
  const { find: all, op, shape } = section.dataset;
  if (key === "shape") return value === "" || `x${shape}x`.includes(`x${value.replace(/[×,]/g, "x").replace(/^x|x$/g, "")}x`);
  return key === "op" ? op.toLowerCase().startsWith(value) : all.includes(word);
}

function filter() {
  const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of sections) {
    const hide = section.classList.contains("plumbing") && !showsPlumbing && wanted.length === 0
      || chosenOp !== null && section.dataset.op !== chosenOp
      || !wanted.every(word => fits(section, word));
    section.hidden = hide;
    const entry = links.get(section.id)?.parentNode;
    if (entry) entry.hidden = hide;
  }
  for (const group of [...document.querySelectorAll("#list details")].reverse()) {
    const some = [...group.lastElementChild.children].some(child => !child.hidden);
    group.parentNode.hidden = !some;
    if (some && wanted.length > 0) group.open = true;
  }
  tellCount();
}

function tellCount() {
  const left = shown().length, all = sections.filter(section => !section.classList.contains("plumbing")).length;
  const told = document.getElementById("count");
  if (told) told.textContent = left === all && !find?.value && chosenOp === null ? `${all} layers` : `${left} of ${sections.length} layers`;
}

for (const chip of document.querySelectorAll(".chips button"))
  chip.addEventListener("click", () => {
    const on = chip.getAttribute("aria-pressed") !== "true";
    if (chip.dataset.op !== undefined) {
      for (const other of document.querySelectorAll(".chips button[data-op]")) other.setAttribute("aria-pressed", "false");
      chosenOp = on ? chip.dataset.op : null;
    } else {
      showsPlumbing = on;
      chip.textContent = chip.dataset.text + (on ? " shown" : " hidden");
    }
    chip.setAttribute("aria-pressed", `${on}`);
    filter();
  });

find?.addEventListener("input", filter);
