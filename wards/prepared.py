"""Queries that pages ask again and again, with their SQL worked out once.

Django builds and compiles a query anew each time it is asked, which for forty columns costs
more than the database takes to answer. A `Prepared` query is built once, from a stand-in for each
parameter; asked again, only the parameters are put in. It is for a fixed `values_list` of fixed
shape whose parameters are ids; anything else stays a queryset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

from django.db import connection
from django.db.models import QuerySet

#: Stand-ins for parameters while the SQL is worked out: ids that no row has.
FIRST_STAND_IN = 2**62


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL with its parameters, and how each column of the answer becomes a Python value."""

    sql: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]


class Prepared:
    """A values_list query whose parameters are ids: ``Prepared(lambda policy: …filter(policy=…))``.

    `make` is called once for each kind of database, with a stand-in for every parameter, and has
    to put each of them into the query as it is.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._make = make
        self._count = len(signature(make).parameters)
        self._compiled: dict[str, Compiled] = {}

    def rows(self, *ids: int) -> list[tuple[Any, ...]]:
        """What the queryset would answer for these ids, as a list of tuples."""
        compiled = self._compiled.get(connection.vendor) or self._compile()
        given = dict(zip(range(FIRST_STAND_IN, FIRST_STAND_IN + self._count), ids, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, [given.get(each, each) for each in compiled.parameters])
            rows = cursor.fetchall()
        if not compiled.converters:
            return rows
        converted = []
        for row in map(list, rows):
            for place, converters, expression in compiled.converters:
                value = row[place]
                for convert in converters:
                    value = convert(value, expression, connection)
                row[place] = value
            converted.append(tuple(row))
        return converted

    def queryset(self, *ids: int) -> QuerySet[Any, Any]:
        """The query as Django would ask it: what `rows` has to agree with."""
        return self._make(*ids)

    def _compile(self) -> Compiled:
        stand_ins = range(FIRST_STAND_IN, FIRST_STAND_IN + self._count)
        compiler = self._make(*stand_ins).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if not set(stand_ins) <= {each for each in parameters if isinstance(each, int)}:
            raise TypeError("A parameter of a prepared query did not reach its SQL as it is.")
        expressions = [expression for expression, _sql, _alias in compiler.select]
        compiled = Compiled(
            sql,
            tuple(parameters),
            tuple(
                (place, tuple(converters), expression)
                for place, (converters, expression) in compiler.get_converters(expressions).items()
            ),
        )
        self._compiled[connection.vendor] = compiled
        return compiled
