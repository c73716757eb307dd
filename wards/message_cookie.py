"""Messages to whoever sits at the screen, in a cookie that stays below the path of this product."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OwnPath(CookieStorage):
    """Django sends its cookie of messages to the whole host; other applications stand there."""

    def _update_cookie(self, encoded_data, response):
        super()._update_cookie(encoded_data, response)  # type: ignore[misc]
        if self.cookie_name in response.cookies:
            response.cookies[self.cookie_name]["path"] = settings.SESSION_COOKIE_PATH


class BelowOurPath(FallbackStorage):
    """As Django does it: in the cookie, and what is too long for one in the session."""

    storage_classes = (OwnPath, SessionStorage)
