// What every page uses: elements, numbers as text, data beside the page, tables that sort.
const waiting = new Map();

// Called by scripts beside the page, the only data that a page from disk may load; each is loaded when it is needed, and once.
// A script names itself from its own folder, which may be above the page's.
window.arrived = (file, text) => {
  for (const [asked, wait] of waiting) if (asked === file || asked.endsWith(`/${file}`)) wait.done(text);
};

function beside(file) {
  if (!waiting.has(file)) {
    const wait = {};
    wait.promise = new Promise(done => { wait.done = done; });
    waiting.set(file, wait);
    document.head.append(element("script", { src: file.split("/").map(encodeURIComponent).join("/"), onerror: () => wait.done("") }));
  }
  return waiting.get(file).promise;
}

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

// Three digits, and a minus that is as wide as a plus.
function short(value) {
  if (!Number.isFinite(value)) return `${value}`.replace("-", "−");
  const size = Math.abs(value);
  const text = size >= 1000 && size < 1e6 ? value.toFixed(0) : `${+value.toPrecision(3)}`;
  return text.replace("e+", "e").replaceAll("-", "−");
}

const percent = share => `${+(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;

const bytesOf = base64 => Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));

// Lines of "name number" or "name count base64"; the base64 is of floats, but of bytes where the name is "codes".
function columnsOf(text) {
  const columns = {};
  for (const line of text.trim().split("\n").filter(Boolean)) {
    const [name, first, packed] = line.split(" ");
    columns[name] = packed === undefined ? Number(first)
      : name === "codes" ? bytesOf(packed)
      : new Float32Array(bytesOf(packed).buffer);
  }
  return columns;
}

const at = (column, index) => column === undefined ? undefined : typeof column === "number" ? column : column[index];

// A segmented control: radio buttons that look like one. "choices" is [[value, label, title]…].
function segmented(name, label, choices, chosen, change) {
  const group = element("fieldset", { className: "segmented" }, element("legend", { className: "unseen", textContent: label }));
  for (const [value, text, title] of choices) {
    const radio = element("input", { type: "radio", name, value, checked: value === chosen });
    radio.addEventListener("change", () => change(value));
    group.append(element("label", { title: title ?? "" }, radio, element("span", { textContent: text })));
  }
  return group;
}

// Tables with the class "sorts": a click on a head sorts by its column, the largest number first, a second click the other way.
function sortTable(button) {
  const head = button.closest("th"), table = head.closest("table"), column = [...head.parentNode.children].indexOf(head);
  const down = head.getAttribute("aria-sort") !== "descending";
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = row => {
    const cell = row.cells[column], text = cell?.dataset.key ?? cell?.textContent ?? "", number = Number.parseFloat(text.replace("−", "-"));
    return Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : `${a}`.localeCompare(`${b}`, "en", { numeric: true });
  const body = table.tBodies[0];
  body.append(...[...body.rows].map(row => [key(row), row]).sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0])).map(pair => pair[1]));
}

document.addEventListener("click", event => {
  const button = event.target.closest("table.sorts th button");
  if (button) sortTable(button);
});

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

// What a user switched, kept where the browser keeps something for pages from disk.
function remembered(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch { /* Then it lasts as long as the page. */ }
  return value ?? null;
}

async function download(name, content, type) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
