"""Whether the thing models at hand are those in force in the account.

Premise: a model that is published anew changes what a value may be, and no file tells.
Rule: what is published is read and compared property by property; a call that is not permitted costs only the answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from reconcile.model.errors import CallFailed
from reconcile.model.examination import Finding, Mark
from reconcile.platforms.aliyun import thing_model
from reconcile.platforms.aliyun.directory import products
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.published import model_files
from reconcile.platforms.aliyun.model import ThingModel, ThingModels
from reconcile.platforms.aliyun.thing_model.compare import differences

MOST_PRODUCTS: Final = 20
"""Two calls each, and one more for each custom module."""

_SHOWN: Final = 8
_NO_VALIDATION: Final = 2
_UNKNOWN: Final = "?"


async def compare(asking: Asking, models: ThingModels, product_keys: Sequence[str]) -> list[Finding]:
    """A finding or two for each product, the rest of them counted. Never raises for what the cloud says."""
    keys = [key for key in dict.fromkeys(product_keys) if key]
    found = [finding for key in keys[:MOST_PRODUCTS] async for finding in _of_product(asking, models, key)]
    if len(keys) > MOST_PRODUCTS:
        found.append(Finding("models", Mark.SKIPPED, "models.more", {"n": len(keys) - MOST_PRODUCTS}))
    return found


async def _of_product(asking: Asking, models: ThingModels, key: str) -> AsyncIterator[Finding]:
    try:
        product = await asking.ask(products.query_product(key), lambda answer: products.read_product(answer, key))
        if product.validate_type == _NO_VALIDATION:
            yield Finding("models", Mark.WARNING, "models.unvalidated", {"product": key})
        ours = models.products.get(key)
        if ours is not None:
            yield _judge(ours, thing_model.load(await model_files(asking, key)))
    except CallFailed as exc:
        values = {"product": key, "message": str(exc).removesuffix(".")}
        yield Finding("models", Mark.SKIPPED, "models.not_compared", values)


def _judge(ours: ThingModel, found: ThingModels) -> Finding:
    broken = [problem.detail.partition(". ")[0] for _, problem in found.problems if not problem.is_warning]
    published = found.products.get(ours.product_key)
    if broken:
        values = {"product": ours.product_key, "message": broken[0]}
        return Finding("models", Mark.SKIPPED, "models.not_compared", values)
    if published is None:
        return Finding("models", Mark.WARNING, "models.unpublished", {"product": ours.product_key})
    values = {"product": ours.product_key, "version": published.version or _UNKNOWN}
    told = list(differences(ours, published))
    if not told:
        return Finding("models", Mark.OK, "models.in_force", values)
    shown = " ".join(told[:_SHOWN]) + (f" (+{len(told) - _SHOWN})" if len(told) > _SHOWN else "")
    return Finding(
        "models", Mark.WARNING, "models.outdated", {**values, "ours": ours.version or _UNKNOWN, "differences": shown}
    )
