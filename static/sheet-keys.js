// The sheet, third part: keys and pasting, as in a spreadsheet.
//
// Tab is the browser's own, so that everything on the page is reached. The cells stay ordinary
// inputs with labels; a screen reader in its forms mode hands over the same keys.
"use strict";

// ── Keys ──────────────────────────────────────────────────────────────────────────────────────

sheet.addEventListener("focusin", ({ target }) => {
  if (!target.matches(CELL)) return;
  before = target.value;
  target.select?.();
});

/** The next cell up or down in the column, past rows that have none; null at the edge. */
function below(cell, step) {
  const all = lines();
  for (let at = all.indexOf(lineOf(cell)) + step; all[at]; at += step) {
    const found = inLine(all[at], cell.dataset.field);
    if (found) return found;
  }
  return null;
}

function beside(cell, step) {
  const all = [...lineOf(cell).querySelectorAll(CELL)];
  return all[all.indexOf(cell) + step] ?? null;
}

/** Whether an arrow has nowhere to go inside the text: all of it is selected, or its edge. */
function atEdge(cell, step) {
  if (isSelect(cell)) return true;
  const { selectionStart: start, selectionEnd: end, value } = cell;
  if (start === 0 && end === value.length) return true;
  return start === end && start === (step < 0 ? 0 : value.length);
}

/** Whether the text has more lines above (-1) or below (1) the one that is being edited. */
function hasMoreLines(cell, step) {
  if (cell.tagName !== "TEXTAREA") return false;
  const { selectionStart: start, selectionEnd: end, value } = cell;
  if (start === 0 && end === value.length) return false;
  return (step < 0 ? value.slice(0, start) : value.slice(end)).includes("\n");
}

/** Where a key leads: a cell, null (nowhere), or undefined where the key is the browser's. */
function leadsTo(cell, { key, shiftKey, ctrlKey, altKey, metaKey }) {
  if (altKey || metaKey) return undefined;
  if (ctrlKey) {
    const all = [...sheet.querySelectorAll(CELL)];
    return { Home: all[0], End: all.at(-1) }[key];
  }
  if (key === "Enter") return below(cell, shiftKey ? -1 : 1);
  if (shiftKey) return undefined;
  if (key === "ArrowUp" && !hasMoreLines(cell, -1)) return below(cell, -1);
  if (key === "ArrowDown" && !hasMoreLines(cell, 1)) return below(cell, 1);
  if (key === "ArrowLeft" && atEdge(cell, -1)) return beside(cell, -1);
  if (key === "ArrowRight" && atEdge(cell, 1)) return beside(cell, 1);
  return undefined;
}

const HAS_OPEN = CSS.supports("selector(:open)");

sheet.addEventListener("keydown", (event) => {
  const cell = event.target;
  // An Enter that ends a kana conversion belongs to the conversion, as do its arrows.
  if (!cell.matches(CELL) || event.isComposing || event.keyCode === 229) return;
  if (isSelect(cell) && HAS_OPEN && cell.matches(":open")) return;
  const digit = event.altKey && !event.ctrlKey && /^Digit([123])$/.exec(event.code);
  if (digit) {
    takeOver(lineOf(cell), digit[1]);
  } else if (event.key === "Escape" && cell.value !== before) {
    cell.value = before;
    cell.select?.();
  } else if (event.key === "F2" && !isSelect(cell)) {
    cell.setSelectionRange(cell.value.length, cell.value.length);
  } else if (event.key === "Enter" && event.altKey && cell.tagName === "TEXTAREA") {
    cell.setRangeText("\n", cell.selectionStart, cell.selectionEnd, "end");
  } else if (event.key.toLowerCase() === "z" && event.ctrlKey && justPasted) {
    undoPaste();
  } else {
    const to = leadsTo(cell, event);
    if (to === undefined) return;
    if (to) to.focus();
    else stay(cell);
  }
  event.preventDefault();
});

/** At the edge of the sheet: the cell is done with, as if it had been left and come back to. */
function stay(cell) {
  leave(cell);
  before = cell.value;
  cell.select?.();
}

/** Alt+1, 2, 3: the figure of the period before, of last year, the note of the period before. */
function takeOver(line, which) {
  const text = {
    1: line.querySelector("[data-before]")?.dataset.before,
    2: line.querySelector("[data-last-year]")?.dataset.lastYear,
    3: line.dataset.beforeNote,
  }[which];
  const cell = inLine(line, which === "3" ? "note" : "figure");
  if (!cell || !text || (isSelect(cell) && !optionOf(cell, text))) {
    announce(say("nothing"));
    return;
  }
  cell.focus();
  cell.value = text;
  cell.select?.();
}

// ── Pasting a block ───────────────────────────────────────────────────────────────────────────

const pasteNote = document.getElementById("paste-note");
const undoButton = pasteNote.querySelector("button");
let pasted = new Map(); // cell → what stood there before the last paste
let justPasted = false;

/** Rows and cells of what a spreadsheet put on the clipboard; quoted cells may hold breaks. */
function readBlock(text) {
  const piece = /(?:"([^"]*(?:""[^"]*)*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/y;
  const rows = [[]];
  while (piece.lastIndex < text.length) {
    const [, quoted, plain, end] = piece.exec(text);
    // Only cells with a break, a tab or a quotation mark are quoted: "abc" is itself.
    const isQuoted = quoted !== undefined && /[\t\r\n]|""/.test(quoted);
    const cell = isQuoted ? quoted.replaceAll('""', '"') : (plain ?? `"${quoted}"`);
    rows.at(-1).push(cell);
    if (end !== "\t" && piece.lastIndex < text.length) rows.push([]);
    else if (end === "\t" && piece.lastIndex === text.length) rows.at(-1).push("");
  }
  return rows;
}

sheet.addEventListener("paste", (event) => {
  const cell = event.target;
  if (!cell.matches(CELL)) return;
  const text = event.clipboardData.getData("text/plain");
  const hasTable = event.clipboardData.getData("text/html").includes("<table");
  // Lines that come out of a letter belong into the one note; those of a table do not.
  const isProse = cell.dataset.field === "note" && !hasTable && !text.includes("\t");
  const isBlock = /[\t\r\n]/.test(text.replace(/\r?\n$/, ""));
  if (!isSelect(cell) && (!isBlock || isProse)) return;
  event.preventDefault();
  pasteBlock(cell, readBlock(text));
});

function pasteBlock(start, rows) {
  const columns = start.dataset.field === "note" ? ["note"] : [start.dataset.field, "note"];
  const below = lines().slice(lines().indexOf(lineOf(start)));
  const width = Math.max(...rows.map((row) => row.length));
  let filled = 0;
  let passed = 0;
  pasted = new Map();
  for (const [at, row] of rows.slice(0, below.length).entries()) {
    const line = below[at];
    if (!line.querySelector(CELL)) passed += 1;
    for (const [column, text] of row.slice(0, columns.length).entries()) {
      // The total so far of a target that does not add up is its figure.
      const name = columns[column];
      const cell = inLine(line, name) ?? (name === "total" ? inLine(line, "figure") : null);
      if (cell && fill(line, cell, text)) filled += 1;
    }
  }
  justPasted = pasted.size > 0;
  const told = [say("pasted", { n: filled })];
  if (passed) told.push(say("passed", { n: passed }));
  if (rows.length > below.length) told.push(say("rows", { n: rows.length - below.length }));
  if (width > columns.length) told.push(say("columns", { n: width - columns.length }));
  report(told.join(" "), justPasted);
  for (const cell of pasted.keys()) leave(cell);
}

function fill(line, cell, text) {
  const option = isSelect(cell) ? optionOf(cell, text) : null;
  if (isSelect(cell) && !option) {
    const options = [...cell.options].map((each) => each.text).join(" / ");
    tell(cell, "wrong", say("no_option", { text, options }));
    return false;
  }
  // A total becomes the period's figure, and a figure may bring its kind: these go back together.
  for (const name of cell.dataset.field === "note" ? ["note"] : ["figure", "kind"]) {
    const each = inLine(line, name);
    if (each && !pasted.has(each)) pasted.set(each, each.value);
  }
  if (!pasted.has(cell)) pasted.set(cell, null);
  const breaks = cell.tagName === "TEXTAREA" ? "\n" : " ";
  cell.value = option ? option.value : text.replace(/\s*[\r\n]+\s*/g, breaks).trim();
  return true;
}

/** One step back: what stood there is put back, and saved as if it had been typed. */
async function undoPaste() {
  const undone = pasted;
  pasted = new Map();
  justPasted = false;
  report(say("undone"), false);
  const drop = (cell) => {
    if (!isEdited(cell) || cell === sending) return;
    cell.value = cell.dataset.was;
    settle(cell);
  };
  for (const cell of undone.keys()) drop(cell);
  await run(); // one of them may be on its way
  for (const cell of undone.keys()) drop(cell);
  for (const [cell, text] of undone) {
    if (text === null) continue;
    cell.value = text;
    leave(cell, text);
  }
}

/** What became of a block stays in sight while its cells are saved one by one. */
function report(text, canUndo) {
  pasteNote.querySelector("[data-pasted]").textContent = text;
  undoButton.hidden = !canUndo;
}

undoButton.addEventListener("click", async () => {
  const [start] = pasted.keys();
  await undoPaste();
  if (document.activeElement === document.body) start?.focus(); // the button is gone
});
sheet.addEventListener("input", ({ target }) => {
  justPasted = false;
  pasted.delete(target);
  if (target.dataset.save === "saved") target.dataset.save = "";
});
