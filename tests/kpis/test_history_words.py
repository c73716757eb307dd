"""The history tells codes, yes and no, and evidence in the reader's words."""

import pytest
from django.utils import translation

from kpis.history import told

REPORT = [{"title": "住民意識調査の速報", "url": "https://example.jp/survey"}]


@pytest.mark.parametrize(
    ("field", "value", "japanese", "english"),
    [
        ("state", "confirmed", "確認済", "Confirmed"),
        ("self_status", "slightly_behind", "やや遅れ", "Slightly behind"),
        ("outlook_met", False, "届かない", "Will not be met"),
        ("evidence", REPORT, "住民意識調査の速報", "住民意識調査の速報"),
        ("evidence", [], "—", "—"),
        ("value", "550", "550", "550"),
        ("on", "2020-08-03", "令和2年8月3日", "3 August 2020"),
    ],
)
def test_a_change_is_told_in_words(field, value, japanese, english):
    assert told(field, value) == japanese
    with translation.override("en"):
        assert told(field, value) == english
