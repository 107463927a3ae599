//! `restore` against the strict emulator, which refuses what AWS refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use aws_baseline::catalog::seal::seal;
use aws_baseline::store::{load_plan, save_plan};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Run};

const REGIONS: &[&str] = &["--regions", "us-east-1,eu-west-1,ap-southeast-2"];
/// Opt-ins for everything that the landing zone holds.
const ALL: &[&str] = &[
    "--allow-data-loss",
    "--disable-protection",
    "--max-deletes",
    "1000",
    "--max-percent",
    "90",
    "--poll-interval",
    "50ms",
];
const YES: &[&str] = &["--yes", "--account", "123456789012", "--wait-timeout", "60s"];

/// Ten members of the baseline.
const REMOVE: &str = r#"
region = "ap-southeast-2"
ssm, logs, watch, sqs = (client(name, region) for name in ("ssm", "logs", "cloudwatch", "sqs"))
gone = [lambda name=item["Name"]: ssm.delete_parameter(Name=name) for item in ssm.describe_parameters()["Parameters"]]
gone += [
    lambda name=item["AlarmName"]: watch.delete_alarms(AlarmNames=[name])
    for item in watch.describe_alarms()["MetricAlarms"] if not item["AlarmName"].startswith("TargetTracking")
]
gone += [lambda url=url: sqs.delete_queue(QueueUrl=url) for url in sqs.list_queues()["QueueUrls"] if "stack" not in url]
gone += [
    lambda name=item["logGroupName"]: logs.delete_log_group(logGroupName=name)
    for item in logs.describe_log_groups()["logGroups"] if "stack" not in item["logGroupName"]
]
assert len(gone) >= 10, len(gone)
for delete in gone[:10]:
    delete()
for region in ("us-east-1", "eu-west-1"):
    sqs, sns = client("sqs", region), client("sns", region)
    jobs = next(queue for queue in sqs.list_queues()["QueueUrls"] if queue.endswith("-jobs"))
    sqs.set_queue_attributes(QueueUrl=jobs, Attributes={"DelaySeconds": "7"})
    sns.set_topic_attributes(
        TopicArn=sns.list_topics()["Topics"][0]["TopicArn"], AttributeName="DisplayName", AttributeValue="changed"
    )
"#;

fn restore(emulator: &Emulator, store: &Path, more: &[&[&str]]) -> (Run, Value) {
    let run = emulator.run(store, &[&["restore", "--format", "json"], more.concat().as_slice()].concat());
    // A run prints the plan, then what came of it.
    let values = serde_json::Deserializer::from_str(&run.stdout).into_iter::<Value>();
    let last = values.filter_map(Result::ok).last().unwrap_or(Value::Null);
    (run, last)
}

fn delta(emulator: &Emulator, store: &Path) -> (Run, Value) {
    let run = emulator.run(store, &["delta", "--format", "json"]);
    let data = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    (run, data)
}

fn ids(delta: &Value, kind: &str) -> BTreeSet<String> {
    let list = delta["delta"][kind].as_array().expect("a list").iter();
    let part =
        |one: &Value, name: &str| one[name].as_str().or(one["after"][name].as_str()).unwrap_or_default().to_owned();
    list.map(|one| format!("{} {} {}", part(one, "type"), part(one, "region"), part(one, "id"))).collect()
}

fn inventory(emulator: &Emulator) -> Value {
    serde_json::from_str(&emulator.script("inventory.py", &[])).expect("JSON")
}

fn log(emulator: &Emulator) -> Vec<Value> {
    emulator.control("GET", "requests", &Value::Null).as_array().expect("a list").clone()
}

fn mutating(log: &[Value]) -> Vec<&Value> {
    log.iter().filter(|entry| entry["mutating"] == true).collect()
}

fn deletes(plan: &Value) -> BTreeSet<String> {
    let actions = plan["plan"]["actions"].as_array().expect("actions");
    let deletes = actions.iter().filter(|action| action["kind"] == "delete");
    deletes
        .map(|action| {
            format!("{} {} {}", action["resource"]["type"], action["resource"]["region"], action["resource"]["id"])
        })
        .collect()
}

#[test]
fn a_second_landing_zone_goes_and_the_first_stays() {
    let emulator = Emulator::start();
    emulator.seed();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    assert_eq!(emulator.run(&store, &[REGIONS, &["snapshot", "create", "monday"]].concat()).code, 0);
    // What restore must leave alone: members of the baseline that were changed, and those that are gone.
    emulator.script("drift.py", &["change"]);
    emulator.python(REMOVE);
    let (run, drift) = delta(&emulator, &store);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let count = |kind: &str| drift["summary"][kind].as_u64().unwrap_or_default();
    assert!(count("modified") >= 20 && count("deleted") >= 10, "{}", drift["summary"]);
    let before = inventory(&emulator);
    emulator.script("seed.py", &["--prefix", "extra", "--regions", "us-east-1,eu-west-1"]);

    refusals(&emulator, &store, folder.path());
    emulator.control("DELETE", "requests", &Value::Null);
    let (run, dry) = restore(&emulator, &store, &[&["--dry-run"], ALL]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(mutating(&log(&emulator)).is_empty(), "a dry run changes nothing");
    let planned = deletes(&dry);
    let types: BTreeSet<&str> = planned.iter().filter_map(|line| line.split(' ').next()).collect();
    assert!(planned.len() >= 120 && types.len() >= 40, "{} deletes of {} types", planned.len(), types.len());

    emulator.control("DELETE", "requests", &Value::Null);
    let (run, done) = restore(&emulator, &store, &[YES, ALL]);
    let outcomes = done["outcomes"].as_array().unwrap_or_else(|| panic!("{}", run.stderr));
    let left: Vec<&Value> = outcomes
        .iter()
        .filter(|outcome| !["deleted", "changed"].contains(&outcome["outcome"].as_str().unwrap_or_default()))
        .collect();
    assert!(left.is_empty(), "{} of {} left: {left:#?}", left.len(), outcomes.len());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let gone: BTreeSet<String> = outcomes
        .iter()
        .filter(|outcome| outcome["kind"] == "delete")
        .map(|outcome| format!("{} {} {}", outcome["type"], outcome["region"], outcome["id"]))
        .collect();
    assert_eq!(gone, planned, "executed is planned");
    let log = log(&emulator);
    let refused: Vec<&Value> = log.iter().filter(|entry| entry["refused"] == true).collect();
    assert!(refused.is_empty(), "requests in the wrong order: {refused:#?}");
    let after = inventory(&emulator);
    for (list, ids) in before.as_object().expect("lists") {
        assert_eq!(&after[list], ids, "{list}");
    }
    let (_, after) = delta(&emulator, &store);
    // What a role of the baseline uses by now is refused; all else that was added is gone.
    // Final snapshots are kept, and no later run takes them.
    for kind in ["added", "modified", "deleted"] {
        let mut left = ids(&after, kind);
        left.retain(|id| !id.contains("snapshot:aws-baseline-final-extra-"));
        assert_eq!(left, ids(&drift, kind), "what is {kind}");
    }
    let (run, _) = restore(&emulator, &store, &[YES, ALL]);
    assert!(run.code == 0 && run.stderr.contains("nothing to do"), "{}", run.stderr);
    let history = emulator.run(&store, &["restore", "history"]);
    assert!(history.stdout.contains("complete"), "{}", history.stdout);
}

/// Whatever is wrong: exit 6, and nothing is asked of AWS that changes anything.
fn refusals(emulator: &Emulator, store: &Path, folder: &Path) {
    emulator.control("DELETE", "requests", &Value::Null);
    let plan = folder.join("plan.json");
    let plan = plan.to_str().expect("UTF-8");
    let saved = emulator.run(store, &[&["restore", "--dry-run", "--quiet", "--out", plan], ALL].concat());
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    let refused = |args: &[&str], why: &str| {
        let run = emulator.run(store, &[&["restore"], args].concat());
        assert!(run.code == 6 && run.stderr.contains(why), "{args:?}: {} {}", run.code, run.stderr);
    };
    refused(&["--yes"], "--account");
    refused(&["--yes", "--account", "210987654321"], "210987654321");
    refused(ALL, "nobody is here to confirm");
    let text = std::fs::read_to_string(plan).expect("the plan");
    let changed = folder.join("changed.json");
    std::fs::write(&changed, text.replacen("sqs:DeleteQueue", "sqs:PurgeQueue", 1)).expect("written");
    refused(
        &["--yes", "--account", "123456789012", "--plan", changed.to_str().expect("UTF-8")],
        "changed after it was made",
    );
    // Whole, but of last week.
    let mut old = load_plan(Path::new(plan)).expect("the plan");
    old.created_at -= TimeDelta::days(7);
    old.expires_at -= TimeDelta::days(7);
    old.hash = seal(&old);
    let stale = folder.join("stale.json");
    save_plan(&stale, &old).expect("saved");
    refused(&["--yes", "--account", "123456789012", "--plan", stale.to_str().expect("UTF-8")], "the plan expired");
    // Nothing that the baseline knows can be looked at.
    let queues = &["snapshot", "create", "queues", "--set-active=false", "--resource-types", "sqs"];
    assert_eq!(emulator.run(store, &[REGIONS, queues].concat()).code, 0);
    let denied = json!({"service": "sqs", "error": {"code": "AccessDenied", "message": "no", "status": 403}});
    emulator.control("POST", "rules", &denied);
    refused(&[&["--snapshot", "queues"], YES].concat(), "nothing in the baseline's scope could be looked at");
    emulator.control("DELETE", "rules", &Value::Null);
    let monday = store.join("monday.yaml");
    let original = std::fs::read(&monday).expect("the baseline");
    let other = emulator
        .run(store, &[REGIONS, &["snapshot", "create", "monday", "--force", "--resource-types", "sqs"]].concat());
    assert_eq!(other.code, 0, "{}", other.stderr);
    refused(&["--yes", "--account", "123456789012", "--plan", plan], "is not the one");
    std::fs::write(&monday, original).expect("as it was");
    assert_eq!(emulator.run(store, &["snapshot", "set-active", "monday"]).code, 0);
    assert!(mutating(&log(emulator)).is_empty(), "a refusal changes nothing");
}

#[test]
fn faults_on_the_way_have_their_class_and_the_baseline_stays() {
    let emulator = Emulator::start();
    emulator.script("seed.py", &["--regions", "eu-west-1"]);
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    let create = &["--regions", "eu-west-1", "snapshot", "create", "monday"];
    assert_eq!(emulator.run(&store, create).code, 0);
    let before = inventory(&emulator);
    let extra = || {
        emulator.python(
            "for n in range(4):\n    client('sqs').create_queue(QueueName=f'extra-{n}')\n\
             client('sns').create_topic(Name='extra')\n\
             vpc = client('ec2').create_vpc(CidrBlock='10.99.0.0/16')['Vpc']['VpcId']\n\
             client('ec2').create_subnet(VpcId=vpc, CidrBlock='10.99.0.0/24')\n",
        );
    };
    extra();

    // Denied: that one fails, the rest goes, and a second run finishes.
    emulator.control(
        "POST",
        "rules",
        &json!({"service": "sns", "operation": "DeleteTopic", "error": {"code": "AuthorizationError", "message": "no", "status": 403}}),
    );
    let (run, done) = restore(&emulator, &store, &[YES, ALL]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    let failed: Vec<&Value> =
        done["outcomes"].as_array().expect("outcomes").iter().filter(|o| o["outcome"] != "deleted").collect();
    assert!(
        failed.len() == 1 && failed[0]["type"] == "AWS::SNS::Topic" && failed[0]["outcome"] == "failed",
        "{failed:#?}"
    );
    emulator.control("DELETE", "rules", &Value::Null);
    assert_eq!(restore(&emulator, &store, &[YES, ALL]).0.code, 0);
    assert_eq!(inventory(&emulator), before);

    // Throttling, resets, and an answer that gets lost after AWS acted.
    extra();
    emulator.control(
        "POST",
        "rules",
        &json!([
            {"service": "sqs", "probability": 0.3, "error": {"code": "ThrottlingException", "message": "slow", "status": 400}},
            {"service": "ec2", "operation": "DeleteSubnet", "times": 1, "reset": true},
            {"service": "sns", "operation": "DeleteTopic", "times": 1, "reset": "after"},
        ]),
    );
    // As many attempts as a user has.
    let mut command = crate::emulator::command(&store);
    command.env_remove("AWS_MAX_ATTEMPTS").args(["--endpoint-url", &emulator.url, "restore"]).args(YES).args(ALL);
    let run = crate::emulator::finish(&mut command);
    emulator.control("DELETE", "rules", &Value::Null);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(inventory(&emulator), before);
}

#[test]
fn a_saved_plan_does_what_it_says_or_nothing() {
    let emulator = Emulator::start();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    emulator.python("client('sqs').create_queue(QueueName='kept')\n");
    let create = &["--regions", "eu-west-1", "snapshot", "create", "monday"];
    assert_eq!(emulator.run(&store, create).code, 0);
    emulator.python(
        "for n in range(4):\n    client('sqs').create_queue(QueueName=f'extra-{n}')\n\
         client('logs').create_log_group(logGroupName='extra-remade')\n\
         client('dynamodb').create_table(TableName='extra-guarded', BillingMode='PAY_PER_REQUEST', \
             AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}], \
             KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])\n",
    );
    let plan = folder.path().join("plan.json");
    let plan = plan.to_str().expect("UTF-8");
    let switches = &["--allow-data-loss", "--max-percent", "90"];
    let saved = emulator.run(&store, &[&["restore", "--dry-run", "--out", plan][..], switches].concat());
    assert_eq!(saved.code, 0, "{}{}", saved.stdout, saved.stderr);
    // Meanwhile one is changed, one vanishes, a new one comes, two are protected, and one is another under the same name.
    emulator.python(
        "sqs = client('sqs')\n\
         sqs.set_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName='extra-0')['QueueUrl'], Attributes={'VisibilityTimeout': '99'})\n\
         sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName='extra-1')['QueueUrl'])\n\
         sqs.create_queue(QueueName='newer')\n\
         sqs.tag_queue(QueueUrl=sqs.get_queue_url(QueueName='extra-3')['QueueUrl'], Tags={'aws-baseline:protect': ''})\n\
         client('dynamodb').update_table(TableName='extra-guarded', DeletionProtectionEnabled=True)\n\
         client('logs').delete_log_group(logGroupName='extra-remade')\n\
         client('logs').create_log_group(logGroupName='extra-remade')\n",
    );
    let (run, done) = restore(&emulator, &store, &[&["--plan", plan, "--poll-interval", "50ms"], YES]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    let outcome = |name: &str| {
        let of = |o: &&Value| o["id"].as_str().unwrap_or_default().ends_with(name);
        done["outcomes"]
            .as_array()
            .expect("outcomes")
            .iter()
            .find(of)
            .map(|o| o["outcome"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(outcome("extra-0").as_deref(), Some("skipped"));
    assert_eq!(outcome("extra-1").as_deref(), Some("already-gone"));
    assert_eq!(outcome("extra-2").as_deref(), Some("deleted"));
    assert_eq!(outcome("newer"), None);
    let skipped = |name: &str, why: &str| {
        let one = done["outcomes"]
            .as_array()
            .expect("outcomes")
            .iter()
            .find(|o| o["id"].as_str().unwrap_or_default().ends_with(name));
        let one = one.unwrap_or_else(|| panic!("{name}: {done:#}"));
        assert_eq!(one["outcome"], "skipped", "{one}");
        assert!(one["why"].as_str().unwrap_or_default().contains(why), "{one}");
    };
    skipped("extra-3", "it is protected now");
    skipped("extra-guarded", "its deletion protection is on now");
    skipped("extra-remade", "it was deleted and made again");
    let now = inventory(&emulator);
    assert!(now["dynamodb list_tables eu-west-1"].to_string().contains("extra-guarded"), "{now}");
    assert!(now["logs describe_log_groups eu-west-1"].to_string().contains("extra-remade"), "{now}");
    let queues = inventory(&emulator)["sqs list_queues eu-west-1"].to_string();
    assert!(
        queues.contains("kept") && queues.contains("newer") && queues.contains("extra-0") && queues.contains("extra-3"),
        "{queues}"
    );
    let status = emulator.run(&store, &["restore", "status"]);
    assert!(status.code == 0 && status.stdout.contains("ended with something left"), "{}", status.stdout);
}

/// The network is gone, or the endpoint: that is said, and nothing is taken for deleted.
#[test]
fn a_run_that_loses_aws_stops() {
    let emulator = Emulator::start();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    emulator.python("client('sqs').create_queue(QueueName='kept')\n");
    let create = &["--regions", "eu-west-1", "snapshot", "create", "monday", "--resource-types", "sqs"];
    assert_eq!(emulator.run(&store, create).code, 0);
    emulator.python("for n in range(4):\n    client('sqs').create_queue(QueueName=f'extra-{n}')\n");
    let plan = folder.path().join("plan.json");
    let plan = plan.to_str().expect("UTF-8");
    assert_eq!(emulator.run(&store, &[&["restore", "--dry-run", "--out", plan], ALL].concat()).code, 0);
    emulator.control("POST", "rules", &json!({"service": "sqs", "reset": true}));
    let (run, done) = restore(&emulator, &store, &[&["--plan", plan], YES]);
    emulator.control("DELETE", "rules", &Value::Null);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("AWS cannot be reached any more") && run.stderr.contains("run restore again"),
        "{}",
        run.stderr
    );
    let outcomes = done["outcomes"].as_array().expect("outcomes");
    assert!(outcomes.len() == 4 && outcomes.iter().all(|o| o["outcome"] == "failed"), "{done:#}");
    let history = emulator.run(&store, &["restore", "history"]);
    assert!(history.stdout.contains("unfinished"), "{}", history.stdout);
    // The plan was not executed, so it still may be.
    let (run, _) = restore(&emulator, &store, &[&["--plan", plan], YES]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(inventory(&emulator)["sqs list_queues eu-west-1"].as_array().map(Vec::len), Some(1));
}

/// What is planned, in many pieces: each kind waits for another one.
const PIECES: &str = r#"
sqs, sns, ec2, logs, iam, dynamodb = (client(name) for name in ('sqs', 'sns', 'ec2', 'logs', 'iam', 'dynamodb'))
for n in range(8):
    sqs.create_queue(QueueName=f'extra-{n}')
    sns.create_topic(Name=f'extra-{n}')
    logs.create_log_group(logGroupName=f'/extra/{n}')
for n in range(3):
    vpc = ec2.create_vpc(CidrBlock=f'10.{90 + n}.0.0/16')['Vpc']['VpcId']
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.{90 + n}.0.0/24')['Subnet']['SubnetId']
    group = ec2.create_security_group(GroupName=f'extra-{n}', Description='x', VpcId=vpc)['GroupId']
    ec2.run_instances(ImageId='ami-1', MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group])
    iam.create_role(RoleName=f'extra-{n}', AssumeRolePolicyDocument='{}')
    allow = '{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", \"Resource\": \"*\"}]}'
    iam.put_role_policy(RoleName=f'extra-{n}', PolicyName='p', PolicyDocument=allow)
    iam.create_instance_profile(InstanceProfileName=f'extra-{n}')
    iam.add_role_to_instance_profile(InstanceProfileName=f'extra-{n}', RoleName=f'extra-{n}')
"#;

/// Killed at many points, each time run again: what comes of it is the same, and the ledgers know of every call.
#[test]
fn a_run_that_is_killed_is_finished_by_the_next() {
    let emulator = Emulator::start();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    emulator.python("client('sqs').create_queue(QueueName='kept')\nclient('ec2').create_volume(AvailabilityZone='eu-west-1a', Size=1)\n");
    let create = &["--regions", "eu-west-1", "snapshot", "create", "monday"];
    assert_eq!(emulator.run(&store, create).code, 0);
    let before = inventory(&emulator);
    emulator.python(PIECES);
    let (run, dry) = restore(&emulator, &store, &[&["--dry-run"], ALL]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let planned = deletes(&dry);
    assert!(planned.len() >= 39, "{planned:#?}");

    emulator.control("DELETE", "requests", &Value::Null);
    let mut killed = 0;
    for calls in [1, 2, 4, 5, 7, 3, 6, 9, 1, 8, 2] {
        emulator.control("POST", "latency", &json!({"ms": 4}));
        let so_far = mutating(&log(&emulator)).len();
        let mut command = crate::emulator::command(&store);
        command.args(["--endpoint-url", &emulator.url, "--quiet", "restore"]).args(YES).args(ALL);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        while mutating(&log(&emulator)).len() < so_far + calls && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let alive = child.try_wait().expect("a child").is_none();
        if alive && killed == 0 {
            // Who looks meanwhile sees that it runs. It is held for that moment, so that it does not end by itself.
            let pid = child.id().to_string();
            assert!(std::process::Command::new("kill").args(["-STOP", &pid]).status().expect("kill runs").success());
            for command in ["history", "status"] {
                let run = emulator.run(&store, &["restore", command]);
                assert!(run.code == 0 && run.stdout.contains("running"), "{command}: {}", run.stdout);
            }
        }
        killed += usize::from(alive);
        // SIGKILL: no handler runs.
        let _ = child.kill();
        child.wait().expect("it ended");
    }
    assert!(killed >= 5, "only {killed} runs were killed while they worked");
    emulator.control("POST", "latency", &json!({"ms": 0}));
    let (run, _) = restore(&emulator, &store, &[YES, ALL]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(inventory(&emulator), before);
    let history = emulator.run(&store, &["restore", "history"]);
    assert!(history.stdout.contains("interrupted") && !history.stdout.contains("running"), "{}", history.stdout);

    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    let log = log(&emulator);
    for entry in mutating(&log) {
        *asked.entry(entry["operation"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        assert_eq!(entry["refused"], false, "out of order: {entry}");
    }
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(store.join("ledger")).expect("ledgers") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let status = emulator.run(&store, &["restore", "status", path.to_str().expect("UTF-8")]);
        assert_eq!(status.code, 0, "{}", status.stderr);
        for line in std::fs::read_to_string(&path).expect("a ledger").lines() {
            // A last line that was cut off is what a killed process leaves.
            let Ok(entry) = serde_json::from_str::<Value>(line) else { continue };
            if entry["event"] == "call" {
                let call = entry["step"]["call"].as_str().unwrap_or_default();
                *told.entry(call.rsplit(':').next().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
    }
    for (operation, count) in &asked {
        assert!(told.get(operation) >= Some(count), "{operation}: {count} calls were made, the ledgers know {told:?}");
    }
    for (operation, resources) in [("DeleteQueue", 8), ("DeleteTopic", 8), ("DeleteLogGroup", 8), ("DeleteVpc", 3)] {
        let made = asked.get(operation).copied().unwrap_or_default();
        assert_eq!(made, resources, "{operation}: nothing is deleted twice");
    }
}
