"""Joining what two wrote at once, paragraph by paragraph, with nothing of either lost. Pure.

A paragraph that only one of them changed is taken from that one; where both changed the same one,
both texts stand, marked, until somebody makes one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, with the ids of the comments it was made of. `id` is kept from version to
    version; `clash` marks one of two texts that were written at the same time."""

    id: str
    text: str
    sources: tuple[int, ...] = ()
    clash: bool = False

    def kept(self) -> dict[str, Any]:
        told: dict[str, Any] = {"id": self.id, "text": self.text, "sources": list(self.sources)}
        return told | {"clash": True} if self.clash else told


def join(
    base: Sequence[Paragraph], theirs: Sequence[Paragraph], mine: Sequence[Paragraph]
) -> list[Paragraph]:
    """What both made of `base`, with nothing of either lost.

    The order is the colleague's, into which what I added comes behind the paragraph that it stood
    behind. What one took out and the other changed stays.
    """
    was = {each.id: each for each in base}
    other = {each.id: each for each in theirs}
    own = {each.id: each for each in mine}
    taken = {each.id for each in (*base, *theirs, *mine)}
    joined: list[Paragraph] = []
    for each in theirs:
        if each.id in own:
            joined += _one(was.get(each.id), each, own[each.id], taken)
        elif each.id not in was or not _same(was[each.id], each):
            joined.append(each)  # new, or changed by the one while the other took it out
    before = ""
    for each in mine:
        if each.id not in other and (each.id not in was or not _same(was[each.id], each)):
            behind = [number for number, one in enumerate(joined, start=1) if one.id == before]
            joined.insert(behind[0] if behind else len(joined) if before else 0, each)
        before = each.id
    return joined


def _one(
    was: Paragraph | None, theirs: Paragraph, mine: Paragraph, taken: set[str]
) -> list[Paragraph]:
    """One paragraph that stands in both."""
    if _same(theirs, mine):
        return [theirs]
    if was is not None and _same(was, theirs):
        return [mine]
    if was is not None and _same(was, mine):
        return [theirs]
    sources = tuple(dict.fromkeys((*theirs.sources, *mine.sources)))
    if theirs.text == mine.text:
        return [replace(theirs, sources=sources)]
    number = 1
    while f"{mine.id}-{number}" in taken:
        number += 1
    new = f"{mine.id}-{number}"
    taken.add(new)
    return [replace(theirs, clash=True), replace(mine, id=new, clash=True)]


def _same(one: Paragraph, other: Paragraph) -> bool:
    return (one.text, one.sources) == (other.text, other.sources)
