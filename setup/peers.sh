#!/usr/bin/env bash
# setup/peers.sh
#
# The runtimes that `make bench-engines` compares with, in an environment of their own, .deps/peers
# (2 GB): the versions of bench/engines/peers.lock. What their packages ask for besides and nothing
# here uses (torch, for pnnx) is left out.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

lock="$root/bench/engines/peers.lock"
peers="$deps/peers"
stamp="$(sha256sum <"$lock") $(/usr/bin/python3 -V)"
[ "$(cat "$peers/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0

say "peers: installing the versions of bench/engines/peers.lock (about 700 MB to fetch)"
rm -rf "$peers"
/usr/bin/python3 -m venv "$peers"
"$peers/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: -r "$lock" ||
  die "pip could not install bench/engines/peers.lock for $(/usr/bin/python3 -V); its last lines say why"
echo "$stamp" >"$peers/.stamp"
