// [data-follow][data-live]: work in progress; that part of the page is fetched again until it is done.
const EVERY_MS = 1500;

async function look(shown) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-follow]");
  if (!fresh) return;
  // Children, not the element: a live region that is replaced is not read out.
  shown.replaceChildren(...fresh.childNodes);
  shown.toggleAttribute("data-live", fresh.hasAttribute("data-live"));
}

async function follow(shown) {
  while (shown.hasAttribute("data-live")) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (!document.hidden) await look(shown).catch(() => undefined); // offline a while: ask again
  }
}

for (const shown of document.querySelectorAll("[data-follow]")) follow(shown);
