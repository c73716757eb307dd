"""The notation reader: ``read`` says what a target phrase of a printed policy promises."""

from kpis.notation.reading import Reading, read

__all__ = ["Reading", "read"]
