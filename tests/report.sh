# shellcheck shell=bash
# What the parts' runners share: where the repository is, its files, and how a result is told to tests/run. Sourced.

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$repository" || exit 1

# files [PATTERN...]: the files that are, or would be, in git.
files() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do [[ -e $file ]] && echo "$file"; done; }

# clean NAME FINDINGS: passes when nothing was found.
clean() {
  if [[ -z $2 ]]; then
    echo "ok $1"
  else
    printf '%s\n' "$2"
    echo "not ok $1: $(grep -c '' <<<"$2") found, listed above"
  fi
}

# thrice COMMAND...: what comes over a network may not come at once.
thrice() { "$@" || "$@" || "$@"; }

# installed NAME COMMAND: runs what installs NAME, quietly; when it fails the part ends with a failed test.
installed() {
  local log
  log=$(mktemp)
  if thrice "$2" >"$log" 2>&1; then
    rm -f "$log"
  else
    cat "$log"
    rm -f "$log"
    echo "not ok $1: could not be installed"
    exit 1
  fi
}
