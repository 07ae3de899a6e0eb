"""A page as readers of all kinds see it: at a desk and on a phone, in light and in dark."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE, DESK = 390, 1280
HIGH = 900
COLOURS = ["color-contrast", "link-in-text-block"]
# Preloading fetches the style sheets again, and writes style elements that the policy forbids.
OPTIONS = {"resultTypes": ["violations"], "preload": False}

# Weighing contrast takes most of axe's time, by the element. So each page is weighed whole once;
# in another scheme or at another width one element for each way in which text is drawn: its
# colour on the nearest colour behind, its size, its weight and what makes it a link.
ONE_OF_EACH = """globalThis.oneOfEach = () => {
  const behind = (one) => {
    const stack = [];
    for (let at = one; at; at = at.parentElement) {
      const drawn = getComputedStyle(at);
      stack.push(drawn.opacity, drawn.backgroundImage);
      if (drawn.backgroundColor === "rgba(0, 0, 0, 0)") continue;
      stack.push(drawn.backgroundColor);
      if (!/[,/] *0?\\.\\d+%?\\)$/.test(drawn.backgroundColor)) break;
    }
    return stack.filter((said) => said !== "1" && said !== "none");
  };
  const seen = new Map();
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const one = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !one.checkVisibility()) continue;
    const is = getComputedStyle(one);
    const kind = [one.localName, one.parentElement.localName, is.color, is.fontSize, is.fontWeight,
      is.textDecorationLine, is.borderBottomStyle, ...behind(one)].join("|");
    if (!seen.has(kind)) seen.set(kind, one);
  }
  return [...seen.values(), ...document.querySelectorAll("input, select, textarea, button")];
}"""
# Colours that fade from one scheme into the other have done so.
LOOK = """([options, onlyOneOfEach]) => {
  for (const fading of document.getAnimations()) fading.finish();
  return axe.run(onlyOneOfEach ? oneOfEach() : document, options).then((found) => found.violations);
}"""


def faults(page: Page) -> list[str]:
    """What axe-core finds and how far a phone scrolls the page sideways, in one load of it.

    Width and scheme are emulated one after the other; the page ends on a phone, in the dark.
    """
    page.evaluate("document.fonts.ready.then(() => true)")
    page.evaluate(Axe().axe_script)
    page.evaluate(ONE_OF_EACH)
    return [
        *_seen(page, DESK, "light"),
        *_seen(page, DESK, "dark", runOnly=COLOURS),
        *_seen(page, PHONE, "light", rules={name: {"enabled": False} for name in COLOURS}),
        *_seen(page, PHONE, "light", runOnly=COLOURS),
        *_seen(page, PHONE, "dark", runOnly=COLOURS),
        *_scrolled(page),
    ]


def _seen(page: Page, width: int, scheme: Any, **options: Any) -> list[str]:
    page.set_viewport_size({"width": width, "height": HIGH})
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate(LOOK, [{**OPTIONS, **options}, "runOnly" in options])
    return [
        f"{width} {scheme}: {one['id']} × {len(one['nodes'])}: {one['nodes'][0]['html'][:200]}"
        f" {one['nodes'][0].get('failureSummary', '')[:300]}"
        for one in found
    ]


def _scrolled(page: Page) -> list[str]:
    """A phone lays a page out at its own width only where that says so."""
    said = page.get_attribute("meta[name=viewport]", "content") or ""
    if "width=device-width" not in said:
        return ["a phone would lay the page out for a desk"]
    root = "document.documentElement"
    beyond = page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    return [f"{PHONE}: the page scrolls sideways by {beyond}"] if beyond else []
