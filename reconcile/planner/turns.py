"""How many uplinks more a device needs until all that waits for its turn is confirmed: one for each link of a chain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field

from reconcile.model.desired import DesiredDocument
from reconcile.model.late import dataclass


@dataclass(slots=True)
class Chains:
    """What waits for its turn on one device: resources by path, commands by name.

    `before`: what each resource follows, directly or not; `awaited`: the resources that each command waits for.
    """

    document: DesiredDocument
    before: Mapping[str, frozenset[str]]
    awaited: Mapping[str, Collection[str]]
    paths: Collection[str]
    commands: Collection[str]
    _known: dict[str, int] = field(default_factory=dict)

    def longest(self) -> int:
        """0 when nothing waits. What is sent by the plan itself is not counted."""
        return max([*map(self._of_path, self.paths), *map(self._of_command, self.commands)], default=0)

    def _of_path(self, path: str) -> int:
        if path not in self._known:
            self._known[path] = 1  # a circle, which manifests cannot have, would end here
            ahead = [self._of_path(each) for each in self.before.get(path, ()) if each in self.paths]
            ahead += [
                self._of_command(each.name)
                for each in self.document.commands
                if path in each.before and each.name in self.commands
            ]
            self._known[path] = 1 + max(ahead, default=0)
        return self._known[path]

    def _of_command(self, name: str) -> int:
        key = f"command {name}"  # no path begins so
        if key not in self._known:
            self._known[key] = 1
            ahead = [self._of_path(each) for each in self.awaited.get(name, ()) if each in self.paths]
            names = [each.name for each in self.document.commands]
            waits = {each.name for each in self.document.commands if each.waits_for_confirmation}
            earlier = names[: names.index(name)] if name in waits else []
            ahead += [self._of_command(each) for each in earlier if each in self.commands]
            self._known[key] = 1 + max(ahead, default=0)
        return self._known[key]
