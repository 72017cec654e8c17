"""metrics.py ADDRESS PORT KUBECTL CERTIFICATE KEY: metrics.k8s.io/v1beta1 for the autoscaler; Debian has no metrics-server.

The use of pods comes from their nodes' kubelets (/metrics/resource), between the last two requests.
"""

import collections
import datetime
import http.server
import json
import re
import ssl
import subprocess
import sys

USED = re.compile(r'^container_cpu_usage_seconds_total\{container="([^"]+)",namespace="([^"]+)",pod="([^"]+)"\} (\S+) (\d+)$', re.MULTILINE)
GROUP = "/apis/metrics.k8s.io/v1beta1"
RESOURCES = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": "metrics.k8s.io/v1beta1",
    "resources": [{"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]}],
}


class Metrics:
    def __init__(self, kubectl):
        self.kubectl = kubectl
        self.seen = collections.defaultdict(lambda: collections.deque(maxlen=2))  # seconds of CPU, and the time in ms, by pod and container

    def get(self, *what):
        return subprocess.run([self.kubectl, "get", *what], capture_output=True, text=True, check=True).stdout

    def pods(self, namespace, query):
        for node in self.get("nodes", "--output", "name").split():
            for container, where, pod, seconds, time in USED.findall(self.get("--raw", f"/api/v1/nodes/{node.removeprefix('node/')}/proxy/metrics/resource")):
                samples = self.seen[where, pod, container]
                if not samples or samples[-1][1] != int(time):
                    samples.append((float(seconds), int(time)))
        items = json.loads(self.get("--raw", f"/api/v1/namespaces/{namespace}/pods?{query}"))["items"]
        return [found for one in items if (found := self.of(one["metadata"], namespace))]

    def of(self, pod, namespace):
        containers = []
        for (where, name, container), samples in self.seen.items():
            if (where, name) == (namespace, pod["name"]) and len(samples) == 2:
                (before, began), (after, ended) = samples
                containers.append({"name": container, "usage": {"cpu": f"{(after - before) / (ended - began) * 1e12:.0f}n", "memory": "1Mi"}})
                window = {
                    "timestamp": datetime.datetime.fromtimestamp(ended / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "window": f"{(ended - began) / 1000:.0f}s",
                }
        return {"metadata": {key: pod[key] for key in ("name", "namespace", "labels")}, **window, "containers": containers} if containers else None


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        found = re.fullmatch(GROUP + "/namespaces/([^/]+)/pods", path)
        if path == GROUP:
            said = RESOURCES
        elif found:
            said = {"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": self.server.metrics.pods(found[1], query)}
        else:
            return self.send_error(404)
        octets = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)


def main(address, port, kubectl, certificate, key):
    with http.server.ThreadingHTTPServer((address, int(port)), Handler) as server:
        server.metrics = Metrics(kubectl)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
