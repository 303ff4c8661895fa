"""Deliberate faults in rollouts, safety and saved plans: one changed line each, and what it would do to a fleet.

A fault is put into the functions that are loaded, whoever imported them, and taken out again.
"""

import inspect
from contextlib import contextmanager
from importlib import import_module
from types import FunctionType

GATE, STAGE, WAVES = (f"reconcile.planner.rollout_{name}" for name in ("gate", "stage", "waves"))
ABORT, MODEL, MARK = "reconcile.planner.rollout_abort", "reconcile.model.rollout", "reconcile.apply.rollout_mark"
LIMITS, GUARD = "reconcile.planner.safety", "reconcile.planner.safety_guard"
WATCH = "reconcile.runs.rollout_watch"
SAVED, ALLOWED = "reconcile.runs.saved_plan", "reconcile.runs.saved_safety"

MUTANTS = {
    "the next wave goes while the last is not sent": (GATE, "if seen.unsent:", "if False:"),
    "a wave of silent devices opens the gate": (GATE, "if not seen.confirmed:\n        return False", "pass"),
    "silence is success": (GATE, "self.confirmed + self.failed + self.silent", "self.confirmed + self.failed"),
    "silence is failure": (GATE, "seen.confirmed, seen.failed, rollout.confirmed_percent / 100",
                           "seen.confirmed, seen.failed + seen.silent, rollout.confirmed_percent / 100"),
    "nobody is ever given up on": (GATE, "self.failed + self.silent\n", "self.failed + self.silent + self.parked\n"),
    "just enough is not enough": (GATE, "100 * seen.confirmed >=", "100 * seen.confirmed >"),
    "one more look is one more chance": (GATE, "_DOUBT = 0.05", "_DOUBT = 0.5"),
    "the evidence is never strong": (GATE, "_DOUBT = 0.05", "_DOUBT = 1e-30"),
    "bad luck is taken for a good share": (GATE, "if not seen or hits <= share * seen:", "if not seen:"),
    "it stops at the minimum": (GATE, "seen.failed <= rollout.minimum", "seen.failed < rollout.minimum"),
    "it stops at the limit": (GATE, "100 * seen.failed >", "100 * seen.failed >="),
    "it never stops": (GATE, "seen.failed <= rollout.minimum", "True"),
    "each wave is judged by itself": (STAGE, "so_far += seen[wave]", "so_far = seen[wave]"),
    "an abort is forgotten": (STAGE, "mark.id == rollout.id and mark.is_aborted for", "False for"),
    "an abort outlives its rollout": (STAGE, "mark.id == rollout.id and mark.is_aborted for", "mark.is_aborted for"),
    "an aborted rollout goes on": (STAGE, " or self.standing is Standing.ABORTED else", " else"),
    "windows are for reading": (STAGE, "0 if self.opens is not None or", "0 if"),
    "what nobody knows is failure": (STAGE, "uuid is not None and delivery is", "delivery is"),
    "an expired command is failure": (STAGE, "delivery is DeliveryState.FAILED for", "delivery.is_lost for"),
    "a failure long ago counts": (STAGE, "if r.accepted_at >= mark.at]\n    ended +=", "]\n    ended +="),
    "a failure of another rollout counts": (STAGE, "if mark.id == rollout.id and (mark.has_failed", "if (mark.has_failed"),
    "refusals are not looked at": (STAGE, "(mark.has_failed or has_failed(member.record, mark)):\n        return Evidence",
                                   "has_failed(member.record, mark):\n        return Evidence"),
    "other values count": (STAGE, " or mark.document != document.digest", ""),
    "accepted is confirmed": (STAGE, "r.delivery is DeliveryState.CONFIRMED or", "not r.delivery.is_open or"),
    "silence has no end": (STAGE, "return now - mark.at >=", "return False and now - mark.at >="),
    "a device that was told nothing is silent": (STAGE, "return mark if mark.is_told or", "return mark if True or"),
    "what was told nothing keeps its place": (STAGE, "mark.is_told or now - mark.at <", "mark.is_told or now - mark.at >="),
    "a silent device holds its place": (WAVES, "for device in sent if not device.is_parked)\n    waves",
                                        "for device in sent)\n    waves"),
    "the device heard least is the canary": (WAVES, "_soon(rollout, device) <", "_soon(rollout, device) >"),
    "every device is a canary": (WAVES, "if mine not in covered and (mine not in best or", "if True or (mine not in best or"),
    "a canary is sent again and again": (WAVES, "mine not in covered and", ""),
    "there is no end to canaries": (WAVES, "needed > wave.at_most", "False"),
    "a wave is rounded down": (WAVES, "ceil(round(", "int(round("),
    "earlier waves do not count": (WAVES, "max(0, target - before)", "target"),
    "labels order nothing": (WAVES, "values.index(value) if value in values else len(values)", "0"),
    "a window has no last minute": (MODEL, "begin <= now < end", "begin < now < end"),
    "a window ends too late": (MODEL, "begin <= now < end", "begin <= now <= end"),
    "a night has no morning": (MODEL, "for offset in range(-1, 9)", "for offset in range(9)"),
    "clocks never change": (MODEL, "    return late\n", "    return day.astimezone(UTC) + timedelta(minutes=minutes)\n"),
    "a skipped time is an hour late": (MODEL, "while late - early > timedelta(seconds=1)", "while False"),
    "every day is a good day": (MODEL, "if day.weekday() not in self.days:", "if False:"),
    "a bad key stops rollouts": (MARK, "or refused.is_account_wide", ""),
    "being asleep is failure": (MARK, "refused.is_unreachable or", ""),
    "a withdrawal that fails is failure": (MARK, " or isinstance(action, CancelQueued)", ""),
    "no refusal counts": (MARK, "has_failed=True", "has_failed=False"),
    "an abort overwrites whoever wrote since": (ABORT, "seen.version is None or seen.version != resource.version or", ""),
    "an abort takes back what devices hold": (ABORT, "(seen.reported, resource.confirmed)", "(resource.confirmed,)"),
    "an abort takes back earlier changes": (ABORT, "if resource.accepted_at < mark.at:", "if False:"),
    "an abort takes back other rollouts": (ABORT, " or not _is_told(rollout, situation, mark)", ""),
    "an abort takes back other changes": (ABORT, " and mark.document == situation.document.digest", ""),
    "an abort leaves what went out under other words": (ABORT, "mark.id == rollout.id or is_same", "mark.id == rollout.id"),
    "an abort writes fingerprints of secrets": (ABORT, "or is_secret(resource.value) or is_secret(resource.confirmed)", ""),
    "an abort sends to what is protected": (ABORT, "goes_back=False)\n    if work", "goes_back=True)\n    if work"),
    "an abort does not spare those on hold": (ABORT, "if ref in ground.alone:", "if False:"),
    "a wave that goes wrong goes on": (WATCH, "self.stopped.add(profile)", "pass"),
    "the rest of the wave does not count": (WATCH, "            if counted is None:", "            if False:"),
    "a device counts twice": (WATCH, "+= found - known", "+= found"),
    "a few devices are a percentage": (LIMITS, "count.managed >= population and", ""),
    "a limit is exceeded when it is reached": (LIMITS, "count.changed > devices", "count.changed >= devices"),
    "percentages are not counted": (LIMITS, "count.changed * 100 > percent * count.managed", "False"),
    "an inventory may vanish": (LIMITS, "count.gone * 100 <= limit * known", "True"),
    "any line raises any limit": (LIMITS, "one.kind == breach.name and", ""),
    "a line raises without end": (LIMITS, "and breach.found <= one.up_to", ""),
    "a plan outlives the limit's line": (LIMITS, "min([at, *(one.until for one in self.raised)])", "at"),
    "a plan outlives the line": (GUARD, "min([at, *(line.until for _, line in self._allowed)])", "at"),
    "a line is for every device": (GUARD, "and line.covers(device)\n            ),", "),"),
    "runs strand nobody": (GUARD, "[*writes, *(command.execute for command, _ in work.runs)]", "writes"),
    "a line for writing is one for replacing": (GUARD, "if line.kind == danger.kind and", "if"),
    "what manifests protect is not": (GUARD, "if p.pattern.matches(path) and p.covers(device)), None", "if False), None"),
    "a withdrawn line still allows": (ALLOWED, "    if found is not None:", "    if False:"),
    "a withdrawn raise still allows": (ALLOWED, "    if missing is not None:", "    if False:"),
    "a raise of another limit will do": (ALLOWED, "line.kind == raised.limit and", ""),
    "plans run twice": (SAVED, "if store.is_consumed(plan.occasion):", "if False:"),
    "plans never expire": (SAVED, "if plan.expires <= session.options.now():", "if False:"),
    "plans of another state run": (SAVED, "if plan.base.lineage != store.lineage and", "if False and"),
    "plans of another version run": (SAVED, "if plan.base.tool and made_by != ours:", "if False:"),
    "plans run for platforms that left": (SAVED, "    if unknown:", "    if False:"),
    "plans run over what moved": (SAVED, "!= device.recorded", "is None"),
    "plans run on the device that came instead": (SAVED, "now.get(head.ref, head.identity) != head.identity", "False"),
    "a part is left out and sent": (SAVED, "if device.ref not in stale)", ")"),
}  # fmt: skip


@contextmanager
def mutated(module_name, old, new):
    """The faulty program. The text must be there once, so that no fault goes stale unseen."""
    module = import_module(module_name)
    source = inspect.getsource(module)
    assert source.count(old) == 1, f"{module_name}: {source.count(old)} places of {old!r}"
    faulty = {"__name__": module_name}
    exec(compile(source.replace(old, new), module.__file__, "exec"), faulty)
    bodies = [(mine, theirs) for mine, theirs in _pairs(vars(module), faulty, module_name)]
    kept = [(mine, mine.__code__) for mine, _ in bodies]
    constants = {k: v for k, v in vars(module).items() if isinstance(v, int | float) and faulty.get(k) != v}
    try:
        for mine, theirs in bodies:
            mine.__code__ = theirs.__code__
        vars(module).update({name: faulty[name] for name in constants})
        yield
    finally:
        for mine, code in kept:
            mine.__code__ = code
        vars(module).update(constants)


def _pairs(ours, theirs, module_name):
    for name, value in ours.items():
        mine, other = (_function(value), _function(theirs.get(name)))
        if isinstance(mine, FunctionType) and mine.__module__ == module_name and not mine.__code__.co_freevars:
            if other.__module__ == module_name:  # not a method that nobody has used yet: see model/late.py
                yield mine, other
        elif isinstance(mine, type) and mine.__module__ == module_name:
            yield from _pairs(dict(vars(mine)), dict(vars(other)), module_name)


def _function(value):
    if isinstance(value, staticmethod):
        return value.__func__
    return value.fget if isinstance(value, property) else value
