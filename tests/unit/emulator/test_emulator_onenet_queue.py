"""The cached queue as a whole, whatever happens in whatever order and under whatever answers to the open questions."""

from datetime import datetime, timedelta

from emulator_desk import IMEI, METER, Desk, beijing
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

ENDED = {"cancelled", "expired", "delivered", "failed", "undefined"}
OPEN = ("cached_limit", "limit_counts", "uplink_releases", "delivery", "retry_position", "notify_retries", "between_retries", "cancel_after_valid_time",
        "cancel_refusal", "coap_dedup")  # fmt: skip
CHOICES = {
    "cached_limit": ("refuse", "evict"), "limit_counts": ("open", "waiting", "all"), "uplink_releases": ("all", "one"), "delivery": ("parallel", "serial"),
    "retry_position": ("keep", "back"), "notify_retries": ("no", "yes"), "between_retries": ("wait", "sent"), "cancel_after_valid_time": ("allow", "refuse"),
    "cancel_refusal": ("5006", "5108", "succ"), "coap_dedup": ("yes", "no"),
}  # fmt: skip


def moment(text):
    return datetime.fromisoformat(text)


class Queue(RuleBasedStateMachine):
    """Queues executes, cancels them, lets time pass, makes the device speak, and loses answers on the way."""

    @initialize(answers=st.fixed_dictionaries({name: st.sampled_from(CHOICES[name]) for name in OPEN}))
    def begin(self, answers):
        self.answers = answers
        self.desk = Desk(METER, **answers)
        self.ended = {}
        self.runs_when_ended = {}

    @rule(
        valid_s=st.none() | st.integers(1, 9000),
        lasts_s=st.integers(1, 20000),
        retry=st.integers(0, 3),
        trigger=st.integers(1, 7),
    )
    def queue(self, valid_s, lasts_s, retry, trigger):
        validity = {} if valid_s is None else {"valid_time": beijing(self.desk.now, valid_s + 1)}
        end = beijing(self.desk.now, (valid_s or 0) + 1 + lasts_s)
        answer = self.desk.queue_execute("x", retry=retry, trigger_msg=trigger, expired_time=end, **validity)
        if isinstance(answer, dict):
            assert answer["errno"] == 5006
            assert self.answers["cached_limit"] == "refuse"

    @precondition(lambda self: self.desk.device()["queue"])
    @rule(data=st.data())
    def cancel(self, data):
        command = data.draw(st.sampled_from(self.desk.device()["queue"]))
        answer = self.desk.onenet("PUT", f"/nbiot/offline/cancel/{command['uuid']}", {"imei": IMEI})
        after = next(one for one in self.desk.device()["queue"] if one["uuid"] == command["uuid"])
        if answer["errno"] == 0 and self.answers["cancel_refusal"] != "succ":
            assert (command["state"], after["state"]) == ("wait", "cancelled")
        if command["state"] != "wait":
            assert after["state"] == command["state"]

    @rule(seconds=st.integers(0, 8000))
    def wait(self, seconds):
        self.desk.advance(seconds)

    @rule(kind=st.sampled_from(["register", "update", "notify"]))
    def speak(self, kind):
        self.desk.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": kind})

    @rule(
        fault=st.sampled_from(
            ["device_silent", "device_answer_lost", "device_answers:RESP_ERROR", "device_answers:OFFLINE"]
        ),
        times=st.integers(1, 3),
    )
    def lose(self, fault, times):
        self.desk.script(fault, operation="deliver", nth=1, times=times)

    @invariant()
    def commands_keep_their_promises(self):
        device = self.desk.device()
        runs = {}
        for run in device["executions"]:
            runs.setdefault(run["uuid"], []).append(moment(run["time"]))
        for command in device["queue"]:
            uuid, times = command["uuid"], runs.get(command["uuid"], [])
            sends = 3 if self.answers["coap_dedup"] == "no" else 1
            assert command["attempts"] <= 1 + command["retry"]
            assert len(times) <= sends * command["attempts"]
            assert command["remain"] >= command["retry"] - command["attempts"]
            assert all(moment(command["valid_time"]) <= at < moment(command["expired_time"]) for at in times)
            assert not (command["state"] in ("wait", "sent") and moment(command["expired_time"]) <= self.desk.now)
            if uuid in self.ended:
                assert (self.ended[uuid], self.runs_when_ended[uuid]) == (command["state"], len(times))
            elif command["state"] in ENDED:
                self.ended[uuid], self.runs_when_ended[uuid] = command["state"], len(times)

    @invariant()
    def no_more_than_ten_wait(self):
        waiting = [command for command in self.desk.device()["queue"] if command["state"] == "wait"]
        slack = 10 if self.answers["limit_counts"] == "waiting" and self.answers["between_retries"] == "sent" else 0
        assert len(waiting) <= 10 + slack

    @invariant()
    def history_tells_the_same(self):
        if self.answers["limit_counts"] == "all":
            return
        span = {"imei": IMEI, "start": beijing(self.desk.now - timedelta(days=30)), "per_page": 100, "sort": "ASC"}
        items = self.desk.onenet("GET", "/nbiot/offline/history", span)["data"]["items"]
        queue = self.desk.device()["queue"][:100]
        assert [(item["cmd_uuid"], item["send_status"]) for item in items] == [
            (c["uuid"], c["send_status"]) for c in queue
        ]


TestQueue = Queue.TestCase
TestQueue.settings = settings(deadline=None, derandomize=True, max_examples=40, stateful_step_count=25)
