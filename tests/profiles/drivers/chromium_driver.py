"""Chromium, headless, by its DevTools protocol on two pipes: fetch() from a page, or navigation from a page."""

import json
import os
import subprocess
import sys
import time
from select import select

from lines import serve
from pages import fetch_script, navigation_script, page_of

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--ignore-certificate-errors",
    "--no-proxy-server",
    # Habits that rewrite or refuse URLs before any redirect does.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LocalNetworkAccessChecks",
    "--user-data-dir=/tmp/chromium",
    "--remote-debugging-pipe",
)
NAVIGATION_SECONDS = 4 * int(os.environ["PATIENCE"])
CALL_SECONDS = 120


class Browser:
    def __init__(self):
        theirs_in, self.up = os.pipe()
        self.down, theirs_out = os.pipe()
        # The protocol uses the file descriptors 3 and 4. They are set by way of higher ones, because the pipes may have those
        # numbers.
        os.dup2(theirs_in, 13)
        os.dup2(theirs_out, 14)
        self.process = subprocess.Popen(
            ["/usr/lib/chromium/chromium", *FLAGS], close_fds=False, preexec_fn=lambda: (os.dup2(13, 3), os.dup2(14, 4)), stdout=subprocess.DEVNULL
        )
        self.rest, self.number, self.session, self.events = b"", 0, None, []
        self.version = self.call("Browser.getVersion")["product"]
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")
        self.page = None

    def message(self, seconds):
        """The next message, or None if none comes in time."""
        until = time.monotonic() + seconds
        while b"\0" not in self.rest:
            if not select([self.down], [], [], max(0.0, until - time.monotonic()))[0]:
                return None
            self.rest += os.read(self.down, 1 << 20)
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        call = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            call["sessionId"] = self.session
        os.write(self.up, json.dumps(call).encode() + b"\0")
        while True:
            answer = self.message(CALL_SECONDS)
            if answer is None:
                raise TimeoutError(method)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]
            self.events.append(answer)

    def event(self, seconds):
        return self.events.pop(0) if self.events else self.message(seconds)

    def open(self, url):
        """Loads the page from which the request comes."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        while (event := self.event(CALL_SECONDS)) and event.get("method") != "Page.loadEventFired":
            pass
        self.page = url

    def fetch(self, request):
        page = page_of(request, True)
        self.call("Network.clearBrowserCookies")
        if self.page != page:
            self.open(page)
        return self.call("Runtime.evaluate", expression=fetch_script(request), awaitPromise=True, returnByValue=True)["result"]["value"]

    def navigate(self, request):
        self.call("Network.clearBrowserCookies")
        self.open(page_of(request, False))
        self.events.clear()
        self.call("Runtime.evaluate", expression=navigation_script(request))
        document, status, until = None, None, time.monotonic() + NAVIGATION_SECONDS
        while event := self.event(until - time.monotonic()):
            method, about = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent" and about.get("type") == "Document":
                document = about["requestId"]
            elif method == "Network.responseReceived" and about["requestId"] == document:
                status = about["response"]["status"]
            elif method == "Network.loadingFailed" and about["requestId"] == document:
                return {"error": about["errorText"]}
            elif method == "Page.loadEventFired" and status:
                return {"status": status}
        return {"error": "no navigation"}


browser = Browser()


def send(request):
    outcome = (browser.fetch if sys.argv[1] == "fetch" else browser.navigate)(request)
    if "error" in outcome:
        raise RuntimeError(outcome["error"])
    return outcome["status"]


serve(browser.version, send)
