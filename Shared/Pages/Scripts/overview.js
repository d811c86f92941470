// The page above several reports: one layer over all inputs, side by side.
const across = document.getElementById("across");

function showAcross() {
  const [index, file] = across.value.split(" ");
  for (const card of document.querySelectorAll("a.input")) {
    const picture = card.querySelector("img.across");
    card.classList.toggle("with-layer", Boolean(file));
    card.hash = file ? `#t${index}` : "";
    picture.hidden = !file;
    picture.onerror = () => { picture.hidden = true; };
    if (file) picture.src = `${card.dataset.folder}/${file}`;
  }
}

across?.addEventListener("change", showAcross);
