"""A storm: fourteen people at three targets at once, through a real server, on a real database.

Eight sections' desks write the same cells, while others submit, confirm, return, close and open.
Whatever was accepted is in the history, each line goes on from the one before it, and nobody's
figure gives way to one that was typed without seeing it.
"""

import json
import re
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import sleep
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test import Client, TransactionTestCase
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import reverse

from kpis.models import Actual, Change
from kpis.numbers import plain
from tests.cast import Cast, person
from wards.models import Post

WRITERS, SAVES, ROUNDS, CLOSINGS = 12, 1, 3, 8
TOKEN = "t" * 32


@dataclass(frozen=True)
class Kept:
    """Something that was accepted: what it was typed upon, a text of the cell or a version."""

    key: str
    field: str
    text: str
    was: str | None = None
    version: str = ""


@contextmanager
def a_database_for_many():
    """PostgreSQL as it is; of SQLite a file, since that in memory has but one connection."""
    tests = connections["default"]
    if tests.vendor != "sqlite":
        yield
        return
    known = connections.settings["default"]
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "storm.sqlite3")
        tests.ensure_connection()
        copy = sqlite3.connect(file)
        tests.connection.backup(copy)
        copy.close()
        in_memory, known["NAME"] = known["NAME"], file
        del connections["default"]
        try:
            yield
        finally:
            connections["default"].close()
            known["NAME"] = in_memory
            connections["default"] = tests


@contextmanager
def a_server():
    """Its port. Each connection has a thread and a database connection of its own."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.daemon_threads = False  # so that closing waits for them
    server.set_app(WSGIHandler())
    serving = Thread(target=server.serve_forever, args=[0.05])
    serving.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


class Desk:
    """Somebody at work, on one connection that stays open."""

    def __init__(self, port: int, user):
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
        }
        self.line = HTTPConnection("127.0.0.1", port, timeout=30)
        self.answers: Counter[int] = Counter()

    def post(self, address: str, **typed):
        self.line.request("POST", address, urlencode(typed, doseq=True), self.headers)
        return self._answer()

    def get(self, address: str):
        self.line.request("GET", address, headers=self.headers)
        return self._answer()

    def _answer(self):
        answer = self.line.getresponse()
        text = answer.read().decode()
        self.answers[answer.status] += 1
        return answer.status, text


class AStorm(TransactionTestCase):
    def setUp(self):
        cast = self.cast = Cast()
        self.targets = [
            cast.target(cast.flood, f"p05-s{n}", f"施設{n}", accumulation="latest", value=100)
            for n in range(3)
        ]
        self.broken = Event()
        role = Post.Role.STAFF
        self.writers = [person(f"desk{n}", role, cast.isogo, cast.doboku) for n in range(WRITERS)]

    def url(self, name, *about):
        return reverse(f"kpis:{name}", args=["14107", 2020, *about])

    def patiently(self):
        """One try after the other, while nothing is broken."""
        for _try in range(300):
            if self.broken.is_set():
                return
            yield
            sleep(0.02)
        self.broken.set()
        self.fail("somebody never came to save")

    def save_pages(self, desk: Desk, number: int) -> list[Kept]:
        """Save whole entries that nobody else types, on the page of one target."""
        kept = []
        for turn, key in self.turns(number):
            address, value = self.url("entry", key, "H2"), str(100 + number * 50 + turn)
            typed = {"value": value, "note": f"{value}の根拠", "certainty": "final"}
            version = 0
            for _try in self.patiently():
                status, text = desk.post(address, version=version, **typed)
                if status == 302:
                    upon = str(version)
                    kept += [
                        Kept(key, "value", value, version=upon),
                        Kept(key, "note", typed["note"]),
                    ]
                    break
                # Overtaken, the page shows theirs and goes on from it; closed, it shows no version.
                if found := re.search(r'name="version" value="(\d+)"', text):
                    version = int(found[1])
        return kept

    def save_cells(self, desk: Desk, number: int) -> list[Kept]:
        """Save figures and notes that nobody else types, cell by cell, as the sheet does."""
        kept = []
        for turn, key in self.turns(number):
            value = str(100 + number * 50 + turn)
            row: dict[str, Any] = {"version": 0, "figure": "", "note": ""}
            for field, told, text in [
                ("figure", "value", value),
                ("note", "note", f"{value}の根拠"),
            ]:
                for _try in self.patiently():
                    was = row[field]
                    typed = {"field": field, "text": text, "was": was, "version": row["version"]}
                    status, answer = desk.post(self.url("cell", key, "H2"), **typed)
                    if status in (200, 409):
                        row = json.loads(answer)["row"]  # overtaken: mine, upon what stands now
                    if status == 200:
                        kept.append(Kept(key, told, text, was=was))
                        break
        return kept

    def turns(self, number: int):
        for turn in range(SAVES * len(self.targets)):
            yield turn, self.targets[(number + turn) % len(self.targets)].key

    def move(self, desks: dict[str, Desk]) -> None:
        """Submit, confirm and return, all the while."""
        for _round in range(ROUNDS):
            self.press(desks["staff"], "submit")
            self.press(desks["head"], "confirm")
            self.press(desks["office"], "return")

    def close_and_open(self, desk: Desk) -> None:
        for _round in range(CLOSINGS):
            for action in ("close", "open"):
                desk.post(self.url("period_move", "H2"), action=action)
                sleep(0.02)

    def press(self, desk: Desk, action: str) -> None:
        """Move what stands; whom writers outrun at every target tries a few times more."""
        pick = [target.key for target in self.targets]
        address = self.url("sheet", self.cast.doboku.pk, "H2")
        moves = Change.objects.filter(act=Change.Act.MOVED, target__isnull=False)
        before = moves.count()
        for _try in range(8):
            standing = list(Actual.objects.values_list("target__key", "version"))
            seen = [f"{key}:{version}" for key, version in standing]
            desk.post(address, action=action, pick=pick, seen=seen, reason="確認のため")
            if moves.count() > before:
                break
        connections.close_all()

    def test_nothing_that_was_accepted_is_lost_or_silently_overwritten(self):
        cast = self.cast
        with a_database_for_many(), a_server() as port, ThreadPoolExecutor(WRITERS + 3) as together:
            writing = [Desk(port, user) for user in self.writers]
            movers = {
                "staff": cast.doboku_staff,
                "head": cast.doboku_head,
                "office": cast.secretariat,
            }
            moving = [{who: Desk(port, user) for who, user in movers.items()} for _pair in range(2)]
            closing = Desk(port, cast.secretariat)
            desks = [*writing, closing, *(desk for each in moving for desk in each.values())]
            try:
                saves = [
                    together.submit(
                        self.save_cells if number % 3 else self.save_pages, desk, number
                    )
                    for number, desk in enumerate(writing)
                ]
                moves = [together.submit(self.move, each) for each in moving]
                moves.append(together.submit(self.close_and_open, closing))
                for each in moves:
                    each.result()
                self.press(moving[0]["office"], "return")  # what is still confirmed
                self.press(moving[0]["staff"], "take_back")  # what is still submitted
                accepted = [kept for each in saves for kept in each.result()]
            finally:
                self.broken.set()
                for desk in desks:
                    desk.line.close()
            self.assert_answered(desks, accepted)
            self.assert_every_line_goes_on_from_the_last(accepted)
            self.assert_nothing_was_typed_while_it_was_closed()
            self.assert_the_chain_holds()

    def assert_answered(self, desks, accepted):
        answers: Counter[int] = sum((desk.answers for desk in desks), Counter())
        self.assertLessEqual(set(answers), {200, 302, 409})
        self.assertGreater(answers[409], 0)  # or it was no storm
        self.assertEqual(len(accepted), 2 * WRITERS * SAVES * len(self.targets))
        # Each page was typed upon what stood there: no two upon the same.
        upon = Counter((each.key, each.version) for each in accepted if each.version)
        self.assertEqual([each for each, times in upon.items() if times > 1], [])

    def assert_every_line_goes_on_from_the_last(self, accepted):
        moved = 0
        for target in self.targets:
            lines = Change.objects.filter(target=target, period=self.cast.second_half)
            stands: dict[str, str | None] = {"certainty": "final", "state": "draft"}
            written = []
            for line in lines.order_by("number"):
                if {"value", "note"} & set(line.changed):
                    self.assertNotEqual(stands["state"], "confirmed")
                for field, (before, after) in line.changed.items():
                    self.assertEqual(before, stands.get(field), line.changed)
                    stands[field] = after
                    if field in ("value", "note"):
                        written.append((field, before, after))
                moved += line.act == Change.Act.MOVED
            mine = [each for each in accepted if each.key == target.key]
            self.assertEqual(
                sorted((field, after) for field, _before, after in written),
                sorted((each.field, each.text) for each in mine),
            )
            # What a cell was typed upon is what it took the place of.
            upon = {
                (each.field, each.was or None, each.text) for each in mine if each.was is not None
            }
            self.assertEqual(upon - set(written), set())
            kept = Actual.objects.get(target=target)
            self.assertEqual(
                (plain(kept.value), kept.note, kept.state),
                (stands["value"], stands["note"], stands["state"]),
            )
            self.assertEqual(kept.version, lines.count())
        self.assertGreater(moved, 0)

    def assert_the_chain_holds(self):
        said = StringIO()
        call_command("verify_history", stdout=said)
        self.assertIn("14107 磯子区: OK", said.getvalue())

    def assert_nothing_was_typed_while_it_was_closed(self):
        is_open, closed = True, 0
        for line in Change.objects.order_by("number"):
            if line.target_id is None:
                before, after = line.changed["state"]
                self.assertEqual(before, "open" if is_open else "closed")
                is_open = after == "open"
                closed += not is_open
            elif "value" in line.changed:
                self.assertTrue(is_open)
        self.assertGreater(closed, 0)
