"""The calls of the vendor's pages, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconcile.model.actions import ExecuteNow, QueueExecute, Queueing, QueueWrite, Write, WriteNow
from reconcile.model.desired import WriteMode
from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.wire import device_requests, queue_requests, requests
from reconcile.platforms.onenet.wire.requests import Family

IMEI = "865820031234567"
VALID = datetime(2016, 8, 5, 0, 0, 0, tzinfo=UTC)
EXPIRED = datetime(2016, 8, 6, 0, 0, 0, 999_999, tzinfo=UTC)
QUEUEING = Queueing(60, 86400, 3, ("update", "notify"))


def test_instant_write_as_on_its_page():
    action = WriteNow("/1212/3", (Write("/1212/3/12", 121),), WriteMode.REPLACE, 25)
    made = requests.write_now(Api.STUDIO, IMEI, action)
    assert made.method == "POST"
    assert made.target == (
        f"/LwM2M-online?action=write&version=1&imei={IMEI}&obj_id=1212&obj_inst_id=3&mode=1&timeout=25"
    )
    assert made.body == b'{"data":[{"res_id":12,"val":121}]}'


def test_cached_write_as_on_its_page():
    action = QueueWrite("/1212/1212", (Write("/1212/1212/12", "121A", "opaque"),), WriteMode.REPLACE, 25, QUEUEING)
    made = requests.queue_write(Api.CLASSIC, IMEI, action, VALID, EXPIRED)
    assert made.method == "POST"
    assert made.target == (
        f"/nbiot/offline?imei={IMEI}&valid_time=2016-08-05T08:00:00&expired_time=2016-08-06T08:00:00"
        "&obj_id=1212&obj_inst_id=1212&mode=1&retry=3&timeout=25&trigger_msg=6"
    )
    assert made.body == b'{"data":[{"res_id":12,"type":1,"val":"121A"}]}'


def test_cached_execute_as_on_its_page():
    action = QueueExecute("/1212/1212/123", "ping", "reboot", "k", 25, Queueing(0, 1, 0, ("register",)))
    made = requests.queue_execute(Api.CLASSIC, IMEI, action, VALID, EXPIRED)
    assert made.target == (
        f"/nbiot/execute/offline?imei={IMEI}&valid_time=2016-08-05T08:00:00&expired_time=2016-08-06T08:00:00"
        "&obj_id=1212&obj_inst_id=1212&res_id=123&retry=0&timeout=25&trigger_msg=1"
    )
    assert made.body == b'{"args":"ping"}'


def test_execute_without_args_has_no_body_and_valid_time_may_be_left_to_the_platform():
    action = QueueExecute("/3/0/4", None, "reboot", "k", 5, QUEUEING)
    made = requests.queue_execute(Api.CLASSIC, IMEI, action, None, EXPIRED)
    assert made.body is None
    assert "valid_time" not in made.target


@pytest.mark.parametrize(
    ("api", "read", "write", "execute"),
    [
        (Api.CLASSIC, "/nbiot", "/nbiot", "/nbiot/execute"),
        (Api.CURRENT, "/nb-iot", "/nb-iot", "/nb-iot/execute"),
        (Api.STUDIO, "/LwM2M-online", "/LwM2M-online", "/LwM2M-online"),
    ],
)
def test_instant_paths_of_each_generation(api, read, write, execute):
    assert requests.read_now(api, IMEI, "/3/0", 25).url_path == read
    assert requests.write_now(api, IMEI, WriteNow("/3/0", (), WriteMode.UPDATE, 5)).url_path == write
    assert requests.execute_now(api, IMEI, ExecuteNow("/3/0/4", None, "c", "k", 5)).url_path == execute


def test_studio_can_queue_but_not_look():
    made = requests.queue_write(Api.STUDIO, IMEI, QueueWrite("/3/0", (), WriteMode.UPDATE, 5, QUEUEING), None, EXPIRED)
    assert made.target.startswith("/LwM2M-offline?action=write&version=1&imei=")
    for call in (queue_requests.detail, queue_requests.cancel, queue_requests.trace):
        with pytest.raises(ValueError, match="Studio"):
            call(Api.STUDIO, IMEI, "uuid")


def test_looking_and_withdrawing():
    assert queue_requests.history(Api.CURRENT, IMEI, VALID, EXPIRED, 2).target == (
        f"/nb-iot/offline/history?imei={IMEI}&start=2016-08-05T08:00:00&end=2016-08-06T08:00:00"
        "&page=2&per_page=100&sort=ASC"
    )
    assert queue_requests.detail(Api.CLASSIC, IMEI, "4274").target == f"/nbiot/offline/history/4274?imei={IMEI}"
    made = queue_requests.cancel(Api.CLASSIC, IMEI, "a/../b")
    assert (made.method, made.body) == ("PUT", None)
    assert made.target == f"/nbiot/offline/cancel/a%2F..%2Fb?imei={IMEI}"


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (
            requests.discover(Api.CLASSIC, IMEI, "/3303", 25),
            f"GET /nbiot/discover?imei={IMEI}&obj_id=3303&timeout=25",
        ),
        (
            requests.discover(Api.STUDIO, IMEI, "/3303/0", 25),
            f"GET /LwM2M-online?action=discover&version=1&imei={IMEI}&obj_id=3303&obj_inst_id=0&timeout=25",
        ),
        (requests.resources(Api.CLASSIC, IMEI), f"GET /nbiot/resources?imei={IMEI}"),
        (requests.resources(Api.STUDIO, IMEI), f"GET /LwM2M-online?action=resources&version=1&imei={IMEI}"),
        (
            requests.observe(
                Api.CURRENT, IMEI, "/3200/0/5501", 25, is_cancel=False, attributes={"pmin": "10", "pmax": "60"}
            ),
            (
                f"POST /nb-iot/observe?imei={IMEI}&cancel=false&obj_id=3200&obj_inst_id=0&res_id=5501"
                "&pmin=10&pmax=60&timeout=25"
            ),
        ),
        (
            requests.read_now(Api.CLASSIC, IMEI, "/3303/0/5700", 40),
            f"GET /nbiot?imei={IMEI}&obj_id=3303&obj_inst_id=0&res_id=5700&timeout=40",
        ),
        (
            requests.queue_read(Api.CLASSIC, IMEI, requests.ReadLater("/3", 25, QUEUEING), VALID, EXPIRED),
            (
                f"GET /nbiot/offline?imei={IMEI}&valid_time=2016-08-05T08:00:00&expired_time=2016-08-06T08:00:00"
                "&obj_id=3&bin2hex=true&retry=3&timeout=25&trigger_msg=6"
            ),
        ),
        (
            queue_requests.trace(Api.CLASSIC, IMEI, "4274"),
            f"GET /nbiot/offline/history/4274/piecewise?imei={IMEI}",
        ),
        (queue_requests.cancel_all(Api.CURRENT, IMEI), f"PUT /nb-iot/offline/cancel/all?imei={IMEI}"),
        (device_requests.statuses(["1221", "12233"]), "GET /devices/status?devIds=1221,12233"),
        (device_requests.latest_points(["12323", "12324"]), "GET /devices/datapoints?devIds=12323,12324"),
        (device_requests.classic_page(2, "china"), "GET /devices?tag=china&page=2&per_page=100"),
        (
            device_requests.current_points("P1", "d1"),
            "GET /datapoint/current-datapoints?product_id=P1&device_name=d1",
        ),
        (
            device_requests.by_name(Api.STUDIO, "ocgzVU", "9MaNe52pNO", "no001"),
            (
                "GET /application?action=QueryDeviceDetail&version=1&project_id=ocgzVU&product_id=9MaNe52pNO"
                "&device_name=no001"
            ),
        ),
        (
            device_requests.by_name(Api.CURRENT, None, "9MaNe52pNO", "no001"),
            "GET /device/detail?product_id=9MaNe52pNO&device_name=no001",
        ),
        (
            device_requests.product_page(Api.CURRENT, "ocgzVU", 100),
            "GET /project/product-list?project_id=ocgzVU&offset=100&limit=100",
        ),
    ],
)
def test_calls_in_person_as_on_their_pages(made, line):
    assert f"{made.method} {made.target}" == line


def test_calls_that_a_generation_has_not():
    with pytest.raises(ValueError, match="resources"):
        requests.resources(Api.CURRENT, IMEI)
    with pytest.raises(ValueError, match="IMEI"):
        device_requests.by_imei(Api.STUDIO, IMEI)


def test_devices_follow_another_error_table():
    assert device_requests.by_imei(Api.CLASSIC, IMEI).family is Family.DEVICES
    assert device_requests.by_imei(Api.CURRENT, IMEI).target == f"/device/detail?product_id=0&imei={IMEI}"
    assert device_requests.detail("5001").target == "/devices/5001"


def test_text_travels_as_utf_8_and_secrets_are_only_counted():
    from reconcile.model.values import secret
    from reconcile.platforms.onenet.wire import body

    assert body.write_body([Write("/3/0/1", '水"表')]) == '{"data":[{"res_id":1,"val":"水\\"表"}]}'.encode()
    assert (
        body.write_body([Write("/3/0/13", 1795334400, "time")]) == b'{"data":[{"res_id":13,"type":2,"val":1795334400}]}'
    )
    assert body.size_bytes([Write("/3/0/1", secret("env", "PIN"))]) > body.SECRET_BYTES
