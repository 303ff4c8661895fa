"""What `doctor` asks of a OneNET account: which calls we need, what they cost, and which answers mean which trouble.

Source: OneNET NB-IoT book list/4 to list/14, list/2, list/22; error tables; Studio use limits.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import Final

from reconcile.model.device import Identity
from reconcile.model.examination import Bearing, CallUse, Capability, Probed, RateLimit, SentCommand, Subject
from reconcile.model.observed import Look
from reconcile.platforms.onenet import config as entry
from reconcile.platforms.onenet.doctor_calls import calls_of, device_api
from reconcile.platforms.onenet.kinds import KindModels
from reconcile.platforms.onenet.model import Api, ids, instance_of
from reconcile.platforms.onenet.objects.catalogue import Catalogue
from reconcile.platforms.onenet.thing.identity import PREFIX as THING_PREFIX
from reconcile.platforms.onenet.thing.identity import is_identifier, is_thing
from reconcile.ports import Bench, ClientSettings, Models, PlatformConfig

_LIMIT: Final = RateLimit(100.0, "OneNET Studio, use limits: 100 calls a second per source address")
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
        """The list of commands and each one asked for; the device; one exchange for each object instance.

        Of a thing: its desired values, its reported values, and what the platform says of it.
        """
        if look.paths and all(map(is_identifier, look.paths)):
            return look.wants_cloud + look.wants_reported + look.wants_uplink
        finds_imei = self._connection.side(Api.CLASSIC, Api.CURRENT)
        queue = 1 + len(look.uuids) if self._connection.inspects and (look.wants_queue or look.uuids) else 0
        device = 0 if finds_imei is None else 1 + (device_api(self._connection) is Api.CLASSIC)
        reach = device if look.wants_uplink or look.wants_reported else 0
        instances = len({instance_of(path) for path in look.paths}) if look.wants_reported else 0
        return queue + reach + instances

    def lacks_model(self, models: Models, model_key: str, path: str) -> str | None:
        """The object whose definition was not found, or which does not know the resource; the product of a thing."""
        assert isinstance(models, KindModels), "models of another dialect"
        if is_thing(model_key):
            product = model_key.removeprefix(THING_PREFIX)
            return None if models.things.knows(product) else f"product {product}"
        assert isinstance(models.lwm2m, Catalogue)
        object_id, _, res_id = ids(path)
        if models.lwm2m.find(object_id) is None:
            return f"object {object_id}"
        return None if models.lwm2m.resource(object_id, res_id) is not None else f"resource {object_id}/*/{res_id}"

    def safest(self, candidates: Sequence[Bearing]) -> Sequence[Bearing]:
        """Plain values of application objects, those with neighbours in their instance first; of a thing, scalars."""
        if candidates and all(is_identifier(each.path) for each in candidates):
            has_api = self._connection.things is not None
            by_form = sorted(candidates, key=lambda each: (isinstance(each.value, (dict, list)), each.path))
            return by_form if has_api else []
        known = [each for each in candidates if not is_identifier(each.path)]
        fit = [each for each in known if ids(each.path)[0] not in _NEVER_WRITTEN and each.value_type is None]
        crowd = [instance_of(each.path) for each in known]
        may_queue = self._connection.inspects
        return sorted(fit, key=lambda each: (-crowd.count(instance_of(each.path)), ids(each.path))) if may_queue else []

    def unset_path(self, models: Models, model_key: str, declared: Collection[str]) -> str | None:
        """None: nothing is asked about resources without a value."""
        del models, model_key, declared
        return None

    async def probe(self, settings: ClientSettings, samples: Sequence[Identity], sent: SentCommand | None) -> Probed:
        """The device by IMEI, its list of commands, and one call to the instant API if that is another."""
        from reconcile.platforms.onenet.doctor_probe import probe

        return await probe(settings, self._connection, samples, sent)

    def prove(self, settings: ClientSettings, subject: Subject, bench: Bench) -> AsyncGenerator[Capability, None]:
        """Times, cancels, expiries and duplicates of cached writes; mode 2 where the device answers.

        Of a device with a thing model: versions and deletes of one desired value.
        """
        if is_identifier(subject.bearing.path):
            from reconcile.platforms.onenet.doctor_things import prove as prove_thing

            return prove_thing(settings, self._connection, subject, bench)
        from reconcile.platforms.onenet.doctor_prove import prove

        return prove(settings, self._connection, subject, bench)
