"""The thing model of a product as it is in force, as files that `models:` can hold.

Rule: the default module lists the others, and those that it does not carry itself are read one by one. Every file names
its product, so that it may lie anywhere.
Source: QueryThingModelPublished; its ThingModelJson lists the custom modules in `functionBlocks`.
"""

from __future__ import annotations

import json

from reconcile.model.values import JsonObject
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.thing_models import query_thing_model, read_thing_model
from reconcile.ports import NamedBytes


async def model_files(asking: Asking, product_key: str) -> list[NamedBytes]:
    """One file for each module; none for a product without properties. Raises: CallFailed."""
    main = await asking.ask(query_thing_model(product_key), _document)
    found = {"": main}
    for module in _listed_apart(main):
        found[module] = await asking.ask(query_thing_model(product_key, module), _document)
    return [
        NamedBytes(f"{product_key}{module and f'.{module}'}.json", _bytes(document, product_key, module))
        for module, document in found.items()
        if _has_properties(document)
    ]


def _document(answer: Answer) -> JsonObject:
    try:
        document = json.loads(read_thing_model(answer))
    except (ValueError, RecursionError) as exc:
        raise Unreadable("the thing model is not JSON") from exc
    if not isinstance(document, dict):
        raise Unreadable("the thing model is not a JSON object")
    return document


def _listed_apart(document: JsonObject) -> list[str]:
    """The custom modules that the document names and does not carry."""
    blocks = document.get("functionBlocks")
    apart = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    named = [block.get("functionBlockId") for block in apart if not isinstance(block.get("properties"), list)]
    return [name for name in named if isinstance(name, str) and name]


def _has_properties(document: JsonObject) -> bool:
    blocks = document.get("functionBlocks")
    parts = [document, *(blocks if isinstance(blocks, list) else [])]
    return any(isinstance(part, dict) and part.get("properties") for part in parts)


def _bytes(document: JsonObject, product_key: str, module: str) -> bytes:
    named = {"productKey": product_key, **({"functionBlockId": module} if module else {}), **document}
    return (json.dumps(named, ensure_ascii=False, indent=2) + "\n").encode()
