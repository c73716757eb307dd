"""The WSGI application that gunicorn serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()


def application(environ, start_response):
    """Ayumi below BASE_PATH, whether or not the proxy in front took that path off already."""
    below, path = settings.FORCE_SCRIPT_NAME or "", environ.get("PATH_INFO", "")
    if below and (path == below or path.startswith(f"{below}/")):
        environ["PATH_INFO"] = path[len(below) :] or "/"
    return django(environ, start_response)
