//! The binary against the emulator: what a user meets.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use aws_baseline::catalog;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::emulator::{Emulator, command, run};

const REGIONS: &[&str] = &["--regions", "us-east-1,eu-west-1,ap-southeast-2"];

fn store() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    (folder, store)
}

fn create<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [REGIONS, &["snapshot", "create", name, "--format", "json"], more].concat()
}

fn exported(emulator: &Emulator, store: &std::path::Path, name: &str) -> Value {
    let run = emulator.run(store, &["snapshot", "export", name]);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// One landing zone for all reading tests: they run one after the other in here, because rules are the emulator's.
#[test]
fn a_populated_account() {
    let emulator = Emulator::start();
    emulator.seed();
    twice_the_same(&emulator);
    nothing_is_changed_and_no_secret_is_kept(&emulator);
    denied_is_never_fewer_resources(&emulator);
    regions_that_may_not_be_listed_are_named_by_hand(&emulator);
    what_is_not_offered_is_no_gap(&emulator);
    faults_cost_their_cell_only(&emulator);
    expired_credentials_write_nothing(&emulator);
    passing_faults_are_ridden_out(&emulator);
    filters_and_scope(&emulator);
    interrupted_writes_nothing(&emulator);
    a_change_is_named_field_by_field(&emulator);
}

fn twice_the_same(emulator: &Emulator) {
    let (_folder, store) = store();
    for name in ["a", "b"] {
        let run = emulator.run(&store, &create(name, &[]));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let told: Value = serde_json::from_str(&run.stdout).expect("only data on stdout");
        assert!(told["resources"].as_u64().is_some_and(|count| count > 300), "{told}");
        assert_eq!(told["complete"], true);
    }
    let (a, b) = (exported(emulator, &store, "a"), exported(emulator, &store, "b"));
    let lists = [&a, &b].map(|snapshot| snapshot["resources"].as_array().expect("a list"));
    assert_eq!(lists[0].len(), lists[1].len());
    for (first, second) in lists[0].iter().zip(lists[1]) {
        assert_eq!(first.to_string(), second.to_string(), "the same account gives the same bytes");
    }
    let types: std::collections::BTreeSet<_> =
        a["resources"].as_array().expect("a list").iter().map(|resource| resource["type"].to_string()).collect();
    assert!(types.len() >= 40, "only {} types are seeded", types.len());
    // One thing is one resource, whatever types it could be called and in however many regions it is listed.
    let mut arns = std::collections::BTreeSet::new();
    for resource in lists[0] {
        let arn = &resource["arn"];
        assert!(arn.is_null() || arns.insert(arn.to_string()), "{arn} is there twice");
    }
    let owned = a["resources"].as_array().expect("a list").iter().filter(|resource| !resource["owner"].is_null());
    assert!(owned.count() >= 18, "the members of the stacks are owned by them");
    let run = emulator.run(&store, &["snapshot", "diff", "a", "b", "--exit-code"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

/// A stack of every type that the emulator can make: all of it is there, and known to be the stack's.
#[test]
fn a_stack_appears_whole() {
    let emulator = Emulator::start();
    let (_folder, store) = store();
    let told: Value = serde_json::from_str(&emulator.script("seed_stack.py", &[])).expect("JSON");
    let run = emulator.run(&store, &["--regions", "eu-west-1,us-east-1", "snapshot", "create", "a"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let snapshot = exported(&emulator, &store, "a");
    let resources = snapshot["resources"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().trim_end_matches('.').to_owned();
    let names = |resource: &Value| -> Vec<String> {
        let ids = [&resource["id"], &resource["arn"], &resource["name"]].map(text);
        ids.into_iter().chain(text(&resource["id"]).split('|').map(str::to_owned)).collect()
    };
    let mut types = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for member in told["members"].as_array().expect("members") {
        let kind = member["type"].as_str().expect("a type");
        // Kept in the resource that it is a part of.
        if catalog::find(kind).is_none() {
            continue;
        }
        types.insert(kind);
        let id = text(&member["id"]);
        let owned = resources.iter().filter(|it| it["type"] == kind && it["owner"]["id"] == told["stack"]);
        let found = owned.filter(|it| it["owner"]["kind"] == "cloudformation-stack" && names(it).contains(&id)).count();
        if found != 1 {
            wrong.push(format!("{kind} {id}: {found} owned by the stack"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(types.len() >= 45, "only {} types: {types:?}", types.len());
    for beside in told["beside"].as_array().expect("a list") {
        let id = text(beside);
        let resource = resources.iter().find(|it| names(it).contains(&id)).unwrap_or_else(|| panic!("{id}"));
        assert!(resource["owner"].is_null(), "{resource:#}");
    }
    // What the nested stack made is its own.
    let nested = resources.iter().find(|it| text(&it["name"]).starts_with("everything-Nested")).expect("a stack");
    let inner = resources.iter().find(|it| it["owner"]["id"] == nested["arn"]).expect("a queue of the nested stack");
    assert_eq!(inner["type"], "AWS::SQS::Queue");
}

fn nothing_is_changed_and_no_secret_is_kept(emulator: &Emulator) {
    let (_folder, store) = store();
    emulator.control("DELETE", "requests", &Value::Null);
    assert_eq!(emulator.run(&store, &create("a", &[])).code, 0);
    let counts = emulator.control("GET", "counts", &Value::Null);
    assert_eq!(counts["mutating"], 0, "{counts}");
    let requests = emulator.control("GET", "requests", &Value::Null);
    let asked = requests.to_string();
    for never in ["GetSecretValue", "GetParameter\"", "GetParameters\"", "GetPasswordData", "Decrypt\""] {
        assert!(!asked.contains(&format!("\"{never}")), "{never} was called");
    }
    let text = std::fs::read_to_string(store.join("a.yaml")).expect("the snapshot");
    // In the clear, and as user data has it: base64, in three positions.
    for secret in ["SEEDSECRET", "U0VFRFNFQ1JFV", "NFRURTRUNSRV", "TRUVEU0VDUkVU"] {
        assert!(!text.contains(secret), "a seeded secret survives");
    }
    assert!(text.contains("$masked"));
}

fn rule(emulator: &Emulator, rule: &Value) {
    emulator.control("DELETE", "rules", &Value::Null);
    if !rule.is_null() {
        emulator.control("POST", "rules", rule);
    }
}

fn outcome(told: &Value, type_name: &str, region: &str) -> Value {
    let cells = told["coverage"].as_array().expect("cells");
    let cell = cells.iter().find(|cell| cell["type"] == type_name && cell["region"] == region);
    cell.expect("the cell")["outcome"].clone()
}

fn denied_is_never_fewer_resources(emulator: &Emulator) {
    let (_folder, store) = store();
    rule(
        emulator,
        &json!({"service": "sqs", "operation": "ListQueues", "error": {"code": "AccessDenied", "message": "no", "status": 403}}),
    );
    let run = emulator.run(&store, &create("a", &[]));
    assert_eq!(run.code, 4, "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(outcome(&told, "AWS::SQS::Queue", "eu-west-1"), json!({"status": "denied", "action": "sqs:ListQueues"}));
    assert_eq!(outcome(&told, "AWS::SNS::Topic", "eu-west-1")["status"], "complete");

    // A sub-resource costs one property, and says so.
    rule(
        emulator,
        &json!({"service": "s3", "operation": "GetBucketPolicy", "error": {"code": "AccessDenied", "message": "no", "status": 403}}),
    );
    let run = emulator.run(&store, &create("b", &["--resource-types", "s3"]));
    assert_eq!(run.code, 4, "{}", run.stderr);
    let snapshot = exported(emulator, &store, "b");
    let buckets = snapshot["resources"].as_array().expect("a list");
    assert!(!buckets.is_empty());
    for bucket in buckets {
        assert_eq!(bucket["unreadable"]["bucketPolicy"], "AccessDenied: s3:GetBucketPolicy");
        assert!(bucket["properties"]["bucketPolicy"].is_null());
    }

    // Nothing readable at all: an error, and nothing is written.
    rule(
        emulator,
        &json!([
            {"service": "sqs", "error": {"code": "AccessDenied", "message": "no", "status": 403}},
        ]),
    );
    let run = emulator.run(&store, &create("c", &["--resource-types", "sqs"]));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("hint:") && run.stderr.contains("sqs:ListQueues"), "{}", run.stderr);
    assert!(!store.join("c.yaml").exists());
    rule(emulator, &Value::Null);
}

fn regions_that_may_not_be_listed_are_named_by_hand(emulator: &Emulator) {
    let (_folder, store) = store();
    let denied = json!({"code": "UnauthorizedOperation", "message": "no", "status": 403});
    rule(emulator, &json!({"service": "ec2", "operation": "DescribeRegions", "error": denied}));
    let run = emulator.run(&store, &["snapshot", "create", "a", "--resource-types", "sqs"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("hint: the caller needs ec2:DescribeRegions"), "{}", run.stderr);
    assert!(run.stderr.contains("name the regions with --regions") && !store.join("a.yaml").exists(), "{}", run.stderr);
    let run = emulator.run(&store, &create("a", &["--resource-types", "sqs"]));
    assert!(run.code == 0 && run.stderr.contains("may not list regions"), "{}", run.stderr);
    rule(emulator, &Value::Null);
}

/// A service that a region does not have, or that the account never turned on, has nothing to hide.
fn what_is_not_offered_is_no_gap(emulator: &Emulator) {
    let (_folder, store) = store();
    let answers = [
        ("guardduty", "AWS::GuardDuty::Detector", "SubscriptionRequiredException", "the account needs a subscription"),
        (
            "guardduty",
            "AWS::GuardDuty::Detector",
            "AccessDeniedException",
            "The account is not subscribed to this service",
        ),
        ("guardduty", "AWS::GuardDuty::Detector", "BadRequestException", "The account is not enabled for the service"),
        ("sqs", "AWS::SQS::Queue", "UnknownOperationException", "unknown"),
        ("sqs", "AWS::SQS::Queue", "AWSOrganizationsNotInUseException", "not a member of an organization"),
        ("sqs", "AWS::SQS::Queue", "InvalidAccessException", "Account is not subscribed to AWS Security Hub"),
    ];
    for (number, (service, kind, code, message)) in answers.into_iter().enumerate() {
        let error = json!({"code": code, "message": message, "status": 400});
        rule(emulator, &json!({"service": service, "region": "eu-west-1", "error": error}));
        let name = format!("s{number}");
        let run = emulator.run(&store, &create(&name, &["--resource-types", "guardduty,sqs"]));
        assert_eq!(run.code, 0, "{code}: {}", run.stderr);
        let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(outcome(&told, kind, "eu-west-1"), json!({"status": "not-offered"}), "{code}");
        assert_eq!(outcome(&told, kind, "us-east-1")["status"], "complete", "{code}");
    }
    rule(emulator, &Value::Null);
}

fn faults_cost_their_cell_only(emulator: &Emulator) {
    let (_folder, store) = store();
    let cases = [
        ("throttled", json!({"error": {"code": "ThrottlingException", "message": "slow", "status": 400}})),
        ("html", json!({"html500": true})),
        ("reset", json!({"reset": true})),
        ("truncated", json!({"truncate": true})),
    ];
    for (name, fault) in cases {
        let mut all = json!({"service": "ssm", "region": "eu-west-1"});
        all.as_object_mut().expect("an object").extend(fault.as_object().expect("an object").clone());
        rule(emulator, &all);
        let run = emulator.run(&store, &create(name, &["--resource-types", "ssm,sqs"]));
        assert_eq!(run.code, 4, "{name}: {}", run.stderr);
        let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(outcome(&told, "AWS::SSM::Parameter", "eu-west-1")["status"], "failed", "{name}");
        assert_eq!(outcome(&told, "AWS::SSM::Parameter", "us-east-1")["status"], "complete", "{name}");
        assert_eq!(outcome(&told, "AWS::SQS::Queue", "eu-west-1")["status"], "complete", "{name}");
    }
    rule(emulator, &Value::Null);
}

fn expired_credentials_write_nothing(emulator: &Emulator) {
    let (_folder, store) = store();
    let expired = json!({"error": {"code": "ExpiredTokenException", "message": "expired", "status": 400}});
    for service in ["sts", "sns"] {
        let mut all = json!({"service": service});
        all.as_object_mut().expect("an object").extend(expired.as_object().expect("an object").clone());
        rule(emulator, &all);
        let run = emulator.run(&store, &create("a", &["--resource-types", "sns,sqs"]));
        assert_eq!(run.code, 1, "{service}: {}", run.stderr);
        assert!(run.stderr.contains("renew them"), "{}", run.stderr);
        assert!(!store.join("a.yaml").exists());
    }
    rule(emulator, &Value::Null);
}

fn passing_faults_are_ridden_out(emulator: &Emulator) {
    let (_folder, store) = store();
    rule(
        emulator,
        &json!([
            {"service": "sqs", "probability": 0.1, "error": {"code": "ThrottlingException", "message": "slow", "status": 400}},
            {"service": "sns", "sequence": {"skip": 1, "times": 2}, "reset": true},
        ]),
    );
    let args = create("a", &["--resource-types", "sns,sqs"]);
    let mut command = command(&store);
    command.args(["--endpoint-url", &emulator.url]).args(args).env_remove("AWS_MAX_ATTEMPTS");
    let output = command.output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    rule(emulator, &Value::Null);
}

fn filters_and_scope(emulator: &Emulator) {
    let (_folder, store) = store();
    let run = emulator.run(&store, &create("old", &["--resource-types", "sqs,sns", "--before-date", "2001-01-01"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let snapshot = exported(emulator, &store, "old");
    let kept = snapshot["resources"].as_array().expect("a list");
    // Queues have a creation date and are dropped; topics have none and are kept as undetermined.
    assert!(!kept.is_empty());
    assert!(kept.iter().all(|resource| resource["undetermined"] == true && resource["type"] != "AWS::SQS::Queue"));
    let run = emulator.run(
        &store,
        &[
            "-r",
            "eu-west-1",
            "-r",
            "us-east-1",
            "snapshot",
            "create",
            "two",
            "--resource-types",
            "sqs",
            "--format",
            "json",
        ],
    );
    let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(told["coverage"].as_array().map(Vec::len), Some(2));
}

fn interrupted_writes_nothing(emulator: &Emulator) {
    let (_folder, store) = store();
    emulator.control("POST", "latency", &json!({"ms": 300}));
    let mut child = command(&store)
        .args(["--endpoint-url", &emulator.url])
        .args(create("a", &[]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    std::thread::sleep(Duration::from_millis(1500));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    assert!(!store.join("a.yaml").exists() && !store.join("active").exists());
    emulator.control("POST", "latency", &json!({"ms": 0}));
}

fn a_change_is_named_field_by_field(emulator: &Emulator) {
    let (_folder, store) = store();
    assert_eq!(emulator.run(&store, &create("before", &["--resource-types", "sqs,iam"])).code, 0);
    emulator.python(
        "q = client('sqs').create_queue(QueueName='added')['QueueUrl']\n\
         q = client('sqs').get_queue_url(QueueName='landing-jobs')['QueueUrl']\n\
         client('sqs').tag_queue(QueueUrl=q, Tags={'Note': 'a\\x1b[31mb\\u202e'})\n\
         r = client('iam').list_roles()['Roles'][0]['RoleName']\n\
         client('iam').update_role(RoleName=r, Description='=cmd()', MaxSessionDuration=7200)\n",
    );
    assert_eq!(emulator.run(&store, &create("after", &["--resource-types", "sqs,iam"])).code, 0);
    let run = emulator.run(&store, &["snapshot", "diff", "before", "after", "--show-details", "--exit-code"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("+ added") && run.stdout.contains("properties.MaxSessionDuration"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "an escape sequence reached the terminal");
    let run = emulator.run(&store, &["snapshot", "diff", "before", "after", "--format", "csv"]);
    assert!(!run.stdout.contains(",=cmd"), "{}", run.stdout);
}

#[test]
fn bad_input_is_refused_and_changes_nothing() {
    let (folder, store) = store();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["snapshot", "create", "../x"], 2, "use letters"),
        (&["snapshot", "create", "x", "--resource-types", "AWS::SQS::Queu"], 2, "did you mean AWS::SQS::Queue"),
        (&["snapshot", "create", "x", "--before-date", "yesterday"], 2, "write 2026-01-31"),
        (&["snapshot", "create", "x", "--between-dates", "2026-02-01,2026-01-01"], 2, "not before the second"),
        (&["snapshot", "create", "x", "--filter-tags", "Team"], 2, "Team=payments"),
        (&["--regions", "EUROPE", "snapshot", "create", "x"], 2, "not a region code"),
        (&["--endpoint-url", "localhost", "snapshot", "create", "x"], 2, "not a URL"),
        (&["--config", "missing.yaml", "snapshot", "list"], 2, "configuration file"),
        (&["snapshot", "show", "nothing"], 2, "snapshot list"),
        (&["snapshot", "show"], 6, "snapshot create"),
        (&["snapshot", "delete", "x"], 2, "no snapshot 'x'"),
        (&["snapshot", "frobnicate"], 2, "frobnicate"),
    ];
    for (args, code, says) in cases {
        let run = run(&store, args);
        assert_eq!(run.code, *code, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains("error:") && run.stdout.is_empty(), "{args:?}: {}", run.stderr);
        assert!(!store.exists(), "{args:?} wrote to the store");
    }
    let unreachable = ["--endpoint-url", "http://127.0.0.1:9", "snapshot", "create", "x"];
    let refused = run(&store, &unreachable);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("--endpoint-url"), "{}", refused.stderr);

    let mut without = command(&store);
    without.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").args(["snapshot", "create", "x"]);
    let output = without.output().expect("the binary runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("no credentials were found"), "{stderr}");

    let file = folder.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    let inside = file.join("store");
    let inside = inside.to_str().expect("UTF-8");
    let unwritable = run(&store, &["--store", inside, "snapshot", "create", "x"]);
    assert_eq!(unwritable.code, 1, "{}", unwritable.stderr);
    assert!(unwritable.stderr.contains("--store"), "{}", unwritable.stderr);
}

#[test]
fn unknown_regions_are_named_before_anything_is_read() {
    let emulator = Emulator::start();
    let (_folder, store) = store();
    let run = emulator.run(&store, &["--regions", "eu-wst-1", "snapshot", "create", "x"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("did you mean eu-west-1"), "{}", run.stderr);
    let run = emulator.run(&store, &["--regions", "eu-west-1", "snapshot", "create", "x", "--resource-types", "sqs"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = emulator.run(&store, &["--regions", "eu-west-1", "snapshot", "create", "x", "--resource-types", "sqs"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
}
