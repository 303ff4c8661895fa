"""The signature on a push, and the platform's question whether an address is ours.

Source: NB-IoT book, manual/httppush/develop-manual: base64(md5(token + nonce + msg)), msg as it stands in the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signature(token: str, nonce: str, message: str) -> str:
    """What the platform signs a message with; the token is the one of the push's settings."""
    # MD5 is the platform's choice, which is why a push is only a hint (package docstring).
    digest = hashlib.md5((token + nonce + message).encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def is_signed(token: str, nonce: str, message: str, claimed: str) -> bool:
    """Whether the signature is of that message; a `+` may have become a space on its way through a query."""
    expected = signature(token, nonce, message)
    return hmac.compare_digest(expected.encode(), claimed.replace(" ", "+").encode("utf-8", "surrogatepass"))


def challenge_answer(query: Mapping[str, str], token: str) -> str | None:
    """What to answer to `GET url?msg=&nonce=&signature=`: `msg` itself, or None when the platform did not sign it."""
    message, nonce, claimed = (query.get(name) for name in ("msg", "nonce", "signature"))
    if message is None or nonce is None or claimed is None:
        return None
    return message if is_signed(token, nonce, message, claimed) else None
