"""Cached commands: parameters, delivery, retries, expiry, cancel, history."""

import pytest
from emulator_desk import AWAKE_METER, IMEI, METER, beijing

HISTORY = "/nbiot/offline/history"


def history(desk, **query):
    span = {"start": beijing(desk.now, -86400 * 30), "end": beijing(desk.now, 86400)}
    return desk.onenet("GET", HISTORY, {"imei": IMEI} | span | query)["data"]


def detail(desk, uuid):
    return desk.onenet("GET", f"{HISTORY}/{uuid}", {"imei": IMEI})["data"]


@pytest.mark.parametrize(
    ("query", "errno"),
    [({"retry": 11}, 5108), ({"retry": -1}, 5108), ({"retry": 10}, 0), ({"retry": 0}, 0), ({"trigger_msg": 0}, 5108),
     ({"trigger_msg": 8}, 5108), ({"expired_time": ""}, 3), ({"expired_time": "2026-01-31 09:00:00"}, 5108),
     ({"valid_time": "2026-01-31T08:00:00"}, 5108), ({"valid_time": "2026-01-31T08:00:01"}, 0),
     ({"valid_time": "2026-01-31T09:00:00", "expired_time": "2026-01-31T09:00:00"}, 5108),
     ({"expired_time": "2026-01-31T08:00:00"}, 5108)],
)  # fmt: skip
def test_cached_write_parameters_are_checked(desk, query, errno):
    """Ranges and the order now < valid_time < expired_time, in Beijing time."""
    d = desk(METER)
    answer = d.write((5603, 1.5), path="/nbiot/offline", **({"expired_time": beijing(d.now, 3600)} | query))
    assert answer["errno"] == errno


def test_cached_write_waits_for_the_wake(desk):
    """Nothing before the uplink, everything after it."""
    d = desk(METER)
    uuid = d.queue((5603, 1.5))
    d.advance(1799)
    assert detail(d, uuid)["send_status"] == 1
    d.advance(2)
    shown = detail(d, uuid)
    assert (shown["send_status"], shown["confirm_status"], shown["cmd_result"]) == (
        5,
        "SUCCESS",
        {"errno": 0, "error": "succ"},
    )
    assert d.device()["values"]["/3303/0/5603"] == 1.5
    assert d.device()["last_uplink"] == "2026-01-31T00:30:00.000Z"


def test_cached_write_to_an_always_on_device_waits_for_its_next_uplink(desk):
    """There is no timer that pushes to a silent device."""
    d = desk(AWAKE_METER)
    d.queue((5603, 1.5))
    assert d.device()["values"]["/3303/0/5603"] == -20.0
    d.advance(31)
    assert d.device()["values"]["/3303/0/5603"] == 1.5


def test_valid_time_holds_a_command_back(desk):
    """A wake before valid_time delivers nothing."""
    d = desk(METER)
    d.queue((5603, 1.5), valid_time=beijing(d.now, 3000))
    d.advance(2000)
    assert d.device()["queue"][0]["state"] == "wait"
    d.advance(3600)
    assert d.device()["queue"][0]["state"] == "delivered"


def test_command_expires_undelivered(desk):
    """An hour-long jump over expired_time: the wake after it finds nothing."""
    d = desk(METER)
    uuid = d.queue((5603, 1.5), expired_time=beijing(d.now, 900))
    d.advance(7200)
    assert detail(d, uuid)["send_status"] == 4
    assert d.device()["values"]["/3303/0/5603"] == -20.0


@pytest.mark.parametrize(
    ("trigger", "kind", "state"),
    [(1, "update", "wait"), (1, "register", "delivered"), (2, "notify", "wait"), (4, "notify", "delivered"), (4, "report", "delivered"),
     (5, "update", "wait"), (6, "update", "delivered"), (7, "notify", "delivered")],
)  # fmt: skip
def test_trigger_msg_chooses_the_uplink(desk, trigger, kind, state):
    """Bit 1 register, bit 2 update, bit 4 notify."""
    d = desk(METER)
    d.queue((5603, 1.5), trigger_msg=trigger)
    d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": kind})
    assert d.device()["queue"][0]["state"] == state


def test_execute_runs_exactly_once(desk):
    """One wake, one execution, with its arguments and uuid; no later wake repeats it."""
    d = desk(METER)
    uuid = d.queue_execute("ping")
    d.advance(36000)
    assert d.device()["executions"] == [
        {"path": "/3/0/4", "args": "ping", "time": "2026-01-31T00:30:00.000Z", "uuid": uuid}
    ]


def test_lost_device_answer_makes_the_default_retry_execute_twice(desk):
    """retry counts attempts without an answer; with retry=0 there is one."""
    for retry, runs in ((3, 2), (0, 1)):
        d = desk(METER)
        d.script("device_answer_lost", operation="deliver", nth=1)
        uuid = d.queue_execute(retry=retry)
        d.advance(1801)
        assert detail(d, uuid)["send_status"] == (1 if retry else 6)
        d.advance(3600)
        assert len(d.device()["executions"]) == runs
        assert detail(d, uuid)["remain"] == max(0, retry - 1)


def test_silent_device_uses_up_its_retries(desk):
    """First attempt and one retry, then failed with TIME_OUT and no execution."""
    d = desk(METER)
    d.script("device_silent", operation="deliver")
    uuid = d.queue_execute(retry=1)
    d.advance(7200)
    shown = detail(d, uuid)
    assert (shown["send_status"], shown["confirm_status"], shown["remain"]) == (6, "TIME_OUT", 0)
    assert d.device()["executions"] == []


@pytest.mark.parametrize(("switch", "state"), [("no", "wait"), ("yes", "delivered")])
def test_notify_triggers_a_retry_only_by_switch(desk, switch, state):
    """The page names update and online for retries."""
    d = desk(METER, notify_retries=switch)
    d.script("device_silent", operation="deliver", nth=1)
    d.queue((5603, 1.5))
    for _ in range(2):
        d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": "notify"})
    assert d.device()["queue"][0]["state"] == state


@pytest.mark.parametrize(("switch", "status"), [("wait", 1), ("sent", 3)])
def test_state_between_retries_is_a_switch(desk, switch, status):
    """1 or 3 while a retry is pending."""
    d = desk(METER, between_retries=switch)
    d.script("device_silent", operation="deliver", nth=1)
    uuid = d.queue((5603, 1.5))
    d.advance(1801)
    assert detail(d, uuid)["send_status"] == status


@pytest.mark.parametrize(("switch", "last"), [("keep", 2.0), ("back", 1.0)])
def test_retried_command_may_overtake_a_newer_one(desk, switch, last):
    """With `back`, the older value arrives after the newer one."""
    d = desk(METER, retry_position=switch, uplink_releases="one")
    d.script("device_silent", operation="deliver", nth=1)
    d.queue((5603, 1.0))
    d.queue((5603, 2.0))
    d.advance(3 * 3600)
    assert d.device()["values"]["/3303/0/5603"] == last


@pytest.mark.parametrize(("switch", "delivered"), [("all", 2), ("one", 1)])
def test_one_uplink_releases_one_or_all(desk, switch, delivered):
    """In creation order either way."""
    d = desk(METER, uplink_releases=switch)
    d.queue((5603, 1.0))
    d.queue((5603, 2.0))
    d.advance(1801)
    assert [command["state"] for command in d.device()["queue"]].count("delivered") == delivered
    assert d.device()["values"]["/3303/0/5603"] == float(delivered)


@pytest.mark.parametrize(("switch", "status"), [("delivered", 5), ("failed", 6)])
def test_definite_refusal_ends_a_command(desk, switch, status):
    """A wrong type shows only at delivery, and is not retried."""
    d = desk(METER, negative_answer=switch)
    uuid = d.queue((5603, "warm"))
    d.advance(1801)
    shown = detail(d, uuid)
    assert (shown["send_status"], shown["confirm_status"], shown["remain"]) == (status, "REQ_PARAM_ERROR", 3)
    assert "cmd_result" not in shown


def test_eleventh_command_is_refused_or_evicts(desk):
    """Ten waiting commands a device; ended ones do not count."""
    d = desk(METER)
    uuids = [d.queue((5603, float(n))) for n in range(10)]
    assert d.queue((5603, 10.0))["errno"] == 5006
    d.control("POST", "/switches", {"cached_limit": "evict"})
    assert isinstance(d.queue((5603, 10.0)), str)
    assert detail(d, uuids[0])["send_status"] == 2
    d.advance(1801)
    d.control("POST", "/switches", {"cached_limit": "refuse"})
    assert isinstance(d.queue((5603, 11.0)), str)


def test_waiting_command_is_cancelled_and_never_delivered(desk):
    """Cancel one; a delivered or unknown one cannot be cancelled."""
    d = desk(METER)
    uuid = d.queue((5603, 1.0))
    cancel = f"/nbiot/offline/cancel/{uuid}"
    assert d.onenet("PUT", cancel, {"imei": IMEI}) == {"errno": 0, "error": "succ"}
    assert d.onenet("PUT", cancel, {"imei": IMEI})["errno"] == 5006
    assert d.onenet("PUT", "/nbiot/offline/cancel/nothing", {"imei": IMEI})["errno"] == 5108
    d.advance(3600)
    assert d.device()["values"]["/3303/0/5603"] == -20.0
    assert detail(d, uuid)["send_status"] == 2


def test_cancel_after_valid_time_is_a_switch(desk):
    """Literal reading: a command whose valid_time has come cannot be cancelled."""
    d = desk(METER, cancel_after_valid_time="refuse")
    early = d.queue((5603, 1.0), valid_time=beijing(d.now, 600))
    late = d.queue((5603, 2.0))
    answer = d.onenet("PUT", "/nbiot/offline/cancel/all", {"imei": IMEI})
    assert answer["data"] == {"succ": [early], "failed": [late], "total": 2}


def test_history_pages_sorts_and_hides_values(desk):
    """Newest first by default; no content in the list; counts cover all pages."""
    d = desk(METER)
    uuids = []
    for number in range(5):
        uuids.append(d.queue((5603, float(number))))
        d.advance(10)
    page = history(d, per_page=2, page=2)
    assert (page["total_count"], [item["cmd_uuid"] for item in page["items"]]) == (5, [uuids[2], uuids[1]])
    assert [item["cmd_uuid"] for item in history(d, sort="ASC")["items"]] == uuids
    assert not {"content", "args"} & set(page["items"][0])
    assert page["items"][0]["create_time"] == "2026-01-31 08:00:20"
    window = history(d, start="2026-01-31T08:00:10", end="2026-01-31T08:00:20", sort="ASC")
    assert [item["cmd_uuid"] for item in window["items"]] == uuids[1:3]
    assert d.onenet("GET", HISTORY, {"imei": IMEI, "start": "2026-01-31T08:00:10"})["data"]["total_count"] == 4
    assert d.onenet("GET", HISTORY, {"imei": IMEI, "end": "2026-01-31T08:00:10"})["errno"] == 3
    assert d.onenet("GET", HISTORY, {"imei": IMEI, "start": "x", "end": "y"})["errno"] == 5108


def test_records_are_kept_half_a_year(desk):
    """Then list and detail know nothing of them."""
    d = desk(METER)
    uuid = d.queue((5603, 1.0))
    d.advance(180 * 86400)
    assert (history(d, start="2026-01-01T00:00:00")["total_count"], detail(d, uuid)["type"]) == (1, "WRITE")
    d.advance(1)
    assert history(d, start="2026-01-01T00:00:00")["total_count"] == 0
    assert d.onenet("GET", f"{HISTORY}/{uuid}", {"imei": IMEI})["errno"] == 5108


def test_detail_returns_what_was_sent(desk):
    """The query as args, the body as content."""
    d = desk(METER)
    shown = detail(d, d.queue((5603, 1.0), retry=0))
    assert shown["args"]["retry"] == "0"
    assert shown["content"] == {"data": [{"res_id": 5603, "val": 1.0}]}


def test_trace_shows_the_four_stages(desk):
    """Received, sent, confirmed, fed back, in Beijing time."""
    d = desk(METER)
    uuid = d.queue((5603, 1.0))
    d.advance(1801)
    lines = d.onenet("GET", f"{HISTORY}/{uuid}/piecewise", {"imei": IMEI})["data"]
    assert [line["log"].split(",")[0] for line in lines] == [
        "received command type: [1]",
        "send command type: [1]",
        "received confirm message",
        "feedback message",
    ]
    assert lines[0]["time"] == "Sat Jan 31 08:00:00 CST 2026"


def test_cached_read_brings_its_result_at_delivery(desk):
    """bin2hex shows opaque values as text."""
    d = desk(METER)
    query = {"imei": IMEI, "obj_id": 10, "expired_time": beijing(d.now, 86400), "bin2hex": "true"}
    uuid = d.onenet("GET", "/nbiot/offline", query)["data"]["uuid"]
    d.advance(1801)
    assert detail(d, uuid)["cmd_result"]["data"] == [{"obj_inst_id": 0, "res": [{"res_id": 1, "val": "121a"}]}]
