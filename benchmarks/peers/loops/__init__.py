"""The equations of the compared systems, for any array library: one module a case."""

from importlib import import_module


def of(case, m):
    """The Loop (or NetworkLoop) of a case with the functions of the namespace m."""
    return import_module(f"loops.{case.kind}").make(m, case)
