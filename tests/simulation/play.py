"""Plays one schedule: its moves, then faults heal and the fleet is applied and woken until it is quiet."""

import asyncio
from dataclasses import fields
from hashlib import sha256
from operator import attrgetter

from reconcile.emulator.log import Entry
from reconcile.model.errors import LeaseHeld

from . import endings, person, rule
from .arrivals import Checks
from .broken import Broken
from .fleet import IN_CLOUD
from .git import Git
from .seams import installed
from .site import Site
from .telling import story

LONGEST_RUN_S = 1500.0
ROUNDS = 16
_FACTS = attrgetter(*(field.name for field in fields(Entry)))
_HANDED_OVER = ("report", "adopt", "quarantine")


def play(schedule, tell=None):
    """Plays it; returns the site's figures. `tell` hears what happened. Raises: Broken, whatever the program raises."""
    git = Git(schedule)
    site = Site(schedule, git, Checks(git))
    with installed(site):
        site.open()
        try:
            site.loop.run_until_complete(_whole(site))
        finally:
            if tell is not None:
                for line in story(site):
                    tell(line)
            site.close()
    return {
        "requests": len(site.log),
        "processes": len(site.processes),
        "virtual_s": site.loop.time(),
        "log": sha256(repr([*map(_FACTS, site.log)]).encode()).hexdigest()[:16],
    }


async def _whole(site):
    for move in site.schedule.moves:
        await _move(site, *move)
        _crashed(site)
        endings.check_records(site)
    await _heal(site)
    endings.check(site)


async def _move(site, kind, *what):
    match kind:
        case "edit":
            site.git.edit(*what, runs=len(site.executions()))
        case "order":
            site.git.order(*what)
        case "call":
            site.git.calls(*what)
        case "rule":
            site.git.rolls_out(*what)
        case "refuse":
            site.refuse(what[0], is_willing=False)
        case "willing":
            site.refuse(what[0], is_willing=True)
        case "ask":
            await _end_of(site, site.attend(person.ask))
        case "clear":
            await _end_of(site, site.attend(lambda session: person.let_go_on(site, session)))
        case "start":
            options = dict(what[0])
            if options.get("saved") and site.saved is None:
                del options["saved"]
            site.start(**options)
        case "save":
            await _end_of(site, site.save())
        case "join":
            for process in site.processes:
                await _end_of(site, process)
        case "wait":
            await _pass(site, what[0])
        case "wake":
            site.wake(*what)
        case "intrude":
            site.intrude(*what)
        case "race":
            site.race(*what)
        case "radio":
            site.script([("deliver", 1, what[0], 1)])
        case _:
            raise ValueError(kind)


async def _pass(site, seconds):
    """Time passes; what is due happens on the way."""
    parts = 1 if seconds < 30 else 10
    for _ in range(parts):
        await asyncio.sleep(seconds / parts)
        site.tick()


async def _end_of(site, process):
    """Waits for a process. One that does not end within a bounded time breaks I12."""
    if not process.over.done():
        await asyncio.wait([process.over], timeout=LONGEST_RUN_S)
        if not process.over.done():
            raise Broken(f"I12: process {process.number} does not end: {process.steps} steps, {site.words[-3:]}")
    _crashed(site)
    endings.check_records(site)


def _crashed(site):
    """Raises whatever ended a process that is none of the program's own errors, and what checks found."""
    for complaint in site.loop.complaints:
        if "handle" in complaint:  # a callback failed: a check, or the emulator
            raise complaint["exception"]
    for process in site.processes:
        if process.task is not None and process.task.cancelled() and not process.is_dead:
            raise Broken(f"I12: process {process.number} ended by a cancellation that nothing took for its end")
        if process.task is not None and process.task.done() and not process.is_dead and process.task.exception():
            raise process.task.exception()


async def _heal(site):
    """I12: with faults healed, a bounded number of rounds brings every device to what git says."""
    site.heal()
    for process in site.processes:
        await _end_of(site, process)
    await _pass(site, 200)  # copies still on their way arrive, or are too late
    refresh = endings.needed_refresh(site)
    for number in range(ROUNDS):
        applied = await _apply(site, refresh)
        _resolve(site, applied.plan)
        if site.reader.open_attempts():
            await _end_of(site, site.attend(lambda session: person.settle(site, session)))
        if site.checks.spread.aborted:
            await _end_of(site, site.attend(lambda session: person.let_go_on(site, session)))
        plan = applied.plan
        if number > 0 and _is_quiet(site) and plan is not None and plan.is_empty and not plan.waiting:
            break
        await _pass(site, 90)
        for name in site.schedule.devices:
            site.wake(name)
        await _pass(site, 0 if number < 4 else 90_000)  # a retry may have to wait for its time
    else:
        raise Broken(f"I12: no rest after {ROUNDS} rounds: {applied.plan and applied.plan.classes} {applied}")
    seen = len(site.log)
    again = await _apply(site, refresh)
    if not again.plan.is_empty or any(entry.mutating for entry in site.log[seen:]):
        raise Broken(f"I11: applied again, it is not empty: {again.plan.classes}")
    if again.exit_code:
        raise Broken(f"I11: applied again, it ends with {again.exit_code}: {again}")


async def _apply(site, refresh):
    """An apply that nothing befalls; the lease of a dead process of another host ends by itself."""
    if site.git.herd_values:
        await _pass(site, rule.until_open_s(site.git.words, site.now()))
    for _ in range(12):  # clocks of hosts are up to eight minutes apart
        process = site.start(refresh=refresh)
        await _end_of(site, process)
        if not isinstance(process.failure, LeaseHeld):
            break
        await _pass(site, 61)
    if process.failure is not None:
        raise Broken(f"I12: an apply that nothing befell failed: {process.failure}")
    return process.outcome


def _resolve(site, plan):
    """A person looks at what a plan leaves to people: git says what was found, and drops a command that failed."""
    if plan is None:
        return
    left = [notice for notice in plan.drift if notice.drift and notice.drift.policy in _HANDED_OVER]
    for notice in (*plan.conflicts, *left):
        name, path = notice.device.name, notice.resource
        found = site.holds(name).get(path)
        if found is not None or name in IN_CLOUD:
            site.git.wants(name, path, found)
    if any("it failed" in notice.reason or "nobody can tell" in notice.reason for notice in plan.waiting):
        site.git.order("none")


def _is_quiet(site):
    return not any(command.is_open for device in site.world.onenet.values() for command in device.commands.values())
