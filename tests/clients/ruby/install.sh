# shellcheck shell=bash
# The Ruby gem, built and installed for its own tests and for the browser's. Sourced after report.sh.

ruby_package=${repository:?}/build/clients/ruby
# Where `require "fingerpost"` finds it, with Debian's gems beside it.
# shellcheck disable=SC2034 # for those who source this
ruby_gems=$ruby_package/gems:$(/usr/bin/gem env gempath)
install_ruby() {
  service/engine/build native &&
    rm -rf "$ruby_package" && client/ruby/build "$ruby_package" &&
    /usr/bin/gem install --silent --local --ignore-dependencies --no-document --install-dir "$ruby_package/gems" "$ruby_package"/fingerpost-*.gem
}
