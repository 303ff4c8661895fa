"""Every value of a saved plan replaced by one of another kind: refused each time, whatever its checksum says."""

import json

from targets import opened

OTHERS = (None, -1.5, "text", [], {"a": {}}, 1e999, "9" * 5000)


def test_no_value_of_a_plan_is_trusted_to_be_of_its_kind():
    with opened("plan") as target:
        for seed in target.seeds[1::2]:
            lines = [json.loads(line) for line in seed.splitlines()]
            for holder, key in _places(lines):
                kept = holder[key]
                for other in OTHERS:
                    holder[key] = other
                    target.read(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
                holder[key] = kept


def _places(value):
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])
