"""Firefox, headless, by Marionette: fetch() from a page, or navigation from a page."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

from lines import serve
from pages import fetch_script, navigation_script, page_of

PROFILE = pathlib.Path("/tmp/firefox")
POLICIES = pathlib.Path("/etc/firefox/policies/policies.json")  # of the tree that this runs in
PREFERENCES = {
    "marionette.port": 2828,
    "network.proxy.type": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "app.normandy.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "services.settings.server": "",
    # Names come from the hosts file; no server has HTTPS records.
    "network.trr.mode": 5,
    "network.dns.native_https_query": False,
    "network.dns.upgrade_with_https_rr": False,
    "network.dns.use_https_rr_as_altsvc": False,
    # Habits that rewrite URLs before any redirect does.
    "dom.security.https_first": False,
    "dom.security.https_first_schemeless": False,
    "dom.security.https_only_mode": False,
}
PATIENCE = int(os.environ["PATIENCE"])


class Browser:
    def __init__(self):
        PROFILE.mkdir(exist_ok=True)
        (PROFILE / "user.js").write_text("".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()))
        POLICIES.write_text(json.dumps({"policies": {"Certificates": {"Install": [os.environ["CA_FILE"]]}, "DisableTelemetry": True}}))
        self.process = subprocess.Popen(
            ["/usr/lib/firefox/firefox", "--headless", "--marionette", "--no-remote", "--profile", str(PROFILE)],
            env=os.environ | {"MOZ_DISABLE_CONTENT_SANDBOX": "1", "MOZ_CRASHREPORTER_DISABLE": "1", "MOZ_REMOTE_ALLOW_SYSTEM_ACCESS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.stream = self.connect()
        self.number = 0
        self.receive()
        capabilities = {"timeouts": {"pageLoad": 4000 * PATIENCE, "script": 8000 * PATIENCE}}
        self.version = self.call("WebDriver:NewSession", capabilities={"alwaysMatch": capabilities})["capabilities"]["browserVersion"]
        self.page = None

    def connect(self):
        for _ in range(2400):
            try:
                return socket.create_connection(("127.0.0.1", 2828)).makefile("rwb")
            except ConnectionRefusedError:
                time.sleep(0.1)  # the browser is starting, and announces its port nowhere else
        raise TimeoutError("Firefox does not listen")

    def receive(self):
        digits = b""
        while (octet := self.stream.read(1)) != b":":
            digits += octet
        return json.loads(self.stream.read(int(digits)))

    def call(self, command, **parameters):
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.stream.write(str(len(message)).encode() + b":" + message)
        self.stream.flush()
        _, _, error, result = self.receive()
        if error:
            raise RuntimeError(error["message"])
        return result

    def script(self, script, context="content"):
        self.call("Marionette:SetContext", value=context)
        value = self.call("WebDriver:ExecuteAsyncScript", script=script, args=[], newSandbox=False, sandbox="default")["value"]
        self.call("Marionette:SetContext", value="content")
        return value

    def open(self, url):
        self.call("WebDriver:Navigate", url=url)
        self.page = url

    def forget(self):
        self.script("Services.cookies.removeAll(); Services.cache2.clear(); arguments[0]();", "chrome")

    def fetch(self, request):
        self.forget()
        page = page_of(request, True)
        if self.page != page:
            self.open(page)
        outcome = self.script(f"window.{fetch_script(request)}.then(arguments[arguments.length - 1])")
        if "error" in outcome:
            raise RuntimeError(outcome["error"])
        return outcome["status"]

    def navigate(self, request):
        self.forget()
        self.open(page_of(request, False))
        # A click waits for its navigation, and reports how it ended.
        self.script(
            "const button = document.createElement('button'); button.textContent = 'go'; document.body.append(button);"
            f"button.addEventListener('click', () => {{ {navigation_script(request)} }}); arguments[0]();"
        )
        button = self.call("WebDriver:FindElement", using="css selector", value="button")["value"]
        self.call("WebDriver:ElementClick", id=next(iter(button.values())))
        entry = self.script("const [entry] = performance.getEntriesByType('navigation');arguments[0]({status: entry.responseStatus, url: location.href});")
        if entry["url"].endswith("/page"):
            raise RuntimeError("no navigation")
        return entry["status"]


browser = Browser()
serve(browser.version, browser.fetch if sys.argv[1] == "fetch" else browser.navigate)
