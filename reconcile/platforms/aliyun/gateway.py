"""Asks the RPC gateway: signs, sends, reads the answer, learns the clock, and repeats reads politely."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from reconcile.model.errors import InDoubt, NotSent, Refused
from reconcile.platforms.aliyun import auth
from reconcile.platforms.aliyun.answers import Answer, Unreadable, read_answer
from reconcile.platforms.aliyun.config import Options
from reconcile.platforms.aliyun.errors import Verdict, describe, is_account_wide, judge, may_ask_again, vendor_code
from reconcile.platforms.aliyun.keys import KeyRing
from reconcile.platforms.aliyun.transport import Exchanged, Http
from reconcile.platforms.aliyun.wire import Call, common_parameters
from reconcile.ports import ClientSettings

_PAUSES_S: Final = (0.5, 1.0, 2.0)
"""Between the tries of a read; a write is never tried again here."""

Sleep = Callable[[float], Awaitable[None]]


class Gateway:
    """One account at one endpoint."""

    def __init__(self, settings: ClientSettings, options: Options, sleep: Sleep = asyncio.sleep) -> None:
        self._settings = settings
        self._options = options
        self._keys = KeyRing(settings.credentials)
        self._common = common_parameters(options.instance_id, options.extra)
        self._http = Http(options.endpoint)
        self._sleep = sleep
        self._ahead = timedelta()
        self._last_date = ""

    def server_now(self) -> datetime:
        """Our clock, corrected by the last `Date` header."""
        return self._settings.now() + self._ahead

    async def ask(self, call: Call) -> Answer:
        """The answer to one call, success or not. Raises: NotSent, InDoubt.

        A request whose nonce, time or ended keys were refused had no effect, so it is signed anew, once.
        """
        answer, issue = await self._exchange(call)
        if answer.is_success:
            return answer
        if judge(answer) is Verdict.THROTTLED:
            self._settings.throttled()
        if judge(answer) is Verdict.RESIGN or self._keys.has_others(issue, answer.code):
            answer, _ = await self._exchange(call)
        return answer

    async def read(self, call: Call) -> Answer:
        """The successful answer to a call that changes nothing. Raises: CallFailed."""
        for pause_s in _PAUSES_S:
            try:
                answer = await self.ask(call)
            except NotSent:
                await self._sleep(pause_s)
                continue
            if answer.is_success:
                return answer
            if not may_ask_again(answer):
                raise self.refusal(answer)
            await self._sleep(max(pause_s, answer.retry_after_s or 0.0))
        answer = await self.ask(call)
        if answer.is_success:
            return answer
        raise self.refusal(answer)

    def refusal(self, answer: Answer, *, is_text_kept: bool = True, otherwise: str = "") -> Refused:
        """A failed answer as a refusal; throttling names its pause. `otherwise`: what to do where no table knows."""
        pause_s = None
        if judge(answer) is Verdict.THROTTLED:
            pause_s = answer.retry_after_s or 1.0
        message = self._clean(describe(answer, is_text_kept=is_text_kept, otherwise=otherwise))
        is_wide = is_account_wide(answer.code)
        return Refused(message, vendor_code=vendor_code(answer), retry_after_s=pause_s, account_wide=is_wide)

    def doubt(self, answer: Answer, *, is_text_kept: bool = True) -> InDoubt:
        """A failed answer that does not tell whether the request took effect."""
        return InDoubt(self._clean(describe(answer, is_text_kept=is_text_kept)), vendor_code=vendor_code(answer))

    async def close(self) -> None:
        """Closes connections."""
        await self._http.close()

    async def _exchange(self, call: Call) -> tuple[Answer, int]:
        """One answer, and the number of the keys it was asked with."""
        await self._settings.pace()
        signed = self._sign(call.with_query(self._common), self._keys.current())
        issue = self._keys.number
        exchanged = await self._http.post(signed.query, signed.headers, signed.body)
        self._learn(exchanged)
        try:
            answer = read_answer(
                exchanged.http_status, exchanged.body, is_xml=self._options.is_xml, retry_after=exchanged.retry_after
            )
        except Unreadable as exc:
            raise InDoubt(f"HTTP {exchanged.http_status} with an answer that cannot be read ({exc})") from exc
        return answer, issue

    def _sign(self, call: Call, keys: auth.Keys) -> auth.Signed:
        once = auth.Once(self._settings.nonce(), self.server_now())
        try:
            if not self._options.is_v1:
                return auth.sign_acs3(call, keys, host=self._http.host, once=once)
            answer_format = "XML" if self._options.is_xml else "JSON"
            return auth.sign_v1(call, keys, answer_format=answer_format, region=self._options.region, once=once)
        except UnicodeEncodeError as exc:
            raise Refused("a value holds characters that UTF-8 cannot carry") from exc

    def _learn(self, exchanged: Exchanged) -> None:
        if not exchanged.date or exchanged.date == self._last_date:
            return
        try:
            server_now = parsedate_to_datetime(exchanged.date)
        except (ValueError, TypeError, IndexError, OverflowError):  # what it raises for nonsense
            return
        if server_now.tzinfo is not None:
            self._last_date = exchanged.date
            self._ahead = server_now - self._settings.now()

    def _clean(self, text: str) -> str:
        keys = self._keys.keys
        return auth.scrub(text, (keys.access_key_secret, keys.security_token or "", keys.access_key_id))
