# shellcheck shell=bash
# The Java package, built for its own tests, the contract's and the browser's. Sourced after report.sh.

java_package=${repository:?}/build/clients/java
# Where Maven keeps what it fetched is Maven's own; this says that all of it is there, so that the next run needs no network.
java_fetched=${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost/java-$(files 'client/java/**pom.xml' client/java/pom.xml | xargs cat | sha256sum | cut -c1-16)

# maven GOAL...: in client/java, without the network where it is not needed.
maven() {
  local offline=()
  [[ -f $java_fetched/done ]] && offline=(--offline)
  (cd client/java && mvn --batch-mode --quiet "${offline[@]}" "$@")
}

# Classes, and the class paths of the programs: $java_package/classpath of the tests' own, $java_package/shop of the shop.
install_java() {
  service/engine/build native module &&
    maven test-compile dependency:build-classpath -Denforcer.skip=true &&
    printf '%s' "$java_package/fingerpost/test-classes:$java_package/fingerpost/classes:$(<"$java_package/fingerpost/libraries")" >"$java_package/classpath" &&
    printf '%s' "$java_package/fingerpost-examples/classes:$(<"$java_package/fingerpost-examples/libraries")" >"$java_package/shop"
}
