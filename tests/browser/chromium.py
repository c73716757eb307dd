"""Where a Chromium is, and how it is started so that it talks to nobody but us."""

import os
import shutil

NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")

#: Without these Chromium looks for updates and for its maker's hosts at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=ja",
]


def find() -> str | None:
    """The browser to drive: CHROMIUM where it is set, else the first that is installed."""
    if chosen := os.environ.get("CHROMIUM"):
        return shutil.which(chosen)
    return next((path for name in NAMES if (path := shutil.which(name))), None)
