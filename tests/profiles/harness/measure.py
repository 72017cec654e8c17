"""Measures one client, in its own namespaces: python3 -m harness.measure CLIENT OUTPUT PATIENCE [SCENARIO...].

PATIENCE multiplies the client's time; without scenario numbers it runs all of them. The network is only a loopback
interface, and /etc/hosts is ours. ../run starts it through unshare.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from .clients import CLIENTS
from .drive import Driver, baseline_cases, observe
from .kits import directory_of
from .origins import Recorder, hosts_file, make_certificates, raise_loopback
from .catalog import everything, suits

DRIVERS = pathlib.Path(__file__).resolve().parent.parent / "drivers"
CHROOT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


def prepare_tree(tree, scratch, kit):
    """Prepares a Debian tree for running programs in it.

    Other clients run in the tree at the same time, so our files are mounted, not written. The scratch directory has no
    mounts below it, because it is removed at the end.
    """
    for name in ("proc", "dev", "tmp", "mnt", "etc/firefox/policies"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    (scratch / "policies").mkdir()
    (scratch / "passwd").write_text("root:x:0:0:root:/tmp:/bin/sh\n")
    mount("--rbind", "/proc", tree / "proc")
    mount("--rbind", "/dev", tree / "dev")
    mount("--bind", scratch, tree / "tmp")
    mount("--bind", kit, tree / "mnt")
    mount("--bind", scratch / "policies", tree / "etc/firefox/policies")
    for name in ("hosts", "passwd"):
        (tree / "etc" / name).touch()
        mount("--bind", scratch / name, tree / "etc" / name)


def command_of(client, kit, scratch, patience):
    """The driver's command and environment."""
    names = {"kit": str(kit), "drivers": str(scratch / "drivers"), "python": sys.executable}
    authority = str(scratch / "ca.pem")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LC_ALL": "C.UTF-8",
        "CA_FILE": authority,
        "NODE_EXTRA_CA_CERTS": authority,
        "DENO_CERT": authority,
        "SSL_CERT_FILE": authority,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATIENCE": str(patience),
    }
    if client.kit in ("python", "dotnet"):
        environment |= {"PYTHONPATH": str(kit)}
    if not client.root:
        return [word.format(**names) for word in client.driver], environment
    tree = directory_of("debian")
    prepare_tree(tree, scratch, kit)
    inside = {"kit": "/mnt", "drivers": "/tmp/drivers"}
    environment |= {"PATH": CHROOT_PATH, "HOME": "/tmp", "TMPDIR": "/tmp", "CA_FILE": "/tmp/ca.pem"}
    return ["chroot", str(tree), *(word.format(**inside) for word in client.driver)], environment


def main():
    name, output, patience, *wanted = sys.argv[1], pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:])
    client = next(client for client in CLIENTS if client.name == name)
    with tempfile.TemporaryDirectory(prefix="fingerpost-profiles-", ignore_cleanup_errors=True) as directory:
        scratch = pathlib.Path(directory)
        (scratch / "hosts").write_text(hosts_file())
        mount("--bind", scratch / "hosts", "/etc/hosts")
        raise_loopback()
        make_certificates(scratch)
        shutil.copytree(DRIVERS, scratch / "drivers")
        command, environment = command_of(client, directory_of(client.kit), scratch, patience)
        recorder = Recorder(scratch, patience)
        driver = Driver(command, environment, patience * client.seconds, scratch / "driver.log")
        # The same ones each time.
        every = 1 if os.environ.get("FINGERPOST_PROFILES") == "all" else client.every
        cases = [case for case in everything() if suits(client, case) and case["id"] % every == every - 1]
        if wanted:
            cases = [case for case in everything() if case["id"] in wanted]
        try:
            with output.open("w") as stream:
                stream.write(json.dumps({"version": driver.version, "every": every}) + "\n")
                for seen in observe(driver, recorder, client, [*baseline_cases(client), *cases]):
                    stream.write(json.dumps(seen) + "\n")
        finally:
            driver.stop()


main()
