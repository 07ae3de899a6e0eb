// [data-grid]: Enter and the arrow keys move between the boxes of a column, as in a spreadsheet.
const STEP = { ArrowDown: 1, Enter: 1, ArrowUp: -1 };

function move(event) {
  const step = STEP[event.key];
  if (!step || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = event.target.closest("[data-box]");
  if (!box) return;
  // Also at the last box: Enter there must not send the form by surprise.
  event.preventDefault();
  const boxes = [...event.currentTarget.querySelectorAll("[data-box]")];
  const next = boxes[boxes.indexOf(box) + (event.shiftKey ? -step : step)];
  if (!next) return;
  next.focus();
  next.select();
}

for (const grid of document.querySelectorAll("[data-grid]")) grid.addEventListener("keydown", move);
