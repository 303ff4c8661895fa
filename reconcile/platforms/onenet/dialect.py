"""OneNET's answers to the planner's questions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from reconcile.model.actions import Action, ExecuteNow, QueueExecute, Queueing, QueueWrite, Write, WriteNow
from reconcile.model.desired import Command, Delivery, DesiredDocument, Ownership, WriteMode
from reconcile.model.device import Identity
from reconcile.model.observed import Look
from reconcile.model.values import Json, Known
from reconcile.platforms.onenet import config_check as entry
from reconcile.platforms.onenet import model, payload
from reconcile.platforms.onenet.objects import catalogue, questions
from reconcile.platforms.onenet.pack import pack
from reconcile.platforms.onenet.wire import body
from reconcile.ports import Capabilities, Models, NamedBytes, PlatformConfig, Problem, TypedValue

COMMANDS_PER_DEVICE = 10
"""Source: OneNET FAQ api#5 and FAQ#55. Whether the eleventh is refused or pushes out the oldest is not said."""

_CAPABILITIES = Capabilities(
    "resources",
    has_cloud_copy=False,
    has_queue=True,
    can_clear=False,
    can_execute=True,
    queue_limit=COMMANDS_PER_DEVICE,
    lifetime="/1/0/1",
)
_WRITTEN = (Ownership.ENFORCE, Ownership.SEED)


class OneNetDialect:
    """Numbers for paths, exact bytes for packing, one object instance a request."""

    def capabilities(self, model_key: str) -> Capabilities:
        """A queue that can be listed and withdrawn from, and Executes; no copy in the cloud, nothing to clear."""
        return _CAPABILITIES

    def check_config(self, config: PlatformConfig) -> Sequence[Problem]:
        """APIs, endpoints and credentials that do not fit together."""
        return entry.problems(config)

    def load_models(self, files: Iterable[NamedBytes]) -> Models:
        """LwM2M object definitions (DDF XML), above the shipped catalogue; other files are passed over."""
        return catalogue.load(files)

    def read_identity(self, fields: Mapping[str, str], device_name: str) -> Identity | Problem:
        """The IMEI."""
        return model.read_identity(fields, device_name)

    def model_key(self, identity: Identity) -> str:
        """One for all devices: an object means the same on each of them."""
        return ""

    def read_path(self, models: Models, model_key: str, text: str) -> str | Problem:
        """`/obj/inst/res`, from numbers or from names such as `Temperature/0/Min Range Value`."""
        return questions.read_path(models, text)

    def read_value(
        self,
        models: Models,
        model_key: str,
        path: str,
        value: Json,
        value_type: str | None,
    ) -> TypedValue | Problem:
        """A declared value in canonical form: opaque upper-case, times in epoch seconds, floats as floats."""
        return questions.read_value(models, path, value, value_type)

    def audit(
        self,
        models: Models,
        model_key: str,
        document: DesiredDocument,
    ) -> Sequence[tuple[str, Problem]]:
        """What definitions say against it, values and args beyond 2k or one radio message, and what mode 1 does."""
        writes = [Write(r.path, r.value, r.value_type) for r in document.resources if r.ownership in _WRITTEN]
        found = [(write.path, problem) for write in writes if (problem := _too_large(write)) is not None]
        found += [(command.name, problem) for command in document.commands if (problem := _args_too_large(command))]
        is_packable = not found
        if document.delivery.write_mode is WriteMode.REPLACE and writes:
            found += _replacing(writes, is_packable=is_packable)
        found += questions.audit(models, document)
        return [*found, *(payload.advice(_batches(writes), document.commands) if is_packable else ())]

    def same(
        self,
        models: Models,
        model_key: str,
        path: str,
        left: Known,
        right: Known,
    ) -> bool:
        """Whether a device would hold the same, in whatever form OneNET reads it back."""
        return questions.same(models, path, left, right)

    def needs_look(
        self, paths: Sequence[str], *, is_refresh_all: bool, wants_uplink: bool, uuids: Sequence[str]
    ) -> Look:
        """The queue where commands are open; the device only on a full refresh, as that costs a radio exchange."""
        return Look(
            paths=tuple(paths),
            wants_reported=is_refresh_all and bool(paths),
            wants_queue=is_refresh_all or bool(uuids),
            wants_uplink=wants_uplink,
            uuids=tuple(uuids),
        )

    def write_actions(
        self,
        writes: Sequence[Write],
        versions: Mapping[str, int],
        delivery: Delivery,
        *,
        is_now: bool,
    ) -> Sequence[Action]:
        """One request per object instance and 2k, instances in order."""
        return [
            WriteNow(instance, batch, delivery.write_mode, delivery.timeout_s)
            if is_now
            else QueueWrite(
                instance, batch, delivery.write_mode, delivery.timeout_s, _queueing(delivery, delivery.retry)
            )
            for instance, batch in _batches(writes)
        ]

    def run_action(self, command: Command, run_key: str, delivery: Delivery, *, is_now: bool) -> Action:
        """One Execute. Queued, it is not retried by the platform unless the manifest calls it idempotent."""
        target = (command.execute, command.args, command.name, run_key, delivery.timeout_s)
        if is_now:
            return ExecuteNow(*target)
        return QueueExecute(*target, _queueing(delivery, delivery.retry if command.is_idempotent else 0))

    def show_path(self, models: Models, model_key: str, path: str) -> str:
        """The names, where a definition has them; else the numbers."""
        return questions.show_path(models, path)


def _batches(writes: Sequence[Write]) -> Iterator[tuple[str, tuple[Write, ...]]]:
    in_order = sorted(writes, key=lambda write: model.ids(write.path))
    for instance, group in groupby(in_order, key=lambda write: model.instance_of(write.path)):
        for batch in pack(tuple(group)):
            yield instance, batch


def _queueing(delivery: Delivery, retry: int) -> Queueing:
    return Queueing(delivery.valid_after_s, delivery.expire_after_s, retry, delivery.trigger)


def _too_large(write: Write) -> Problem | None:
    size_bytes = body.size_bytes((write,))
    if size_bytes <= body.LIMIT_BYTES:
        return None
    return Problem(
        "RCL209",
        "value is too large for one write",
        f"{write.path} takes {size_bytes} bytes on the wire; OneNET limits the data of a write to 2k "
        f"({body.LIMIT_BYTES} bytes). Shorten the value.",
    )


def _args_too_large(command: Command) -> Problem | None:
    size_bytes = len((command.args or "").encode())
    if size_bytes <= body.LIMIT_BYTES:
        return None
    return Problem(
        "RCL210",
        "arguments of a command are too large",
        f"args of {command.name} are {size_bytes} bytes; OneNET limits them to 2k ({body.LIMIT_BYTES} bytes).",
    )


def _replacing(writes: Sequence[Write], *, is_packable: bool) -> list[tuple[str, Problem]]:
    """Mode 1: a warning each time, an error where a second request would delete what the first one wrote."""
    batches = list(_batches(writes)) if is_packable else []
    instances = [instance for instance, _ in batches]
    found = [
        (
            writes[0].path,
            Problem(
                "RCL211",
                "write mode replace may delete other values",
                "writeMode replace is OneNET's mode 1: the device may delete every other resource of the object "
                "instance. Use update unless that is what you want.",
                is_warning=True,
            ),
        )
    ]
    found += [
        (
            f"{batch[0].path}",
            Problem(
                "RCL212",
                "replaced instance does not fit one write",
                f"{instance} takes {instances.count(instance)} writes of 2k; in mode 1 (replace) each would delete "
                "what the one before wrote. Use update, or declare less.",
            ),
        )
        for index, (instance, batch) in enumerate(batches)
        if instances.count(instance) > 1 and instances.index(instance) == index
    ]
    return found
