"""Forms about what two people may have open at once: the second sees both, and nothing is lost.

What the page showed travels with the form (a hidden first value for each field). Of a form that is
sent only the fields are written that its writer changed. Where another changed the same field
meanwhile, nothing is written: the page comes back with what was typed, what stands there now beside
it, and another press decides. Fields that only the other changed show what the other wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext

from wards.people_forms import FieldsThatSayWhatIsWrong

#: A text longer than this stands in a box of its own, where both are shown.
ON_ONE_LINE = 60


class TogetherForm(FieldsThatSayWhatIsWrong):
    """`stored` is what stands in the database while the form is shown, by the names of fields."""

    def __init__(self, data=None, files=None, *, stored: Mapping[str, Any] | None = None, **more):
        super().__init__(data, files, **more)
        self.clashes: dict[str, str] = {}
        if stored is not None:
            self.show_first(stored)

    def show_first(self, stored: Mapping[str, Any]) -> None:
        """What stands there now is what the page shows, and what travels with the form."""
        self.initial = dict(stored)
        for name in stored:
            self.fields[name].show_hidden_initial = True

    def changes(self, stored: Mapping[str, Any]) -> dict[str, Any] | None:
        """What this person changed, to be written; None where another changed the same.

        Ask it of a form that is valid, with what stands in the database now, the row being held.
        """
        write: dict[str, Any] = {}
        clashes: dict[str, Any] = {}
        for name in stored:
            typed, now, shown = self.cleaned_data[name], stored[name], self._shown(name, stored)
            if typed in (shown, now):
                continue
            if now == shown:
                write[name] = typed
            else:
                clashes[name] = now
        if clashes:
            self._show_both(stored, clashes)
            return None
        return write

    def _shown(self, name: str, stored: Mapping[str, Any]) -> Any:
        """What the page showed when this person began."""
        field, key = self.fields[name], self.add_initial_prefix(name)
        if key not in self.data:
            return stored[name]
        raw = field.hidden_widget().value_from_datadict(self.data, self.files, key)
        try:
            return field.clean(raw)
        except ValidationError:
            return getattr(field, "empty_value", None)

    def _show_both(self, stored: Mapping[str, Any], clashes: Mapping[str, Any]) -> None:
        data = {key: self.data[key] for key in self.data}
        for name, now in stored.items():
            raw = self.fields[name].prepare_value(now)
            if self.cleaned_data[name] == self._shown(name, stored):
                data[self.add_prefix(name)] = "" if raw is None else str(raw)
            data[self.add_initial_prefix(name)] = "" if raw is None else str(raw)
        self.data = data
        for name, now in clashes.items():
            told = self.in_words(name, now)
            if len(told) > ON_ONE_LINE or "\n" in told:
                self.clashes[name] = told
                message = gettext(
                    "ほかの人が先に書き換えました。いま保存されている内容を下に示します。"
                    "どちらにするか決めて直し、もう一度保存してください。"
                )
            else:
                message = gettext(
                    "ほかの人が先に「%(now)s」に変えました。どちらにするか決めて、"
                    "もう一度保存してください。"
                ) % {"now": told}
            self.add_error(name, message)

    def in_words(self, name: str, value: Any) -> str:
        """A field's value as people read it."""
        if isinstance(value, bool):
            return gettext("はい") if value else gettext("いいえ")
        if value in (None, ""):
            return gettext("（空）")
        if isinstance(value, date):
            return date_format(value)
        if isinstance(value, time):
            return time_format(value)
        choices = dict(getattr(self.fields[name], "choices", []))
        return str(choices.get(value, choices.get(str(value), value)))


def hold(rows: QuerySet[Any], pk: int) -> Any:
    """Take the row with its next version, and read it: who writes next waits for this transaction.

    Asked first of all in a transaction, so that the reading is not older than the writing.
    """
    if not rows.filter(pk=pk).update(version=F("version") + 1):
        raise rows.model.DoesNotExist
    return rows.get(pk=pk)


def stored_in(row: Model, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def pairs(stored: Mapping[str, Any], write: Mapping[str, Any]) -> dict[str, list[Any]]:
    """(before, after) of what is written."""
    return {name: [stored.get(name), value] for name, value in write.items()}
