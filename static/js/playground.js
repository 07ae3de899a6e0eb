// [data-playground]: the form is sent by script, and answers are shown as they come, a line of JSON
// an event. Without script the form posts, and its page has all when all is done.
const form = document.querySelector("[data-playground]");
const section = document.querySelector("[data-answers]");
const place = section.querySelector(".answers");
const status = section.querySelector("[data-status]");
const refusal = document.querySelector("[data-refusal]");

const answer = (plan) => place.querySelector(`[data-plan="${Number(plan)}"]`);

function show(event) {
  if (event.place) place.insertAdjacentHTML("beforeend", event.place);
  if (event.text) {
    const box = answer(event.plan);
    box.querySelector(event.thinking ? "[data-thinking]" : "[data-text]").append(event.text);
    if (event.thinking) box.querySelector(".thinking").hidden = false;
  }
  if (event.end) answer(event.plan).querySelector("[data-end]").innerHTML = event.end;
  if (event.left) document.querySelector("[data-left]").textContent = event.left;
}

function refuse(text) {
  refusal.textContent = text;
  refusal.hidden = !text;
}

async function listen(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) show(JSON.parse(line));
  }
}

async function send(stopping) {
  const sent = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/x-ndjson" },
    signal: stopping.signal,
  });
  if (sent.status === 422) return refuse((await sent.json()).refusal);
  if (!sent.ok) return refuse(`It was not sent: the site answered ${sent.status}. Reload the page.`);
  place.replaceChildren();
  section.hidden = false;
  status.textContent = "under way";
  await listen(sent.body);
  status.textContent = "all done";
}

function steer() {
  const [button, stop] = [form.querySelector("[type=submit]"), form.querySelector("[data-stop]")];
  let stopping;
  stop.addEventListener("click", () => stopping.abort());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    refuse("");
    stopping = new AbortController();
    [button.disabled, stop.hidden] = [true, false];
    try {
      await send(stopping);
    } catch {
      status.textContent = stopping.signal.aborted
        ? "stopped; what was begun counts at its highest cost"
        : "the connection broke; what was begun is billed";
    }
    [button.disabled, stop.hidden] = [false, true];
  });
}

if (form) steer();
