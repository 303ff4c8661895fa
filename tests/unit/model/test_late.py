"""Classes whose methods are written late are what the standard decorator makes."""

import copy
import dataclasses
import inspect
import pickle
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace
from pathlib import Path
from typing import get_type_hints

import pytest

from reconcile.model import late
from reconcile.model.late import dataclass


def same_letters(this, other):
    return this.text.lower() == other.text.lower()


def kinds(decorate):
    @decorate(frozen=True, slots=True, order=True)
    class Point:
        """A place."""

        x: int
        y: int = 2
        words: tuple[str, ...] = field(default=(), compare=False)

        def __str__(self):
            return f"at {self.x}"

    @decorate(slots=True)
    class Bag:
        things: list[int] = field(default_factory=list)

        def __post_init__(self):
            self.things.append(0)

    @decorate(frozen=True, slots=True)
    class Named(Point):
        name: str = "?"

    @decorate(frozen=True, slots=True, eq=False, repr=False)
    class Single:
        one: int

    def made(**options):
        @decorate(slots=True, **options)
        class Made:
            one: int
            own: list[int] = field(default_factory=list)
            fixed: int = field(default=3, init=False)
            kept: list[int] = field(default_factory=list, init=False)
            word: str = field(default="w", kw_only=True)
            must: str = field(kw_only=True)
            later: int = field(init=False)

            def __post_init__(self):
                self.own.append(self.fixed)

        return Made

    plain = type("Alike", (), {"__annotations__": {"text": str}, "__eq__": same_letters, "__module__": __name__})
    alike = decorate(frozen=True, slots=True)(plain)
    return Point, Bag, Named, Single, alike, made(), made(frozen=True)


def told(work):
    """What comes of it, as a text; of a failure its kind and words."""
    try:
        return repr(work())
    except (TypeError, AttributeError) as failure:
        return f"{type(failure).__name__}: {failure}"


def of_both(work):
    return lambda c: [told(lambda kind=kind: work(kind)) for kind in c[5:]]


def shown(one):
    return [getattr(one, name, "nothing") for name in one.__slots__], type(one).__init__.__qualname__


ASKED = {
    "made": of_both(lambda kind: shown(kind(1, must="m"))),
    "made of all": of_both(lambda kind: shown(kind(1, [4], word="x", must="m"))),
    "made without what it needs": of_both(lambda kind: kind(1)),
    "made by place of what has none": of_both(lambda kind: kind(1, [2], 5, must="m")),
    "made with what is not asked": of_both(lambda kind: kind(1, must="m", fixed=4)),
    "own lists of what is made": of_both(lambda kind: kind(1, must="m").kept is kind(1, must="m").kept),
    "signatures": of_both(lambda kind: (kind(1, must="m") and "", str(inspect.signature(kind)))),
    "made and asked for its type": of_both(lambda kind: get_type_hints(kind(1, must="m").__init__)),
    "words": lambda c: c[0](1),
    "text": lambda c: str(c[0](1)),
    "keywords": lambda c: c[0](y=3, x=1, words=("a",)),
    "a missing argument": lambda c: c[0](),
    "an unknown argument": lambda c: c[0](1, z=2),
    "alike": lambda c: (c[0](1) == c[0](1), c[0](1) == c[0](2), c[0](1) == 1, c[0](1) == c[2](1)),
    "hashes": lambda c: (hash(c[0](1)) == hash((1, 2)), hash(c[2](1)) == hash((1, 2, "?"))),
    "order": lambda c: (c[0](1) < c[0](2), c[0](1) >= c[0](1, 3), sorted([c[0](3), c[0](1)])),
    "order of others": lambda c: c[3](1) < c[3](2),
    "a member set": lambda c: setattr(c[0](1), "x", 2),
    "a member deleted": lambda c: delattr(c[0](1), "x"),
    "a member set of a bag": lambda c: setattr(c[1](), "things", 2),
    "a member that is none": lambda c: setattr(c[1](), "other", 2),
    "no dictionary": lambda c: c[0](1).__dict__,
    "own lists": lambda c: (c[1](), c[1]([5]), c[1]().things is c[1]().things),
    "no hash of what changes": lambda c: hash(c[1]()),
    "subclass": lambda c: (c[2](1, name="n"), c[2].__slots__, c[2].__match_args__),
    "single": lambda c: (c[3](1) == c[3](1), len({c[3](1), c[3](1)})),
    "own equality": lambda c: (c[4]("A") == c[4]("a"), hash(c[4]("A")) == hash(("A",)), c[4]("A")),
    "fields": lambda c: [(one.name, one.type, one.compare, one.init) for kind in c for one in fields(kind)],
    "kinds": lambda c: [(k.__name__, k.__qualname__, k.__module__, is_dataclass(k), k.__slots__) for k in c],
    "replaced": lambda c: replace(c[0](1), y=9),
    "copied": lambda c: (copy.copy(c[0](1)), copy.deepcopy(c[1]([4]))),
    "as a dictionary": lambda c: dataclasses.asdict(c[2](1)),
}


@pytest.mark.parametrize("question", ASKED)
def test_it_is_what_the_standard_decorator_makes(question):
    ask = ASKED[question]

    assert told(lambda: ask(kinds(dataclass))) == told(lambda: ask(kinds(dataclasses.dataclass)))


def test_patterns_match_by_place():
    point = kinds(dataclass)[0]
    match point(4, 5):
        case point(x, y):
            assert (x, y) == (4, 5)


def test_a_frozen_one_refuses_before_any_other_use():
    point = kinds(dataclass)[0]
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        object.__new__(point).x = 1


@dataclass(frozen=True, slots=True)
class Sent:
    text: str
    size: int = 0


def test_what_another_process_sends_is_read_before_any_other_use():
    sent = pickle.dumps(Sent("a", 3)).hex()
    program = f"import pickle; print(pickle.loads(bytes.fromhex({sent!r})))"
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )

    assert said.stdout == "Sent(text='a', size=3)\n"


@pytest.mark.parametrize("text", ["ClassVar[int]", "InitVar[int]", "KW_ONLY"])
def test_what_is_no_field_is_refused(text):
    with pytest.raises(TypeError, match=r"dataclasses\.dataclass"):
        dataclass(slots=True)(type("Odd", (), {"__annotations__": {"one": text}}))


def test_nothing_is_compiled_until_the_first_use(monkeypatch):
    compiled = []
    create = dataclasses.dataclass
    monkeypatch.setattr(dataclasses, "dataclass", lambda **options: compiled.append(options) or create(**options))
    point = kinds(dataclass)[0]

    assert not compiled
    point(1)
    point(2)
    assert len(compiled) == 1


def test_what_commands_import_is_written_late():
    """One import of the standard decorator costs each start half a millisecond a class; the emulator knows none of us."""
    standard = re.compile(r"^from dataclasses import .*\bdataclass\b|^import dataclasses", re.MULTILINE)
    folder = Path(late.__file__).parents[1]
    paths = (path.relative_to(folder) for path in folder.rglob("*.py"))
    ours = [path.as_posix() for path in paths if path.parts[0] not in {"emulator", "testing"}]

    assert len(ours) > 500
    assert [path for path in ours if standard.search((folder / path).read_text(encoding="utf-8"))] == ["model/late.py"]
