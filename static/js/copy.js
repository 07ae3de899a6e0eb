// Copy buttons. data-copy="text", or data-copy-from="#id" for the text of an element. A table with
// data-copy-ids gets one beside each id.
const SAID_FOR_MS = 1500;

for (const cell of document.querySelectorAll("[data-copy-ids] tbody td.id:not(:empty)")) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "copy-id",
    textContent: "copy",
  });
  button.dataset.copy = cell.textContent.trim();
  cell.append(button);
}

for (const button of document.querySelectorAll("[data-copy], [data-copy-from]")) {
  const label = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const from = button.dataset.copyFrom;
    const text = from ? document.querySelector(from).textContent : button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      button.textContent = "not allowed";
    }
    setTimeout(() => {
      button.textContent = label;
    }, SAID_FOR_MS);
  });
}
