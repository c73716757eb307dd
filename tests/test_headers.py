"""What every answer carries, whoever gives it: a page, a redirect, a refusal, a failure."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError

from kpis import views
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    client.force_login(Cast().manager)
    client.raise_request_exception = False
    return client


def assert_strict(answer, status: int) -> None:
    assert answer.status_code == status
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/wards/14107/2020/targets.csv", 200),
        ("/wards/14107/2020", 301),  # the slash is added
        ("/login/", 302),
        ("/people/", 403),
        ("/wards/14105/2022/", 404),
        ("/logout/", 405),
    ],
)
def test_pages_redirects_and_refusals(manager, address, status):
    assert_strict(manager.get(address), status)


def test_a_refused_host(manager):
    assert_strict(manager.get("/", headers={"host": "elsewhere.example"}), 400)


def test_a_page_that_fails(manager, monkeypatch):
    monkeypatch.setattr(views, "ward_list", lambda user: 1 / 0)
    assert_strict(manager.get("/"), 500)


def test_a_failure_before_any_page(manager, monkeypatch):
    def fail(self):
        raise DatabaseError("no connection")

    monkeypatch.setattr(SessionStore, "load", fail)
    assert_strict(manager.get("/"), 500)
