"""How gunicorn serves Ayumi: ``gunicorn -c config/gunicorn.py``.

A page costs a few milliseconds of one CPU, most of it templates, so there is one process a
CPU; threads let a process answer while another of its requests waits for the database.
"""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.environment import switch, text, whole

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    # Django's settings are read here too: a variable that is odd is one line, not a traceback.
    collected = os.path.isfile(os.path.join(settings.STATIC_ROOT, "staticfiles.json"))
    if not (collected or settings.DEBUG):
        raise ImproperlyConfigured("Run manage.py collectstatic first: pages have no styles yet.")

    bind = f"{text('BIND_ADDRESS', '127.0.0.1')}:{whole('PORT', 8000, 1, 65535)}"
    workers = whole("WORKERS", len(os.sched_getaffinity(0)), 1, 64)
    threads = whole("THREADS", 4, 1, 64)
    accesslog = "-" if switch("ACCESS_LOG", False) else None
except ImproperlyConfigured as error:
    sys.exit(f"Ayumi cannot start. {error}")

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
# Loaded once and shared: the processes start at once and take less memory.
preload_app = True
timeout = 60
graceful_timeout = 20
# Somebody who opens the next page soon finds the connection still open.
keepalive = 15
loglevel = "warning"
# Heartbeats in memory: a slow disk must not make a process look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
control_socket_disable = True
# Where the application stands is said by BASE_PATH, never by a header that anybody can send.
forwarder_headers = ""
