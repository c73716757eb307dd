"""A real Chromium on the product's own pages.

Every page that a test opens is watched: a request to another host, an error on the console
or a breach of the Content-Security-Policy fails the test, whatever else it looked at.
"""

import sqlite3
from contextlib import closing
from io import StringIO
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from playwright.sync_api import sync_playwright

from tests.browser import chromium

#: WCAG 2.2 AA, with the levels and versions it is made of.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """A file for SQLite: one that lives in memory cannot serve two requests at a time."""
    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("browser") / "ayumi.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(file)


@pytest.fixture(scope="session", autouse=True)
def demo_copy(django_db_setup, django_db_blocker, tmp_path_factory):
    """A copy of the database with the five policies, the demo year and the demo's people.

    Made before any test here ends: what a test leaves behind is flushed, the 18 wards too. The
    database itself is left as it was, for a test that begins with nobody in it.
    """
    copy = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    with django_db_blocker.unblock(), override_settings(DEMO=True):
        connection.ensure_connection()
        with closing(sqlite3.connect(":memory:")) as empty, closing(sqlite3.connect(copy)) as full:
            connection.connection.backup(empty)
            call_command("load_demo", stdout=StringIO())
            call_command("load_demo_reviews", stdout=StringIO())
            connection.connection.backup(full)
            empty.backup(connection.connection)
    return copy


@pytest.fixture
def demo(demo_copy, transactional_db, settings):
    """The demo as it was loaded, whatever the test before did with it."""
    settings.DEMO = True
    connection.ensure_connection()
    with closing(sqlite3.connect(demo_copy)) as source:
        source.backup(connection.connection)


@pytest.fixture(scope="session")
def browser():
    executable = chromium.find()
    if not executable:
        pytest.skip("no Chromium was found (CHROMIUM=... names one)")
    # Playwright runs an event loop in this thread, which Django takes for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        opened = playwright.chromium.launch(executable_path=executable, args=chromium.FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser, live_server):
    """Give pages of a size, each watched until the test ends."""
    contexts, complaints, refused = [], [], set()

    def hear(message):
        where = message.location.get("url", "")
        # A browser asks for an icon by itself, and says so of every page that is refused.
        of_its_own = where.endswith("/favicon.ico") or (
            message.text.startswith("Failed to load resource") and where in refused
        )
        if message.type in {"error", "warning"} and not of_its_own:
            complaints.append(f"console: {message.text} ({where})")

    def remember(response):
        if response.status >= 400 and response.request.is_navigation_request():
            refused.add(response.url)

    def watch(page):
        ours = urlsplit(live_server.url).netloc
        page.on(
            "request",
            lambda request: (
                urlsplit(request.url).netloc in {ours, ""}
                or complaints.append(f"request to another host: {request.url}")
            ),
        )
        page.on("response", remember)
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))

    def open_(viewport=DESK, **options):
        context = browser.new_context(
            base_url=live_server.url, viewport=viewport, locale="ja-JP", **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        return page

    open_.complaints = complaints
    yield open_
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def logged_in_page(open_page, live_server):
    """A page of somebody who has logged in: ``logged_in_page("isogo-doboku-staff")``."""

    def log_in(username, **options):
        user = get_user_model().objects.get(username=username)
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[-1]
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session.save()
        page = open_page(**options)
        page.context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": session.session_key,
                    "url": live_server.url,
                }
            ]
        )
        return page

    return log_in


@pytest.fixture(scope="session")
def assert_accessible():
    """Run axe on a page as it stands; every violation is printed with where it is."""
    axe = Axe()

    def check(page):
        found = axe.run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        said = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
            + "\n".join(f"    {' '.join(map(str, n['target']))}" for n in violation["nodes"][:5])
            for violation in found.response["violations"]
        ]
        assert not said, f"{page.url} at {page.viewport_size['width']} px\n" + "\n".join(said)

    return check
