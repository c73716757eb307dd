// The sheet, second part: each cell is saved as it is left, in one queue, one request at a time.
//
// What cannot be saved yet stays in its cell and in this browser's storage, for this person and
// this sheet alone, until the server has it.
"use strict";

const waiting = new Map(); // cell → {text, sure}: left by its person, to be saved in this order
const stuck = new Map(); // cell → text: refused, or asked about; a person has to look at it
let sending = null;
let running = null;
let retry = 0;
let pause = 0;

/** Somebody is done with a cell: save it, unless it is what the server keeps. */
function leave(cell, sure = "") {
  const text = cell.value;
  if (!isEdited(cell) && cell !== sending) {
    const wasStuck = stuck.has(cell);
    settle(cell);
    if (wasStuck) announce(waiting.size + stuck.size ? "" : say("all_saved"));
    return;
  }
  if (!sure && (stuck.get(cell) === text || waiting.get(cell)?.text === text)) return;
  stuck.delete(cell);
  waiting.set(cell, { text, sure });
  keep(cell);
  run();
}

/** Nothing is left to save in the cell: a newer figure that had to wait behind it shows now. */
function settle(cell) {
  waiting.delete(cell);
  stuck.delete(cell);
  if ("kept" in cell.dataset) drawer.forget(cell.name);
  delete cell.dataset.kept;
  tell(cell);
  const now = cell.dataset.now ?? cell.dataset.was;
  put(cell, now);
  rest(cell, now);
}

/** Save what waits; the promise ends when nothing more can be done. */
function run() {
  running ??= drain().finally(() => {
    running = null;
  });
  return running;
}

async function drain() {
  clearTimeout(retry);
  const slow = setTimeout(() => announce(say("saving")), 500);
  while (waiting.size) {
    const [cell, { text, sure }] = waiting.entries().next().value;
    if (text === cell.dataset.was) {
      // Already so, by another cell of its row or by somebody else.
      waiting.delete(cell);
      if (!isEdited(cell)) settle(cell);
      continue;
    }
    sending = cell;
    cell.dataset.save = "saving";
    const answer = await post(cell, text, sure);
    sending = null;
    if (isAway(answer)) {
      stayAway(answer);
      break;
    }
    pause = 0;
    if (waiting.get(cell)?.text === text) waiting.delete(cell);
    hear(cell, text, answer);
  }
  clearTimeout(slow);
}

/** One cell to the server: its answer with the status, which is 0 where none came. */
function post(cell, text, sure) {
  const line = lineOf(cell);
  return ask(line.dataset.cell, {
    csrfmiddlewaretoken: sheet.elements.csrfmiddlewaretoken.value,
    field: cell.dataset.field,
    was: cell.dataset.was,
    version: cell.dataset.version ?? line.dataset.version,
    text,
    sure,
  });
}

/** The network, the server or the session is away: everything waits, and says so. */
function stayAway({ status, message, login }) {
  const said = () =>
    status === 401 ? [message, " ", link(say("login"), login, goSafely)] : [say("away")];
  for (const cell of waiting.keys()) tell(cell, "away", ...said());
  announce(...said());
  pause = Math.min(60, pause * 2 || 2);
  if (status !== 401) retry = setTimeout(run, pause * 1000);
}

function hear(cell, text, answer) {
  const { ok, row, message, question, sure, conflict, refused } = answer;
  if (ok) {
    take(row, cell, text);
    for (const other of answer.others ?? []) take(other);
    tell(cell);
    if (!isEdited(cell)) settle(cell);
    cell.dataset.save = "saved";
    if (!waiting.size) announce(answer.said);
    return;
  }
  if (row) take(row);
  if (refused) {
    settle(cell);
    drawer.put(cell.name, { text, shown: shownIn(cell, text) });
    tellLost(lineOf(cell), shownIn(cell, text), message, () => drawer.forget(cell.name));
    fix(lineOf(cell));
  } else if (waiting.has(cell)) {
    return; // typed over meanwhile: its turn comes again
  } else if (conflict) {
    hold(cell, text, "asks", ...choice(cell, conflict, row));
  } else if (question) {
    const yes = button(say("sure"), () => {
      leave(cell, sure);
      cell.focus();
    });
    hold(cell, text, "asks", message, " ", say("is_it_right"), " ", yes);
  } else if (answer.status === 422) {
    hold(cell, text, "wrong", message);
  } else {
    const again = link(say("reload"), location.href, goSafely);
    hold(cell, text, "wrong", message || say("failed"), " ", again);
  }
  announce(message || conflict?.message || say("failed"));
}

function hold(cell, text, how, ...said) {
  stuck.set(cell, text);
  tell(cell, how, ...said);
}

/** Two people on one cell: take what the other one wrote, or save what this one wrote. */
function choice(cell, { theirs, mine, message }, row) {
  const now = evenly(row[cell.dataset.field] ?? "");
  const both = { theirs: theirs || say("empty"), mine: mine || say("empty") };
  const takeTheirs = () => {
    put(cell, now);
    rest(cell, now);
    settle(cell);
    cell.focus();
  };
  const saveMine = () => {
    rest(cell, now);
    cell.dataset.version = row.version;
    stuck.delete(cell);
    leave(cell);
    cell.focus();
  };
  return [
    strong(message),
    say("both", both),
    " ",
    button(theirs ? say("theirs", both) : say("theirs_empty"), takeTheirs),
    " ",
    button(mine ? say("mine", both) : say("mine_empty"), saveMine),
  ];
}

// ── The drawer: what this person typed here and the server does not have ──────────────────────

const drawer = new Drawer(`ayumi-sheet:${sheet.dataset.user}:${location.pathname}`);
let isSafe = false; // on the way to log in and come back: no need to warn

function goSafely() {
  isSafe = drawer.works;
}

function keep(cell) {
  const { was, version = lineOf(cell).dataset.version } = cell.dataset;
  const shown = shownIn(cell, cell.value);
  cell.dataset.kept = ""; // by this page: another window's is not taken out
  drawer.put(cell.name, { text: cell.value, shown, was, version });
}

/** Put back what could not be saved, each upon what it was typed upon; then save it. */
function restore() {
  let found = 0;
  for (const [name, kept] of drawer.entries()) {
    const text = kept?.text;
    const cell = sheet.elements.namedItem(name);
    const line = lines().find((each) => name.startsWith(`${each.dataset.key}.`));
    if (typeof text !== "string" || !line || cell?.value === text) {
      drawer.forget(name);
    } else if ("was" in kept && cell?.matches?.(CELL) && (!isSelect(cell) || optionOf(cell, text))) {
      cell.dataset.now = cell.dataset.was;
      cell.dataset.was = kept.was;
      cell.dataset.version = kept.version;
      cell.value = text;
      found += 1;
      leave(cell);
    } else {
      tellLost(line, kept.shown, say("fixed"), () => drawer.forget(name));
    }
  }
  if (found) announce(say("restored", { n: found }));
}

// ── Coming and going ──────────────────────────────────────────────────────────────────────────

/** Whether something is typed that the server does not have; what is being typed counts. */
function isUnsaved() {
  const cell = document.activeElement;
  if (cell?.matches(CELL)) leave(cell);
  return waiting.size + stuck.size > 0;
}

sheet.addEventListener("focusout", ({ target }) => {
  if (target.matches(CELL)) leave(target);
});
sheet.addEventListener("change", ({ target }) => {
  // What the mouse chose is chosen: the pointer does not leave the cell.
  if (isSelect(target) && target.matches(CELL)) leave(target);
});

/** Nothing is submitted, confirmed or returned upon figures that the server does not have. */
sheet.addEventListener("submit", async (event) => {
  const isSave = (event.submitter?.value ?? "save") === "save";
  if (!isUnsaved() && !isSave) return;
  event.preventDefault();
  await run();
  if (isUnsaved()) {
    const cells = [...sheet.querySelectorAll(CELL)];
    announce(say("unsaved"));
    cells.find((cell) => waiting.has(cell) || stuck.has(cell)).focus();
  } else if (isSave) {
    announce(say("all_saved"));
  } else {
    sheet.requestSubmit(event.submitter);
  }
});

/** The cells are saved one by one: a press sends the move, and no figure a second time. */
sheet.addEventListener("formdata", ({ formData }) => {
  for (const cell of sheet.querySelectorAll("[data-field]")) formData.delete(cell.name);
});

window.addEventListener("beforeunload", (event) => {
  if (!isUnsaved() || isSafe) return;
  event.preventDefault();
  event.returnValue = true; // older browsers
});
window.addEventListener("online", run);
window.addEventListener("focus", run);
window.addEventListener("pageshow", (event) => {
  // Brought back by the back button, a page may be old: what it shows is asked for again.
  if (event.persisted) location.reload();
});

// A browser that brings a page back fills in what stood there then, over what the server says.
sheet.reset();
for (const cell of sheet.querySelectorAll(CELL)) {
  // The server hands back what it could not save of the form.
  if (isEdited(cell)) leave(cell);
}
restore();
