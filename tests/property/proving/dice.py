"""Histories thrown with dice: the same moves as the state machine's, without its bookkeeping; for mutants and soaks."""

import random
from dataclasses import replace

from reconcile.model.desired import Delivery, DeliveryMode, OnDrift
from reconcile.runs.request import Refresh

from .fleet import PATHS
from .history import History
from .past import Rules

SWITCHES = {
    "cached_limit": ("refuse", "evict"),
    "limit_counts": ("open", "waiting", "all"),
    "uplink_releases": ("all", "one"),
    "delivery": ("parallel", "serial"),
    "retry_position": ("keep", "back"),
    "notify_retries": ("no", "yes"),
    "between_retries": ("wait", "sent"),
    "negative_answer": ("delivered", "failed"),
    "undefined_status": ("8", "7"),
    "cancel_after_valid_time": ("allow", "refuse"),
    "cancel_refusal": ("5006", "5108", "succ"),
    "longest_validity": ("unlimited", "30d"),
    "push_ended": ("no", "yes"),
}
WRITES = ("queue_write", "queue_execute", "write_now", "set_desired", "clear_desired", "cancel")
READS = ("history", "detail", "query_desired", "read_now", "query_device")
FAULTS = (
    "drop_before_landing",
    "drop_answer_after_landing",
    "http_500_before",
    "http_500_after",
    "garbled_body",
    "truncated_body",
    "slow:40",
    "late_copy:90",
    "throttle",
    "errno:5108",
    ("late_copy:5", "drop_before_landing"),
    ("late_copy:40", "drop_before_landing"),
    ("late_copy:90", "http_500_before"),
)
MOVES = (
    *("edit",) * 4,
    *("order",) * 2,
    *("apply",) * 5,
    *("wake", "wait", "intrude", "radio", "race", "save", "late", "stale", "anew"),
)
FLEETS = (("sleeper",), ("sleeper",), ("lamp",), ("listener",), ("sleeper", "lamp"), ("valve",), tuple(PATHS))
ORDERS = ("trigger", "trigger", "after", "after", "before", "none")
OPERATIONS = {
    "sleeper": ("queue_write", "queue_execute", "cancel", "history", "detail"),
    "listener": ("write_now", "read_now", "query_device"),
    "lamp": ("set_desired", "set_desired", "query_desired"),
    "valve": ("set_desired", "set_desired", "clear_desired", "query_desired"),
}


def begin(dice, fleets, rules, chosen):
    """A history of one of those fleets, with its switches, its delivery and its rules."""
    names = dice.choice(fleets)
    switches = {name: dice.choice(choices) for name, choices in SWITCHES.items() if dice.random() < 0.3} | chosen
    delivery = replace(
        Delivery(),
        valid_after_s=dice.choice([10, 60]),
        timeout_s=5,
        expire_after_s=dice.choice([600, 7200, 259_200]),
        retry=dice.choice([0, 3]),
    )
    thrown = Rules(
        is_ordered=dice.random() < 0.3,
        removes=dice.random() < 0.3,
        on_drift=dice.choice([OnDrift.REVERT, OnDrift.REVERT, OnDrift.REPORT, OnDrift.ADOPT]),
        may_be_replaced=dice.random() < 0.2,
    )
    mode = dice.choice([DeliveryMode.QUEUE, DeliveryMode.QUEUE, DeliveryMode.AUTO])
    return History(names, switches, delivery, mode, rules or thrown)


def move(history, dice, moves, befalls):
    """One move."""
    kind, name = dice.choice(moves), dice.choice(history.names)
    path = dice.choice(PATHS[name][:1] + PATHS[name])
    match kind:
        case "edit":
            history.edit(name, path, dice.choice(["new", "new", "new", "back", "drop", "null"]))
        case "order" if "sleeper" in history.names:
            history.order(dice.choice(ORDERS))
        case "apply":
            refresh = dice.choice([Refresh.CHANGED] * 3 + [Refresh.ALL])
            history.apply(refresh, budget=dice.choice([None, None, 1, 4]), **befalls(dice, name))
        case "save":
            history.save()
        case "stale":
            history.save()
            history.edit(name, path, "new")
            history.apply()
            history.apply_saved(**befalls(dice, name))
        case "late":
            history.apply_saved(**befalls(dice, name))
        case "anew" if "sleeper" in history.names:
            dice.choice([history.swap, history.reset])()
        case "wake":
            history.wake(name)
        case "wait":
            history.wait(dice.choice([5, 70, 1000, 8000]))
        case "intrude":
            history.intrude(name, path)
        case "radio" if "sleeper" in history.names:
            history.radio(dice.choice(["device_silent", "device_answer_lost"]))
        case "race":
            history.race(name)


def accident(dice, name):
    """What befalls one apply."""
    match dice.randrange(6):
        case 0:
            return {"death": ("send", dice.randrange(4), dice.choice(["before", "after"]))}
        case 1:
            return {"death": ("commit", dice.randrange(8), dice.choice(["before", "after"]))}
        case 2:
            return {"stop_after_s": dice.choice([0.03, 0.2, 1.0])}
        case 3 | 4:
            count = dice.choice([1, 1, 2])
            where = [dice.choice(OPERATIONS[name]) for _ in range(count)]
            return {"faults": [(op, dice.choice([1, 1, 2]), dice.choice(FAULTS)) for op in where]}
    return {}


def deaths(dice, _name):
    """Every apply dies, between two of its first requests."""
    return {"death": ("send", dice.randrange(3), dice.choice(["before", "after"]))}


def copies(dice, name):
    """The answer to every first write is lost, and a copy of it comes late."""
    late = dice.choice(["late_copy:5", "late_copy:20", "late_copy:40"])
    return {"faults": [(OPERATIONS[name][dice.randrange(2)], 1, (late, "drop_before_landing"))]}


def play(seed, length=8, fleets=FLEETS, moves=MOVES, befalls=accident, rules=None, switches=None):
    """One whole history of that seed, and what it took; on demand with other rules, switches, moves or accidents.

    Raises: AssertionError for whatever does not hold.
    """
    dice = random.Random(seed)
    history = begin(dice, fleets, rules, switches or {})
    try:
        history.edit(history.names[0], PATHS[history.names[0]][0], "new")
        for _ in range(dice.randrange(3, length + 1)):
            move(history, dice, moves, befalls)
        history.finish()
        return history.toll()
    finally:
        history.close()
