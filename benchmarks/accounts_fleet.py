"""A fleet of lamps over several Aliyun accounts with a quota each, one property a lamp; the population beside it."""

from __future__ import annotations

import json
from pathlib import Path

PRODUCT_KEY = "a1BwAGVt8Lq"
_ACCOUNT = """\
    {name}:
      type: aliyun
      region: cn-shanghai
      signature: acs3
      credentials: {{accessKeyId: {{env: ALIYUN_AK}}, accessKeySecret: {{env: ALIYUN_SK}}}}
      quota: {{requestsPerSecond: {rate}}}
"""
_FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {{name: accounts}}
spec:
  platforms:
{accounts}  inventory: [devices.csv]
---
apiVersion: reconcile/v1
kind: Profile
metadata: {{name: lamps}}
spec:
  selector: {{matchLabels: {{class: lamp}}}}
  properties: {{Brightness: 80}}
"""


def names(accounts: int) -> list[str]:
    """The platforms of the fleet."""
    return [f"aliyun-{number:02d}" for number in range(accounts)]


def generate(folder: Path, accounts: int, lamps: int, rate: float) -> None:
    """Writes the folder, and `FOLDER.ndjson`: the lamps of one account, the same in all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _FLEET.format(accounts="".join(_ACCOUNT.format(name=name, rate=rate) for name in names(accounts)))
    (folder / "fleet.yaml").write_text(text, encoding="utf-8")
    rows = [
        f"{name}-{number:05d},{name},{PRODUCT_KEY},lamp-{number:05d},lamp"
        for name in names(accounts)
        for number in range(lamps)
    ]
    header = "name,platform,productKey,deviceName,class"
    (folder / "devices.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    citizens = [
        {"cloud": "aliyun", "productKey": PRODUCT_KEY, "deviceName": f"lamp-{n:05d}", "sleep": {"kind": "none"}}
        for n in range(lamps)
    ]
    folder.with_suffix(".ndjson").write_text("".join(json.dumps(one) + "\n" for one in citizens), encoding="utf-8")
