"""GNU wget, one process for each request."""

import os
import re
import subprocess

from lines import content, serve


def send(request):
    command = [
        "wget",
        "--output-document=/dev/null",
        "--server-response",
        "--tries=1",
        f"--timeout={5 * int(os.environ['PATIENCE'])}",
        "--no-hsts",
        f"--ca-certificate={os.environ['CA_FILE']}",
        f"--method={request['method']}",
    ]
    command += [f"--header={name}: {value}" for name, value in request["headers"]]
    if request["content"] is not None:
        command.append(f"--body-data={content(request).decode()}")
    done = subprocess.run([*command, request["url"]], capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace")
    statuses = re.findall(r"^\s+HTTP/1\.1 (\d+)", said, re.MULTILINE)
    # Status 8 with a response that is not a redirect means that response; every other failure is wget's own.
    complaint = re.search(r"^(.*(?:redirections exceeded|Redirection \(\d+\) without|nsupported scheme|Invalid|failed).*)$", said, re.MULTILINE)
    if complaint or not statuses or done.returncode not in (0, 8):
        raise RuntimeError(f"exit {done.returncode}: {complaint[1] if complaint else said[-200:]}")
    return int(statuses[-1])


serve(subprocess.run(["wget", "--version"], capture_output=True, text=True, check=True).stdout.split()[2], send)
