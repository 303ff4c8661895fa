"""The LwM2M object tree of a device: what it holds, and how it answers write, read and execute.

Source: OneNET NB-IoT book, list/5, list/10 (modes); cm-heclouds/nbiot_sdk source/resource.c (order of a write).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.values import Resource

SUCCESS = "SUCCESS"


class Objects:
    """All resources by path `/obj/inst/res`. With `is_open`, a path nobody declared accepts anything.

    `learned` are the paths of which the module has seen a value go up (switch `type_learning`).
    """

    __slots__ = ("is_open", "learned", "refuses", "resources")

    def __init__(self, resources: dict[str, Resource], *, is_open: bool, refuses: frozenset[str]) -> None:
        self.resources = resources
        self.is_open = is_open
        self.refuses = refuses
        self.learned: set[str] = set()

    def write(
        self, instance: str, data: Sequence[Mapping[str, Json]], mode: int, switches: Mapping[str, str]
    ) -> tuple[str, tuple[str, ...]]:
        """Outcome of a write to `/obj/inst`, and the paths that were written.

        Not atomic by default: stops at the first bad resource and keeps the earlier ones (switch `write_atomic`).
        """
        accepted: list[tuple[str, Resource, Json]] = []
        outcome = SUCCESS
        for item in data:
            path = f"{instance}/{item['res_id']}"
            outcome, resource, value = self._accept(path, item, switches)
            if outcome != SUCCESS:
                break
            accepted.append((path, resource, value))
        if outcome != SUCCESS and switches["write_atomic"] == "yes":
            return outcome, ()
        if outcome == SUCCESS and mode == 1 and switches["mode1_destructive"] == "yes":
            self._forget_others(instance, {path for path, _, _ in accepted})
        for path, resource, value in accepted:
            resource.value = value
            self.resources[path] = resource
        return outcome, tuple(path for path, _, _ in accepted)

    def read(self, path: str, *, bin2hex: bool, switches: Mapping[str, str]) -> tuple[str, Json, tuple[str, ...]]:
        """Outcome and `[{obj_inst_id, res: [{res_id, val}]}]` of a read at `/obj[/inst[/res]]`, and the paths read."""
        exact = self.resources.get(path)
        if exact is not None and "R" not in exact.operations:
            return "METHOD_NOT_ALLOWED", None, ()
        instances: dict[int, list[Json]] = {}
        paths: list[str] = []
        for (obj, instance, res_id), resource in self._under(path):
            if "R" in resource.operations and resource.value is not None:
                shown = resource.shown(f"/{obj}/{instance}/{res_id}", bin2hex=bin2hex, switches=switches)
                instances.setdefault(instance, []).append({"res_id": res_id} | shown)
                paths.append(f"/{obj}/{instance}/{res_id}")
        if not instances:
            return "NOT_FOUND", None, ()
        self.learned.update(paths)
        found = [{"obj_inst_id": instance, "res": res} for instance, res in sorted(instances.items())]
        return SUCCESS, found, tuple(paths)

    def execute(self, path: str) -> str:
        """Outcome of an execute; the caller records that it ran."""
        resource = self.resources.get(path)
        if path in self.refuses:
            return "BAD_REQUEST"
        if resource is None:
            return SUCCESS if self.is_open else "NOT_FOUND"
        return SUCCESS if "E" in resource.operations else "METHOD_NOT_ALLOWED"

    def tree(self, path: str = "", without: frozenset[str] = frozenset()) -> dict[int, dict[int, list[int]]]:
        """Resource ids by object and instance, below `path`; resources `without` leave their instance empty."""
        found: dict[int, dict[int, list[int]]] = {}
        for (obj, instance, res_id), _ in self._under(path):
            ids = found.setdefault(obj, {}).setdefault(instance, [])
            if f"/{obj}/{instance}/{res_id}" not in without:
                ids.append(res_id)
        return found

    def paths(self, path: str = "") -> list[str]:
        """The paths of all resources below `path`."""
        return [f"/{obj}/{instance}/{res_id}" for (obj, instance, res_id), _ in self._under(path)]

    def values(self) -> dict[str, Json]:
        """Every value that is set, by path."""
        return {path: resource.value for path, resource in self.resources.items() if resource.value is not None}

    def put(self, path: str, value: Json) -> None:
        """Somebody at the device changes a value, past all checks."""
        self.resources.setdefault(path, Resource()).value = value

    def _under(self, path: str) -> Iterator[tuple[tuple[int, int, int], Resource]]:
        for name, resource in self.resources.items():
            if name == path or name.startswith(f"{path}/"):
                obj, instance, res_id = name.strip("/").split("/")
                yield (int(obj), int(instance), int(res_id)), resource

    def _accept(self, path: str, item: Mapping[str, Json], switches: Mapping[str, str]) -> tuple[str, Resource, Json]:
        resource = self.resources.get(path)
        if resource is None:
            resource = Resource({1: "opaque", 2: "time"}.get(item.get("type", 0), ""))
            if not self.is_open:
                return "NOT_FOUND", resource, None
        if "W" not in resource.operations:
            return "METHOD_NOT_ALLOWED", resource, None
        if path in self.refuses or resource.is_multiple:
            return "BAD_REQUEST", resource, None
        fits, value = resource.fits(item, switches)
        if not fits:
            return "REQ_PARAM_ERROR", resource, None
        if switches["type_learning"] == "must_learn" and resource.type and path not in self.learned:
            # The module does not know the type yet and hands the text on as it came.
            value = str(value)
        return SUCCESS, resource, value

    def _forget_others(self, instance: str, kept: set[str]) -> None:
        for path, resource in self.resources.items():
            if path.startswith(f"{instance}/") and path not in kept:
                resource.value = None
