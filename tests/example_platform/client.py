"""The half that talks to the cloud: one read, one write, and each failure told as what it means for the device."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from reconcile.model.actions import Action, SetDesired
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed, Conflict, InDoubt, NotSent, ReconcileError, Refused
from reconcile.model.observed import Look, ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.values import ABSENT, UNKNOWN, JsonObject, Known, is_secret
from reconcile.ports import Accepted, ClientSettings, ListedDevice, Listing, Stamp

ANSWER_TIMEOUT_S = 10.0


class ToyClient:
    """`ports.Client`."""

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        token = settings.credentials.get("token")
        if token is None:
            raise ReconcileError("toycloud: no token")
        url = settings.endpoint or str(settings.config.spec.get("endpoint"))
        self._http = httpx.AsyncClient(
            base_url=f"{url}/{settings.config.spec['workspace']}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_TIMEOUT_S,
            trust_env=False,
        )
        self._ahead = timedelta()

    async def observe(self, ref: DeviceRef, identity: Identity, look: Look) -> ObservedDevice:
        try:
            thing = await self._call("GET", f"/things/{identity['deviceName']}")
            return ObservedDevice(ref, {path: _seen(thing, path, look) for path in look.paths})
        except CallFailed as failed:
            return ObservedDevice(ref, problem=str(failed))
        except (KeyError, TypeError, AttributeError):
            return ObservedDevice(ref, problem="the answer cannot be read")

    async def send(self, identity: Identity, action: Action, stamp: Stamp) -> Accepted:
        assert isinstance(action, SetDesired)
        secrets = self._settings.secrets
        items = {w.path: secrets.resolve(w.value) if is_secret(w.value) else w.value for w in action.items}
        body: JsonObject = {"items": items, "versions": dict(action.versions)}
        answer = await self._call("PATCH", f"/things/{identity['deviceName']}/desired", body)
        versions = answer.get("versions")
        if not isinstance(versions, dict) or versions.keys() != items.keys():
            raise InDoubt("toycloud: accepted, but the answer cannot be read")
        return Accepted(versions=versions)

    async def list_commands(self, identity: Identity, since: datetime) -> Sequence[ObservedCommand]:
        return ()

    async def learn_clock(self, identity: Identity) -> None:
        try:
            await self._call("GET", f"/things/{identity['deviceName']}")
        except Refused:
            return  # a refusal has a Date too

    def server_now(self) -> datetime:
        return self._settings.now() + self._ahead

    def answer_timeout_s(self, action: Action) -> float:
        return ANSWER_TIMEOUT_S

    async def list_devices(self, listing: Listing) -> AsyncIterator[ListedDevice]:
        """Optional (`ports.Lister`): for inventories that the cloud keeps."""
        for name in (await self._call("GET", "/things"))["things"]:
            yield ListedDevice(name, {"deviceName": name}, {"model": "toy"})

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        await self._settings.pace()
        try:
            answer = await self._http.request(method, path, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            raise NotSent("toycloud: no connection") from exc
        except httpx.HTTPError as exc:
            raise InDoubt("toycloud: no whole answer") from exc
        if date := answer.headers.get("date"):
            self._ahead = parsedate_to_datetime(date) - self._settings.now()
        if answer.status_code == 409:
            raise Conflict("toycloud: changed meanwhile", vendor_code="409")
        if 400 <= answer.status_code < 500:
            raise Refused(f"toycloud: refused with {answer.status_code}", vendor_code=str(answer.status_code))
        try:
            told = answer.json() if answer.status_code == 200 else None
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise InDoubt(f"toycloud: {answer.status_code}, and nothing that can be read")
        return told


def _seen(thing: JsonObject, path: str, look: Look) -> ObservedResource:
    desired, reported = thing["desired"].get(path), thing["reported"].get(path, ABSENT)
    cloud: Known = ABSENT if desired is None or desired["value"] is None else desired["value"]
    version = 0 if desired is None else desired["version"]
    return ObservedResource(cloud, version, reported=reported if look.wants_reported else UNKNOWN)
