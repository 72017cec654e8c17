# shellcheck shell=bash
# Shared by the parts' runners: the repository, its files, and the report of a result to tests/run. Sourced.

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$repository" || exit 1

# files [PATTERN...]: the files that are, or would be, in git.
files() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do [[ -e $file ]] && echo "$file"; done; }

# clean NAME FINDINGS: passes if FINDINGS is empty.
clean() {
  if [[ -z $2 ]]; then
    echo "ok $1"
  else
    printf '%s\n' "$2"
    echo "not ok $1: $(grep -c '' <<<"$2") found, listed above"
  fi
}

# thrice COMMAND...: a network may fail at first.
thrice() { "$@" || "$@" || "$@"; }

# installed NAME COMMAND: installs NAME quietly; on failure the part ends with a failed test.
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
