// [data-week]: the clock of prices that change with the hour. Draws the same week on the reader's own
// clock, marks the present minute, and says what changes next. Without it the provider's clock stands.
const DAY = 1440;
const STEP = 15; // minutes; clocks are changed on a quarter of an hour
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const OWN = Intl.DateTimeFormat().resolvedOptions().timeZone;
const UNITS = [["day", DAY], ["hour", 60], ["minute", 1]];

function readsMinutes(zone) {
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (at) => {
    const parts = Object.fromEntries(clock.formatToParts(at).map((part) => [part.type, part.value]));
    return WEEKDAYS.indexOf(parts.weekday) * DAY + Number(parts.hour) * 60 + Number(parts.minute);
  };
}

// Runs of minutes of the reader's present week: [start, end, rate].
function ownWeek(rateAt, exact) {
  const now = new Date();
  const monday = now.getDate() - ((now.getDay() + 6) % 7);
  const step = exact ? STEP : 1;
  const runs = [];
  for (let day = 0; day < 7; day += 1) {
    for (let minute = 0; minute < DAY; minute += step) {
      const rate = rateAt(new Date(now.getFullYear(), now.getMonth(), monday + day, 0, minute));
      const start = day * DAY + minute;
      const last = runs.at(-1);
      if (last && last[2] === rate && minute) last[1] = start + step;
      else runs.push([start, start + step, rate]);
    }
  }
  return runs;
}

function paths(runs, [left, top, span, pitch, bar]) {
  const x = (minute) => Math.round((left + (minute * span) / DAY) * 100) / 100;
  const drawn = [];
  for (const [start, end, rate] of runs) {
    const day = Math.floor(start / DAY);
    const [from, to] = [x(start - day * DAY), x(end - day * DAY)];
    drawn[rate] = `${drawn[rate] ?? ""}M${from} ${top + pitch * day}H${to}v${bar}H${from}z`;
  }
  return drawn;
}

function until(at) {
  let left = Math.max(Math.ceil((at - Date.now()) / 60000), 1);
  const said = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    if (count) said.push(`${count} ${unit}${count > 1 ? "s" : ""}`);
    left -= count * size;
  }
  return said.slice(0, 2).join(" ");
}

function enliven(figure) {
  const { zone, since, labels, box } = JSON.parse(figure.dataset.week);
  const minuteThere = readsMinutes(zone);
  const rateOf = (minute) => since.findLast(([start]) => start <= minute)[1];
  const rateAt = (at) => rateOf(minuteThere(at));
  const exact = since.every(([start]) => start % STEP === 0);
  const shapes = [...figure.querySelectorAll("svg path[class^='r']")];
  const native = shapes.map((shape) => shape.getAttribute("d"));
  const own = paths(ownWeek(rateAt, exact), box);
  const utc = figure.querySelector(".utc");
  const caption = figure.querySelector("figcaption b");
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
  mark.setAttribute("class", "now");
  figure.querySelector("svg").append(mark);
  const buttons = [[OWN, "yours"], [zone, "the provider’s"]].map(([name, whose]) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.textContent = `${name}, ${whose}`;
    button.addEventListener("click", () => show(whose === "yours"));
    return button;
  });
  const next = Object.assign(document.createElement("p"), { className: "next" });
  let mine = true;

  function markNow() {
    const now = new Date();
    const minute = mine
      ? ((now.getDay() + 6) % 7) * DAY + now.getHours() * 60 + now.getMinutes()
      : minuteThere(now);
    const [left, top, span, pitch, bar] = box;
    const [day, ofDay] = [Math.floor(minute / DAY), minute % DAY];
    mark.setAttribute("d", `M${left + (ofDay * span) / DAY} ${top + pitch * day - 2}v${bar + 4}`);
  }

  function sayNext() {
    const times = [...figure.querySelectorAll("[data-turns] time")];
    const coming = times.find((time) => Date.parse(time.dateTime) > Date.now());
    if (!coming) return next.remove();
    const at = new Date(coming.dateTime);
    const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    next.textContent =
      `Now ${labels[rateAt(new Date())]}; ${coming.dataset.label} in ${until(at)}, at ${clock} your time.`;
  }

  function show(own_) {
    mine = own_;
    shapes.forEach((shape, rate) => shape.setAttribute("d", (mine ? own[rate] : native[rate]) ?? ""));
    utc?.toggleAttribute("hidden", mine);
    buttons[0].setAttribute("aria-pressed", mine);
    buttons[1].setAttribute("aria-pressed", !mine);
    markNow();
  }

  if (OWN !== zone) {
    const choices = Object.assign(document.createElement("p"), { className: "choices" });
    choices.append(...buttons);
    figure.querySelector("svg").before(choices);
  }
  if (figure.querySelector("[data-turns]")) {
    figure.querySelector("figcaption").before(next);
    sayNext();
  } else {
    mark.remove(); // a day gone by: no present minute on it
  }
  show(OWN !== zone);
  setInterval(() => {
    markNow();
    sayNext();
  }, 30_000);
}

for (const figure of document.querySelectorAll("[data-week]")) enliven(figure);
