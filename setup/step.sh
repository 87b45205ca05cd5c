#!/usr/bin/env bash
# setup/step.sh NAME COMMAND...: says the name and runs the command. Where TAKTGATE_TIMES names a file,
# a line is added to it: seconds, seconds of CPU time (user and system), ok or failed, name.
set -euo pipefail

name=$1
shift
echo "[step] $name"
if [ -z "${TAKTGATE_TIMES:-}" ]; then exec "$@"; fi
exec 3>&1 4>&2
result=ok
TIMEFORMAT='%0R %U %S'
used=$({ time "$@" >&3 2>&4; } 2>&1) || result=failed
read -r seconds user system <<<"$used"
printf '%s %.0f %s %s\n' "$seconds" "$(awk "BEGIN { print $user + $system }")" "$result" "$name" >>"$TAKTGATE_TIMES"
[ "$result" = ok ]
