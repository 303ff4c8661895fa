"""States move between backends without a loss: what is exported anywhere is what was imported, byte for byte."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.model.device import DeviceRef
from reconcile.model.drift import DriftHistory, DriftRound
from reconcile.model.journal import AttemptState
from reconcile.model.recorded import DeliveryState
from reconcile.model.rollout import RolloutMark
from reconcile.model.values import canonical
from reconcile.ports import Commit
from reconcile.state.backends import open_state
from reconcile.testing.builders import AT, attempt, entry, recorded, resource

# No surrogates and no NUL in names: no manifest can declare one, and PostgreSQL's text holds none.
names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
devices = st.builds(
    lambda platform, name, value, waits, digest: recorded(
        "meter-1",
        resource(value=value, delivery=DeliveryState.QUEUED if waits else DeliveryState.ACCEPTED),
        ref=DeviceRef(platform, name),
        digest=digest,
        drifts={"/3303/0/5603": DriftHistory(value, (DriftRound(AT, value),), 3)},
        rollout=RolloutMark("p", "r", 1, "d", AT),
    ),
    st.sampled_from(["onenet-prod", "aliyun-prod", "a"]),
    names,
    values,
    st.booleans(),
    st.none() | names,
)
histories = st.lists(st.tuples(st.lists(devices, max_size=3), st.integers(0, 3), st.booleans(), names), max_size=4)
_NUMBERS = itertools.count()


def filled(store, history):
    """Plans begun one after the other, of whose steps some stay open; some plans are used."""
    for number, (some, steps, is_used, name) in enumerate(history):
        plan = f"sha256:{number}{name}"
        opened = [attempt(f"s{step}", plan=plan, fence=number + 1) for step in range(steps)]
        store.commit(Commit(opened=opened, devices=some, begun_plan=plan), fences={})
        done = [entry(f"s{step}", AttemptState.DONE, plan=plan, fence=number + 1) for step in range(0, steps, 2)]
        store.commit(Commit(entries=done, consumed_plan=plan if is_used else None), fences={})


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories)
def test_export_of_an_import_of_an_export_is_the_export(tmp_path, postgres_server, history):
    urls = {
        "sqlite": lambda: f"sqlite:///{tmp_path}/{next(_NUMBERS)}.db",
        "postgresql": lambda: f"{postgres_server.url()}?schema=moves_{abs(hash(tmp_path))}_{next(_NUMBERS)}",
    }
    exports, attempts, bodies = [], [], None
    for name in ("postgresql", "sqlite", "postgresql"):
        with open_state(urls[name](), folder=tmp_path, create=True) as store:
            if bodies is None:
                filled(store, history)
            else:
                store.restore(bodies, AT)
            bodies = list(store.export())
            exports.append(b"\n".join(map(canonical, bodies)))
            attempts.append(list(store.open_attempts()))
    assert exports[0] == exports[1] == exports[2]
    assert attempts[0] == attempts[1] == attempts[2]
