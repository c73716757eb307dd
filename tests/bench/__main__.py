"""`make bench`: what the pages cost beside an empty one, on SQLite and on PostgreSQL.

The server is the one of production (config/gunicorn.py, DEBUG off), the policy one of 35
projects and 85 targets with both halves filled, the empty page a view behind the whole
middleware for the same person. One connection asks for one page after the other, so that a
busy moment of the machine meets all of them, and medians are compared. Saving is the POST
that stores another figure each time. SQL counts everything but the transaction's own
BEGIN and COMMIT; KB is what was sent, compressed, with styles, script and icon. The sheet is one
of 40 targets with the year before beside them; leaving a cell of it is its POST, and it comes back
filled as an Excel file, which is read, checked and shown. Of a round of 34 projects, seven members
and sixty comments a member opens a project, the secretariat the list, and the booklet is made as a
PDF, a few times only. Last comes the crowd
(tests/bench/crowd.py), whose saves are compared with those of one who is alone.

    make bench                  60 rounds, and a crowd for 60 seconds
    make bench N=200            more of them
    make bench CROWD=5          a shorter crowd; 0: none
"""

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from tests.bench import crowd
from tests.bench.browser import Browser
from tests.bench.filling import fill
from tests.postgres import NoPostgreSQL, server

PROJECT = Path(__file__).resolve().parents[2]
PASSWORD = "only-for-the-bench-0123456789"
WARM_UP = 8
#: How often the booklet is made, and how large it may be.
BOOKLETS, BOOKLET_KILOBYTES = 7, 3 * 1024
#: How many times one cell alone a cell in the crowd may take, at the 95th percentile.
CROWDED = 20


@dataclass(frozen=True)
class Limits:
    ratio: float | None = None
    statements: int = 12
    kilobytes: int | None = 60
    requests: int | None = 6


LIMITS = {
    "hello": Limits(None, 99, None, None),
    "dashboard": Limits(10),
    "project": Limits(5),
    "target list": Limits(),
    "entry form": Limits(),
    "saving": Limits(4, 12, None, None),
    "sheet": Limits(8, requests=8),  # with scripts of its own, which a browser keeps
    "cell": Limits(4, 12, None, None),
    "upload preview": Limits(40, 12, None, None),
    "member's page": Limits(6, requests=7),
    "comment list": Limits(8),
    "booklet": Limits(400, 15, BOOKLET_KILOBYTES, None),
}


@dataclass
class Measured:
    milliseconds: list[float] = field(default_factory=list)
    statements: int = 0
    kilobytes: float = 0
    requests: int = 1

    @property
    def median(self) -> float:
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        return quantiles(self.milliseconds, n=20)[-1]


def environment(folder: str, database_url: str) -> dict[str, str]:
    """Production, but for certificates: nobody else's settings reach in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "BENCH_FOLDER": folder,
        "AYUMI_ENV_FILE": os.devnull,
        "SECRET_KEY": "only-for-the-bench-" * 4,
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "off",
        "DATABASE_URL": database_url,
    }


@contextmanager
def serving(variables: dict[str, str]) -> Iterator[int]:
    """gunicorn on a free port; gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"],
        cwd=PROJECT,
        env=variables | {"PORT": str(port)},
    )
    try:
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None:
                    sys.exit("bench: gunicorn did not start.")
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def measure(name: str, database_url: str, folder: str, rounds: int, seconds: int) -> bool:
    """Fill a database, serve it, ask, print the table; give whether every limit holds.

    `seconds` is how long the crowd stays.
    """
    variables = environment(folder, database_url)
    urls = dict(line.split("\t") for line in run("prepare", variables, PASSWORD).splitlines())
    manager, staff = urls.pop("manager"), urls.pop("staff")
    member, chair, booklet = urls.pop("member"), urls.pop("chair"), urls.pop("booklet")
    entries = urls.pop("entries").split()
    cells = addresses(urls.pop("cells"))
    to_fill, upload = urls.pop("to fill"), urls.pop("upload")
    sessions, crowded = urls.pop("crowd").split(), urls.pop("crowded sheet")
    crowded_cells = addresses(urls.pop("crowded cells"))
    with serving(variables) as port:
        browser = Browser(port)
        reader = browser.log_in(manager, PASSWORD)
        writer = browser.log_in(staff, PASSWORD)
        at_desk = dict.fromkeys(("entry form", "sheet"), writer)
        at_desk["member's page"] = browser.log_in(member, PASSWORD)
        at_desk["comment list"] = browser.log_in(chair, PASSWORD)
        fields = browser.form(urls["sheet"], writer)
        rows = {
            key: {part: fields[f"{key}.{part}"] for part in ("figure", "version")} for key in cells
        }
        taken_out = browser.ask("GET", to_fill, writer, packed=False).body
        file, filled = fill(taken_out)
        shown = browser.upload(upload, writer, "sheet.xlsx", file, packed=False).body
        if filled < 30 or b'name="kept"' not in shown:
            sys.exit("bench: the filled sheet is not shown as one that can be taken in.")
        measured = {page: Measured() for page in LIMITS}
        for turn in range(WARM_UP + rounds):
            last = turn == WARM_UP + rounds - 1
            for page, url in urls.items():
                answer = browser.get(url, at_desk.get(page, reader), count=last)
                note(measured[page], answer, turn, last)
            # Another target each time, and a figure that it does not have yet.
            url = entries[turn % len(entries)]
            answer = browser.save(url, writer, figure=str(1 + turn), count=last)
            note(measured["saving"], answer, turn, last)
            measured["saving"].kilobytes = answer.size / 1024
            key = list(cells)[turn % len(cells)]
            figure = str(1 + turn)
            answer, rows[key] = browser.cell(
                cells[key], writer, rows[key], figure=figure, count=last
            )
            note(measured["cell"], answer, turn, last)
            measured["cell"].kilobytes = answer.size / 1024
            answer = browser.upload(upload, writer, "sheet.xlsx", file, count=last)
            note(measured["upload preview"], answer, turn, last)
            measured["upload preview"].kilobytes = answer.size / 1024
        for turn in range(BOOKLETS):
            last = turn == BOOKLETS - 1
            answer = browser.get(booklet, at_desk["comment list"], count=last)
            note(measured["booklet"], answer, WARM_UP + turn, last)
            measured["booklet"].kilobytes = answer.size / 1024
        for page, url in urls.items():
            size, requests = browser.weigh(url, at_desk.get(page, reader))
            measured[page].kilobytes, measured[page].requests = size / 1024, requests
        held = show(name, measured, rounds)
        if seconds:
            fields = browser.form(crowded, writer)
            saves = crowd.gather(port, sessions, crowded_cells, fields, seconds)
            kept = json.loads(run("kept", variables))
            held = crowd.report(saves, kept, measured["cell"].median, CROWDED) and held
    print("Every limit holds." if held else "Some limits do not hold (marked with !).", flush=True)
    return held


def run(module: str, variables: dict[str, str], *arguments: str) -> str:
    """What a module of the bench prints, in a process and with settings of its own."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *arguments],
        cwd=PROJECT,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(f"bench: tests.bench.{module} failed.")
    return done.stdout


def addresses(line: str) -> dict[str, str]:
    """By key the addresses of "key=address key=address"."""
    return dict(each.split("=", 1) for each in line.split())


def note(page: Measured, answer, turn: int, last: bool) -> None:
    if last:
        page.statements = answer.statements
    elif turn >= WARM_UP:
        page.milliseconds.append(answer.milliseconds)


def show(name: str, measured: dict[str, Measured], rounds: int) -> bool:
    print(f"\n{name}, Python {platform.python_version()}, {os.cpu_count()} CPUs, n = {rounds - 1}")
    print(
        f"{'page':<15}{'median':>9}{'p95':>9}{'x hello':>16}{'SQL':>12}{'KB':>14}{'requests':>12}"
    )
    held = True
    for page, limits in LIMITS.items():
        seen = measured[page]
        ratio = seen.median / measured["hello"].median
        cells = [
            (f"{ratio:.1f}", ratio, limits.ratio),
            (f"{seen.statements}", seen.statements, limits.statements),
            (f"{seen.kilobytes:.1f}", seen.kilobytes, limits.kilobytes),
            (f"{seen.requests}", seen.requests, limits.requests),
        ]
        line = f"{page:<15}{seen.median:>6.1f} ms{seen.p95:>6.1f} ms"
        for (text, value, limit), width in zip(cells, (16, 12, 14, 12), strict=True):
            if limit is not None and page != "hello":
                held = held and value <= limit
                text += f" <= {limit}" if value <= limit else f" > {limit} !"
            line += f"{text:>{width}}"
        print(line)
    return held


def main() -> int:
    rounds = int(os.environ.get("N") or 60) + 1  # the last one counts statements
    seconds = int(os.environ.get("CROWD", "") or 60)
    held = []
    with tempfile.TemporaryDirectory(prefix="ayumi-bench-") as folder:
        file = f"sqlite:///{folder}/bench.sqlite3"
        held.append(measure("SQLite", file, folder, rounds, seconds))
        try:
            with server(durable=True) as url:
                held.append(measure("PostgreSQL", url, folder, rounds, seconds))
        except NoPostgreSQL as error:
            print(f"\nPostgreSQL is left out: {error}.")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
