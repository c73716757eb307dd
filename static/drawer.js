// What somebody typed and the server does not have yet: in this browser's storage, for one person
// and one place alone. And how a script asks the server. For static/sheet.js and static/review.js.
"use strict";

class Drawer {
  works = true; // a private window may refuse it

  /** `name` says whose it is and where: another person's drawer is another one. */
  constructor(name) {
    this.name = name;
  }

  entries() {
    try {
      return Object.entries(JSON.parse(localStorage.getItem(this.name)) ?? {});
    } catch {
      return [];
    }
  }

  put(name, what) {
    try {
      // Another window may have put something there since: only what is named changes.
      const all = { ...Object.fromEntries(this.entries()), [name]: what };
      if (!what) delete all[name];
      if (Object.keys(all).length) localStorage.setItem(this.name, JSON.stringify(all));
      else localStorage.removeItem(this.name);
      this.works = true;
    } catch {
      this.works = false;
    }
  }

  forget(name) {
    this.put(name, null);
  }
}

/** Values to the server: its answer with the status, which is 0 where none came. */
async function ask(address, values) {
  try {
    const response = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(values),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(20_000),
    });
    const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
    return { ...(isOurs ? await response.json() : {}), status: response.status };
  } catch {
    return { status: 0 };
  }
}

/** Whether everything has to wait: the network, the server or the session is away. */
const isAway = ({ status }) => !status || status === 401 || status >= 500;
