"""Schemathesis pointed at a served emulator: what it makes up, how it signs, what every answer is held against."""

import base64
import copy
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import requests
import schemathesis
from emulator_population import IMEI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from reconcile.emulator.openapi.onenet import operation
from reconcile.emulator.scene import name_uuid

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NONCES = itertools.count()
START = datetime(2026, 11, 1, tzinfo=UTC)
GROUPS = [
    name_uuid(0, "group", kind, name).replace("-", "")[:16]
    for kind, name in (("groups", "hall"), ("dynamicGroups", "cold"))
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
ODD = st.dictionaries(
    st.sampled_from(["Brightness", "Target", "Lux", "fb:T", "color"]) | st.text(max_size=3), LEAVES, max_size=4
)


def mostly(good, *others):
    """Three of four times what makes sense."""
    return st.sampled_from([good] * 3 * len(others) + list(others))


def objects(*good):
    """JSON objects as text, half of them with sense."""
    return st.sampled_from(good) | ODD.map(json.dumps)


def _formats():
    known = {
        "product-key": mostly("a1", "b2", "none"),
        "device-name": mostly("lamp", "nobody"),
        "iot-id": mostly("iot-lamp", "none", ""),
        "instance-id": mostly("", "iot-1"),
        "group-id": st.sampled_from([*GROUPS, *GROUPS, "none"]),
        "module-id": mostly("", "fb", "none"),
        "identifier": mostly("Brightness", "Lux", "fb:T", "none"),
        "service-id": mostly("Blink", "none"),
        "tag-key": mostly("color", "none"),
        "model-version": mostly("", "1.0.0", "none"),
        "page-token": mostly("", "none", "ZnJvbS8x"),
        "imei": mostly("8658200312", IMEI, "1"),
        "onenet-product": mostly("tm", "emulator", "none"),
        "onenet-device": mostly("no001", IMEI, "none"),
        "onenet-project": mostly("p1", ""),
        "device-id": mostly("500000000", "500000001", "x"),
        "device-ids": mostly("500000000,500000001", "x", ","),
        "command-uuid": st.uuids().map(str),
        "zoneless-time": st.integers(0, 400).map(
            lambda day: (START + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%S")
        ),
        "json-values": objects('{"Brightness":7}', '{"Target":20.5,"Brightness":null}', '{"fb:T":1}'),
        "json-versions": objects("{}", "{}", '{"Brightness":1}'),
        "json-arguments": objects("{}", "{}", '{"Times":1}'),
        "json-tags": objects('{"color":"blue"}'),
    }
    for name, strategy in known.items():
        schemathesis.openapi.format(name, strategy)


_formats()


def encoded(text):
    return quote(text, safe="~")


def canonical(pairs):
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in sorted(pairs))


def now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def onenet_headers(generation):
    """Credentials of a generation: the master key, or a token that is good for an hour."""
    if generation == "classic":
        return {"api-key": "emulator-master-key"}
    version, et = (
        {"studio": "2020-05-29", "current": "2022-05-01"}[generation],
        str(int(datetime.now(UTC).timestamp()) + 3600),
    )
    key = base64.b64decode("ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=")
    mac = hmac.new(key, f"{et}\nsha1\nuserid/38055\n{version}".encode(), "sha1").digest()
    signature = quote(base64.b64encode(mac).decode(), safe="")
    return {"authorization": f"version={version}&res=userid%2F38055&et={et}&method=sha1&sign={signature}"}


class Acs3(AuthBase):
    """Signs whatever is about to be sent with signature version 3."""

    def __call__(self, request):
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        url = urlsplit(request.url)
        headers = {
            "host": url.netloc, "x-acs-version": "2018-01-20", "x-acs-date": now(), "x-acs-signature-nonce": f"fuzz-{next(NONCES)}",
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        }  # fmt: skip
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        query = canonical(parse_qsl(url.query, keep_blank_values=True))
        text = "\n".join((request.method, "/", query, lines, names, headers["x-acs-content-sha256"]))
        to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(text.encode()).hexdigest()}"
        mac = hmac.new(b"emulator-secret", to_sign.encode(), hashlib.sha256).hexdigest()
        request.headers.update(headers)
        request.headers["Authorization"] = (
            f"ACS3-HMAC-SHA256 Credential=emulator-ak,SignedHeaders={names},Signature={mac}"
        )
        return request


class Version1(AuthBase):
    """Signs a GET with signature version 1."""

    def __call__(self, request):
        url = urlsplit(request.url)
        common = {
            "Version": "2018-01-20", "AccessKeyId": "emulator-ak", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
            "SignatureNonce": f"fuzz-{next(NONCES)}", "Timestamp": now(),
        }  # fmt: skip
        pairs = [*parse_qsl(url.query, keep_blank_values=True), *common.items()]
        text = f"{request.method}&%2F&{encoded(canonical(pairs))}"
        mac = hmac.new(b"emulator-secret&", text.encode(), hashlib.sha1).digest()
        query = urlencode([*pairs, ("Signature", base64.b64encode(mac).decode())], quote_via=quote)
        request.url = urlunsplit(url._replace(query=query))
        return request


def narrowed(document, action):
    """The description with one Aliyun action only: its own form, its own answer."""
    found = copy.deepcopy(document)
    post = found["paths"]["/"]["post"]
    form = post["requestBody"]["content"]["application/x-www-form-urlencoded"]
    form["schema"] = {"$ref": f"#/components/schemas/{action}Request"}
    names = ("BusinessError", f"{action}Answer")
    answers = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    post["responses"]["200"]["content"]["application/json"]["schema"] = answers
    found["paths"] = {"/": {"post": post}}
    return found


def asking(document, wanted):
    """The description with the Aliyun GET alone, which asks for JSON or XML."""
    get = copy.deepcopy(document["paths"]["/"]["get"])
    get["parameters"][1] |= {"required": True, "schema": {"enum": [wanted]}}
    return document | {"paths": {"/": {"get": get}}}


def alone(document, generation, endpoint):
    """The description with one OneNET endpoint only."""
    made = operation(generation, (endpoint,))
    return document | {"paths": {endpoint.path: {endpoint.method.lower(): made}}}


def operations(document):
    """The operations of a description; security is the tests' business, not schemathesis's."""
    generation = GenerationConfig(with_security_parameters=False, database="none")
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    schema = schemathesis.openapi.from_dict(document, config=config)
    return [found.ok() for found in schema.get_all_operations()]


def fuzz(described, url, *, examples, auth=None, headers=None, before=None):
    """So many requests with sense, half as many without; every answer has its described envelope. Returns them."""
    answers = []
    session = requests.Session()
    session.trust_env = False
    takes_something = bool(described.definition.raw.get("parameters") or described.definition.raw.get("requestBody"))
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if takes_something else (GenerationMode.POSITIVE,):

        @settings(
            deadline=None,
            derandomize=True,
            database=None,
            max_examples=examples if mode is GenerationMode.POSITIVE else examples // 2,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=described.as_strategy(generation_mode=mode))
        def send(case):
            if before is not None:
                before()
            response = case.call(base_url=url, session=session, auth=auth, headers=headers)
            case.validate_response(response, checks=CHECKS)
            answers.append((case, response))

        send()
    return answers
