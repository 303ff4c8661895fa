"""What `doctor` asks of a OneNET account: which calls we need, what they cost, and which answers mean which trouble.

Source: OneNET NB-IoT book list/4 to list/14, list/2, list/22; error tables; Studio use limits.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import TYPE_CHECKING, Final

from reconcile.model.device import Identity
from reconcile.model.examination import Bearing, CallUse, Capability, Probed, RateLimit, SentCommand, Subject
from reconcile.model.observed import Look
from reconcile.platforms.onenet import config as entry
from reconcile.platforms.onenet.model import Api, ids, instance_of
from reconcile.ports import Bench, ClientSettings, Models, PlatformConfig

if TYPE_CHECKING:
    from reconcile.platforms.onenet.config import Connection

_LIMIT: Final = RateLimit(100.0, "OneNET Studio, use limits: 100 calls a second per source address")
_BOTH: Final = ("plan", "apply")
_COMMANDS: Final = {Api.CLASSIC: "/nbiot", Api.CURRENT: "/nb-iot"}
_NEVER_WRITTEN: Final = frozenset((0, 1, 2, 4, 5, 9, 10, 21))
"""Security, server, access, connectivity, firmware, software: even their own value is not written for a proof."""


class OneNetExaminer:
    """`ports.Examiner` for one account."""

    def __init__(self, config: PlatformConfig, endpoint: str | None) -> None:
        self._connection = entry.connection(config, endpoint)

    def origins(self) -> Sequence[str]:
        """The origins of the instant and the cached API."""
        return tuple(dict.fromkeys((self._connection.instant.endpoint, self._connection.cached.endpoint)))

    def calls(self) -> Sequence[CallUse]:
        """The calls of the client, by the configured generations."""
        return calls_of(self._connection)

    def limit(self) -> RateLimit:
        """100 calls a second."""
        return _LIMIT

    def requests_to_look(self, look: Look) -> int:
        """The list of commands and each one asked for; the device; one exchange for each object instance."""
        queue = 1 + len(look.uuids) if look.wants_queue or look.uuids else 0
        is_classic = self._connection.cached.api is Api.CLASSIC
        reach = 1 + is_classic if look.wants_uplink or look.wants_reported else 0
        instances = len({instance_of(path) for path in look.paths}) if look.wants_reported else 0
        return queue + reach + instances

    def lacks_model(self, models: Models, model_key: str, path: str) -> str | None:
        """The object whose definition was not found."""
        from reconcile.platforms.onenet.doctor_models import is_modelled

        return None if is_modelled(models, model_key, path) else f"object {ids(path)[0]}"

    def safest(self, candidates: Sequence[Bearing]) -> Sequence[Bearing]:
        """Plain values of application objects, those with neighbours in their instance first."""
        fit = [each for each in candidates if ids(each.path)[0] not in _NEVER_WRITTEN and each.value_type is None]
        crowd = [instance_of(each.path) for each in candidates]
        return sorted(fit, key=lambda each: (-crowd.count(instance_of(each.path)), ids(each.path)))

    def unset_path(self, models: Models, model_key: str, declared: Collection[str]) -> str | None:
        """None: nothing is asked about resources without a value."""
        del models, model_key, declared
        return None

    async def probe(self, settings: ClientSettings, sample: Identity | None, sent: SentCommand | None) -> Probed:
        """The device by IMEI, its list of commands, and one call to the instant API if that is another."""
        from reconcile.platforms.onenet.doctor_probe import probe

        return await probe(settings, self._connection, sample, sent)

    def prove(self, settings: ClientSettings, subject: Subject, bench: Bench) -> AsyncGenerator[Capability, None]:
        """Times, cancels, expiries and duplicates of cached writes; mode 2 where the device answers."""
        from reconcile.platforms.onenet.doctor_prove import prove

        return prove(settings, self._connection, subject, bench)


def calls_of(connection: Connection) -> tuple[CallUse, ...]:
    """Every call with the role that needs it. A Studio side is used for instant calls only."""
    cached, instant = connection.cached.api, connection.instant.api
    root = _COMMANDS.get(cached, "")
    device = "GET /devices/getbyimei, GET /devices/{id}" if cached is Api.CLASSIC else "GET /device/detail"
    return (
        CallUse("query_device", device, _BOTH),
        CallUse("history", f"GET {root}/offline/history", _BOTH),
        CallUse("detail", f"GET {root}/offline/history/{{uuid}}", _BOTH),
        CallUse("read_now", _instant(instant, "GET", "read"), _BOTH),
        CallUse("write_now", _instant(instant, "POST", "write"), ("apply",), is_mutating=True),
        CallUse("execute_now", _instant(instant, "POST", "execute"), ("apply",), is_mutating=True),
        CallUse("queue_write", f"POST {root}/offline", ("apply",), is_mutating=True),
        CallUse("queue_execute", f"POST {root}/execute/offline", ("apply",), is_mutating=True),
        CallUse("cancel", f"PUT {root}/offline/cancel/{{uuid}}", ("apply",), is_mutating=True),
    )


def _instant(api: Api, method: str, verb: str) -> str:
    if api is Api.STUDIO:
        return f"{method} /LwM2M-online?action={verb}"
    return f"{method} {_COMMANDS[api]}" + ("/execute" if verb == "execute" else "")
