"""Counts in English messages."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 device`, `2 devices`, `8,112 devices`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
