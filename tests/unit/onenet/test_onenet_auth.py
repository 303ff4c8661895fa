"""Token vectors of the reference, section 2.3, and which header each API gets."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from reconcile.model.diagnostic import NOWHERE
from reconcile.model.errors import ReconcileError
from reconcile.platforms.onenet.auth import Signer, token
from reconcile.platforms.onenet.config import connection
from reconcile.platforms.onenet.model import Api
from reconcile.ports import PlatformConfig

SAMPLE_KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
VECTORS = [
    ("2018-10-31", "products/123123", 1537255523, "sha1", "lsaPSiiGvEFFjXu5WU7a6IkScqE="),
    ("2018-10-31", "products/123123", 1537255523, "md5", "M3jB6jcSNUuGcvW3dFcrWA=="),
    ("2018-10-31", "products/123123", 1537255523, "sha256", "tuFMd8Cc5krZO+RiNaW4mad5tauSFq2J89Gd70MXQPI="),
    ("2020-05-29", "userid/12321", 1537255523, "md5", "N6gRkVRoxzUcK0K4QBLmxA=="),
    ("2020-05-29", "userid/12321", 1537255523, "sha1", "oyasoXdLw7eiH+sDM4QrlF59LvE="),
    ("2020-05-29", "userid/12321", 1537255523, "sha256", "hd27BUVjp0IzlwcjWf9+FlOtMHeZOgBk68NULlxytT4="),
    ("2022-05-01", "userid/12321", 1683806266, "md5", "rQtPl/beIdac6ZlLwb3dfg=="),
    ("2022-05-01", "userid/12321", 1683806266, "sha1", "ENij8SKboD+EejyMVMzF1ywjSK0="),
    ("2022-05-01", "userid/12321", 1683806266, "sha256", "vishvHlY9Ygmx5kTwPuazfKCvdPh1r2ofamGOBqKK70="),
]
AT = datetime(2026, 11, 22, 8, 0, 0, 900_000, tzinfo=UTC)


@pytest.mark.parametrize(("version", "resource", "et", "method", "sign"), VECTORS)
def test_token_vectors(version, resource, et, method, sign):
    text = token(base64.b64decode(SAMPLE_KEY), version=version, resource=resource, expires_at_s=et, method=method)
    parts = {name: values[0] for name, values in parse_qs(text, strict_parsing=True).items()}
    assert parts == {"version": version, "res": resource, "et": str(et), "method": method, "sign": sign}
    assert list(parts) == ["version", "res", "et", "method", "sign"]


def test_whole_header_is_url_encoded_as_documented():
    text = token(
        base64.b64decode(SAMPLE_KEY),
        version="2018-10-31",
        resource="products/123123",
        expires_at_s=1537255523,
        method="sha1",
    )
    assert text == (
        "version=2018-10-31&res=products%2F123123&et=1537255523&method=sha1&sign=lsaPSiiGvEFFjXu5WU7a6IkScqE%3D"
    )


def signer(instant, cached, resource="userid/1", **keys):
    spec = {
        "instant": {"api": instant},
        "cached": {"api": cached},
        "credentials": {**{name: {"env": "X"} for name in keys}, "resource": resource},
    }
    return Signer.open(connection(PlatformConfig("p", "onenet", spec, 1.0, NOWHERE)), keys.get)


def test_classic_prefers_the_master_key_and_studio_takes_a_token():
    made = signer("studio", "classic", masterKey="master", accessKey=SAMPLE_KEY)
    assert made.headers(Api.CLASSIC, AT) == {"api-key": "master"}
    assert made.headers(Api.STUDIO, AT)["authorization"].startswith("version=2020-05-29&res=userid%2F1&et=1795334400&")
    assert not made.is_token(Api.CLASSIC)


def test_classic_without_master_key_takes_a_token_of_its_own_version():
    made = signer("classic", "classic", "products/1", accessKey=SAMPLE_KEY)
    assert made.headers(Api.CLASSIC, AT)["authorization"].startswith("version=2018-10-31&res=products%2F1&")


def test_each_deadline_has_its_own_token():
    made = signer("current", "current", accessKey=SAMPLE_KEY)
    first, again = made.headers(Api.CURRENT, AT), made.headers(Api.CURRENT, AT)
    assert first == again
    assert made.headers(Api.CURRENT, AT.replace(second=1)) != first


@pytest.mark.parametrize("key", ["", "not base64!", "€"])
def test_missing_or_malformed_access_key_is_told_before_any_call(key):
    with pytest.raises(ReconcileError, match="accessKey") as failed:
        signer("current", "current", accessKey=key)
    assert failed.value.code == "RCL411"


def test_keys_stay_out_of_representations():
    made = signer("studio", "classic", masterKey="planted-master", accessKey=SAMPLE_KEY)
    made.headers(Api.STUDIO, AT)
    assert "planted" not in repr(made)
    assert "KuF3" not in repr(made)
    assert "sign" not in repr(made)
