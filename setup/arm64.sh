#!/usr/bin/env bash
# setup/arm64.sh
#
# What a cross build for aarch64 and its tests need: the cross compiler and the emulator (Debian
# packages), and under .deps/arm64 the target's libraries (sysroot/) and the emulator's view of a
# board (qemu/). The system's dpkg gets no foreign architecture: apt works on a state of its own.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

libraries=(libpng-dev libjpeg62-turbo-dev libtiff-dev libzstd-dev libsodium-dev libutf8proc-dev
  libtomlplusplus-dev nlohmann-json3-dev libcli11-dev libgtest-dev libbenchmark-dev)
# The cross compiler has its own libc and libstdc++. A second libc in the sysroot would be mixed
# with it at run time, and a program that starts a thread would then hang.
brought_by_compiler=(libc6 libc6-dev libgcc-s1 libstdc++6)
target="$deps/arm64"

# private_apt STATE_FOLDER COMMAND...
private_apt() {
  local state=$1
  shift
  apt-get -qq -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" \
    -o Dir::Cache="$state/cache" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$state/etc" \
    -o Dir::Etc::PreferencesParts=/dev/null -o APT::Architecture=arm64 -o APT::Architectures=arm64 \
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Update::Post-Invoke::= \
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

# make_state STATE_FOLDER: this release's main suite for arm64, from the machine's own mirror
make_state() {
  local state=$1 mirror package
  mirror=$(debian_mirror /etc/apt)
  [ -n "$mirror" ] || die "expected a Debian mirror in /etc/apt, got none; the cross build needs Debian 12 or 13"
  mkdir -p "$state"/{lists/partial,cache/archives/partial,etc}
  printf '%s\n' "Types: deb" "URIs: $mirror" "Suites: $(codename)" "Components: main" "Architectures: arm64" \
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" >"$state/etc/debian.sources"
  for package in "${brought_by_compiler[@]}"; do
    printf '%s\n' "Package: $package" "Status: install ok installed" "Architecture: arm64" \
      "Multi-Arch: same" "Version: 999" "Maintainer: none" "Description: the cross compiler's own"
    if [ "$package" = libc6-dev ]; then echo "Provides: libc-dev"; fi # libjpeg's package asks for it so
    echo
  done >"$state/status"
}

# unpack_libraries FOLDER: FOLDER/new becomes the sysroot
unpack_libraries() {
  local state="$1/apt" names
  make_state "$state"
  private_apt "$state" update || die "could not read the index of $(debian_mirror /etc/apt) for arm64; is the network there?"
  names=$(private_apt "$state" install --simulate --no-install-recommends "${libraries[@]}" | awk '/^Inst/ { print $2 }')
  mkdir "$1/new" "$1/debs"
  # shellcheck disable=SC2086
  (cd "$1/debs" && private_apt "$state" download $names)
  for deb in "$1"/debs/*.deb; do dpkg-deb -x "$deb" "$1/new"; done
  if compgen -G "$1/new/usr/lib/aarch64-linux-gnu/libc.so*" >/dev/null; then
    die "the target's libraries brought a second libc: $(cd "$1/debs" && echo *.deb)"
  fi
  merge_lib "$1/new"
  make_links_relative "$1/new"
}

# merge_lib SYSROOT: /lib is a link to /usr/lib on an installed system; packages still use both.
merge_lib() {
  if [ -d "$1/lib" ] && [ ! -L "$1/lib" ]; then
    cp -a "$1/lib/." "$1/usr/lib/"
    rm -rf "${1:?}/lib"
  fi
  ln -sfn usr/lib "$1/lib"
}

# make_links_relative SYSROOT: a link to /lib/... means the sysroot's, not this machine's.
make_links_relative() {
  local link aim
  find "$1" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    aim=$(readlink "$link")
    ln -sfn "$(realpath --no-symlinks --relative-to "$(dirname "$link")" "$1$aim")" "$link"
  done
}

# make_emulator_prefix: qemu-aarch64 -L looks here first. ONNX Runtime reads /proc/cpuinfo while it
# loads and needs to find an ARM core there.
make_emulator_prefix() {
  local prefix="$target/qemu"
  mkdir -p "$prefix/proc"
  printf '%s\n' $'processor\t: 0' $'CPU implementer\t: 0x41' 'CPU architecture: 8' $'CPU variant\t: 0x0' \
    $'CPU part\t: 0xd03' $'CPU revision\t: 4' >"$prefix/proc/cpuinfo"
  rm -rf "${prefix:?}/lib"
  if [ ! -e /lib/ld-linux-aarch64.so.1 ]; then
    mkdir "$prefix/lib"
    ln -s /usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1 "$prefix/lib/"
    ln -s /usr/aarch64-linux-gnu/lib "$prefix/lib/aarch64-linux-gnu"
  fi
}

if [ "$(machine)" = aarch64 ]; then
  die "expected x86_64 for a cross build, got an aarch64 machine: \`make test\` does it all here"
fi
"$root/setup/packages.sh" arm64
"$root/setup/onnxruntime.sh" "$(machine)" aarch64
mkdir -p "$target"
stamp="$(codename) $(sha256sum <"$root/setup/arm64.sh")"
if [ "$(cat "$target/sysroot/.stamp" 2>/dev/null)" != "$stamp" ]; then
  say "arm64: .deps/arm64/sysroot <- ${libraries[*]} and what they need, from $(debian_mirror /etc/apt) $(codename)"
  work=$(mktemp -d "$target/.new.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  unpack_libraries "$work"
  echo "$stamp" >"$work/new/.stamp"
  rm -rf "$target/sysroot"
  mv "$work/new" "$target/sysroot"
fi
make_emulator_prefix
