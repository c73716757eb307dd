"""What every test may ask for."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_japanese():
    """Each test starts in the product's own language, whatever the one before it chose."""
    with translation.override("ja"):
        yield


@pytest.fixture(autouse=True)
def files_of_their_own(settings, tmp_path):
    """Nothing a test uploads lands beside what people entered."""
    settings.MEDIA_ROOT = tmp_path / "media"
