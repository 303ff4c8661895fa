"""What must hold of the state after each process, and of the whole fleet when it has come to rest."""

from collections import Counter

from .broken import Broken
from .calls import check_calls
from .fleet import IN_CLOUD, PLANTED, PROPERTIES
from .rest import check_damage


def check_records(site):
    """I5: nothing is recorded that the clouds do not have. I8: fences of a lane never decrease."""
    store, world = site.reader, site.world
    serial = store.serial()
    if serial == site.checked_serial:
        return
    site.checked_serial = serial
    for record in store.devices([head.ref for head in store.heads()]):
        name = record.ref.name
        for path, resource in record.resources.items():
            if resource.command_uuid is not None:
                command = world.onenet[record.identity["imei"]].commands.get(resource.command_uuid)
                if command is None:
                    raise Broken(f"I5: {name} {path}: a command is recorded that the cloud does not have")
            elif resource.version is not None and name in IN_CLOUD:
                _not_ahead(site, name, path, resource)
            elif resource.confirmed_by == "answer" and resource.confirmed not in site.checks.seen[name, path]:
                raise Broken(f"I5: {name} {path}={resource.confirmed} is recorded as answered and was never held")
        for run in record.runs.values():
            if run.command_uuid and run.command_uuid not in world.onenet[record.identity["imei"]].commands:
                raise Broken(f"I5: {name}: a run is recorded that the cloud does not have")
    fences = {}
    for entry in site.checks.journal(site).entries:
        if entry["fence"] < fences.get(entry["lane"], 0):
            raise Broken(f"I8: fence {entry['fence']} after {fences[entry['lane']]} on {entry['lane']}")
        fences[entry["lane"]] = entry["fence"]


def _not_ahead(site, name, path, resource):
    wish = site.in_cloud(name).get(path)
    if None in site.git.told[name, path]:
        return  # versions may begin anew after a clear, and come back with another value
    if wish is None or resource.version > wish.version:
        raise Broken(f"I5: version {resource.version} of {path} is recorded, the cloud has {wish}")
    if getattr(wish, "is_set", True) and resource.version == wish.version and resource.value not in (wish.value, None):
        raise Broken(f"I5: {path}={resource.value} is recorded at version {wish.version}, the cloud has {wish.value}")


def needed_refresh(site):
    """Without a foreign write nothing but what is recorded may be needed to come to rest.

    A cleared desired value may begin at version 0 again; then a copy of its first set, given up long ago, passes the
    version check when it arrives at last: drift, which only a look finds.
    """
    git = site.git
    is_cleared = any(None in told for told in git.told.values())
    return "all" if is_cleared or any(git.foreign.values()) else "changed"


def check(site):
    """All that must hold in the end."""
    if site.reader.open_attempts():
        raise Broken(f"I2: attempts are left open: {site.reader.open_attempts()}")
    _held(site)
    _in_order(site)
    _runs(site)
    if "listener" in site.git.wanted:
        check_calls(site)
    _no_secrets(site)
    check_damage(site)


def _held(site):
    """I2: every device holds what git says."""
    for name in site.schedule.devices:
        held, git = site.holds(name), site.git.wanted[name]
        wanted = {path: value for path, value in git.items() if value is not None}
        # A desired value that is gone may have been deleted by the device that applied it: then the device decides.
        device = site.world.aliyun[PROPERTIES[name]].values if name in PROPERTIES else {}
        if {path: held.get(path, device.get(path)) for path in wanted} != wanted:
            raise Broken(f"I2: {name} holds {held}, git says {wanted}")
        if name in PROPERTIES and [path for path, value in git.items() if value is None and path in held]:
            raise Broken(f"I2: {name} still has a desired value that git says is none: {held}")


def _in_order(site):
    """I9: what a device held, one value after the other, is what git wanted, in git's order."""
    for (name, path), seen in site.checks.seen.items():
        told, position = site.git.told[name, path], 0
        for value in seen:
            if value is None or value in site.git.foreign[name, path] - set(told):
                continue
            while position < len(told) and told[position] != value:
                position += 1
            if position == len(told):
                raise Broken(f"I9: {name} {path}: {value} came after a newer value; held {seen}, git said {told}")


def _runs(site):
    """I3: no command ran twice. I2: what git asks for ran, unless the device refused it or was silent."""
    ran = site.executions()
    twice = [uuid for uuid, count in Counter(one["uuid"] for one in ran).items() if count > 1]
    if twice:
        raise Broken(f"I3: executed more than once: {ran}")
    copies = sum(one.fault == "duplicate" and one.operation == "queue_execute" for one in site.log)
    texts = Counter(one["args"] for one in ran if one["args"])
    if any(count > 1 + copies for count in texts.values()):
        raise Broken(f"I3: ran more than once: {texts}")
    git = site.git
    current = git.command.trigger if git.command else None
    if current is not None and not texts[current] and not _has_failed(site, current):
        raise Broken(f"I2: {current} never ran: {ran}")
    if git.owed is not None:
        path, value, before = git.owed
        if git.wanted["sleeper"].get(path) == value and len(ran) <= before and not _has_failed(site, None):
            raise Broken(f"I2: the command that follows {path}={value} never ran: {ran}")


def _has_failed(site, text):
    commands = [one for device in site.world.onenet.values() for one in device.commands.values()]
    return any(c.type == "EXECUTE" and (c.content or {}).get("args") == text and c.send_status == 6 for c in commands)


def _no_secrets(site):
    """I13: no planted secret in the state, its log, plan files, or anything that was told."""
    told = " ".join(map(repr, site.words)).encode()
    for path in sorted(site.folder.iterdir()):
        told += path.read_bytes()
    if any(secret in told for secret in PLANTED):
        raise Broken("I13: a secret was written or told")
