"""The style sheet and the scripts of the page: files of this package, loaded as its modules are, once."""

from __future__ import annotations

import hashlib
import pkgutil
from base64 import b64encode
from functools import cache

_SCRIPTS = ("look.js", "devices.js")


@cache
def style() -> str:
    """The style sheet."""
    return _text("page.css")


@cache
def script() -> str:
    """Both scripts, one after the other."""
    return "".join(map(_text, _SCRIPTS))


@cache
def policy() -> str:
    """What the page may do: run this script, use this style, and nothing else. A name can smuggle in neither."""
    return (
        f"default-src 'none'; style-src 'sha256-{_hash(style())}'; script-src 'sha256-{_hash(script())}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _text(name: str) -> str:
    found = pkgutil.get_data(__package__, name)
    assert found is not None
    return found.decode("utf-8")


def _hash(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
