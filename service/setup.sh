# shellcheck shell=bash
# Shared by service/run, tests/run and the parts of tests/run: packages and the build. Sourced.

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# packages TAG...: the packages of packages.txt with one of the tags, except those that an existing command replaces.
packages() {
  local name tags command tag
  while read -r name tags command; do
    case $name in '' | '#'*) continue ;; esac
    for tag in "$@"; do
      [[ ,$tags, == *,"$tag",* ]] || continue
      [[ -n $command ]] && command -v "$command" >/dev/null || echo "$name"
      break
    done
  done <"$repository/service/packages.txt"
}

# need TAG...: installs the missing packages, or prints the command that does.
need() {
  command -v dpkg-query >/dev/null || die "This needs Debian 12 or a system with its packages: $(packages "$@" | xargs)"
  local -a wanted missing sudo=()
  mapfile -t wanted < <(packages "$@")
  mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) \
    <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort -u))
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    sudo -n true 2>/dev/null || die "Packages are missing. Run this, then try again:
  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
    sudo=(sudo -n)
  fi
  echo "Installing ${missing[*]}"
  local -a apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  local log try
  log=$(mktemp)
  for try in 1 2 3; do
    # The update may fail because of an unrelated source; only the install decides.
    "${apt[@]}" update >"$log" 2>&1 || true
    "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" >>"$log" 2>&1 && break
    ((try < 3)) || {
      cat "$log" >&2
      die "apt-get could not install: ${missing[*]}"
    }
  done
  rm -f "$log"
}

# configure DIRECTORY [-D...]: a build tree below the repository; an existing one keeps its generator and its settings, except
# for the -D given. Quiet unless it fails.
configure() {
  local tree=$repository/$1 log=$repository/$1/configure.log
  local -a generator=(-G Ninja -DCMAKE_BUILD_TYPE=Release)
  shift
  mkdir -p "$tree"
  [[ -f $tree/build.ninja || -f $tree/Makefile ]] && generator=()
  cmake -S "$repository" -B "$tree" "${generator[@]}" "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    die "cmake could not configure ${tree#"$repository"/}"
  }
}

# build DIRECTORY [target...]: progress on a terminal, otherwise only failures.
build() {
  local tree=$repository/$1 log=$repository/$1/build.log
  shift
  local -a command=(cmake --build "$tree" --parallel "$(nproc)")
  (($# == 0)) || command+=(--target "$@")
  if [[ -t 1 ]]; then
    "${command[@]}" || die "The build failed."
  else
    "${command[@]}" >"$log" 2>&1 || {
      grep -v '^\[' "$log" >&2
      die "The build failed."
    }
  fi
}
