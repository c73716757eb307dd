// The opinion sheet as a file of its own: keeps what is typed, and saves it to be sent.
//
// It is put into the file by reviews/sheet_file.py; no page of the product loads it. It asks no
// host for anything. What is typed stands in three places: the fields, this browser (where it can
// keep something) and <script id="answers">, so that a browser's own "save page" takes it along.
"use strict";

(() => {
  const answers = document.getElementById("answers");
  const words = JSON.parse(document.getElementById("words").textContent);
  const issued = JSON.parse(answers.textContent);
  const key = `ayumi-opinion-sheet ${issued.reference}`;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  let unsaved = false;
  let keeps = true;

  // A name for a comment that no other tablet gives to another.
  function fresh() {
    const bytes = new Uint8Array(12);
    crypto.getRandomValues(bytes);
    return `u-${[...bytes].map((each) => each.toString(16).padStart(2, "0")).join("")}`;
  }

  // ── the fields ──

  const fields = () => all(".os-comment");
  const area = (field) => field.querySelector("textarea");
  const about = (field) => field.closest(".os-fields").dataset.about;
  const kindOf = (field) => field.querySelector("input:checked")?.value ?? "";

  function number(group) {
    all(".os-comment", group).forEach((field, at) => {
      const name = fill(words.comment, { number: at + 1 });
      field.querySelector("legend").textContent = name;
      area(field).setAttribute("aria-label", name);
      for (const input of all("input", field)) input.name = `k-${group.dataset.about}-${at}`;
    });
  }

  function add(group, given = { slot: fresh(), kind: "", text: "" }) {
    const field = document.getElementById("comment").content.firstElementChild.cloneNode(true);
    const last = all(".os-comment", group).at(-1);
    field.dataset.slot = given.slot;
    last.after(field);
    number(group);
    put(field, given);
    return field;
  }

  function put(field, given) {
    area(field).value = given.text;
    for (const input of all("input", field)) input.checked = input.value === given.kind;
  }

  // ── what was written, as it is kept and sent ──

  function collect() {
    const comments = [];
    for (const field of fields()) {
      const slot = field.dataset.slot;
      const text = area(field).value;
      if (slot.startsWith("#") || text.trim()) {
        comments.push({ slot, about: about(field), kind: kindOf(field), text });
      }
    }
    const grades = {};
    for (const choice of all("[data-grade]")) {
      if (choice.value) grades[choice.dataset.grade] = choice.value;
    }
    return { ...issued, saved_at: new Date().toISOString(), comments, grades };
  }

  function restore(held, { beside = false } = {}) {
    let count = 0;
    for (const given of held.comments) {
      const group = all(".os-fields").find((each) => each.dataset.about === given.about);
      if (!group) continue;
      const here = fields().find((each) => each.dataset.slot === given.slot);
      if (here && (!beside || !area(here).value.trim() || area(here).value === given.text)) {
        put(here, given);
      } else if (!given.text.trim()) {
        continue;
      } else {
        const empty = all(".os-comment", group).find(
          (each) => !each.dataset.slot.startsWith("#") && !area(each).value.trim(),
        );
        const slot = here ? fresh() : given.slot;
        if (empty) {
          empty.dataset.slot = slot;
          put(empty, given);
        } else {
          add(group, { ...given, slot });
        }
      }
      count += 1;
    }
    for (const choice of all("[data-grade]")) {
      const mark = held.grades?.[choice.dataset.grade];
      if (mark && !(beside && choice.value)) choice.value = mark;
    }
    return count;
  }

  function keep() {
    const text = JSON.stringify(collect());
    answers.textContent = text.replaceAll("<", "\\u003c");
    try {
      localStorage.setItem(key, text);
      keeps = true;
    } catch {
      keeps = false;
    }
    const time = new Date().toLocaleTimeString(document.documentElement.lang, {
      hour: "numeric",
      minute: "2-digit",
    });
    for (const place of all("[data-kept]")) {
      place.textContent = keeps ? fill(words.kept, { time }) : words.not_kept;
    }
    count();
  }

  function count() {
    const written = fields().filter((field) => area(field).value.trim());
    for (const place of all("[data-count]")) {
      const here = written.filter((field) => about(field) === place.dataset.count).length;
      place.textContent = here ? fill(words.count, { count: here }) : "";
    }
    for (const place of all("[data-total]")) {
      place.textContent = fill(words.count, { count: written.length });
    }
    document.getElementById("plain").value = plain();
    return written;
  }

  // The same in words, for a letter.
  function plain() {
    const lines = [words.head, ""];
    for (const group of all(".os-fields")) {
      const written = all(".os-comment", group).filter((field) => area(field).value.trim());
      const grade = group.querySelector("[data-grade]")?.value;
      if (!written.length && !grade) continue;
      lines.push(group.dataset.title);
      if (grade) lines.push(`${words.grade} ${grade}`);
      for (const field of written) {
        const chosen = field.querySelector("input:checked");
        const kind = chosen ? chosen.nextElementSibling.firstChild.textContent : "—";
        lines.push(`［${kind}］ ${area(field).value}`);
      }
      lines.push("");
    }
    return lines.join("\n");
  }

  function tell(text) {
    for (const place of all("[data-told]")) place.textContent = text;
  }

  // ── typing ──

  let waiting = 0;
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".os-comment");
    if (field) {
      // An empty field gets a name of its own, so that two tablets never share one.
      if (!/^(#|u-)/.test(field.dataset.slot)) field.dataset.slot = fresh();
      if (kindOf(field) || !area(field).value.trim()) mend(field, "");
    } else if (!event.target.matches("[data-grade]")) {
      return;
    }
    unsaved = true;
    clearTimeout(waiting);
    waiting = setTimeout(keep, 400);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "textsize") {
      try {
        localStorage.setItem("ayumi-textsize", event.target.value);
      } catch {
        // It is only as large as chosen on this page, then.
      }
    }
  });
  window.addEventListener("pagehide", () => unsaved && keep());
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && !keeps) event.preventDefault();
  });

  function mend(field, text) {
    const place = field.querySelector(".err");
    place.textContent = text;
    place.hidden = !text;
    const radios = field.querySelector(".os-kinds");
    if (text) radios.setAttribute("aria-invalid", "true");
    else radios.removeAttribute("aria-invalid");
  }

  for (const button of all("[data-add]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = add(button.closest(".os-fields"));
      field.querySelector("input").focus();
    });
  }

  // ── sending ──

  const save = document.querySelector("[data-save]");
  save.hidden = false;
  save.addEventListener("click", () => {
    const without = count().filter((field) => !kindOf(field));
    for (const field of without) mend(field, words.no_kind);
    if (without.length) {
      tell(fill(words.mend, { count: without.length }));
      without[0].querySelector("input").focus();
      return;
    }
    const held = collect();
    if (!held.comments.length && !Object.keys(held.grades).length) {
      tell(words.nothing);
      return;
    }
    keep();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(
      new Blob([JSON.stringify(held, null, 1)], { type: "application/json" }),
    );
    link.download = words.file;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    unsaved = false;
    tell(fill(words.saved, { file: words.file }));
  });

  document.getElementById("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      const held = JSON.parse(await file.text());
      if (held.format !== issued.format || !Array.isArray(held.comments)) throw new Error();
      const same = (reference) => String(reference).split("-").slice(0, -1).join("-");
      if (same(held.reference) !== same(issued.reference)) {
        tell(words.other);
      } else {
        const read = restore(held, { beside: true });
        unsaved = true;
        keep();
        tell(fill(words.loaded, { count: read }));
      }
    } catch {
      tell(words.unreadable);
    }
    event.target.value = "";
  });

  const copy = document.querySelector("[data-copy]");
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    keep();
    const text = document.getElementById("plain");
    text.focus();
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      tell(words.copied);
    } catch {
      tell(words.select);
    }
  });
  const paper = document.querySelector("[data-paper]");
  paper.hidden = false;
  paper.addEventListener("click", () => window.print());
  document.querySelector("[data-foot]").hidden = false;

  // ── begin with what was typed last: here, or in the file itself ──

  for (const group of all(".os-fields")) number(group);
  let held = issued;
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    if (kept && kept.saved_at > issued.saved_at) held = kept;
    const size = localStorage.getItem("ayumi-textsize");
    if (size) document.getElementById(`text-${size}`).checked = true;
    localStorage.setItem(`${key} ?`, "");
    localStorage.removeItem(`${key} ?`);
  } catch {
    keeps = false;
  }
  restore(held);
  count();
  if (!keeps) {
    for (const place of all("[data-kept]")) place.textContent = words.not_kept;
  }
})();
