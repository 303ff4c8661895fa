"""One open question of a vendor's, with its possible answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switch:
    """One open question. `choices[0]` is the default; `reference` is the documentation it hangs on."""

    name: str
    choices: tuple[str, ...]
    about: str
    reference: str
