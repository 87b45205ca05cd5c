#!/usr/bin/env bash
# setup/engine.sh
#
# The INT8 engine (include/taktgate/int8.h) as a shared library in the Python environment: what is
# certified is computed by the code that decides on the unit. Built again when its sources changed.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

cd "$root"
library="$deps/python/lib/libtaktgate_int8.so"
case $(uname -m) in
x86_64) family='avx' ;;
aarch64) family='neon' ;;
*) family='none' ;;
esac
# Each set of kernels with the instructions that CMake compiles it for.
kernels=$(sed -nE "s/^ *taktgate_kernels\((kernels_${family}[a-z0-9_]*\.cc) ([^)]*)\)\$/\1 \2/p" src/int8/kernels/CMakeLists.txt)
sources=(src/base/result.cc)
read_by=(src/base/*.h src/base/result.cc include/taktgate/int8.h setup/engine.sh)
while read -r file; do
  case $file in
  *_test.cc | */kernels_avx* | */kernels_neon*) ;;
  *.cc) sources+=("$file") ;;
  esac
  read_by+=("$file")
done < <(find src/int8 -type f | LC_ALL=C sort)

compiler=$("${CXX:-g++}" -dumpfullversion) || die "expected the C++ compiler ${CXX:-g++}, got none that works: install one"
stamp="$(cat "${read_by[@]}" | sha256sum) $compiler"
[ -e "$library" ] && [ "$(cat "$library.stamp" 2>/dev/null)" = "$stamp" ] && exit 0

say "engine: .deps/python/lib/libtaktgate_int8.so <- src/int8"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile() {
  "${CXX:-g++}" -std=c++20 -O2 -g0 -ffp-contract=off -fPIC -fvisibility=hidden -Isrc -Iinclude -I. "$@" ||
    die "the INT8 engine could not be compiled; the lines above say why"
}
printf '#include "%s"\n' "${sources[@]}" >"$work/plain.cc"
compile -c "$work/plain.cc" -o "$work/plain.o"
while read -r file flags; do
  [ -n "$file" ] || continue
  # shellcheck disable=SC2086  # several flags
  compile -w ${flags//\${as_written\}/} -c "src/int8/kernels/$file" -o "$work/$file.o"
done <<<"$kernels"
compile -shared -Wl,-z,defs -Wl,--version-script=src/int8/exports.map "$work"/*.o -o "$library.new"
mv "$library.new" "$library"
echo "$stamp" >"$library.stamp"
