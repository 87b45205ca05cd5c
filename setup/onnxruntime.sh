#!/usr/bin/env bash
# setup/onnxruntime.sh [x86_64|aarch64]...
#
# Puts ONNX Runtime into .deps/onnxruntime: include/ from Debian's development package, and
# lib/<architecture>/ from the Python wheel (default: this machine's architecture). Both are fetched
# with their package managers' own clients and checked against the SHA-256 below.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

version=1.32.0
headers=1.21.0+dfsg-1
headers_file=pool/main/o/onnxruntime/libonnxruntime-dev_${headers}_amd64.deb # the same headers on arm64
headers_sha256=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
declare -A wheel_sha256=(
  [x86_64]=5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d
  [aarch64]=2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c
)
target="$deps/onnxruntime"

other_way() {
  die "$* Put ONNX Runtime $version (include/onnxruntime_cxx_api.h and lib/libonnxruntime.so) into a" \
    "folder of your own and name it: \`make ... ONNXRUNTIME_ROOT=/that/folder\`"
}

# fetch_headers FOLDER
fetch_headers() {
  local why
  why=$(fetch_debian "$headers_file" "$headers_sha256" "$1/headers") || other_way "$why"
  mkdir "$1/new"
  cp "$1"/headers/usr/include/onnxruntime/*.h "$1/new/"
}

# fetch_library FOLDER ARCHITECTURE
fetch_library() {
  ensure_venv
  echo "onnxruntime==$version --hash=sha256:${wheel_sha256[$2]}" >"$1/wheel.txt"
  "$python" -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 \
    --platform "manylinux_2_28_$2" -r "$1/wheel.txt" -d "$1/wheel" ||
    other_way "Could not fetch the wheel onnxruntime $version for $2 with SHA-256 ${wheel_sha256[$2]}."
  mkdir "$1/new"
  "$python" - "$1"/wheel/*.whl "$1/new" <<'PYTHON'
import pathlib, sys, zipfile
wanted = ("onnxruntime/capi/libonnxruntime", "onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt")
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith(wanted):
            (pathlib.Path(sys.argv[2]) / pathlib.PurePosixPath(name).name).write_bytes(wheel.read(name))
PYTHON
  [ -s "$1/new/libonnxruntime.so.$version" ] || die "the wheel for $2 holds no libonnxruntime.so.$version"
  ln -s "libonnxruntime.so.$version" "$1/new/libonnxruntime.so.1"
  ln -s libonnxruntime.so.1 "$1/new/libonnxruntime.so"
}

# place PATH STAMP COMMAND...: COMMAND fills FOLDER/new, which then takes PATH's place in one rename.
place() {
  local path="$target/$1" stamp=$2
  shift 2
  if [ "$(cat "$path/.stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
  say "onnxruntime: ${path#"$root/"} <- $stamp"
  work=$(mktemp -d "$target/.new.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  "$1" "$work" "${@:2}"
  echo "$stamp" >"$work/new/.stamp"
  mkdir -p "$(dirname "$path")"
  rm -rf "$path"
  mv "$work/new" "$path"
  rm -rf "$work"
}

if [ -n "${ONNXRUNTIME_ROOT:-}" ]; then
  say "onnxruntime: ONNXRUNTIME_ROOT=$ONNXRUNTIME_ROOT is used as it is"
  exit 0
fi
if [ $# -eq 0 ]; then set -- "$(machine)"; fi
for architecture in "$@"; do
  [ -n "${wheel_sha256[$architecture]:-}" ] ||
    other_way "Expected architecture x86_64 or aarch64, got $architecture."
done
mkdir -p "$target"
place include "headers $headers sha256 $headers_sha256" fetch_headers
for architecture in "$@"; do
  place "lib/$architecture" "library $version $architecture sha256 ${wheel_sha256[$architecture]}" \
    fetch_library "$architecture"
done
