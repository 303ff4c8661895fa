"""What a lost or failed answer means, broken one rule at a time."""

from reconcile.apply import attempt, verdict
from reconcile.model.errors import InDoubt, Refused
from reconcile.platforms.aliyun.client import AliyunClient
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.platforms.onenet.transport import Transport
from reconcile.ports import Accepted


def blind_resend_of_execute(patch):
    """An Execute in doubt goes again at once, without asking whether it landed."""
    settle = attempt.settle

    async def careless(own, doubt, emit, stop):
        return verdict.NotLanded() if doubt.action.kind == "queue_execute" else await settle(own, doubt, emit, stop)

    patch(attempt, "settle", careless)


def _taken_for_success(patch, client, failure):
    send = client.send

    async def hopeful(self, identity, action, stamp):
        try:
            return await send(self, identity, action, stamp)
        except failure:
            versions = {path: version + 1 for path, version in getattr(action, "versions", ())}
            return Accepted(versions=versions, is_confirmed=action.kind == "write_now")

    patch(client, "send", hopeful)


def doubt_taken_for_success(patch):
    """OneNET: a 5xx, a lost or an unreadable answer counts as done."""
    _taken_for_success(patch, OneNetClient, InDoubt)


def doubt_taken_for_success_at_aliyun(patch):
    """Aliyun: a 5xx, a lost or an unreadable answer counts as done."""
    _taken_for_success(patch, AliyunClient, InDoubt)


def refusal_taken_for_success(patch):
    """What the cloud refused counts as done."""
    _taken_for_success(patch, OneNetClient, Refused)


def doubt_taken_for_failure(patch):
    """An answer that was lost counts as proof that nothing happened, and the next attempt goes out."""

    async def careless(_lane, _doubt, _emit, _stop):
        return verdict.NotLanded()

    patch(attempt, "settle", careless)


def second_try_in_the_transport(patch):
    """The transport sends a request again when its answer is lost, as HTTP libraries do."""
    exchange = Transport._exchange

    async def stubborn(self, side, request, headers, patience):
        try:
            return await exchange(self, side, request, headers, patience)
        except InDoubt:
            return await exchange(self, side, request, headers, patience)

    patch(Transport, "_exchange", stubborn)
