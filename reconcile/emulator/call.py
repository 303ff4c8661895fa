"""One request on its way through a cloud: what it asks for, told apart before anybody checks it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from reconcile.emulator.faults import Fault
from reconcile.emulator.messages import Answer, Json, Request

if TYPE_CHECKING:
    from reconcile.emulator.world import World


PairsHook = Callable[[list[tuple[str, Json]]], Json]


@dataclass(slots=True)
class Call:
    """A parsed request. `run` carries it out; `fail` is the cloud's own way to say a scripted fault.

    `fail(call, kind, argument)` knows the kinds `throttle`, `server_error` and `errno`. `pairs` are the
    parameters as they came, repeated names included.
    """

    world: World
    request: Request
    now_ms: int
    cloud: str
    operation: str
    mutating: bool
    run: Callable[[Call], Answer]
    fail: Callable[[Call, str, str], Answer]
    params: Mapping[str, str]
    pairs: Sequence[tuple[str, str]] = ()
    path_argument: str = ""
    device: str | None = None
    target: Json = None
    body: Json = None
    precondition: Json = None
    is_body_json: bool = True
    is_copy: bool = False
    skew_ms: int = 0
    faults: tuple[Fault, ...] = field(default=())

    @property
    def real_ms(self) -> int:
        """Now for devices; `now_ms` is the platform's, which a fault may have put wrong by `skew_ms`."""
        return self.now_ms - self.skew_ms

    def fault(self, name: str) -> Fault | None:
        """The fault of that name which strikes this call."""
        return next((fault for fault in self.faults if fault.name == name), None)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def finite(text: str) -> float:
    """A JSON number with a fraction or an exponent; one too large for a double is refused."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def strict_json(
    text: str | bytes, parse_float: Callable[[str], float] = finite, pairs: PairsHook | None = None
) -> Json:
    """Parsed JSON. Raises ValueError; also for NaN, Infinity, lone surrogates and nesting beyond reason."""
    try:
        parsed = json.loads(text, parse_float=parse_float, parse_constant=_no_constant, object_pairs_hook=pairs)
    except RecursionError:
        raise ValueError("JSON nested too deep") from None
    if (b"\\u" if isinstance(text, bytes) else "\\u") in text:  # type: ignore[operator]  # needle and text are of one kind
        json.dumps(parsed, ensure_ascii=False).encode()
    return parsed
