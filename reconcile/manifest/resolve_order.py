"""Order inside a device: `after` of resources, `after` and `before` of commands, and what of it can never come true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconcile.manifest.layer_codes import ORDER_CIRCLE, ORDER_UNWRITTEN
from reconcile.manifest.layer_entries import Entry
from reconcile.manifest.resolve_faults import Fault
from reconcile.manifest.resolve_reading import Reading
from reconcile.model.desired import Command, DesiredResource, Ownership
from reconcile.model.diagnostic import Span
from reconcile.ports import Problem

_WRITTEN = (Ownership.ENFORCE, Ownership.SEED)


def resolve_after(entry: Entry, reading: Reading, about: str) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
    """The resources that the entry follows, by canonical path, and what cannot be read of them."""
    read = [reading.path(text) for text in entry.after]
    faults = tuple(Fault.from_problem(path, entry.span, about) for path in read if isinstance(path, Problem))
    return tuple(dict.fromkeys(path for path in read if not isinstance(path, Problem))), faults


def order_faults(
    resources: Sequence[DesiredResource], commands: Sequence[Command], reading: Reading
) -> Iterator[Fault]:
    """What no run could ever satisfy: an order that goes in a circle, or that waits for what nobody writes."""
    if not any(resource.after for resource in resources) and not any(command.before for command in commands):
        return
    declared = {resource.path: resource for resource in resources}
    for resource in resources:
        about = f"resource {reading.shown(resource.path)}"
        yield from _unwritten(resource.after, "after", declared, resource.span, about)
    for command in commands:
        yield from _unwritten(command.before, "before", declared, command.span, f"command {command.name}")
    spans = {path: resource.span for path, resource in declared.items()}
    spans |= {_node(command): command.span for command in commands}
    for circle in _circles(_order(declared, commands)):
        way = " -> ".join(f"{node} ({spans[node]})" for node in circle)
        words = "`after`" if declared.keys() >= set(circle) else "`after`, `before` or `waitFor`"
        detail = f"{way} -> {circle[0]}. Take one of these out of an {words}"
        about = f"resource {reading.shown(circle[0])}" if circle[0] in declared else circle[0]
        yield Fault.of(ORDER_CIRCLE, spans[circle[0]], about, detail)


def _unwritten(
    paths: Sequence[str], word: str, declared: Mapping[str, DesiredResource], span: Span, about: str
) -> Iterator[Fault]:
    for path in paths:
        advice = _never_written(path, declared.get(path), word)
        if advice is not None:
            yield Fault.of(ORDER_UNWRITTEN, span, about, advice)


def _node(command: Command) -> str:
    """What a command is called among the paths; no path begins so."""
    return f"command {command.name}"


def _order(declared: Mapping[str, DesiredResource], commands: Sequence[Command]) -> dict[str, list[str]]:
    """What each resource and command follows directly, commands with `before` or `waitFor` included."""
    follows: dict[str, list[str]] = {path: list(declared[path].after) for path in sorted(declared)}
    written = [path for path in follows if declared[path].ownership in _WRITTEN]
    for position, command in enumerate(commands):
        awaited = list(command.after)
        if command.waits_for_confirmation:
            awaited += written if command.trigger is not None else ()
            awaited += map(_node, commands[:position])
        follows[_node(command)] = awaited
        for path in command.before:
            follows.get(path, []).append(_node(command))
    return follows


def _never_written(path: str, followed: DesiredResource | None, word: str) -> str | None:
    if followed is None:
        return f"No layer of this device sets {path}. Set it, or remove it from `{word}`"
    if followed.ownership in _WRITTEN:
        return None
    return f"{path} has `mode: {followed.ownership}` ({followed.span}): nobody writes it. Remove it from `{word}`"


def _circles(after: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """One circle for each set of resources that follow each other: the way from one to what it follows, and so on."""
    finished: set[str] = set()
    for start in after:
        way: list[str] = []
        left: list[tuple[str, bool]] = [(start, True)]
        while left:
            path, is_entered = left.pop()
            if not is_entered:
                finished.add(way.pop())
            elif path in finished:
                continue
            elif path in way:
                yield way[way.index(path) :]
                finished.update(way)
            else:
                way.append(path)
                left.append((path, False))
                left += [(earlier, True) for earlier in reversed(after.get(path, ()))]
