"""Messages in "safe mode": AES-CBC with PKCS7, and each platform's own idea of key and plain text.

| platform | key                                   | first block     | plain text                                     |
| -------- | ------------------------------------- | --------------- | ---------------------------------------------- |
| classic  | base64(EncodingAESKey + "="), 32 B    | first 16 of key | 16 random bytes, 4 of length (big-endian), JSON |
| studio   | the 16 characters of the settings     | the key         | JSON                                           |

Source: NB-IoT book, manual/httppush; Studio book, push/http_push (sample code).
"""

from __future__ import annotations

import base64

from reconcile.model.errors import ReconcileError

_SALT_BYTES, _LENGTH_BYTES = 16, 4


class Undecipherable(ValueError):
    """The text was not made with that key, or is damaged."""


def decrypt_classic(encrypted: str, encoding_key: str) -> str:
    """The JSON text of an `enc_msg`. Raises: Undecipherable; ReconcileError for a wrong key or a missing extra."""
    try:
        key = base64.b64decode(encoding_key + "=", validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ReconcileError("the EncodingAESKey of a push has 43 characters of base64; copy it from its settings")
    plain = _decrypt(encrypted, key, key[:16])
    start = _SALT_BYTES + _LENGTH_BYTES
    length = int.from_bytes(plain[_SALT_BYTES:start], "big")
    if len(plain) < start or length > len(plain) - start:
        raise Undecipherable("its length does not fit")
    return _text(plain[start : start + length])


def decrypt_studio(encrypted: str, key: str) -> str:
    """The JSON text of a `msg` in safe mode. Raises: as `decrypt_classic`."""
    raw = key.encode()
    if len(raw) != 16:
        raise ReconcileError("the AES key of a Studio push has 16 characters; copy it from its settings")
    return _text(_decrypt(encrypted, raw, raw))


def _decrypt(encrypted: str, key: bytes, first_block: bytes) -> bytes:
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        from cryptography.hazmat.primitives.padding import PKCS7
    except ImportError as exc:  # an extra, as only who receives encrypted pushes needs it
        message = "encrypted pushes need the package cryptography: pip install 'reconcile[push]'"
        raise ReconcileError(message) from exc
    try:
        content = base64.b64decode(encrypted, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(first_block)).decryptor()
        padded = decryptor.update(content) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise Undecipherable("it was not encrypted with this key") from None


def _text(plain: bytes) -> str:
    try:
        return plain.decode()
    except UnicodeDecodeError:
        raise Undecipherable("it was not encrypted with this key") from None
