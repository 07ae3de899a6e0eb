// Any value opens in place: who states it, since when, who says otherwise, what it was before.
//
// A cell (td, dd) is asked about by data-of (the subject, as a query) and data-key (the fact), each
// found on the cell, its row, its column's head or its table (data-keys: of all its rows); a row may
// say data-of by a link instead. The answer is a page of its own, so nothing is lost without script.
// Other signs (`L`, `≠1`) show their line in the foot of the page. ← and → go on to the next value.
const ADDRESS = "/provenance/";
const SIGNS = `a.w, a.ne, .wit a, a[href^="${ADDRESS}?"]`;
const BUSY_MS = 250; // an answer that takes longer is announced
let panel;
let told;
let asked; // the cell that the panel is about

// -- which value ----------------------------------------------------------------------------------

function columnOf(cell) {
  let column = 0;
  for (let at = cell.previousElementSibling; at; at = at.previousElementSibling) column += at.colSpan;
  return column;
}

function atColumn(row, column) {
  return [...(row?.cells ?? [])].find((cell) => (column -= cell.colSpan) < 0);
}

function address(cell) {
  const row = cell.closest("tr, dl > div");
  const table = cell.closest("table, dl");
  const head = cell.localName === "td" ? atColumn(table.tHead?.rows[table.tHead.rows.length - 1], columnOf(cell)) : null;
  const said = (name) => [cell, row, head, table].find((one) => one?.dataset[name] !== undefined)?.dataset[name];
  const key = said("key") ?? table.dataset.keys?.split(" ")[row.sectionRowIndex];
  const of = said("of") ?? ofRow(row);
  if (!key || !of) return null;
  const query = new URLSearchParams(`${of}&key=${key}`);
  const day = new URLSearchParams(location.search).get("as_of");
  if (day) query.set("as_of", day);
  return `${ADDRESS}?${query}`;
}

// Rows of endpoints lead to all that is stated of it, or to its sheet.
function ofRow(row) {
  const whole = row?.querySelector(`a[href^="${ADDRESS}?"]`);
  if (whole) return whole.search.slice(1);
  const sheet = row?.querySelector('a[href$="#sheet"]');
  return sheet && `endpoint=${new URLSearchParams(sheet.search).get("endpoint")}`;
}

function values(table) {
  return [...table.querySelectorAll("td, dd")].filter(address);
}

// A sign speaks of its own cell, else of its row or, in a head, of its column.
function valueOf(sign) {
  const own = sign.closest("td, dd");
  if (own && address(own)) return own;
  const here = sign.closest("td, th");
  const table = here?.closest("table");
  if (!table) return null;
  if (!here.closest("thead")) return values(here.parentElement)[0];
  const column = columnOf(here);
  return values(table).find((cell) => columnOf(cell) === column);
}

// -- the panel ------------------------------------------------------------------------------------

function button(text, label, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function make() {
  panel = Object.assign(document.createElement("div"), { className: "popover", popover: "auto", tabIndex: -1 });
  panel.setAttribute("role", "dialog");
  told = document.createElement("div");
  const keys = Object.assign(document.createElement("div"), { className: "keys" });
  keys.append(
    button("‹", "Previous value", () => go(-1)),
    button("›", "Next value", () => go(1)),
    button("×", "Close", () => panel.hidePopover()),
  );
  panel.append(keys, told);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") go(-1);
    if (event.key === "ArrowRight") go(1);
  });
  // At once: "toggle" comes later, and would forget a value that was asked for meanwhile.
  panel.addEventListener("beforetoggle", (event) => {
    if (event.newState === "closed") mark(null);
  });
  document.body.append(panel);
}

function mark(cell) {
  asked?.classList.remove("asked");
  asked = cell;
  asked?.classList.add("asked");
}

function place(beside) {
  panel.showPopover();
  const box = beside.getBoundingClientRect();
  const left = Math.min(box.left, document.documentElement.clientWidth - panel.offsetWidth - 12);
  const isBelow = box.bottom + panel.offsetHeight + 12 < innerHeight || box.top < panel.offsetHeight + 12;
  panel.style.left = `${Math.max(left, 12) + scrollX}px`;
  panel.style.top = `${scrollY + (isBelow ? box.bottom + 6 : box.top - panel.offsetHeight - 6)}px`;
}

// The line of a sign that speaks of no value with an address.
function showLine(sign, line) {
  if (!panel) make();
  const cells = [...line.children].map((cell) => cell.textContent.trim());
  told.textContent = (cells.length ? cells : [line.textContent.trim()]).join(" · ");
  panel.classList.remove("said");
  panel.setAttribute("aria-label", "Source");
  panel.removeAttribute("aria-labelledby");
  place(sign);
  panel.focus({ preventScroll: true });
}

// -- answers --------------------------------------------------------------------------------------

async function dress(part) {
  const sheet = part.querySelector("link");
  sheet.remove();
  if (document.head.querySelector(`link[href="${sheet.getAttribute("href")}"]`)) return;
  document.head.append(sheet);
  await new Promise((done) => (sheet.onload = sheet.onerror = done));
}

async function fill(where) {
  const answer = await fetch(`${where}&format=part`);
  if (!answer.ok) throw new Error(answer.statusText);
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  await dress(part.content);
  for (const link of part.content.querySelectorAll("[data-report]")) {
    const report = new URL(link.href, location.href);
    report.searchParams.set("path", location.pathname);
    link.href = report;
  }
  told.replaceChildren(part.content);
  panel.classList.add("said");
  panel.removeAttribute("aria-label");
  panel.setAttribute("aria-labelledby", "said-of");
}

async function open(cell) {
  if (!panel) make();
  const where = address(cell);
  mark(cell);
  const busy = setTimeout(() => (document.documentElement.style.cursor = "progress"), BUSY_MS);
  try {
    await fill(where);
  } catch {
    location.assign(where); // the page says what is wrong, or the browser does
    return;
  } finally {
    clearTimeout(busy);
    document.documentElement.style.cursor = "";
  }
  if (asked !== cell) return; // another was asked meanwhile
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  place(cell);
  panel.scrollTop = 0;
  if (!panel.contains(document.activeElement)) panel.focus({ preventScroll: true });
}

function go(step) {
  if (!asked) return;
  const all = values(asked.closest("table, dl"));
  const next = all[all.indexOf(asked) + step];
  if (next) open(next);
}

// -- where readers ask ----------------------------------------------------------------------------

const isPlain = (event) => !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;

function follow(event, sign) {
  if (panel?.contains(sign)) {
    if (!new URLSearchParams(sign.search).has("key")) return;
    event.preventDefault();
    fill(sign.getAttribute("href")).then(() => panel.focus({ preventScroll: true }), () => location.assign(sign.href));
    return;
  }
  const cell = valueOf(sign);
  const id = sign.hash.slice(1);
  const line = id && sign.pathname === location.pathname && document.getElementById(id);
  if (!cell && !line) return;
  event.preventDefault();
  if (cell) open(cell);
  else showLine(sign, line);
}

document.addEventListener("click", (event) => {
  if (!isPlain(event) || !HTMLElement.prototype.showPopover) return;
  const control = event.target.closest("a, button, input, select, label, summary");
  if (control?.matches(SIGNS)) follow(event, control);
  if (control || !getSelection().isCollapsed) return;
  const cell = event.target.closest("td, dd");
  if (cell && address(cell)) open(cell);
});

document.addEventListener("pointerover", (event) => {
  const cell = event.target.closest("td, dd");
  if (cell && !cell.style.cursor && address(cell)) cell.style.cursor = "pointer";
});
