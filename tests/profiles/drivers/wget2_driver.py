"""GNU Wget2, one process for each request."""

import os
import re
import subprocess

from lines import content, serve


def send(request):
    command = [
        "wget2",
        "--output-document=/dev/null",
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
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    statuses = re.findall(r"^HTTP (?:ERROR )?response (\d+)", said, re.MULTILINE)
    # A redirect that it does not follow is no error of its own: only its message tells.
    complaint = re.search(r"^(.*(?:ailed to (?!parse date)|annot resolve|Missing host|not followed|must be in the range|Couldn't).*)$", said, re.MULTILINE)
    if complaint or not statuses or done.returncode not in (0, 8):
        raise RuntimeError(f"exit {done.returncode}: {complaint[1] if complaint else said[-200:]}")
    return int(statuses[-1])


serve(subprocess.run(["wget2", "--version"], capture_output=True, text=True, check=True).stdout.split()[2], send)
