# shellcheck shell=bash
# The Python package, installed for its own tests and for the browser's. Sourced after report.sh.

python_package=${repository:?}/build/clients/python
# The tools and frameworks are in the user's cache under the hash of their list; the package itself is built and installed each time.
python_list=tests/clients/python/requirements.txt
python_venv=${XDG_CACHE_HOME:-$HOME/.cache}/fingerpost/python-$(cat "$python_list" <(/usr/bin/python3 --version) | sha256sum | cut -c1-16)

# Every Python file of the repository, including scripts without a suffix.
python_files() { { files '*.py' && files | xargs grep -lIE '^#!/usr/bin/(env )?python3'; } | sort -u; }

install_python() {
  service/engine/build native module || return
  if [[ ! -f $python_venv/done ]]; then
    rm -rf "$python_venv" && /usr/bin/python3 -m venv "$python_venv" &&
      "$python_venv/bin/pip" install --quiet --retries 5 --require-hashes -r "$python_list" && touch "$python_venv/done"
  fi &&
    rm -rf "$python_package" && mkdir -p "$python_package/source" &&
    # Built from a copy, so that the tree stays clean.
    cp -r --parents client/python client/service_config.json proto CMakeLists.txt LICENSE "$python_package/source" &&
    # As for a package registry: first the source distribution, then everything else from it alone.
    (cd "$python_package/source/client/python" && "$python_venv/bin/python" -c 'import setuptools.build_meta as build; build.build_sdist("../../..")') &&
    FINGERPOST_ENGINE=$repository/build/engine/libfingerpost.so "$python_venv/bin/pip" install --quiet --no-deps --no-build-isolation --target "$python_package/site" "$python_package"/fingerpost-*.tar.gz
}
