# shellcheck shell=bash
# The Node.js package, built for its own tests and for the browser's. Sourced after report.sh.

# Inside a copy of the repository, so that the tree stays clean.
node_package=${repository:?}/build/clients/node/client/node

# needs_node NAME: ends the part with a skipped test if Node.js is too old, as Debian 12's is.
needs_node() {
  node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 18) ? 0 : 1)' 2>/dev/null || {
    echo "skip $1: needs Node.js 20.18 or newer"
    exit 0
  }
}

# Every TypeScript file and every module of the repository.
node_files() { files '*.ts' '*.mjs'; }

# The dependencies are in the user's cache under the hash of their lock file; the package itself is built each time.
install_node() {
  service/engine/build module || return
  local lock=client/node/package-lock.json copy=${node_package%/client/node} cache
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost/node-$(cat "$lock" <(node --version) | sha256sum | cut -c1-16)
  npm_cache "$cache" client/node &&
    rm -rf "$copy" && mkdir -p "$copy" &&
    cp -r --parents client/service_config.json build/engine/{fingerpost.wasm,licences} proto LICENSE "$copy" &&
    files client/node | xargs cp --parents -t "$copy" &&
    ln -s "$cache/node_modules" "$node_package/node_modules" &&
    (cd "$node_package" && node build.mjs)
}

# The frameworks that the package itself is not built with. Their applications need `fingerpost` beside them in node_modules, and one folder of packages
# without links: $node_frameworks, in the cache, which the caller removes.
install_node_frameworks() {
  local lock=tests/clients/node/frameworks cache name
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost/node-frameworks-$(cat "$lock/package-lock.json" <(node --version) | sha256sum | cut -c1-16)
  npm_cache "$cache" "$lock" && node_frameworks=$(mktemp -d "$cache/run.XXXXXXXX") || return
  mkdir -p "$node_frameworks/node_modules/fingerpost"
  cp -r "$node_package"/{package.json,dist} "$node_frameworks/node_modules/fingerpost"
  ln -s node_modules/fingerpost/dist "$node_frameworks/dist"
  cp -rL "$node_package/node_modules/@bufbuild" "$node_frameworks/node_modules"
  for name in @grpc express fastify; do ln -s "$(realpath "$node_package/node_modules/$name")" "$node_frameworks/node_modules"; done
  cp -r tests/clients/node "$node_frameworks/tests"
  cp -r client/node/examples "$node_frameworks/examples"
}

# npm_cache CACHE DIRECTORY: installs the packages of DIRECTORY's lock file in CACHE.
npm_cache() {
  [[ -f $1/done ]] && return
  rm -rf "$1" && mkdir -p "$1" && cp "$2/package.json" "$2/package-lock.json" "$1" &&
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --fetch-retries 5 && touch "$1/done"
}
