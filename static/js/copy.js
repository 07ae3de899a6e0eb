// Copy buttons. data-copy="text", or data-copy-from="#id" for the text of an element.
const SAID_FOR_MS = 1500;

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
