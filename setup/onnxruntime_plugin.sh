#!/usr/bin/env bash
# setup/onnxruntime_plugin.sh
#
# The INT8 engine as an execution provider of ONNX Runtime, in build/plugin/lib beside the engine's
# library. It needs the headers of ONNX Runtime 1.23 or newer: those in ONNXRUNTIME_PLUGIN_INCLUDE,
# else Debian's, of a version that its mirrors may not have for long.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

file=pool/main/o/onnxruntime/libonnxruntime-dev_1.23.2+dfsg-6.1_amd64.deb
sha256=4630a94adb36dc056feb124e51c6e952e2cab5188bc093a25bee8a7e1ac5196d
include=${ONNXRUNTIME_PLUGIN_INCLUDE:-$deps/onnxruntime-plugin/include}
target="$root/build/plugin"

if [ ! -e "$include/onnxruntime_ep_c_api.h" ]; then
  [ -z "${ONNXRUNTIME_PLUGIN_INCLUDE:-}" ] ||
    die "expected onnxruntime_ep_c_api.h in ONNXRUNTIME_PLUGIN_INCLUDE=$include, got none: name the headers of" \
      "ONNX Runtime 1.23 or newer"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  say "onnxruntime plugin: .deps/onnxruntime-plugin/include <- ${file##*/}"
  why=$(fetch_debian "$file" "$sha256" "$work/headers") ||
    die "$why Set ONNXRUNTIME_PLUGIN_INCLUDE to a folder with the headers of ONNX Runtime 1.23 or newer"
  mkdir -p "$(dirname "$include")"
  mv "$work/headers/usr/include/onnxruntime" "$include"
fi

"$root/setup/build.sh" release taktgate_int8_shared
say "onnxruntime plugin: build/plugin/lib/libtaktgate_onnxruntime.so"
{
  cmake --install "$root/build/release" --component int8 --prefix "$target" --strip
  cmake -S "$root/plugin/onnxruntime" -B "$target/build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$target" -DONNXRUNTIME_INCLUDE="$include"
  cmake --build "$target/build"
  cmake --install "$target/build" --prefix "$target" --strip
} >"$root/build/plugin.log" 2>&1 || {
  tail -n 30 "$root/build/plugin.log" >&2
  die "the plugin could not be built; the lines above and build/plugin.log say why"
}
