#!/usr/bin/env bash
# The main job as a new user would meet it: a populated account, a snapshot of it, a change, the difference.
set -euo pipefail
binary=$1
python=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)

# The emulator ends when its standard input does, so it cannot outlive this script.
mkfifo "$work/alive"
"$python" "$here/launcher.py" <"$work/alive" >"$work/ready" 2>"$work/emulator.log" &
exec 3>"$work/alive"
trap 'exec 3>&-; wait; rm -rf "$work"' EXIT
for _ in $(seq 300); do
  [ -s "$work/ready" ] && break
  sleep 0.1
done
url=$("$python" -c 'import json, sys; print(json.load(sys.stdin)["url"])' <"$work/ready")

export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_BASELINE_STORE="$work/snapshots"
unset AWS_PROFILE AWS_SESSION_TOKEN
say() {
  printf '\n$ aws-baseline %s\n' "$*"
  "$binary" --endpoint-url "$url" "$@"
}

echo "Filling three regions of the emulated account …"
"$python" "$here/seed.py" --endpoint "$url" >/dev/null
say --regions us-east-1,eu-west-1,ap-southeast-2 snapshot create monday --metadata ticket=OPS-1
say snapshot list
say snapshot show monday --group-by service

printf '\nA week passes: a port is opened, a role may do anything, a queue is forgotten, a topic is gone …\n'
"$python" "$here/drift.py" demo --endpoint "$url" >/dev/null
say delta --show-details
say delta --quiet --summary --export "$work/drift.html"
printf '(drift.html has %s bytes and needs nothing else)\n' "$(wc -c <"$work/drift.html")"
say --quiet --regions us-east-1,eu-west-1,ap-southeast-2 snapshot create tuesday --set-active=false --compress
say snapshot diff monday tuesday --summary

printf '\nWhat was added goes again, and nothing else:\n'
say restore --dry-run --allow-data-loss
say restore --yes --account 123456789012 --allow-data-loss --poll-interval 200ms
say restore history
say delta --change-type added
say snapshot verify
