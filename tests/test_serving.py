"""`make run` as somebody meets it: the real server, started from nothing, asked and stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from config import wsgi

PROJECT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "postgresql", reason="starts with a file of its own"
)

#: Seconds that a start from nothing may take while the whole suite runs beside it.
PATIENCE = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def make_run(folder: Path, port: int, **variables):
    """What `make run` starts, with its local file and its database in a folder of their own.

    Gives the process and what reads all that it has printed so far.
    """
    log = folder / "log"
    process = subprocess.Popen(
        [sys.executable, "-m", "config.local"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "AYUMI_ENV_FILE": str(folder / ".env"),
            "DATABASE_URL": f"sqlite:///{folder}/ayumi.sqlite3",
            "DEMO": "off",
            "PORT": str(port),
            **variables,
        },
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        yield process, log.read_text
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def said_in_time(process, said, wanted: str) -> bool:
    """Whether the words are printed before the process ends or our patience does."""
    for _attempt in range(PATIENCE * 10):
        if wanted in said():
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def fetch(address: str, **headers):
    return urlopen(Request(address, headers=headers), timeout=10)


def test_it_starts_from_nothing_answers_and_ends_on_ctrl_c(tmp_path):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with make_run(tmp_path, port) as (process, said):
        assert said_in_time(process, said, f"{address}/"), said()

        health = fetch(f"{address}/health/")
        assert (health.status, health.read()) == (200, b"ok")
        assert "script-src 'self'" in health.headers["Content-Security-Policy"]

        page = fetch(f"{address}/login/").read().decode()
        style = re.search(r'href="(/static/ayumi\.[0-9a-f]+\.css)"', page)
        assert style, "the stylesheet is not served under a hashed name"
        packed = fetch(address + style[1], **{"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "immutable" in packed.headers["Cache-Control"]

        process.send_signal(signal.SIGINT)
        for pid in children(process.pid):
            os.kill(pid, signal.SIGINT)  # a terminal sends Ctrl-C to all of them
        assert process.wait(timeout=PATIENCE) == 0
    for kept in (".env", "ayumi.sqlite3"):
        assert (tmp_path / kept).stat().st_mode & 0o077 == 0, f"others may read {kept}"


def test_below_a_sub_path_links_styles_and_health_are_found(tmp_path):
    port = free_port()
    address = f"http://127.0.0.1:{port}/unei/ayumi"
    variables = {"BASE_PATH": "/unei/ayumi", "HTTPS": "on", "BEHIND_PROXY": "on"}
    with make_run(tmp_path, port, **variables) as (process, said):
        assert said_in_time(process, said, f"{address}/"), said()
        # As a proxy asks that took the path off, and as a monitor asks without one.
        secure = {"X-Forwarded-Proto": "https"}
        page = fetch(f"http://127.0.0.1:{port}/login/", **secure).read().decode()
        assert fetch(f"http://127.0.0.1:{port}/health/").read() == b"ok"
        assert fetch(f"{address}/health/").read() == b"ok"
        style = re.search(r'href="/unei/ayumi(/static/ayumi\.[0-9a-f]+\.css)"', page)
        assert style, "the stylesheet is sought outside the sub-path"
        assert "immutable" in fetch(address + style[1], **secure).headers["Cache-Control"]
        assert 'href="/unei/ayumi/"' in page


def test_nobody_says_in_a_header_where_the_application_stands(tmp_path):
    port = free_port()
    with make_run(tmp_path, port) as (process, said):
        assert said_in_time(process, said, f"http://127.0.0.1:{port}/"), said()
        for name in ("SCRIPT_NAME", "PATH_INFO"):
            page = fetch(f"http://127.0.0.1:{port}/login/", **{name: "/elsewhere"})
            assert 'href="/"' in page.read().decode()


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()]


def test_a_busy_port_is_one_line_that_names_the_way_out(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with make_run(tmp_path, port) as (process, said):
            assert process.wait(timeout=PATIENCE) == 1
            assert said().count("\n") == 1
            assert str(port) in said() and f"PORT={port + 1} make run" in said()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THREADS", "many"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/ayumi"),
        ("DATABASE_URL", "sqlite:////dev/null"),
        ("AYUMI_ENV_FILE", "/nowhere/.env"),
    ],
)
def test_an_odd_variable_is_one_line_that_names_it(tmp_path, name, value):
    with make_run(tmp_path, free_port(), **{name: value}) as (process, said):
        assert process.wait(timeout=PATIENCE) == 1
        assert said().startswith(f"Ayumi cannot start. {name}")
        assert said().count("\n") == 1


@pytest.mark.parametrize("asked", ["/unei/ayumi/wards/", "/wards/"])
def test_a_proxy_may_or_may_not_take_the_sub_path_off(monkeypatch, settings, asked):
    settings.FORCE_SCRIPT_NAME = "/unei/ayumi"
    seen = []
    monkeypatch.setattr(wsgi, "django", lambda environ, _start: seen.append(environ["PATH_INFO"]))
    wsgi.application({"PATH_INFO": asked}, None)
    assert seen == ["/wards/"]
