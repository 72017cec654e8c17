# shellcheck shell=bash
# Go, new enough for the tools, and modules of its proxy. Sourced, with $new a directory that goes away.
new=${new:?}

# Before 1.21 Go does not fetch the version that a module asks for: Debian 12's fetches it as the module that it is.
if (($(go env GOVERSION | sed -nE 's/^go1\.([0-9]+).*/\1/p') < 21)); then
  toolchain=golang.org/toolchain@v0.0.1-go1.26.8.$(go env GOOS)-$(go env GOARCH)
  go mod download "$toolchain" >&2
  cp -r "$(go env GOMODCACHE)/$toolchain" "$new/go"
  chmod -R u+wx "$new/go"
  export PATH=$new/go/bin:$PATH GOROOT=$new/go GOTOOLCHAIN=local
fi

# go_module MODULE@VERSION CHECKSUM: the directory of a module that has this checksum.
go_module() {
  local answer
  answer=$(cd "$new" && go mod download -json "$1")
  if ! grep -qF "\"Sum\": \"$2\"" <<<"$answer"; then
    echo "$1 has not the checksum $2: $answer" >&2
    return 1
  fi
  sed -nE 's/^\t"Dir": "(.*)",?$/\1/p' <<<"$answer"
}
