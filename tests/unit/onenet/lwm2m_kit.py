"""Object definitions for tests."""

from reconcile.platforms.onenet.objects.catalogue import load
from reconcile.ports import NamedBytes


def item(res_id, name, operations="RW", kind="Integer", limits="", instances="Single", mandatory="Optional"):
    return (
        f'<Item ID="{res_id}"><Name>{name}</Name><Operations>{operations}</Operations>'
        f"<MultipleInstances>{instances}</MultipleInstances><Mandatory>{mandatory}</Mandatory><Type>{kind}</Type>"
        f"<RangeEnumeration>{limits}</RangeEnumeration><Units>s</Units><Description>words</Description></Item>"
    )


def ddf(*items, object_id=26250, name="Valve", instances="Single", version="1.0"):
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!-- a licence --><LWM2M><Object ObjectType="MODefinition">'
        f"<Name>{name}</Name><Description1><![CDATA[words]]></Description1><ObjectID>{object_id}</ObjectID>"
        f"<ObjectURN>urn:oma:lwm2m:x:{object_id}</ObjectURN><LWM2MVersion>1.1</LWM2MVersion>"
        f"<ObjectVersion>{version}</ObjectVersion><MultipleInstances>{instances}</MultipleInstances>"
        f"<Mandatory>Optional</Mandatory><Resources>{''.join(items)}</Resources><Description2/></Object></LWM2M>"
    ).encode()


def catalogue(*contents):
    """A catalogue of files a.xml, b.xml, ..."""
    return load(NamedBytes(f"models/{chr(97 + n)}.xml", content) for n, content in enumerate(contents))
