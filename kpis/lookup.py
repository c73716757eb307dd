"""Finding a ward and its policy by what people type on a command line."""

import unicodedata

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wards.calendar import UnreadableYear, parse_year, year_label
from wards.models import Ward

from .documents import shown
from .models import Policy


class NotFound(Exception):
    """There is no such thing. ``str()`` is a sentence that says what to do."""


def find_ward(typed: str) -> Ward:
    """The ward of a code (14107), a name (磯子区, 磯子) or a romanised name (isogo)."""
    text = unicodedata.normalize("NFKC", typed).strip().casefold()
    for ward in Ward.objects.all():
        names = (ward.code, ward.name, ward.name.removesuffix("区"), ward.kana, ward.romaji)
        if text in {name.casefold() for name in names}:
            return ward
    message = _(
        "「{typed}」という区はありません。14107 のような団体コードか、区名を書いてください。"
    )
    raise NotFound(message.format(typed=shown(typed)))


def find_policy(ward: str, year: str) -> Policy:
    """The policy of a ward and a fiscal year (2020, 令和2, R2), drafts included."""
    found = find_ward(ward)
    language = get_language() or "ja"
    try:
        fiscal_year = parse_year(year)
    except UnreadableYear as error:
        raise NotFound(error.text(language)) from error
    policy = found.policies.select_related("ward").filter(fiscal_year=fiscal_year).first()
    if policy is None:
        message = _(
            "{ward}の{year}の運営方針は登録されていません。import_policy で取り込んでください。"
        )
        raise NotFound(message.format(ward=found.label, year=year_label(fiscal_year, language)))
    return policy
