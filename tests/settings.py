"""The product's settings with what tests change, and why."""

import tests.environment  # noqa: F401  (sets the variables that the next line reads)
from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE

#: WhiteNoise reads the whole of STATIC_ROOT for every test client.
MIDDLEWARE = [name for name in MIDDLEWARE if "WhiteNoise" not in name]
#: Nothing is collected before tests, so names stay as they are.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
#: A slow hash protects passwords, and tests have none to protect.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
