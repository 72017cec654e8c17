# shellcheck shell=bash
# The Ruby stubs, generated for their own tests and for the browser's. Sourced after report.sh.

ruby_stubs=${repository:?}/build/clients/ruby
install_ruby() { rm -rf "$ruby_stubs" && client/ruby/generate "$ruby_stubs"; }
