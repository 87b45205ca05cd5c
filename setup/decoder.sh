#!/usr/bin/env bash
# setup/decoder.sh
#
# The device's image decoder as a shared library in the Python environment: what is learned from and
# certified is decoded by the code that decodes on the unit. Built again when its sources changed.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

cd "$root"
library="$deps/python/lib/libtaktgate_decoder.so"
sources=(src/base/result.cc src/base/file.cc)
for file in src/image/{bmp,decode,exif,jpeg,png,samples,shared_decoder,tiff,turn}.cc; do sources+=("$file"); done

compiler=$("${CXX:-g++}" -dumpfullversion) || die "expected the C++ compiler ${CXX:-g++}, got none that works: install one"
stamp="$(cat "${sources[@]}" src/base/*.h src/image/*.h setup/decoder.sh | sha256sum) $compiler"
[ -e "$library" ] && [ "$(cat "$library.stamp" 2>/dev/null)" = "$stamp" ] && exit 0

say "decoder: .deps/python/lib/libtaktgate_decoder.so <- src/image"
# All as one: half of the time of file by file.
printf '#include "%s"\n' "${sources[@]}" |
  "${CXX:-g++}" -x c++ -std=c++20 -O2 -fPIC -shared -fvisibility=hidden -Isrc -I. -o "$library.new" - \
    -lpng -ljpeg -ltiff || die "the image decoder could not be compiled; the lines above say why"
mv "$library.new" "$library"
echo "$stamp" >"$library.stamp"
