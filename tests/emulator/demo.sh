#!/usr/bin/env bash
# The main job as a new user would meet it: a populated account, a snapshot of it, a change, the difference.
set -euo pipefail
binary=$1
python=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)

# The emulator ends when its standard input does, so it cannot outlive this script.
mkfifo "$work/alive"
"$python" "$here/launcher.py" <"$work/alive" >"$work/ready" &
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

printf '\nSomebody opens a security group and adds a queue …\n'
"$python" - "$url" <<'PY'
import sys, boto3
def client(name):
    return boto3.client(name, region_name="eu-west-1", endpoint_url=sys.argv[1])
ec2 = client("ec2")
group = next(g for g in ec2.describe_security_groups()["SecurityGroups"] if g["GroupName"] != "default")
ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "just for today"}]}])
client("sqs").create_queue(QueueName="temporary", tags={"Owner": "ann"})
PY
say --quiet --regions us-east-1,eu-west-1,ap-southeast-2 snapshot create tuesday --set-active=false --compress
say snapshot diff monday tuesday --show-details
say snapshot verify
