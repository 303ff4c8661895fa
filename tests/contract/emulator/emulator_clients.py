"""The official Aliyun SDKs pointed at an emulator, each as one small object with the same calls.

`do(action, parameters)` makes any call: parameters by the vendor's names, lists as lists, tags as a list of objects.
"""

import importlib
import json
import re

from alibabacloud_iot20180120 import models
from alibabacloud_iot20180120.client import Client
from alibabacloud_tea_openapi.models import Config
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkiot.request.v20180120.ClearDeviceDesiredPropertyRequest import ClearDeviceDesiredPropertyRequest
from aliyunsdkiot.request.v20180120.QueryDeviceDesiredPropertyRequest import QueryDeviceDesiredPropertyRequest
from aliyunsdkiot.request.v20180120.SetDeviceDesiredPropertyRequest import SetDeviceDesiredPropertyRequest


class NewerSdk:
    """alibabacloud-iot20180120; `algorithm` "v2" is its name for signature version 1."""

    def __init__(self, port, *, algorithm=None, token=None, secret="emulator-secret"):
        self.client = Client(Config(
            access_key_id="emulator-ak", access_key_secret=secret, security_token=token, endpoint=f"127.0.0.1:{port}",
            protocol="http", signature_algorithm=algorithm,
        ))  # fmt: skip

    def do(self, action, parameters):
        request = getattr(models, f"{action}Request")().from_map(parameters)
        method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", action).lower()
        return getattr(self.client, method)(request).body.to_map()

    def set(self, name, items, versions):
        request = models.SetDeviceDesiredPropertyRequest(
            product_key="a1", device_name=name, items=items, versions=versions
        )
        return self.client.set_device_desired_property(request).body.to_map()

    def query(self, name, *identifiers):
        request = models.QueryDeviceDesiredPropertyRequest(
            product_key="a1", device_name=name, identifier=list(identifiers) or None
        )
        return self.client.query_device_desired_property(request).body.to_map()

    def clear(self, name, *identifiers):
        request = models.ClearDeviceDesiredPropertyRequest(
            product_key="a1", device_name=name, identifies=list(identifiers)
        )
        return self.client.clear_device_desired_property(request).body.to_map()


class OlderSdk:
    """aliyun-python-sdk-iot."""

    def __init__(self, port, *, token=None, secret="emulator-secret"):
        key = (
            AccessKeyCredential("emulator-ak", secret)
            if token is None
            else StsTokenCredential("emulator-ak", secret, token)
        )
        self.client = AcsClient(region_id="cn-shanghai", port=port, credential=key)

    def do(self, action, parameters):
        module = importlib.import_module(f"aliyunsdkiot.request.v20180120.{action}Request")
        request = getattr(module, f"{action}Request")()
        for name, value in parameters.items():
            getattr(request, f"set_{name}s" if isinstance(value, list) else f"set_{name}")(value)
        return self._send(request)

    def _do(self, request, name):
        request.set_ProductKey("a1")
        request.set_DeviceName(name)
        return self._send(request)

    def _send(self, request):
        request.set_endpoint("127.0.0.1")
        request.set_protocol_type("http")
        return json.loads(self.client.do_action_with_exception(request))

    def set(self, name, items, versions):
        request = SetDeviceDesiredPropertyRequest()
        request.set_Items(items)
        request.set_Versions(versions)
        return self._do(request, name)

    def query(self, name, *identifiers):
        request = QueryDeviceDesiredPropertyRequest()
        if identifiers:
            request.set_Identifiers(list(identifiers))
        return self._do(request, name)

    def clear(self, name, *identifiers):
        request = ClearDeviceDesiredPropertyRequest()
        request.set_Identifiess(list(identifiers))
        return self._do(request, name)
