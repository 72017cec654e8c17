"""A tree of Debian packages newer than the machine's, for the clients that only Debian has. It is run by chroot.

python3 -m harness.debian writes a new lock to standard output: the newest versions there are today.
"""

import hashlib
import pathlib
import subprocess
import tempfile

from .commands import Unavailable, run, tool

# unstable, because it has each client's newest release. Every package is fetched at the version of the lock.
SUITE = "sid"
WANTED = (
    "python3",
    "wget",
    "wget2",
    "ruby-faraday-follow-redirects",
    "ruby-httparty",
    "ruby-rest-client",
    "ruby-http",
    "php-cli",
    "php-curl",
    "php-guzzlehttp-guzzle",
    "php-symfony-http-client",
    "libwww-perl",
    "liblwp-protocol-https-perl",
    "openjdk-27-jre-headless",
    "firefox",
    "chromium",
)
# Without what they depend on: WordPress has the library Requests, which needs none of its servers.
ALONE = ("wordpress",)
LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/icons", "./usr/share/help")


def archive():
    """The archive that this machine's apt is set up with."""
    lines = run(tool("apt-get"), "indextargets", "--format", "$(LABEL) $(REPO_URI)").splitlines()
    uris = [line.split()[1] for line in lines if line.startswith("Debian ")]
    if not uris:
        raise Unavailable("apt is not set up with Debian's archive")
    return uris[0]


def apt(directory):
    """An apt of its own below the directory, with an empty package status."""
    for name in ("state/lists/partial", "cache/archives/partial", "etc"):
        (directory / name).mkdir(parents=True)
    (directory / "status").touch()
    (directory / "etc/sources.list").write_text(f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {archive()} {SUITE} main\n")
    settings = {
        "Dir::State": directory / "state",
        "Dir::State::status": directory / "status",
        "Dir::Cache": directory / "cache",
        "Dir::Etc::sourcelist": directory / "etc/sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferencesparts": "-",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Install-Recommends": "0",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "1",
        # The lock is what says which versions; a mirror that lags is no fault.
        "Acquire::Check-Valid-Until": "0",
    }
    (directory / "apt.conf").write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))

    def call(*words):
        return run("env", f"APT_CONFIG={directory}/apt.conf", "apt-get", "-qq", *words, cwd=directory / "cache/archives")

    call("update")
    return call


def fetch(directory, lock):
    """Downloads the locked packages; today's, when the archive has let go of one of them."""
    call = apt(directory)
    packages = [line.split() for line in lock.splitlines() if line and not line.startswith("#")]
    try:
        call("download", *(f"{name}={version}" for name, version, _ in packages))
        digests = {digest for _, _, digest in packages}
        for path in (directory / "cache/archives").glob("*.deb"):
            if hashlib.sha256(path.read_bytes()).hexdigest() not in digests:
                raise Unavailable(f"{path.name} is not what the lock says")
    except Unavailable as reason:
        if "not found" not in str(reason):
            raise
        return newest(call, directory)
    return sorted((directory / "cache/archives").glob("*.deb"))


def newest(call, directory):
    call("install", "--yes", "--download-only", *WANTED)
    call("download", *ALONE)
    return sorted((directory / "cache/archives").glob("*.deb"))


def unpack(packages, tree):
    """Unpacks without running any maintainer script: what is run here needs none."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    excludes = [f"--exclude={path}" for path in LEFT_OUT]
    for package in packages:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive_file:
            subprocess.run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", *excludes, "-C", tree], stdin=archive_file.stdout, check=True)
    (tree / "packages").write_text("".join(show(package) + "\n" for package in packages))


def show(package):
    return run("dpkg-deb", "--show", "--showformat", "${Package} ${Version}", package)


def make(tree, lock):
    with tempfile.TemporaryDirectory(prefix="fingerpost-apt-") as directory:
        unpack(fetch(pathlib.Path(directory), lock.read_text()), tree)


def main():
    with tempfile.TemporaryDirectory(prefix="fingerpost-apt-") as name:
        directory = pathlib.Path(name)
        print("# What `python3 -m harness.debian` wrote: package, version, SHA-256.")
        for path in newest(apt(directory), directory):
            print(show(path), hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
