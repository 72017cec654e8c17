#!/usr/bin/env python3
"""Makes a policy's directory of a document and of labelled ConfigMaps, gathered/NAMESPACE/NAME/KEY. Python's own library suffices.

Only lists ConfigMaps, so it needs no other right. A namespace that cannot be listed keeps its files, and it never ends by itself:
while the API server is away, the pod serves on.
"""

import argparse
import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import sys
import time
import urllib.parse
import urllib.request

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
GATHERED = "gathered"
PAGE = 10  # ConfigMaps, each of 1 MiB at most, that are in memory at once


def config_maps(namespace, label, account):
    """Every ConfigMap of the namespace with the label."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    address = f"https://{f'[{host}]' if ':' in host else host}:{port}/api/v1/namespaces/{namespace}/configmaps"
    context = ssl.create_default_context(cafile=account / "ca.crt")
    # Python 3.13 refuses authorities without a key identifier, as older clusters have them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    # No proxy of the environment stands before the API server.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    query = {"labelSelector": label, "limit": PAGE}
    while True:
        request = urllib.request.Request(f"{address}?{urllib.parse.urlencode(query)}")
        # The kubelet renews the token.
        request.add_header("Authorization", f"Bearer {(account / 'token').read_text().strip()}")
        with opener.open(request, timeout=20) as answer:
            listed = json.load(answer)
        yield from listed["items"]
        query["continue"] = listed["metadata"].get("continue", "")
        if not query["continue"]:
            return


def copy(source, target):
    """The document and what lies beside it. Files are renamed one by one, within the moment in which fingerpostd waits for more."""
    files = {}
    for at, directories, names in os.walk(source, followlinks=True):
        # What the kubelet's links lead to.
        directories[:] = [name for name in directories if not name.startswith("..")]
        for name in names:
            files[pathlib.Path(at, name).relative_to(source)] = pathlib.Path(at, name).read_bytes()
    shutil.rmtree(target / ".new", ignore_errors=True)
    changed = {path for path, octets in files.items() if not (target / path).is_file() or (target / path).read_bytes() != octets}
    for path in changed:
        (target / ".new" / path).parent.mkdir(parents=True, exist_ok=True)
        (target / ".new" / path).write_bytes(files[path])
        (target / path).parent.mkdir(parents=True, exist_ok=True)
    for path in changed:
        (target / ".new" / path).replace(target / path)
    # Deepest first, so that an empty directory goes, too.
    for old in sorted(target.rglob("*"), reverse=True):
        path = old.relative_to(target)
        if path.parts[0] in (GATHERED, ".new") or path in files:
            continue
        if old.is_file():
            old.unlink()
            changed.add(path)
        elif not any(old.iterdir()):
            old.rmdir()
    if changed:
        print(f"document: {', '.join(sorted(map(str, changed)))}", flush=True)


def publish(directory, one):
    """As the kubelet does it: NAME is a link, so that all files of a ConfigMap change in one step."""
    link = directory / one["metadata"]["name"]
    version = f".{one['metadata']['uid']}.{one['metadata']['resourceVersion']}"
    if link.is_symlink() and os.readlink(link) == version:
        return
    files = {key: text.encode() for key, text in (one.get("data") or {}).items()}
    files |= {key: base64.b64decode(octets) for key, octets in (one.get("binaryData") or {}).items()}
    shutil.rmtree(directory / version, ignore_errors=True)
    (directory / version).mkdir()
    for key, octets in files.items():
        (directory / version / key).write_bytes(octets)
    step = directory / ".link"
    step.unlink(missing_ok=True)
    step.symlink_to(version)
    step.replace(link)
    print(f"{directory.name}/{link.name}: {', '.join(sorted(files)) or 'empty'}", flush=True)


def gather(directory, label, account):
    """One namespace. What is gone or replaced is removed only after all that is there was listed."""
    directory.mkdir(parents=True, exist_ok=True)
    names = set()
    for one in config_maps(directory.name, label, account):
        publish(directory, one)
        names.add(one["metadata"]["name"])
    for entry in list(directory.iterdir()):
        if entry.is_symlink() and entry.name not in names:
            entry.unlink()
            print(f"{directory.name}/{entry.name}: removed", flush=True)
    used = {os.readlink(entry) for entry in directory.iterdir() if entry.is_symlink()}
    for entry in list(directory.iterdir()):
        if not entry.is_symlink() and entry.name not in used:
            shutil.rmtree(entry)


def attempt(name, faults, what, *arguments):
    """A fault is told once."""
    try:
        what(*arguments)
        fault = ""
    except (OSError, http.client.HTTPException, ValueError, KeyError) as why:
        fault = f"{name}: stays as it is: {why}"
    if fault and faults.get(name) != fault:
        print(fault, file=sys.stderr, flush=True)
    faults[name] = fault


def gather_all(options, faults):
    """Whether there was no fault."""
    attempt("document", faults, copy, options.document, options.directory)
    for namespace in options.namespaces:
        attempt(f"namespace {namespace}", faults, gather, options.directory / GATHERED / namespace, options.label, options.account)
    return not any(faults.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("namespaces", nargs="+")
    parser.add_argument("--document", type=pathlib.Path, required=True, help="directory of the document")
    parser.add_argument("--label", required=True, help="a label selector")
    parser.add_argument("--once", action="store_true", help="end when all is gathered, or after 30 seconds")
    parser.add_argument("--every", type=float, default=15, metavar="SECONDS", help="how often it lists")
    parser.add_argument("--account", type=pathlib.Path, default=pathlib.Path(ACCOUNT), help="directory of token and ca.crt")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    faults, begin = {}, time.monotonic()
    while not (gather_all(options, faults) and options.once):
        if options.once and time.monotonic() - begin > 30:
            break
        time.sleep(min(1, options.every) if options.once else options.every)


if __name__ == "__main__":
    main()
