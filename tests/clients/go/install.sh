# shellcheck shell=bash
# The Go package with the engine in it, for its own tests and for the browser's. Sourced after report.sh.

go_tools=${repository:?}/build/clients/go
# Modules and what is compiled of them are in Go's own caches; go.sum pins each.
install_go() {
  client/go/embed &&
    mkdir -p "$go_tools" &&
    (cd tests/clients/go && go mod download && go build -o "$go_tools" honnef.co/go/tools/cmd/staticcheck)
}

# needs_go NAME: ends the part with a skipped test if Go is too old, as Debian 12's is. It fetches no newer one by itself.
needs_go() {
  export GOTOOLCHAIN=local
  (cd client/go && go list -m) >/dev/null 2>&1 || {
    echo "skip $1: needs Go 1.25 or newer"
    exit 0
  }
}

# The example shops, in $go_tools.
build_go_shops() { mkdir -p "$go_tools" && (cd client/go/examples && go build -o "$go_tools/" ./nethttp ./gin ./echo ./chi); }
