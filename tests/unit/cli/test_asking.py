"""The question before an apply: a large plan takes its number of devices, and a pipeline is never asked."""

import sys
from types import SimpleNamespace

import click
import pytest

from reconcile.cli import asking
from reconcile.cli.output import Console


@pytest.mark.parametrize(("devices", "typed", "expected"), [
    (3, "y", True),
    (3, "3", False),
    (21, "21", True),
    (8112, "8,112", True),
    (8112, "y", False),
    (8112, "", False),
    (8112, "811", False),
])  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_few_devices_take_a_yes_and_many_take_their_number(monkeypatch, lang, devices, typed, expected):
    asked = terminal(monkeypatch, typed)

    assert asking.agrees(console(lang), plan(devices)) is expected
    assert "4f4f4f4f4f4f" in asked[0]


@pytest.mark.parametrize(("ci", "is_asked"), [("true", False), ("1", False), ("", True), ("false", True)])
def test_a_pipeline_is_not_asked_even_on_a_terminal(monkeypatch, ci, is_asked):
    asked = terminal(monkeypatch, "y", ci)

    assert asking.agrees(console(), plan(1)) is is_asked
    assert len(asked) == is_asked


def console(lang="en"):
    return Console.of(lang=lang, no_color=True)


def plan(devices):
    return SimpleNamespace(devices=range(devices), digest=f"sha256:{'4f' * 32}")


def terminal(monkeypatch, typed, ci=""):
    """Somebody at a terminal; what they are asked."""
    asked = []
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(click, "prompt", lambda text, **_: asked.append(text) or typed)
    monkeypatch.setattr(click, "confirm", lambda text, **_: asked.append(text) or typed == "y")
    return asked
