"""Thirty people of a ward at their sheets at once, each saving a cell a second, as at a due date.

Each has an own connection and an own target, types on what the last answer showed, and never waits
for the others. A figure counts as lost where it was accepted and the history or what is stored
does not have it.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from statistics import quantiles
from urllib.parse import urlencode

PEOPLE = 30
TOKEN = "t" * 32


@dataclass
class Saves:
    """One person's: what was accepted, in order, and how long each answer took."""

    key: str
    accepted: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def work(
    port: int, session: str, key: str, url: str, row: dict[str, str], first: float, seconds: int
) -> Saves:
    """Save a new figure in one cell once a second, from the moment `first` on."""
    saves = Saves(key)
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Accept": "application/json",
        "Accept-Language": "ja",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
    }
    for turn in range(seconds):
        time.sleep(max(0.0, first + turn - time.monotonic()))
        figure = str(1 + turn % 90 + (row["figure"] == str(1 + turn % 90)))
        typed = {
            "field": "figure",
            "text": figure,
            "was": row["figure"],
            "version": row["version"],
        }
        started = time.perf_counter()
        try:
            line.request("POST", url, urlencode(typed), headers)
            answer = line.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            saves.errors.append(repr(error))
            line.close()
            continue
        saves.milliseconds.append((time.perf_counter() - started) * 1000)
        if answer.status == 200:
            row = json.loads(text)["row"]
            saves.accepted.append(figure)
        else:
            saves.errors.append(f"{answer.status} {text[:200].decode(errors='replace')}")
    line.close()
    return saves


def gather(
    port: int, sessions: list[str], cells: dict[str, str], fields: dict[str, str], seconds: int
) -> list[Saves]:
    """`cells` are addresses by target; `fields` are those of the sheet as it stands."""
    begin = time.monotonic() + 0.5
    with ThreadPoolExecutor(len(sessions)) as everybody:
        working = []
        for number, (session, (key, url)) in enumerate(zip(sessions, cells.items(), strict=False)):
            row = {"figure": fields[f"{key}.figure"], "version": fields[f"{key}.version"]}
            first = begin + number / len(sessions)
            working.append(everybody.submit(work, port, session, key, url, row, first, seconds))
        return [each.result() for each in working]


def lost(saves: list[Saves], kept: dict[str, dict]) -> int:
    """How many accepted figures the history does not have in their order, or that do not stand."""
    missing = 0
    for each in saves:
        told = [new for _old, new in kept[each.key]["told"]][-len(each.accepted) :]
        missing += sum(a != b for a, b in zip(each.accepted, told, strict=False))
        missing += len(each.accepted) - len(told)
        missing += bool(each.accepted) and kept[each.key]["stands"] != each.accepted[-1]
        pairs = kept[each.key]["told"]
        missing += sum(a[1] != b[0] for a, b in pairwise(pairs))
    return missing


def report(saves: list[Saves], kept: dict[str, dict], save: float, limit: float) -> bool:
    """Print what became of it; whether nothing failed, nothing is lost, and p95 is in bounds."""
    times = [each for one in saves for each in one.milliseconds]
    errors = [each for one in saves for each in one.errors]
    accepted = sum(len(one.accepted) for one in saves)
    gone = lost(saves, kept)
    p95 = quantiles(times, n=20)[-1] if len(times) > 1 else 0.0
    held = not errors and not gone and p95 <= limit * save
    print(
        f"crowd: {len(saves)} people, {accepted} cells saved, {len(errors)} errors, {gone} lost, "
        f"p95 {p95:.1f} ms = {p95 / save:.1f} x a cell alone "
        f"{'<=' if p95 <= limit * save else '>'} {limit:g}{'' if held else ' !'}"
    )
    for error in errors[:3]:
        print(f"  {error}")
    return held
