#!/usr/bin/env bash
# setup/python.sh [dev]
#
# The Python environment .deps/python: the versions of prep/requirements.lock (with `dev` those of
# prep/requirements-dev.lock too), every file checked by its hash, and the command taktgate-prep run
# from this working tree. torch is Debian's, seen through the system's packages.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

locks=("$root/prep/requirements.lock")
case ${1:-} in
  "") ;;
  dev) locks+=("$root/prep/requirements-dev.lock") ;;
  *) die "expected \`dev\` or nothing, got \`$1\`" ;;
esac

ensure_venv
for lock in "${locks[@]}"; do
  [ -r "$lock" ] || die "expected the list of versions ${lock#"$root/"}, got none: restore it from git"
  name=$(basename "$lock" .lock)
  stamp="$(sha256sum <"$lock") $("$python" -V)"
  [ "$(cat "$deps/python/.$name" 2>/dev/null)" = "$stamp" ] && continue
  say "python: installing the versions of prep/$name.lock"
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r "$lock" ||
    die "pip could not install prep/$name.lock for $("$python" -V); its last lines say why"
  echo "$stamp" >"$deps/python/.$name"
done

# The package is used where it lies; an installed copy would grow old.
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$root/prep/src" >"$site/taktgate_prep.pth"
cat >"$deps/python/bin/taktgate-prep" <<LAUNCHER
#!$python
import sys

from taktgate_prep.cli import main

sys.exit(main())
LAUNCHER
chmod +x "$deps/python/bin/taktgate-prep"
