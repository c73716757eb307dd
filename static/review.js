// A comment is saved while it is typed, as a draft: sending it stays the member's own act.
//
// Without this script the page is a plain form, and works. What cannot be saved yet stays in the
// field and in this browser's storage, for this person and this round alone, until the server has
// it; what was typed on another page of the round is saved from there, too.
"use strict";

const told = document.getElementById("review");
const words = {};
for (const each of document.getElementById("review-words").content.children) {
  words[each.dataset.word] = each.textContent;
}
const say = (word) => words[word];

const drawer = new Drawer(`ayumi-review:${told.dataset.drawer}`);
const form = document.getElementById("comment");
const field = form?.elements.text;
const out = document.getElementById("text-said");
const above = document.getElementById("review-said");
const SOON = 1_500; // after the last letter
const AT_LAST = 10_000; // after the first that is not saved

// ── Small pieces of page ──────────────────────────────────────────────────────────────────────

function made(tag, attributes, ...inside) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...inside);
  return element;
}
const button = (text, press) =>
  made("button", { type: "button", className: "btn", onclick: press }, text);
const link = (text, href) => made("a", { href, className: "tap" }, text);
const asTyped = (text) => made("div", { className: "asis" }, text || say("empty"));

/** What has become of the text; the same words are not said twice. */
function tell(how, ...what) {
  out.dataset.save = how;
  const now = made("div", {}, ...what);
  if (now.textContent !== out.textContent || what.length > 1) out.replaceChildren(...now.childNodes);
}

// ── The comment in the form ───────────────────────────────────────────────────────────────────

const typed = () => ({ kind: form.elements.kind.value, text: field.value });
const same = (one, other) => one.kind === other.kind && one.text === other.text;
/** What the server keeps, as far as we were told. */
let stands = form && typed();
/** Texts that were on their way when the network went: the server may have one of them. */
let lost = [];
let isHeld = false; // a person has to look at it first
let since = 0;
let timer = 0;
let retry = 0;
let pause = 0;
let running = null;

const isEdited = () => !same(typed(), stands);

function known() {
  const { comment, client_key, version } = form.elements;
  return { comment: comment.value, client_key: client_key.value, version: version.value };
}

function learn({ comment, client_key, version }) {
  if (comment === undefined) return;
  form.elements.comment.value = comment;
  form.elements.client_key.value = client_key;
  form.elements.version.value = version;
}

function choose({ kind, text }) {
  field.value = text;
  for (const each of form.elements.kind) each.checked = each.value === kind;
}

const { subject, key } = form?.dataset ?? {};
/** What the drawer calls it: the mark of the comment, or its id where it has none. */
const nameOf = (entry) =>
  `${entry.subject}/${entry.key}#${entry.client_key || entry.comment}`;

function keep() {
  const entry = { subject, key, ...known(), ...typed(), lost };
  // Here the server has something else: it has to ask again, wherever this comes back.
  if ("asks" in form.dataset) entry.version = 0;
  drawer.put(nameOf(entry), entry);
}

const forget = () => drawer.forget(nameOf({ subject, key, ...known() }));

function typing() {
  if (!isEdited() && !running) {
    forget();
    return;
  }
  keep();
  if ("asks" in form.dataset) return;
  if (!isHeld && out.dataset.save !== "away") out.dataset.save = "typing";
  since ||= Date.now();
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(SOON, since + AT_LAST - Date.now())));
}

/** Save what is typed; the promise says whether the server has all of it. */
function save() {
  running ??= drain().finally(() => {
    running = null;
  });
  return running;
}

async function drain() {
  clearTimeout(timer);
  clearTimeout(retry);
  while (isEdited()) {
    if (isHeld) return false;
    const now = typed();
    since = 0;
    keep();
    const slow = setTimeout(() => tell("saving", say("saving")), 700);
    const answer = await ask(form.dataset.save, {
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      subject,
      key,
      ...known(),
      ...now,
    });
    clearTimeout(slow);
    if (isAway(answer)) {
      lost = [...lost, now.text].slice(-3);
      keep();
      stayAway(answer);
      return false;
    }
    pause = 0;
    if (!hear(now, answer)) return false;
  }
  return true;
}

function stayAway({ status, message, login }) {
  tell("away", ...(status === 401 ? [message, " ", link(say("login"), login)] : [say("away")]));
  pause = Math.min(60, pause * 2 || 2);
  if (status !== 401) retry = setTimeout(save, pause * 1000);
}

/** What the server says; whether saving may go on. */
function hear(now, answer) {
  const { ok, said, theirs, closed, message } = answer;
  if (ok) {
    const before = nameOf({ subject, key, ...known() });
    learn(answer);
    stands = now;
    lost = [];
    if (isEdited()) keep();
    else drawer.forget(before);
    tell("saved", said);
    return true;
  }
  if (theirs && lost.includes(theirs.text)) {
    // It had arrived after all: only its answer was lost.
    learn(theirs);
    stands = { kind: theirs.kind, text: theirs.text };
    return true;
  }
  isHeld = true;
  if (closed) {
    shut(message);
  } else if (theirs) {
    const text = theirs.text;
    tell("asks", made("strong", {}, message), ...both(theirs, text, now.text));
  } else if (answer.status === 422) {
    tell("wrong", message);
  } else {
    tell("wrong", message || say("failed"), " ", link(say("reload"), location.href));
  }
  return false;
}

/** Two windows of one person: both texts, and a choice. */
function both(theirs, text, mine) {
  const takeTheirs = () => {
    choose(theirs);
    settle();
    forget();
    learn(theirs);
    stands = typed();
    tell("saved", "");
    field.focus();
  };
  const takeMine = () => {
    settle();
    forget();
    learn(theirs);
    stands = { kind: theirs.kind, text };
    keep();
    save();
    field.focus();
  };
  return [
    made("h3", {}, say("theirs_head")),
    asTyped(text),
    made("h3", {}, say("mine_head")),
    asTyped(mine),
    made(
      "p",
      { className: "row" },
      button(say("use_theirs"), takeTheirs),
      button(say("use_mine"), takeMine),
    ),
  ];
}

function settle() {
  isHeld = false;
  lost = [];
}

/** The round is over: the server keeps the text as late, and nothing more is typed. */
function shut(message) {
  forget();
  stands = typed();
  field.readOnly = true;
  for (const each of form.elements) {
    if (each.type === "radio" || each.type === "submit") each.disabled = true;
  }
  for (const each of document.querySelectorAll('[form="comment"]')) each.disabled = true;
  tell("closed", made("strong", {}, message));
}

// ── Coming and going ──────────────────────────────────────────────────────────────────────────

if (form) {
  // A browser that brings a page back fills in what stood there then, over what the server says.
  form.reset();
  stands = typed();
  if (form.dataset.unsaved) stands = { kind: null, text: null };

  form.addEventListener("input", ({ target }) => {
    if (target.name !== "text" && target.name !== "kind") return;
    // Too long, or refused: what is changed may pass. A choice between two texts stays one.
    if (isHeld && out.dataset.save === "wrong") isHeld = false;
    typing();
  });
  field.addEventListener("blur", () => {
    if (isEdited() && !("asks" in form.dataset)) save();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && isEdited() && !("asks" in form.dataset)) save();
  });
  window.addEventListener("online", save);

  /** What is typed is saved first, so that a press never loses it. */
  let isReady = false;
  form.addEventListener("submit", async (event) => {
    if (isReady || "asks" in form.dataset || (!isEdited() && !running)) return;
    event.preventDefault();
    const pressed = event.submitter;
    if (await save()) {
      isReady = true;
      // Not before this event is over: until then a form does not submit again.
      setTimeout(() => form.requestSubmit(pressed));
      return;
    }
    if (out.dataset.save === "away" && pressed?.value === "send" && !out.querySelector("a")) {
      tell("away", say("away_send"));
    }
    out.scrollIntoView({ block: "center" });
  });

  window.addEventListener("beforeunload", (event) => {
    if (!isEdited() || drawer.works) return;
    event.preventDefault();
    event.returnValue = true; // older browsers
  });
}
window.addEventListener("pageshow", (event) => {
  // Brought back by the back button, a page may be old: what it shows is asked for again.
  if (event.persisted) location.reload();
});

/** What the drawer holds: of this page back into the field, of others to the server from here. */
async function restore() {
  let isTaken = Boolean(form && "asks" in form.dataset);
  const others = [];
  for (const [name, entry] of drawer.entries()) {
    if (typeof entry?.text !== "string" || name !== nameOf(entry)) {
      drawer.forget(name);
    } else if (form && !isTaken && entry.subject === subject && entry.key === key) {
      isTaken = true;
      lost = Array.isArray(entry.lost) ? entry.lost : [];
      if (same(entry, stands)) {
        drawer.forget(name);
        continue;
      }
      const isSameComment = String(entry.comment) === known().comment;
      const isNew = !entry.comment && entry.client_key === known().client_key;
      learn(entry);
      choose(entry);
      if (!isSameComment && !isNew) stands = { kind: null, text: null };
      tell("typing", say("restored"));
      save();
    } else if (!(form && entry.subject === subject && entry.key === key)) {
      others.push([name, entry]);
    }
  }
  await saveElsewhere(others);
}

/** What was typed on other pages, one after the other; what cannot be saved yet is tried again. */
async function saveElsewhere(others, seconds = 2) {
  const waiting = [];
  for (const [name, entry] of others) {
    if (!(await saveOne(name, entry))) waiting.push([name, entry]);
  }
  const later = Math.min(60, seconds * 2);
  if (waiting.length) setTimeout(() => saveElsewhere(waiting, later), seconds * 1000);
}

/** Whether the server has answered of it. */
async function saveOne(name, { lost: _lost, ...entry }) {
  const answer = await ask(told.dataset.save, {
    csrfmiddlewaretoken: document.querySelector('[name="csrfmiddlewaretoken"]').value,
    ...entry,
  });
  if (answer.ok) {
    drawer.forget(name);
  } else if (answer.closed) {
    drawer.forget(name);
    above.append(made("p", {}, made("strong", {}, answer.message)), asTyped(entry.text));
  } else if (isAway(answer)) {
    return answer.status === 401; // after the log-in this page comes anew
  } else {
    const page = { project: `projects/${entry.key}/`, pillar: `pillars/${entry.key}/` };
    const address = told.dataset.round + (page[entry.subject] ?? "whole/");
    above.append(
      made("p", {}, say("elsewhere"), " ", link(say("open_it"), address)),
      asTyped(entry.text),
    );
  }
  return true;
}

restore();
