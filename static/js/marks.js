// A sign (`L`, `≠1`) links to its line in the foot of the page; a click shows that line beside it.
// Without popovers, or with a modifier key, the link works as a link.
let note;

function show(sign, line) {
  note ??= document.body.appendChild(
    Object.assign(document.createElement("div"), { className: "popover", popover: "auto" }),
  );
  const cells = [...line.children].map((cell) => cell.textContent.trim());
  note.textContent = (cells.length ? cells : [line.textContent.trim()]).join(" · ");
  note.showPopover();
  const box = sign.getBoundingClientRect();
  const left = Math.min(box.left, document.documentElement.clientWidth - note.offsetWidth - 12);
  note.style.left = `${Math.max(left, 12) + scrollX}px`;
  note.style.top = `${box.bottom + scrollY + 6}px`;
}

document.addEventListener("click", (event) => {
  const sign = event.target.closest("a.w, a.ne");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (!sign || !plain || !HTMLElement.prototype.showPopover) return;
  const id = sign.hash.slice(1);
  const line = sign.pathname === location.pathname && id && document.getElementById(id);
  if (!line) return;
  event.preventDefault();
  show(sign, line);
});
