#!/usr/bin/env bash
# setup/packages.sh GROUP...   (GROUP: demo, test, lint, arm64)
#
# Installs the Debian packages that are missing, and only those. When none is missing it needs
# neither network nor root. The system's package sources are never changed.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

# The names are the same in Debian 12 and 13. docs/dependencies.md says what each is for.
packages_of() {
  case $1 in
    demo) echo make cmake ninja-build g++ python3 python3-venv ca-certificates libpng-dev \
      libjpeg62-turbo-dev libtiff-dev libzstd-dev libsodium-dev libutf8proc-dev libtomlplusplus-dev \
      nlohmann-json3-dev libcli11-dev ;;
    test) packages_of demo; echo git ccache pkgconf libgtest-dev libbenchmark-dev python3-torch python3-torchvision ;;
    lint) packages_of test; echo clang clang-format clang-tidy libclang-rt-dev shellcheck ;;
    arm64) packages_of demo; echo git ccache g++-aarch64-linux-gnu qemu-user ;;
    *) die "expected a group of packages (demo, test, lint, arm64), got \`$1\`" ;;
  esac
}

# missing PACKAGE...: those that are not installed
missing() {
  dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk '$1 == "installed" { print $2 }' | sort -u | comm -13 - <(printf '%s\n' "$@" | sort -u)
}

by_hand() {
  warn "these packages are needed, by their Debian names: $*"
  warn "without Debian's packages of ONNX Runtime's headers, also set ONNXRUNTIME_ROOT=/folder" \
    "(include/onnxruntime_cxx_api.h, lib/libonnxruntime.so of 1.32.0)"
}

[ $# -gt 0 ] || die "expected one or more groups (demo, test, lint, arm64), got none"
wanted=()
for group in "$@"; do
  names=$(packages_of "$group")
  mapfile -t -O "${#wanted[@]}" wanted < <(tr ' ' '\n' <<<"$names")
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  by_hand "${wanted[@]}"
  [ -n "${ONNXRUNTIME_ROOT:-}" ] || die "expected Debian 12 or 13, got $(distribution): install them" \
    "by hand, set ONNXRUNTIME_ROOT and run the same command again"
  warn "this is $(distribution): going on with what is here, because ONNXRUNTIME_ROOT is set"
  exit 0
fi

mapfile -t absent < <(missing "${wanted[@]}")
[ ${#absent[@]} -gt 0 ] || exit 0

case $(distribution) in
  "debian 12" | "debian 13") ;;
  *)
    by_hand "${absent[@]}"
    die "expected Debian 12 or 13, got $(distribution): install what is named above, set" \
      "ONNXRUNTIME_ROOT and run the same command again"
    ;;
esac
if [ "$(id -u)" -ne 0 ]; then
  by_hand "${absent[@]}"
  die "installing packages needs root: run \`sudo setup/packages.sh $*\` once, then your command again"
fi

say "packages: installing ${absent[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update ||
  warn "\`apt-get update\` did not reach every source of this machine; going on with what it has"
mkdir -p "$deps"
apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends "${absent[@]}" >"$deps/apt.log" 2>&1 || {
  tail -n 20 "$deps/apt.log" >&2
  die "\`apt-get install\` failed; the lines above and .deps/apt.log say why. Mend the cause and run again"
}
mapfile -t absent < <(missing "${wanted[@]}")
[ ${#absent[@]} -eq 0 ] || die "still not installed: ${absent[*]}"
