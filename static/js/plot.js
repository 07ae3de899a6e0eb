// [data-plot]: a drawn chart with its table. A button opens the same figures as a chart to look into:
// values under the pointer, a closer look by dragging, a picture to keep. The library is fetched then.
const DAY = 86400;
const DATE = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const HOUR = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", timeStyle: "short" });
const TICK = 60; // pixels for the figures at the left
let library;

function load(figure) {
  library ??= new Promise((done, failed) => {
    const style = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: figure.dataset.plotStyle,
    });
    const script = Object.assign(document.createElement("script"), { src: figure.dataset.plot });
    script.addEventListener("load", () => done(globalThis.uPlot));
    script.addEventListener("error", failed);
    document.head.append(style, script);
  });
  return library;
}

function number(cell) {
  const text = cell.textContent.trim().replaceAll(",", "");
  return text === "" ? null : Number(text);
}

// Columns of the table: moments in seconds, then one list of values for each line.
function read(table) {
  const rows = [...table.tBodies[0].rows];
  const moments = rows.map((row) => Number(row.cells[0].dataset.at));
  const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const values = names.map((_, n) => rows.map((row) => number(row.cells[n + 1])));
  return { names, data: broken([moments, ...values]) };
}

// The same with an empty moment in each gap: a line must break where nothing was measured.
function broken([moments, ...lists]) {
  const steps = moments.slice(1).map((at, n) => at - moments[n]);
  const step = Math.min(...steps);
  const data = [[], ...lists.map(() => [])];
  moments.forEach((at, n) => {
    if (n && steps[n - 1] > step * 1.5) {
      data[0].push(moments[n - 1] + step);
      lists.forEach((_, list) => data[list + 1].push(null));
    }
    data[0].push(at);
    lists.forEach((list, m) => data[m + 1].push(list[n]));
  });
  return data;
}

function colour(element, property) {
  return getComputedStyle(element)[property];
}

function options(figure, names, width) {
  const drawn = [...figure.querySelectorAll("svg.course path[class^=s]")].reverse();
  const ink = colour(figure, "color");
  const font = `13px ${colour(figure, "fontFamily")}`;
  // Days where a day begins, hours between.
  const times = (plot, at) => at.map((moment) => (moment % DAY ? HOUR : DATE).format(moment * 1000));
  const axis = { stroke: ink, font, ticks: { show: false }, grid: { stroke: ink, width: 0.15 } };
  return {
    width,
    height: Math.min(360, Math.round(width * 0.6)),
    tzDate: (at) => globalThis.uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    scales: { y: { range: (plot, least, most) => [0, most * 1.05 || 1] } },
    axes: [{ ...axis, values: times }, { ...axis, size: TICK }],
    series: [
      { label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
      ...names.map((label, n) => ({
        label,
        stroke: drawn[n] ? colour(drawn[n], "stroke") : ink,
        width: 2,
        points: { size: 5 },
      })),
    ],
  };
}

// The chart with its title and the names of its lines, on the page's own paper.
function picture(plot, title, names) {
  const { canvas } = plot.ctx;
  const ratio = devicePixelRatio;
  const head = 44 * ratio;
  const sheet = Object.assign(document.createElement("canvas"), {
    width: canvas.width,
    height: canvas.height + head,
  });
  const pen = sheet.getContext("2d");
  pen.fillStyle = colour(document.body, "backgroundColor");
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(canvas, 0, head);
  pen.fillStyle = colour(document.body, "color");
  pen.font = `600 ${14 * ratio}px ${colour(document.body, "fontFamily")}`;
  pen.fillText(title, 10 * ratio, 18 * ratio);
  let left = 10 * ratio;
  pen.font = `${12 * ratio}px ${colour(document.body, "fontFamily")}`;
  names.forEach((name, n) => {
    pen.fillStyle = plot.series[n + 1].stroke();
    pen.fillText(name, left, 36 * ratio);
    left += pen.measureText(`${name}    `).width;
  });
  return sheet;
}

function keep(sheet, name) {
  sheet.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
}

async function open(figure) {
  const title = figure.querySelector("h3").textContent;
  const { names, data } = read(figure.querySelector("table"));
  const sheet = Object.assign(document.createElement("dialog"), { className: "plot" });
  sheet.setAttribute("aria-label", title);
  const heading = Object.assign(document.createElement("h3"), { textContent: title });
  const hint = Object.assign(document.createElement("p"), {
    className: "note",
    textContent: "Drag to look closer, double-click to see all again.",
  });
  sheet.append(heading, hint);
  document.body.append(sheet);
  sheet.addEventListener("close", () => sheet.remove());
  sheet.showModal();
  try {
    const Plot = await load(figure);
    const plot = new Plot(options(figure, names, sheet.clientWidth - 40), data, sheet);
    sheet.append(
      button("PNG", () => keep(picture(plot, title, names), `${figure.id}`)),
      button("Close", () => sheet.close()),
    );
  } catch {
    library = undefined;
    hint.textContent = "The chart could not be fetched. The table below the drawing has its figures.";
    sheet.append(button("Close", () => sheet.close()));
  }
}

for (const figure of document.querySelectorAll("[data-plot]")) {
  figure.querySelector("figcaption").append(" ", button("Look closer", () => open(figure)));
}
