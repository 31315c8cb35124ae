"""Talking to the portal: log in, ask, with bounds on every wait."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from telehealth.integrations.insurance.messages import (
    LOGIN_PATH,
    LOOK_UP_PATH,
    Credentials,
    Question,
    Tokens,
    answer_of,
    look_up_body,
    look_up_query,
    new_number,
    no_answer,
    tokens_of,
)
from telehealth.records.domain.insurance import Answer

logger = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(8.0, connect=3.0)
"""Seconds. A worker waits, never the desk; an attempt is at most a login, a look-up, and one more of each."""
MAX_REPLY = 1_000_000
_CONFIGURATION = "401"


class Silent(Exception):
    """The portal gave nothing to read. `code` is one of ours."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Portal:
    """One portal. Tokens are kept in memory for as long as the portal takes them."""

    def __init__(
        self, address: str, *, transport: httpx.BaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT
    ) -> None:
        self._http = httpx.Client(base_url=address, transport=transport, timeout=timeout)
        self._tokens: dict[str, Tokens] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def look_up(self, question: Question, credentials: Credentials) -> Answer:
        """Return what the portal says of a card. Never raises for what the portal or the line does: that is an answer, too."""
        try:
            reply = self._ask(question, credentials)
            replacement = new_number(reply)
            if replacement and replacement != question.number:
                # The old card is over: what counts is the new one.
                return answer_of(
                    self._ask(Question(replacement, question.full_name, question.born), credentials)
                )
            return answer_of(reply)
        except Silent as silent:
            logger.warning("insurance portal: %s", silent.code)
            return no_answer(silent.code)

    def _ask(self, question: Question, credentials: Credentials) -> Mapping[str, Any]:
        for again in (True, False):
            tokens = self._tokens.get(credentials.username) or self._login(credentials)
            reply = self._post(
                LOOK_UP_PATH,
                json=look_up_body(question, credentials),
                params=look_up_query(tokens, credentials),
            )
            if str(reply.get("maKetQua")) != _CONFIGURATION:
                return reply
            # Tokens end after some minutes, and when somebody else logs in with the account.
            self._tokens.pop(credentials.username, None)
            if not again:
                break
        return reply

    def _login(self, credentials: Credentials) -> Tokens:
        reply = self._post(
            LOGIN_PATH, json={"username": credentials.username, "password": credentials.password}
        )
        tokens = tokens_of(reply)
        if tokens is None:
            raise Silent("500" if str(reply.get("maKetQua")) == "500" else _CONFIGURATION)
        self._tokens[credentials.username] = tokens
        return tokens

    def _post(
        self, path: str, *, json: Mapping[str, str], params: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        try:
            response = self._http.post(path, json=dict(json), params=params)
        except httpx.TimeoutException:
            raise Silent("timeout") from None
        except httpx.HTTPError:
            raise Silent("unreachable") from None
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return {"maKetQua": _CONFIGURATION}
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Silent("500")
        if response.status_code != httpx.codes.OK or len(response.content) > MAX_REPLY:
            raise Silent("unreadable")
        try:
            reply = response.json()
        except ValueError:
            raise Silent("unreadable") from None
        if not isinstance(reply, Mapping):
            raise Silent("unreadable")
        return reply
