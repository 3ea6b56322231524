// Installing is offered once, on the third visit, in one line that can be sent away for good.

/** `visits` is where the visits are counted in localStorage: after the third no more is offered. */
export function offer(visits) {
  const line = document.getElementById("offer");
  if (!line) return;
  const box = line.content.firstElementChild.cloneNode(true);
  line.remove();
  box.addEventListener("click", (event) => {
    if (event.target.closest("a, button")) { localStorage.setItem(visits, 4); box.remove(); }
  });
  document.body.append(box);
}
