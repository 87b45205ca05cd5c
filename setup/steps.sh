# shellcheck shell=bash
# Shared by the scripts in this folder: where things go, how a step speaks, which mirror is used.
# Sourced, never run. Nothing here writes outside .deps/.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps="$root/.deps"
python="$deps/python/bin/python"
export LC_ALL=C.UTF-8

say() { printf '[setup] %s\n' "$*"; }
warn() { printf '[setup] warning: %s\n' "$*" >&2; }
die() { printf '[setup] error: %s\n' "$*" >&2; exit 1; }

# The name that wheels, CMake and the tool chain use for this machine: x86_64 or aarch64.
machine() { uname -m; }

# What /etc/os-release says, as "debian 12"; empty fields where the file says nothing.
# TAKTGATE_OS_RELEASE is for the tests.
distribution() {
  # shellcheck disable=SC1090
  (. "${TAKTGATE_OS_RELEASE:-/etc/os-release}" 2>/dev/null; echo "${ID:-unknown} ${VERSION_ID:-}")
}

# codename of the running release: bookworm, trixie.
codename() {
  # shellcheck disable=SC1090
  (. "${TAKTGATE_OS_RELEASE:-/etc/os-release}" 2>/dev/null; echo "${VERSION_CODENAME:-}")
}

# debian_mirror APT_FOLDER: the first Debian mirror that this machine's own apt sources name, in
# either format (deb822 *.sources, one-line sources.list and *.list). Prints nothing when none does.
# A mirror is known by its suite: the release itself, not -updates, -security or a third party's.
debian_mirror() {
  local etc=$1 release
  release=$(codename)
  { cat "$etc"/sources.list.d/*.sources "$etc"/sources.list "$etc"/sources.list.d/*.list 2>/dev/null || true; } |
    awk -v suite="^(${release:-bookworm}|stable|testing|sid|unstable)\$" '
      function offer() {
        if (types ~ /(^| )deb( |$)/ && enabled != "no" && fits && components ~ /(^| )main( |$)/) {
          split(uris, uri, " "); if (!done) { print uri[1]; done = 1 }
        }
        types = uris = components = enabled = ""; fits = 0
      }
      /^[ \t]*#/ { next }
      /^[ \t]*$/ { offer(); next }
      /^deb[ \t]/ {
        sub(/\[[^]]*\]/, ""); types = "deb"; uris = $2; fits = $3 ~ suite
        components = $4; for (i = 5; i <= NF; i++) components = components " " $i
        offer(); next
      }
      /^[A-Za-z-]+:/ {
        key = tolower($1); value = $0; sub(/^[^:]*:[ \t]*/, "", value)
        if (key == "types:") { if (types != "") offer(); types = value }
        if (key == "uris:") uris = value
        if (key == "components:") components = value
        if (key == "enabled:") enabled = tolower(value)
        if (key == "suites:") { n = split(value, s, " "); for (i = 1; i <= n; i++) if (s[i] ~ suite) fits = 1 }
      }
      END { offer() }'
}

# fetch_debian FILE SHA256 FOLDER: a package from the pool of this machine's Debian mirror, unpacked
# into FOLDER. The file is named and its hash is pinned, so no index is fetched and no source is
# added. Where that cannot be done, says why on stdout and fails. TAKTGATE_APT_HELPER is for the tests.
fetch_debian() {
  local mirror package="$3.deb" helper=${TAKTGATE_APT_HELPER:-/usr/lib/apt/apt-helper}
  mirror=$(debian_mirror /etc/apt)
  [ -n "$mirror" ] || { echo "No Debian mirror in this machine's apt sources ($(distribution))."; return 1; }
  [ -x "$helper" ] || { echo "This machine has no apt."; return 1; }
  "$helper" -qq -o APT::Sandbox::User=root download-file "${mirror%/}/$1" "$package" "SHA256:$2" ||
    { echo "Could not fetch ${mirror%/}/$1 with SHA-256 $2."; return 1; }
  echo "$2  $package" | sha256sum --check --status ||
    { echo "What came as ${1##*/} does not have SHA-256 $2."; return 1; }
  dpkg-deb -x "$package" "$3"
}

# A bare virtual environment is enough to have pip: Debian's python3 comes without it. The name
# /usr/bin/python3 is meant: another python3 on the path does not see Debian's python3-torch.
ensure_venv() {
  [ -x "$python" ] && "$python" -m pip --version >/dev/null 2>&1 && return
  /usr/bin/python3 -c 'import ensurepip' 2>/dev/null ||
    die "Debian's python3 cannot make a virtual environment: expected the package python3-venv;" \
      "run \`apt-get install python3-venv\` or \`make setup-demo\` as root"
  say "python: new virtual environment in .deps/python"
  rm -rf "$deps/python"
  /usr/bin/python3 -m venv --system-site-packages "$deps/python"
}
