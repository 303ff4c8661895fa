"""Parts of a run that work side by side end together: whoever takes the lease next can rely on it."""

import asyncio

import pytest

from reconcile.apply.side_by_side import side_by_side


async def value(number):
    await asyncio.sleep(0)
    return number


def test_results_come_in_order():
    async def whole():
        return await side_by_side(value(1), value(2))

    assert asyncio.run(whole()) == [1, 2]


def test_when_one_part_fails_the_others_have_ended_before_it_is_told():
    ended, sent = [], []

    async def fails():
        await asyncio.sleep(0)
        raise LookupError

    async def asks():
        try:
            await asyncio.sleep(0.01)
            sent.append("a request after the failure")
        finally:
            await asyncio.sleep(0)
            ended.append("asks")

    async def whole():
        with pytest.raises(LookupError):
            await side_by_side(asks(), fails())
        assert ended == ["asks"]
        await asyncio.sleep(0.02)
        assert not sent

    asyncio.run(whole())
