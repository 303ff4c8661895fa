"""Schemas and the example fleet are found in a checkout and in a wheel."""

import pytest

from reconcile.model.errors import ReconcileError
from reconcile.runs import shipped


def test_a_checkout_has_schemas_and_the_example_fleet():
    assert "manifest.schema.json" in shipped.schemas()
    assert all(content.startswith(b"{") for content in shipped.schemas().values())
    assert shipped.example_fleet().name == "manifests"


def test_a_wheel_carries_them_inside_the_package(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages" / "reconcile"
    (folder / "_shipped" / "manifests").mkdir(parents=True)
    monkeypatch.setattr(shipped, "_PACKAGE", folder)
    assert shipped.example_fleet() == folder / "_shipped" / "manifests"


def test_a_broken_installation_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "reconcile")
    with pytest.raises(ReconcileError, match="Install reconcile again"):
        shipped.example_fleet()
