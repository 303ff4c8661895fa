"""Commands of a stack: merged by name, paths in the dialect's form, arguments filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from reconcile.manifest.conflicts import Claim, disagreements
from reconcile.manifest.layer import Contribution, DeclaredCommand
from reconcile.manifest.layer_codes import AFTER_UNDECLARED, BAD_DURATION, BAD_WINDOW, CANNOT_EXECUTE, LONG_ARGS
from reconcile.manifest.resolve_delivery import duration_s
from reconcile.manifest.resolve_faults import Fault
from reconcile.manifest.resolve_reading import Reading
from reconcile.model.desired import Command, Delivery
from reconcile.model.values import Json, canonical, same
from reconcile.ports import Problem

ARGS_LIMIT_BYTES = 2048
"""Source: OneNET, cached execute: the argument string is limited to 2k."""


def resolve_commands(
    stack: Sequence[Contribution], reading: Reading, declared: AbstractSet[str]
) -> tuple[tuple[Command, ...], tuple[Fault, ...]]:
    """The stack's commands in the order they first appear, low to high; `declared` are the device's resources."""
    claims: dict[str, list[Claim[DeclaredCommand]]] = {}
    for layer in stack:
        for command in layer.commands:
            claims.setdefault(command.name, []).append(Claim(layer, command, command.span))
    faults: list[Fault] = []
    commands = []
    for name, wanted in claims.items():
        faults += disagreements(f"command {name}", wanted, _is_same, _shown)
        resolved = _command(wanted[-1].wanted, reading, declared, faults)
        if resolved is not None:
            commands.append(resolved)
    return tuple(commands), tuple(faults)


def _is_same(left: DeclaredCommand, right: DeclaredCommand) -> bool:
    return same(left.body, right.body)


def _shown(command: DeclaredCommand) -> str:
    return canonical(command.body).decode()


def _command(
    command: DeclaredCommand, reading: Reading, declared: AbstractSet[str], faults: list[Fault]
) -> Command | None:
    about = f"command {command.name}"
    if not reading.capabilities.can_execute:
        advice = "This platform runs no commands. Remove it, or narrow the selector to devices that can run it"
        faults.append(Fault.of(CANNOT_EXECUTE, command.span, about, advice))
        return None
    execute = reading.path(str(command.body.get("execute")))
    if isinstance(execute, Problem):
        faults.append(Fault.from_problem(execute, command.span, about))
        return None
    args = _args(command, reading, about, faults)
    after = _after(command, reading, declared, about, faults)
    trigger = _text(command.body.get("trigger"))
    is_idempotent = command.body.get("idempotent") is True
    expire_after_s = _expiry(command, about, faults)
    waits = command.body.get("waitFor") == "confirmed"
    before = _before(command, reading, about, faults)
    return Command(
        command.name, execute, args, after, trigger, is_idempotent, expire_after_s, waits, command.span, before
    )


def _expiry(command: DeclaredCommand, about: str, faults: list[Fault]) -> int | None:
    written = command.body.get("expireAfter")
    if written is None:
        return None
    seconds = duration_s(written)
    if seconds is None:
        detail = f"Found expireAfter {_shown_value(written)}, expected e.g. 90s, 15m, 72h or 3d"
        faults.append(Fault.of(BAD_DURATION, command.span, about, detail))
    return seconds


def expiry_faults(commands: Sequence[Command], delivery: Delivery) -> Iterator[Fault]:
    """Commands that would expire before they may be delivered."""
    for command in commands:
        if command.expire_after_s is not None and command.expire_after_s <= delivery.valid_after_s:
            detail = (
                f"expireAfter is {command.expire_after_s} s, validAfter {delivery.valid_after_s} s (60 s by default), "
                "and OneNET wants the expiry after it. Raise the command's expireAfter, or lower validAfter"
            )
            yield Fault.of(BAD_WINDOW, command.span, f"command {command.name}", detail)


def _shown_value(value: Json) -> str:
    return canonical(value).decode()


def _text(value: Json) -> str | None:
    return None if value is None else str(value)


def _args(command: DeclaredCommand, reading: Reading, about: str, faults: list[Fault]) -> str | None:
    missing = reading.missing(command.mentions, command.span, about)
    if missing:
        faults.append(missing)
        return None
    args = _text(reading.filled(command.body.get("args")))
    size_bytes = len((args or "").encode("utf-8", "surrogatepass"))
    if size_bytes > ARGS_LIMIT_BYTES:
        detail = f"Found {size_bytes} bytes, at most {ARGS_LIMIT_BYTES} bytes of UTF-8 can be sent. Shorten `args`"
        faults.append(Fault.of(LONG_ARGS, command.span, about, detail))
    return args


def _after(
    command: DeclaredCommand, reading: Reading, declared: AbstractSet[str], about: str, faults: list[Fault]
) -> tuple[str, ...]:
    after = []
    for path in _paths(command, "after", reading, about, faults):
        if path in declared:
            after.append(path)
        else:
            advice = f"No layer of this device sets {path}. Set it, or remove it from `after`"
            faults.append(Fault.of(AFTER_UNDECLARED, command.span, about, advice))
    return tuple(dict.fromkeys(after))


def _before(command: DeclaredCommand, reading: Reading, about: str, faults: list[Fault]) -> tuple[str, ...]:
    """What it goes before; `order_faults` tells what of it is never written."""
    return tuple(dict.fromkeys(_paths(command, "before", reading, about, faults)))


def _paths(command: DeclaredCommand, word: str, reading: Reading, about: str, faults: list[Fault]) -> Iterator[str]:
    written = command.body.get(word)
    for text in written if isinstance(written, list) else ():
        path = reading.path(str(text))
        if isinstance(path, Problem):
            faults.append(Fault.from_problem(path, command.span, about))
        else:
            yield path
