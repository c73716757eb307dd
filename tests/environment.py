"""The environment that tests run in, set before Django reads its settings (tests/settings.py).

pytest                              SQLite (or DATABASE_URL, where it is PostgreSQL)
TEST_DATABASE=postgresql pytest     a PostgreSQL server started for this run
"""

import atexit
import os
import signal
import sys
from contextlib import ExitStack

#: A developer's own settings must not decide how the tests come out.
for name in (
    *("BASE_PATH", "BEHIND_PROXY", "CSRF_TRUSTED_ORIGINS", "DEBUG", "DEMO"),
    *("EMAIL_URL", "EMAIL_FROM", "SITE_URL", "FONTS_DIR"),
):
    os.environ.pop(name, None)
os.environ["AYUMI_ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["HTTPS"] = "off"

_running = os.environ.get("DATABASE_URL", "").startswith(("postgresql://", "postgres://"))
_wanted = os.environ.get("TEST_DATABASE") or ("postgresql" if _running else "sqlite")
if _wanted == "sqlite":
    os.environ["DATABASE_URL"] = "sqlite:///var/test.sqlite3"
elif _wanted != "postgresql":
    sys.exit(f"TEST_DATABASE is {_wanted!r}: write sqlite or postgresql.")
elif not _running:
    from tests.postgres import NoPostgreSQL, server

    _cleanup = ExitStack()
    atexit.register(_cleanup.close)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server ends then too
    try:
        os.environ["DATABASE_URL"] = _cleanup.enter_context(server())
    except NoPostgreSQL as error:
        sys.exit(f"PostgreSQL: {error}.")
