"""Products of the account: QueryProductList, QueryProduct."""

from __future__ import annotations

from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.containers import Page, entries, page_parameters, paged
from reconcile.platforms.aliyun.directory.limits import PRODUCTS_A_PAGE
from reconcile.platforms.aliyun.fields import integer, text
from reconcile.platforms.aliyun.wire import Call


@dataclass(frozen=True, slots=True)
class Product:
    """A product. validate_type: 0 checks values of devices fully, 1 identifiers and types only, 2 nothing at all."""

    product_key: str
    name: str = ""
    device_count: int | None = None
    validate_type: int | None = None


def query_products(page: int) -> Call:
    """QueryProductList: one page; both page parameters are required."""
    return Call("QueryProductList", page_parameters(page, PRODUCTS_A_PAGE))


def read_products(answer: Answer) -> Page[Product]:
    """`Data.List.ProductInfo[]`; the page's numbers stand inside `Data`. Raises: Unreadable."""
    return paged(answer, tuple(_product(entry) for entry in entries(answer, "Data", "List", "ProductInfo")))


def query_product(product_key: str) -> Call:
    """QueryProduct: one product; it alone tells how values are validated."""
    return Call("QueryProduct", {"ProductKey": product_key})


def read_product(answer: Answer, product_key: str) -> Product:
    """`Data`. Raises: Unreadable, also for another product than was asked for."""
    product = _product(answer.data)
    if product.product_key != product_key:
        raise Unreadable(f"it tells of product {product.product_key[:64]!r}, asked was {product_key!r}")
    return product


def _product(fields: JsonObject) -> Product:
    key = text(fields, "ProductKey")
    if not key:
        raise Unreadable("a product without ProductKey")
    counts = integer(fields.get("DeviceCount")), integer(fields.get("ValidateType"))
    return Product(key, text(fields, "ProductName"), *counts)
