"""Products: QueryProductList, QueryProduct."""

from __future__ import annotations

from reconcile.emulator.aliyun.operation import INSTANCE, PAGED, PRODUCT, Operation, Parameter, pages
from reconcile.emulator.aliyun.pages import cut
from reconcile.emulator.aliyun.parameters import product_of
from reconcile.emulator.aliyun.product import Product
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json
from reconcile.emulator.scene import name_uuid


def list_products(call: Call) -> Json:
    """One page of the account's products; the page's figures stand under Data."""
    instance, kind = call.params.get("IotInstanceId", ""), call.params.get("AliyunCommodityCode", "")
    found = [
        product
        for product in call.world.products.values()
        if product.instance_id in ("", instance) and kind in ("", _commodity(product))
    ]
    page = cut(call.params, found, 200)
    return {"List": {"ProductInfo": [_info(product) for product in page.rows]}, **page.beside_data("CurrentPage")}


def query_product(call: Call) -> Json:
    """One product; `ValidateType` says how far the platform checks what devices report."""
    product = product_of(call)
    return _info(product) | {
        "AliyunCommodityCode": _commodity(product),
        "Id2": False,
        "NetType": 3,
        "Owner": True,
        "ProductSecret": f"emulator-product-secret-{name_uuid(call.world.scene.seed, 'secret', product.key)[:8]}",
        "ProductStatus": "RELEASE_STATUS" if product.releases else "DEVELOPMENT_STATUS",
        "ValidateType": product.validate_type,
    }


def _commodity(product: Product) -> str:
    """`iothub_senior` has a thing model, `iothub` has none."""
    return "iothub_senior" if product.draft is not None else "iothub"


def _info(product: Product) -> dict[str, Json]:
    return {
        "ProductKey": product.key,
        "ProductName": product.name,
        "Description": "",
        "AuthType": "secret",
        "DataFormat": 1,
        "DeviceCount": len(product.devices),
        "GmtCreate": product.created_ms,
        "NodeType": product.node_type,
    }


_INFO = {
    "ProductKey": "string",
    "ProductName": "string",
    "Description": "string",
    "AuthType": "string",
    "DataFormat": "integer",
    "DeviceCount": "integer",
    "GmtCreate": "integer",
    "NodeType": "integer",
}
_PRODUCT = _INFO | {
    "AliyunCommodityCode": "string",
    "Id2": "boolean",
    "NetType": "integer",
    "Owner": "boolean",
    "ProductSecret": "string",
    "ProductStatus": "string",
    "ValidateType": "integer",
}
_FIGURES = {"CurrentPage" if name == "Page" else name: kind for name, kind in PAGED.items()}
OPERATIONS = (
    Operation(
        "QueryProductList",
        "QueryProductList",
        50,
        list_products,
        (
            *pages(200, required=True),
            Parameter("AliyunCommodityCode", choices=("iothub_senior", "iothub")),
            Parameter("ResourceGroupId"),
            INSTANCE,
        ),
        {"List": {"ProductInfo": [_INFO]}, **_FIGURES},
        "1.1",
        slow_pages=True,
    ),
    Operation("QueryProduct", "QueryProduct", 50, query_product, PRODUCT, _PRODUCT, "1.1"),
)
