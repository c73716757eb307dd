"""The environment that tests run in, set before Django reads its settings.

Loaded by pytest as a plugin (``-p tests.environment``), so that nothing has to be exported.
"""

import os

os.environ["AYUMI_ENV_FILE"] = os.devnull
os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("HTTPS", "off")
os.environ.setdefault("DATABASE_URL", "sqlite:///var/test.sqlite3")
