// The sheet, first part: its cells, and how what the server says of a row is shown.
//
// Without these scripts the sheet is one form, and works. sheet-saving.js saves each cell as it
// is left, sheet-keys.js makes keys and pasting work as in a spreadsheet. Figures and rates come
// from the server alone; the words are those of the page's <template id="sheet-words">.
"use strict";

const sheet = document.getElementById("sheet");
const live = document.querySelector('[data-out="saved"]');
const words = {};
for (const each of document.getElementById("sheet-words").content.children) {
  words[each.dataset.word] = each.textContent;
}
const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const announce = (...what) => live.replaceChildren(...what);

// ── Cells: value is what stands there, data-was what the server keeps as far as we were told ──

const CELL = "[data-field]:not([readonly], [disabled])";
const lines = () => [...sheet.querySelectorAll("tr.line")];
const lineOf = (cell) => cell.closest("tr.line");
const inLine = (line, name) => line.querySelector(`[data-field="${name}"]:is(${CELL})`);
const isSelect = (cell) => cell.tagName === "SELECT";
const isEdited = (cell) => cell.value !== cell.dataset.was;
/** Line breaks as a textarea has them. */
const evenly = (text) => text.replace(/\r\n?/g, "\n");

/** One way of writing: full-width or half-width, with or without spaces around. */
const plainly = (text) => text.normalize("NFKC").trim();
const optionOf = (select, text) =>
  [...select.options].find((o) => [o.text, o.value].map(plainly).includes(plainly(text)));

/** A text as the cell's person reads it: the words of a choice, or that nothing is there. */
const shownIn = (cell, text) =>
  (isSelect(cell) ? optionOf(cell, text)?.text : text) || say("empty");

/** What stood in the cell when somebody came to it: Escape brings it back. */
let before = "";

function put(cell, text) {
  if (cell.value === text) return;
  cell.value = text;
  if (cell !== document.activeElement) return;
  before = text;
  cell.select?.();
}

/** The row is confirmed or closed: nothing more is typed in it. */
function fix(line) {
  line.dataset.fixed = "";
  for (const cell of line.querySelectorAll(CELL)) {
    if (isSelect(cell)) cell.disabled = true;
    else cell.readOnly = true;
  }
}

// ── What the server says of a row ─────────────────────────────────────────────────────────────

/**
 * Show a row as the server has it. A cell with something unsaved keeps it, and keeps with it the
 * version it was typed upon, so that another person's figure never passes for the one seen here.
 * `cell` has just been saved as `text`; what that save changed in the cells beside it is known.
 */
function take(row, cell, text) {
  const line = sheet.querySelector(`tr.line[data-key="${CSS.escape(row.key)}"]`);
  if (!line) return;
  const seen = line.dataset.version;
  const changed = cell && row[cell.dataset.field] !== cell.dataset.was;
  const nobodyElse = changed && Number(row.version) === Number(seen) + 1;
  for (const each of line.querySelectorAll("[data-field]")) {
    const now = evenly(row[each.dataset.field] ?? "");
    const isUntouched = each === cell ? each.value === text : !isEdited(each);
    if (isUntouched || each === cell || nobodyElse) {
      if (isUntouched) put(each, now);
      rest(each, now);
    } else if (now !== each.dataset.was) {
      each.dataset.version ??= seen;
      each.dataset.now = now;
    }
  }
  line.dataset.version = row.version;
  if (nobodyElse) {
    // What waits in the cells beside it now stands upon this save, and after a reload still does.
    for (const each of line.querySelectorAll("[data-kept]")) keep(each);
  }
  line.toggleAttribute("data-owed", row.owed);
  const key = CSS.escape(row.key);
  for (const hidden of sheet.querySelectorAll(`[name="${key}.version"]`)) {
    hidden.value = row.version;
  }
  for (const hidden of sheet.querySelectorAll(`[name="seen"][value^="${key}:"]`)) {
    hidden.value = `${row.key}:${row.version}`;
  }
  for (const spot of line.querySelectorAll("[data-out]")) show(spot, row[spot.dataset.out]);
  // A total that follows another target stands in its empty cell as a hint.
  const figure = inLine(line, "figure");
  if (figure?.placeholder?.trim()) figure.placeholder = row.total;
  remark(line, row);
  count();
}

/** From here on, `text` is what this person knows the server to keep in the cell. */
function rest(cell, text) {
  cell.dataset.was = text;
  delete cell.dataset.now;
  delete cell.dataset.version;
}

const STATE_MARKS = { draft: "edit", submitted: "upload", returned: "return", confirmed: "check" };

function show(spot, what) {
  const name = spot.dataset.out;
  if (name === "bar") {
    spot.replaceChildren(...drawn(what));
  } else if (name === "status") {
    spot.dataset.status = what.key;
    mark(spot, `<svg aria-hidden="true"><use href="#i-${what.key}"/></svg>`, what.name);
  } else if (name === "state") {
    const icon = STATE_MARKS[what.key];
    spot.dataset.state = what.key;
    mark(spot, icon && `<svg class="icon" aria-hidden="true"><use href="#u-${icon}"/></svg>`, what.name);
  } else {
    spot.textContent = what ?? "";
  }
}

function mark(spot, icon, name) {
  const word = document.createElement("span");
  word.textContent = name;
  spot.replaceChildren(...(icon ? drawn(icon) : []), word);
}

/** The drawing in a piece of markup, and nothing else of it; no script in it runs. */
function drawn(markup) {
  const svg = new DOMParser().parseFromString(markup, "text/html").querySelector("svg");
  return svg ? [svg] : [];
}

/** What the server remarks on a row stands before what is said of its cells. */
function remark(line, row) {
  const box = boxOf(line);
  for (const each of [...box.children]) if (!each.dataset.about) each.remove();
  const said = [];
  if (row.message) said.push(paragraph(strong(row.message)));
  if (row.lacking.length) {
    const page = document.getElementById(`l-${row.key}`).href;
    said.push(paragraph(row.lacking.join(" "), " ", link(say("write_it"), page)));
  }
  if (row.difference) said.push(paragraph(row.difference));
  box.prepend(...said);
  frame(line);
  listUnready(row);
}

/** The summary of what a row waits for before it can be submitted, and how many do. */
function listUnready(row) {
  const summary = document.getElementById("unready");
  const items = new Map([...summary.querySelectorAll("li")].map((each) => [each.dataset.row, each]));
  const said = [row.message, ...row.lacking].filter(Boolean).join(" ");
  const item = items.get(row.key) ?? document.createElement("li");
  if (said) {
    const label = document.getElementById(`l-${row.key}`).textContent;
    item.dataset.row = row.key;
    item.replaceChildren(link(label, `#r-${row.key}`), say("colon"), said);
    items.set(row.key, item);
  } else {
    items.delete(row.key);
  }
  const inOrder = lines().map((line) => items.get(line.dataset.key)).filter(Boolean);
  const n = inOrder.length;
  summary.querySelector("ul").replaceChildren(...inOrder);
  summary.querySelector("[data-unready]").textContent = say("unready", { n });
  summary.hidden = !n;
  document.querySelector("[data-to-check]").textContent = n ? `　${say("to_check", { n })}` : "";
}

/** Rows are counted here, filled or not; what stands in them is reckoned by the server. */
function count() {
  const number = (rows) => sheet.querySelectorAll(rows).length;
  const owed = number("tr.line[data-owed]");
  const counts = { owed, entered: sheet.dataset.counted - owed };
  for (const state of Object.keys(STATE_MARKS)) {
    counts[state] = number(`[data-out="state"][data-state="${state}"]`);
  }
  for (const spot of document.querySelectorAll("[data-count]")) {
    spot.textContent = counts[spot.dataset.count];
  }
  const left = document.querySelector("[data-left]");
  if (left) left.textContent = owed ? say("left", { n: owed }) : say("none_left");
  const share = (100 * counts.entered) / (sheet.dataset.counted || 1);
  document.querySelector('[data-out="progress"] .v')?.setAttribute("width", `${share}%`);
}

// ── What is said at a cell ────────────────────────────────────────────────────────────────────

const boxOf = (line) => document.getElementById(`m-${line.dataset.key}`);

/** The message of a row shows where there is one, in the colour of its gravest part. */
function frame(line) {
  const box = boxOf(line);
  const row = box.closest("tr");
  row.hidden = !box.children.length;
  const isWrong = box.querySelector(".err") !== null;
  const isAsking = box.querySelector("b, [data-about]") !== null;
  for (const each of [line, row]) {
    each.classList.toggle("is-error", isWrong);
    each.classList.toggle("is-warn", !isWrong && isAsking);
  }
}

/**
 * Put one paragraph for the cell in its row's message, in place of the one before.
 * `how`: wrong (refused), asks (waits for an answer), away (not saved yet); nothing: no message.
 */
function tell(cell, how = "", ...said) {
  const line = lineOf(cell);
  cell.dataset.save = how;
  if (how === "wrong") cell.setAttribute("aria-invalid", "true");
  else cell.removeAttribute("aria-invalid");
  boxOf(line).querySelector(`[data-about="${cell.dataset.field}"]`)?.remove();
  if (said.length) {
    const about = paragraph(...said);
    about.dataset.about = cell.dataset.field;
    about.dataset.said = said.find((each) => typeof each === "string" && each.trim());
    about.classList.toggle("err", how === "wrong");
    boxOf(line).append(about);
  }
  frame(line);
  summarise();
}

/** All cells that are not saved, each with a link: below the table, where no row moves for it. */
function summarise() {
  const summary = document.getElementById("unsaved");
  if (!summary) return;
  const cells = [...sheet.querySelectorAll('[data-save="wrong"], [data-save="asks"], [data-save="away"]')];
  const items = cells.map((cell) => {
    const line = lineOf(cell);
    const about = boxOf(line).querySelector(`[data-about="${cell.dataset.field}"]`);
    const item = document.createElement("li");
    const label = document.getElementById(`l-${line.dataset.key}`).textContent;
    item.append(link(label, `#${cell.id}`), say("colon"), about.dataset.said);
    return item;
  });
  summary.querySelector("ul").replaceChildren(...items);
  summary.hidden = !items.length;
  const pointer = document.querySelector("[data-unsaved]");
  pointer.textContent = say("count_unsaved", { n: items.length });
  pointer.hidden = !items.length;
}

/** What was typed where nothing can be typed any more: in sight until it is put away. */
function tellLost(line, text, message, putAway) {
  const away = button(say("discard"), () => {
    putAway();
    about.remove();
    frame(line);
  });
  const about = paragraph(strong(message), " ", say("typed", { text }), " ", away);
  about.dataset.about = "lost";
  boxOf(line).append(about);
  frame(line);
}

function paragraph(...said) {
  const made = document.createElement("p");
  made.append(...said);
  return made;
}

function strong(text) {
  const made = document.createElement("b");
  made.textContent = text;
  return made;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function link(text, address, act = null) {
  const made = document.createElement("a");
  made.href = address;
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}
