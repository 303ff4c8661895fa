"""Thing models: QueryThingModel(Published), GetThingModelTsl(Published), ListThingModelVersion.

Source: Aliyun QueryThingModel, QueryThingModelPublished (ThingModelJson); GetThingModelTsl, GetThingModelTslPublished
(TslStr, TslUri, Simple); ListThingModelVersion (newest first, the first is in force).
"""

from __future__ import annotations

import json

from reconcile.emulator.aliyun import thing_model_json, tsl
from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.model import Model
from reconcile.emulator.aliyun.operation import MODULE, PRODUCT, Operation, Parameter, Shape
from reconcile.emulator.aliyun.parameters import product_of
from reconcile.emulator.aliyun.product import Product, Release
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json


def drafted_tsl(call: Call) -> Json:
    """TSL of the draft, or of the named version."""
    product = product_of(call)
    release = _release(call, product) if call.params.get("ModelVersion") else None
    return _tsl(call, product, release, release.model if release else product.draft)


def published_tsl(call: Call) -> Json:
    """TSL of the version in force, or of the named one; `Simple=true` keeps only identifiers and types."""
    product = product_of(call)
    release = _release(call, product)
    return _tsl(call, product, release, release.model if release else None)


def drafted_model(call: Call) -> dict[str, Json]:
    """ThingModelJson of the draft, or of the named version; ProductKey stands beside Data."""
    product = product_of(call)
    release = _release(call, product) if call.params.get("ModelVersion") else None
    return _thing_model(call, product, release, release.model if release else product.draft)


def published_model(call: Call) -> dict[str, Json]:
    """ThingModelJson of the version in force, or of the named one."""
    product = product_of(call)
    release = _release(call, product)
    return _thing_model(call, product, release, release.model if release else None)


def versions(call: Call) -> Json:
    """Every published version, newest first."""
    rows = [
        {"ModelVersion": one.version, "Description": one.description, "GmtCreate": one.created_ms}
        for one in product_of(call).releases
    ]
    return {"ModelVersions": rows}


def _release(call: Call, product: Product) -> Release | None:
    """The named release, else the one in force; None for a product without a model."""
    wanted = call.params.get("ModelVersion", "")
    if not wanted:
        return product.releases[0] if product.releases else None
    found = next((one for one in product.releases if one.version == wanted), None)
    if found is None:
        raise BusinessError("iot.prod.QueryProductAbilitiesFailed", f"no version {wanted}")
    return found


def _tsl(call: Call, product: Product, release: Release | None, model: Model | None) -> Json:
    known, module = model or Model(), _module(call, model)
    if call.params.get("Simple", "").lower() == "true":
        document = tsl.simple_document(product.key, known, module)
    else:
        document = tsl.document(product.key, release.version if release else "", known, module)
    return {"TslStr": json.dumps(document, ensure_ascii=False), "TslUri": ""}


def _thing_model(call: Call, product: Product, release: Release | None, model: Model | None) -> dict[str, Json]:
    known, module = model or Model(), _module(call, model)
    version = {"version": release.version, "description": release.description} if release else None
    document = thing_model_json.document(product.key, version, known, module)
    if not module and call.world.scene.switches["model_default_module"] == "all":
        document["functionBlocks"] = [
            thing_model_json.document(product.key, None, known, block) for block in known.modules
        ]
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return {"Data": {"ThingModelJson": text}, "ProductKey": product.key}


def _module(call: Call, model: Model | None) -> str:
    module = call.params.get("FunctionBlockId", "")
    if module and (model is None or module not in model.modules):
        raise BusinessError("iot.prod.QueryProductAbilitiesFailed", f"no module {module}")
    return module


_VERSION = Parameter("ModelVersion")
_GROUP = Parameter("ResourceGroupId")
_SIMPLE = Parameter("Simple", "boolean")
_TSL_ANSWER = {"TslStr": "string", "TslUri": "string"}
_MODEL_ANSWER: Shape = {"Data": {"ThingModelJson": "string"}, "ProductKey": "string"}
_RELEASE = {"ModelVersion": "string", "Description": "string", "GmtCreate": "integer"}
_PARAMETERS = (*PRODUCT, MODULE, _VERSION)
OPERATIONS = (
    Operation(
        "QueryThingModel",
        "thing_model",
        10,
        drafted_model,
        (*_PARAMETERS, _GROUP),
        _MODEL_ANSWER,
        "1.7",
        is_whole_answer=True,
    ),
    Operation(
        "QueryThingModelPublished",
        "thing_model",
        10,
        published_model,
        (*_PARAMETERS, _GROUP),
        _MODEL_ANSWER,
        "1.7",
        is_whole_answer=True,
    ),
    Operation("GetThingModelTsl", "thing_model", 20, drafted_tsl, (*_PARAMETERS, _SIMPLE), _TSL_ANSWER, "1.7"),
    Operation(
        "GetThingModelTslPublished",
        "thing_model",
        20,
        published_tsl,
        (*_PARAMETERS, _SIMPLE, _GROUP),
        _TSL_ANSWER,
        "1.7",
    ),
    Operation(
        "ListThingModelVersion",
        "ListThingModelVersion",
        10,
        versions,
        PRODUCT,
        {"ModelVersions": [_RELEASE]},
        "1.7",
    ),
)
