"""Every value of the rules is one: it cannot be changed once made, and its parts are named."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

MODULES = sorted(p.stem for p in (Path(__file__).parents[2] / "communities").glob("[a-z]*.py"))


def defined(kind: Callable[[object], bool]) -> list[Any]:
    """What the rules' modules define of a kind."""
    loaded = [importlib.import_module(f"communities.{name}") for name in MODULES]
    return [c for m in loaded for _, c in inspect.getmembers(m, kind) if c.__module__ == m.__name__]


def is_own(member: object) -> bool:
    """A method that is written in the rules, not brought by a library."""
    return inspect.isfunction(member) and member.__module__.startswith("communities.")


def values() -> list[type]:
    """The classes with parts."""
    return [c for c in defined(inspect.isclass) if not issubclass(c, (str, Exception)) and c.__annotations__]


def test_the_rules_have_values() -> None:
    assert len(values()) >= 40


@pytest.mark.parametrize("value", values(), ids=lambda v: v.__name__)
def test_a_value_cannot_change_and_names_its_parts(value: type) -> None:
    assert is_dataclass(value)
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in fields(value))


def test_whatever_a_rule_takes_can_be_named() -> None:
    rules = defined(inspect.isfunction)
    assert len(rules) >= 100
    rules += [m for value in defined(inspect.isclass) for _, m in inspect.getmembers(value, is_own)]
    kinds = {p.kind for rule in rules for p in inspect.signature(rule).parameters.values()}
    assert inspect.Parameter.POSITIONAL_ONLY not in kinds
