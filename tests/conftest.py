"""What every test may ask for."""

from importlib import import_module

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings

from tests.catalogue import compile_where_stale


def pytest_configure():
    """Pages read the compiled catalogue: what a run shows is what the sources say.

    Properties are tried on the same examples in every run: a red one can be run again.
    """
    settings.register_profile("ayumi", derandomize=True, database=None)
    settings.load_profile("ayumi")
    compile_where_stale()


@pytest.fixture(autouse=True)
def in_japanese():
    """Each test starts in the product's own language, whatever the one before it chose."""
    with translation.override("ja"):
        yield


@pytest.fixture(autouse=True)
def files_of_their_own(settings, tmp_path):  # pytest-django's settings, not hypothesis's
    """Nothing a test uploads lands beside what people entered."""
    settings.MEDIA_ROOT = tmp_path / "media"


empty_the_database = TransactionTestCase._fixture_teardown


def empty_the_history_too(test):
    """What is done after a test that writes for real: its history goes as well.

    PostgreSQL truncates, SQLite deletes line by line. Triggers refuse both, so they are taken off
    meanwhile.
    """
    names = {
        "sqlite": (
            "kpis.migrations.0007_history_stays_in_its_chain",
            "wards.migrations.0004_posts_on_record",
            "reviews.migrations.0002_kept",
        ),
        "postgresql": (
            "kpis.migrations.0012_history_is_not_emptied",
            "wards.migrations.0005_record_is_not_emptied",
            "reviews.migrations.0002_kept",
        ),
    }
    kept = [import_module(name) for name in names[connection.vendor]]
    with connection.schema_editor() as editor:
        for each in kept:
            each.release(None, editor)
    empty_the_database(test)
    with connection.schema_editor() as editor:
        for each in kept:
            each.keep(None, editor)


TransactionTestCase._fixture_teardown = empty_the_history_too
