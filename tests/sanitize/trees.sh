# shellcheck shell=bash
# The trees of the sanitizers. The fuzzers need clang, so ASan and UBSan use it, too: one tree serves both. Sourced after setup.sh.

configure_asan() { CC=clang CXX=clang++ configure build/clang -DFINGERPOST_FUZZ=ON -DFINGERPOST_SANITIZE="address;undefined;fuzzer-no-link"; }
configure_tsan() { configure build/tsan -DFINGERPOST_SANITIZE=thread; }
