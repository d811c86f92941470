const maps = {};
for (const s of document.querySelectorAll('script.map')) {
  const [height, width] = s.dataset.size.split(' ').map(Number);
  maps[s.dataset.id] = { height, width, bytes: Uint8Array.from(atob(s.textContent), c => c.charCodeAt(0)) };
}
const stops = ['440154', '472d7b', '3b528b', '2c728e', '21918c', '28ae80', '5ec962', 'addc30', 'fde725'].map(rgb);
function rgb(hex) {
  hex = hex.replace('#', '');
  if (hex.length === 3) hex = [...hex].map(c => c + c).join('');
  return [0, 2, 4].map(i => parseInt(hex.slice(i, i + 2), 16));
}
const colour = name => rgb(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
function viridis(t) {
  const at = Math.min(.9999, t) * 8, i = at | 0, f = at - i;
  return stops[i].map((v, k) => v * (1 - f) + stops[i + 1][k] * f);
}
function draw() {
  const card = colour('--card'), less = colour('--accent'), more = colour('--warm');
  for (const canvas of document.querySelectorAll('canvas[data-map]')) {
    const id = canvas.dataset.map, { height, width, bytes } = maps[id];
    const small = document.createElement('canvas');
    small.width = width; small.height = height;
    const context = small.getContext('2d'), image = context.createImageData(width, height);
    bytes.forEach((byte, p) => {
      let c;
      if (id[0] === 'd') {
        const z = (byte - 128) / 127, s = Math.abs(z) ** .8;
        c = card.map((u, k) => u * (1 - s) + (z < 0 ? less : more)[k] * s);
      } else c = viridis(byte / 255);
      image.data.set([...c, 255], 4 * p);
    });
    context.putImageData(image, 0, 0);
    const target = canvas.getContext('2d');
    target.imageSmoothingEnabled = false;
    target.drawImage(small, 0, 0, canvas.width, canvas.height);
    if (id[0] === 'd') {
      target.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--line');
      target.lineWidth = 2;
      target.strokeRect(1, 1, canvas.width - 2, canvas.height - 2);
    }
  }
}
draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

const table = document.querySelector('table.sorts');
if (table) {
  const unfold = () => table.classList.remove('f');
  table.querySelector('.fold button')?.addEventListener('click', unfold);
  const numeric = x => x !== '' && !isNaN(x) ? Number(x) : x === 'Infinity' || x === '∞' ? Infinity : x;
  [...table.querySelectorAll('th')].forEach((head, column) => head.firstChild.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending' || (column > 1 && !head.hasAttribute('aria-sort'));
    table.querySelectorAll('th').forEach(h => h.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    unfold();
    const key = row => numeric(row.cells[column].dataset.v);
    [...table.tBodies[0].rows].filter(r => !r.classList.contains('fold'))
      .sort((a, b) => { const x = key(a), y = key(b); return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1); })
      .forEach(r => table.tBodies[0].append(r));
  }));
  addEventListener('hashchange', () => { if (location.hash.startsWith('#p') && document.querySelector(location.hash)?.closest('table') === table) { unfold(); document.querySelector(location.hash).scrollIntoView({ block: 'center' }); } });
}

const cka = document.querySelector('canvas[data-rows]');
cka?.addEventListener('mousemove', event => {
  const { height, width, bytes } = maps.cka, box = cka.getBoundingClientRect();
  const i = Math.min(height - 1, (event.clientY - box.top) / box.height * height | 0), j = Math.min(width - 1, (event.clientX - box.left) / box.width * width | 0);
  cka.parentElement.querySelector('.here').textContent =
    `${cka.dataset.rows.split('\n')[i]} ⟷ ${cka.dataset.columns.split('\n')[j]}: ${(bytes[i * width + j] / 255).toFixed(2)}`;
});
