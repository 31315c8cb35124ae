"""A real Firefox, driven over WebDriver BiDi without geckodriver (https://w3c.github.io/webdriver-bidi/)."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect

PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-manager.url": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "toolkit.telemetry.enabled": False,
    "browser.safebrowsing.enabled": False,
    "services.settings.server": "data:,",
    "extensions.update.enabled": False,
}
_START_SECONDS = 30.0


class Firefox:
    """One headless Firefox with one tab and an empty profile."""

    def __init__(self, executable: str) -> None:
        self._executable = executable
        self._profile = Path(tempfile.mkdtemp(prefix="firefox-"))
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._commands = 0

    async def __aenter__(self) -> Self:
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()
        )
        (self._profile / "user.js").write_text("\n".join(lines))
        self._process = subprocess.Popen(  # noqa: ASYNC220  started once, before anything else runs
            [
                *(self._executable, "--headless", "--no-remote", "--profile", str(self._profile)),
                *("--remote-debugging-port", "0", "about:blank"),
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        address = await asyncio.wait_for(asyncio.to_thread(self._listening), _START_SECONDS)
        self._socket: ClientConnection = await connect(f"{address}/session", max_size=None)
        self._reader = asyncio.create_task(self._read())
        await self._command("session.new", {"capabilities": {}})
        tree = await self._command("browsingContext.getTree", {})
        self._tab = tree["contexts"][0]["context"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, 10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        assert self._process.stderr is not None
        self._process.stderr.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    async def goto(self, url: str) -> None:
        await self._command(
            "browsingContext.navigate", {"context": self._tab, "url": url, "wait": "complete"}
        )

    async def evaluate(self, expression: str) -> Any:
        """Return the JSON value of a JavaScript expression, awaited if it is a promise."""
        result = await self._command(
            "script.evaluate",
            {
                "expression": f"(async () => JSON.stringify(await ({expression})))()",
                "target": {"context": self._tab},
                "awaitPromise": True,
            },
        )
        if result["type"] != "success":
            raise RuntimeError(result["exceptionDetails"]["text"])
        value = result["result"].get("value")
        return None if value is None else json.loads(value)

    async def wait_for(self, expression: str, seconds: float = 15) -> Any:
        """Wait until an expression is true in the page, whichever page that is by then, and return its value."""
        async with asyncio.timeout(seconds):
            while True:
                # A page that is being left answers with an error, or not at all.
                with contextlib.suppress(RuntimeError, TimeoutError):
                    if value := await asyncio.wait_for(self.evaluate(expression), 5):
                        return value
                await asyncio.sleep(0.1)

    async def screenshot(self, path: Path) -> None:
        import base64

        result = await self._command("browsingContext.captureScreenshot", {"context": self._tab})
        path.write_bytes(base64.b64decode(result["data"]))

    def _listening(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if "WebDriver BiDi listening on " in line:
                return line.rsplit(" ", 1)[1].strip()
        raise RuntimeError("Firefox ended before it listened")

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            answer = self._answers.pop(message.get("id", -1), None)
            if answer is not None and not answer.done():
                answer.set_result(message)

    async def _command(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._commands += 1
        answer = self._answers[self._commands] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": self._commands, "method": method, "params": parameters}))
        message = await asyncio.wait_for(answer, 60)
        if message["type"] == "error":
            raise RuntimeError(f"{method}: {message['message']}")
        result: dict[str, Any] = message["result"]
        return result


class SyncFirefox:
    """The same for tests that also drive a Chromium: a loop of its own in a thread of its own."""

    def __init__(self, executable: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._firefox = Firefox(executable)

    def __enter__(self) -> Self:
        self._run(self._firefox.__aenter__())
        return self

    def __exit__(self, *about: object) -> None:
        self._run(self._firefox.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def goto(self, url: str) -> None:
        self._run(self._firefox.goto(url))

    def evaluate(self, expression: str) -> Any:
        return self._run(self._firefox.evaluate(expression))

    def wait_for(self, expression: str, seconds: float = 30) -> Any:
        return self._run(self._firefox.wait_for(expression, seconds))

    def screenshot(self, path: Path) -> None:
        self._run(self._firefox.screenshot(path))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)
