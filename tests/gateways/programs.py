"""The gateways: each recipe, and how its real program is started with it on free loopback ports."""

import contextlib
import dataclasses
import pathlib
import re
import socket
import subprocess
import sys
import time
import typing

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from pinned import installed  # noqa: E402

SECONDS = 60  # for a start; none takes long but on a busy machine
ANY = "127.0.0.1"


class Ports(typing.NamedTuple):
    http: int  # Fingerpost's --http-listen: 8080 in the recipes
    grpc: int  # its --listen: 50051
    site: int  # what the gateway stands before: 3000
    plain: int  # the gateway's own: 80
    tls: int  # and with TLS, which no recipe has: a newcomer's certificates are where they are


def free_ports():
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server((ANY, 0))) for _ in Ports._fields]
        return Ports(*(one.getsockname()[1] for one in sockets))


def certificate(home):
    """A self-made one: one file with the certificate and one with its key, and one with both."""
    names = "subjectAltName=DNS:www.example,DNS:*.old.example,IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=www.example"]
    subprocess.run([*command, "-addext", names, "-keyout", home / "key.pem", "-out", home / "cert.pem"], check=True, capture_output=True)
    (home / "both.pem").write_text((home / "cert.pem").read_text() + (home / "key.pem").read_text())


def own_addresses(text, ports):
    for shown, port in ((8080, ports.http), (50051, ports.grpc), (3000, ports.site)):
        text = text.replace(f"127.0.0.1:{shown}", f"127.0.0.1:{port}")
    return text


def replaced(text, pattern, replacement):
    """The recipe must have what is replaced, exactly once."""
    text, count = re.subn(pattern, lambda _: replacement, text, flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"{pattern} is {count} times in the recipe")
    return text


NGINX = """daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{}}
http {{
  access_log off; server_names_hash_bucket_size 128;
  client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home}; uwsgi_temp_path {home}; scgi_temp_path {home};
  {content}
}}
"""


def nginx(text, ports, home):
    tls = f"listen {ANY}:{ports.tls} ssl http2; ssl_certificate {home}/cert.pem; ssl_certificate_key {home}/key.pem;"
    text = replaced(own_addresses(text, ports), r"listen 80;", f"listen {ANY}:{ports.plain}; {tls}")
    (home / "nginx.conf").write_text(NGINX.format(home=home, content=text))
    return ["nginx", "-c", home / "nginx.conf", "-e", home / "error.log"]


def traefik(text, ports, home):
    (home / "dynamic.yml").write_text(own_addresses(text, ports))
    entry = "--entryPoints"
    options = [f"{entry}.web.address={ANY}:{ports.plain}", f"{entry}.tls.address={ANY}:{ports.tls}", f"{entry}.tls.http.tls=true"]
    # Paths reach Fingerpost as the client wrote them.
    options += [f"{entry}.{name}.http.sanitizePath=false" for name in ("web", "tls")]
    options += [f"--providers.file.filename={home}/dynamic.yml", "--global.checkNewVersion=false", "--global.sendAnonymousUsage=false", "--log.level=ERROR"]
    return [installed("traefik", HERE / "requirements.txt", "bin/traefik"), *options]


def caddy(text, ports, home):
    options = "{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\n"
    site = (
        f"(site) {{\nSITE\n}}\nhttp://:{ports.plain} {{\n\timport site\n}}\nhttps://:{ports.tls} {{\n\ttls {home}/cert.pem {home}/key.pem\n\timport site\n}}\n"
    )
    head, body = re.split(r"^:80 \{$", own_addresses(text, ports), maxsplit=1, flags=re.MULTILINE)
    (home / "Caddyfile").write_text(options + site.replace("SITE", body.rstrip().removesuffix("}")))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", home / "Caddyfile"]


def haproxy(text, ports, home):
    bind = f"bind {ANY}:{ports.plain}\n  bind {ANY}:{ports.tls} ssl crt {home}/both.pem alpn h2,http/1.1"
    inner = f"abns@fingerpost-{ports.plain}"  # one name for the whole machine
    text = replaced(own_addresses(text, ports), r"bind :80$", bind).replace("abns@fingerpost", inner)
    (home / "haproxy.cfg").write_text(text)
    (home / "fingerpost.lua").write_text((HERE / "haproxy/fingerpost.lua").read_text().replace("abns@fingerpost", inner))
    return ["haproxy", "-db", "-f", home / "haproxy.cfg"]


def varnish(text, ports, home):
    for shown, port in ((8080, ports.http), (3000, ports.site)):
        text = replaced(text, rf'\.port = "{shown}";', f'.port = "{port}";')
    (home / "default.vcl").write_text(text)
    listen = ["-a", f"{ANY}:{ports.plain}", "-a", f"https={ANY}:{ports.tls},PROXY"]
    return ["varnishd", "-F", "-n", home / "varnish", "-f", home / "default.vcl", "-s", "default,20m", "-p", "feature=+http2", *listen]


def envoy(text, ports, home):
    return run_envoy(yaml.safe_load(text), ports, home)


def run_envoy(config, ports, home):
    for cluster in config["static_resources"]["clusters"]:
        for endpoints in cluster["load_assignment"]["endpoints"]:
            for endpoint in endpoints["lb_endpoints"]:
                address = endpoint["endpoint"]["address"]["socket_address"]
                address["port_value"] = {8080: ports.http, 50051: ports.grpc, 3000: ports.site}[address["port_value"]]
    (listener,) = config["static_resources"]["listeners"]
    listener["address"]["socket_address"].update(address=ANY, port_value=ports.plain)
    files = {"certificate_chain": {"filename": f"{home}/cert.pem"}, "private_key": {"filename": f"{home}/key.pem"}}
    common = {"tls_certificates": [files], "alpn_protocols": ["h2", "http/1.1"]}
    kind = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
    socket_ = {"name": "envoy.transport_sockets.tls", "typed_config": {"@type": kind, "common_tls_context": common}}
    address = {"socket_address": {"address": ANY, "port_value": ports.tls}}
    chains = [{**chain, "transport_socket": socket_} for chain in listener["filter_chains"]]
    config["static_resources"]["listeners"].append({"name": "tls", "address": address, "filter_chains": chains})
    (home / "envoy.yaml").write_text(yaml.safe_dump(config))
    binary = installed("envoy", HERE.parent / "envoy/requirements.txt", "envoy/_bin/envoy")
    return [binary, "-c", home / "envoy.yaml", "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning"]


def envoy_alone(text, ports, home):
    config = yaml.safe_load(text)
    del config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"][0]
    return run_envoy(config, ports, home)


def same_as_grpc(**settings):
    """The configuration of envoy/grpc.yaml with what a manifest stands for."""
    config = yaml.safe_load((HERE / "envoy/grpc.yaml").read_text())
    manager = config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    manager.update(settings.pop("manager", {}))
    ask = manager["http_filters"][0]["typed_config"]
    for name in ("failure_mode_allow", "encode_raw_headers"):
        del ask[name]
    ask["grpc_service"]["timeout"] = settings.pop("timeout")
    ask.update(settings)
    return config


def istio(text, ports, home):
    """As istiod writes the filter for an extension provider."""
    operator, policy = yaml.safe_load_all(text)
    (provider,) = operator["spec"]["meshConfig"]["extensionProviders"]
    assert (policy["spec"]["provider"]["name"], policy["spec"]["action"]) == (provider["name"], "CUSTOM")
    grpc = provider["envoyExtAuthzGrpc"]
    manager = {"normalize_path": True, "path_with_escaped_slashes_action": "KEEP_UNCHANGED"}  # the mesh's pathNormalization: BASE
    return run_envoy(same_as_grpc(manager=manager, failure_mode_allow=grpc["failOpen"], timeout=grpc["timeout"]), ports, home)


def envoy_gateway(text, ports, home):
    """As Envoy Gateway 1.9 writes it: its own tests (internal/xds/translator/testdata) have the same pieces."""
    security, traffic = yaml.safe_load_all(text)
    ask, path = security["spec"]["extAuth"], traffic["spec"]["path"]
    actions = {"KeepUnchanged": "KEEP_UNCHANGED", "UnescapeAndRedirect": "UNESCAPE_AND_REDIRECT"}
    manager = {"normalize_path": True, "merge_slashes": not path["disableMergeSlashes"]}
    manager["path_with_escaped_slashes_action"] = actions[path["escapedSlashesAction"]]
    timeout = f"{int(ask['timeout'].removesuffix('ms')) / 1000}s"
    return run_envoy(same_as_grpc(manager=manager, failure_mode_allow=ask["failOpen"], timeout=timeout), ports, home)


def gateway_api(text, ports, home):
    (route,) = yaml.safe_load_all(text)
    (rule,) = route["spec"]["rules"]
    (ask,) = rule["filters"]
    assert ask["externalAuth"]["protocol"] == "GRPC"
    return run_envoy(same_as_grpc(failure_mode_allow=False, timeout="10s"), ports, home)


@dataclasses.dataclass(frozen=True)
class Gateway:
    recipe: str
    start: typing.Callable
    slow: float = 3  # seconds that a question may take while Fingerpost does not answer
    daemon: tuple = ()  # settings of fingerpostd
    http2: str = "--http2"  # curl's option
    alone: tuple = ()  # (start, recipe) of the same gateway without Fingerpost, for --measure

    @property
    def text(self):
        return (HERE / self.recipe).read_text()

    @property
    def proxied(self):
        return self.start is varnish

    @property
    def fails_open(self):
        found = re.match(r"# Fails (open|closed): ", self.text)
        if not found:
            raise ValueError("the first line must say what happens while Fingerpost is stopped")
        return found[1] == "open"


SITE = "proxy_pass http://127.0.0.1:3000; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;"
NGINX_ALONE = f"server {{ listen 80; location / {{ {SITE} }} }}"
TRAEFIK_ALONE = """http:
  routers: {site: {rule: PathPrefix(`/`), service: site}}
  services: {site: {loadBalancer: {servers: [{url: "http://127.0.0.1:3000"}]}}}
"""
CADDY_ALONE = ":80 {\n\treverse_proxy 127.0.0.1:3000\n}\n"
HAPROXY_ALONE = """defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend site
  bind :80
  default_backend site
backend site
  server site 127.0.0.1:3000
"""
VARNISH_ALONE = 'vcl 4.1; backend site { .host = "127.0.0.1"; .port = "3000"; } backend none { .host = "127.0.0.1"; .port = "8080"; }\n'
VARNISH_ALONE += "sub vcl_recv { set req.backend_hint = site; return (pass); } sub vcl_pass { if (req.restarts) { set req.backend_hint = none; } }\n"

GATEWAYS = [
    Gateway("nginx/ask_first.conf", nginx, alone=(nginx, NGINX_ALONE)),
    Gateway("nginx/auth_request.conf", nginx, alone=(nginx, NGINX_ALONE)),
    Gateway("traefik/ask_first.yml", traefik, daemon=("--gateway-pass", "418"), alone=(traefik, TRAEFIK_ALONE)),
    Gateway("traefik/forward_auth.yml", traefik, slow=40, alone=(traefik, TRAEFIK_ALONE)),
    Gateway("caddy/Caddyfile", caddy, alone=(caddy, CADDY_ALONE)),
    Gateway("haproxy/haproxy.cfg", haproxy, alone=(haproxy, HAPROXY_ALONE)),
    Gateway("varnish/fingerpost.vcl", varnish, http2="--http2-prior-knowledge", alone=(varnish, VARNISH_ALONE)),
    Gateway("envoy/grpc.yaml", envoy, alone=(envoy_alone, (HERE / "envoy/grpc.yaml").read_text())),
    Gateway("envoy/http.yaml", envoy, daemon=("--gateway-pass", "200"), alone=(envoy_alone, (HERE / "envoy/http.yaml").read_text())),
    Gateway("istio/ext_authz.yaml", istio),
    Gateway("envoy_gateway/security_policy.yaml", envoy_gateway),
    Gateway("gateway_api/external_auth.yaml", gateway_api, slow=12),
]


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection((ANY, port), 1):
        return True
    return False


@contextlib.contextmanager
def running(command, ports, home, name="gateway"):
    """The process, once all `ports` accept connections."""
    log = home / f"{name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=home)
    try:
        end = time.monotonic() + SECONDS
        while not all(accepts(port) for port in ports):
            if process.poll() is not None or time.monotonic() > end:
                more = (home / "error.log").read_text() if (home / "error.log").exists() else ""
                raise RuntimeError(f"{command[0]} does not serve: {log.read_text()[-2000:]}{more[-1000:]}")
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
