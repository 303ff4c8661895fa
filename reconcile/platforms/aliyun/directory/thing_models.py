"""Thing models as the account holds them: QueryThingModel*, GetThingModelTsl*, ListThingModelVersion."""

from __future__ import annotations

from datetime import datetime

from reconcile.model.late import dataclass
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.containers import entries
from reconcile.platforms.aliyun.fields import moment, text
from reconcile.platforms.aliyun.wire import Call


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One published version of a product's model."""

    version: str
    description: str = ""
    created_at: datetime | None = None


def query_thing_model(product_key: str, module: str = "", version: str = "", *, is_draft: bool = False) -> Call:
    """QueryThingModelPublished, or QueryThingModel for the draft; one module, the latest version by default.

    The default module lists the others: a call without `FunctionBlockId` is taken to mean the default module alone.
    """
    action = "QueryThingModel" if is_draft else "QueryThingModelPublished"
    return Call(action, _which(product_key, module, version))


def get_tsl(product_key: str, module: str = "", version: str = "", *, is_draft: bool = False) -> Call:
    """GetThingModelTslPublished, or GetThingModelTsl for the draft. Never `Simple`: it leaves out the ranges."""
    action = "GetThingModelTsl" if is_draft else "GetThingModelTslPublished"
    return Call(action, _which(product_key, module, version))


def read_thing_model(answer: Answer) -> str:
    """The model's JSON text of either call: `Data.ThingModelJson` or `Data.TslStr`. Raises: Unreadable."""
    found = text(answer.data, "ThingModelJson") or text(answer.data, "TslStr")
    if not found:
        raise Unreadable("neither ThingModelJson nor TslStr")
    return found


def list_model_versions(product_key: str) -> Call:
    """ListThingModelVersion: newest first, so the first is in force."""
    return Call("ListThingModelVersion", {"ProductKey": product_key})


def read_model_versions(answer: Answer) -> tuple[ModelVersion, ...]:
    """`Data.ModelVersions[]`, in the order given. Raises: Unreadable."""
    found = entries(answer, "Data", "ModelVersions")
    if any(not text(entry, "ModelVersion") for entry in found):
        raise Unreadable("a version without ModelVersion")
    return tuple(
        ModelVersion(text(entry, "ModelVersion"), text(entry, "Description"), moment(entry.get("GmtCreate")))
        for entry in found
    )


def _which(product_key: str, module: str, version: str) -> dict[str, str]:
    named = {"ProductKey": product_key, "FunctionBlockId": module, "ModelVersion": version}
    return {name: value for name, value in named.items() if value}
