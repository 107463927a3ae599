//! `delta` against the emulator: what a user meets when the account has drifted, and when it has not.

use std::collections::BTreeSet;
use std::path::Path;

use aws_baseline::store::{CreateOptions, Store};
use serde_json::{Value, json};

use crate::emulator::{Emulator, Run, run};

const REGIONS: &[&str] = &["--regions", "us-east-1,eu-west-1,ap-southeast-2"];

fn delta(emulator: &Emulator, store: &Path, more: &[&str]) -> (Run, Value) {
    let run = emulator.run(store, &[&["delta", "--format", "json"], more].concat());
    let data = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
    (run, data)
}

fn list<'a>(data: &'a Value, kind: &str) -> &'a [Value] {
    data["delta"][kind].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn summary(data: &Value, kind: &str) -> u64 {
    data["summary"][kind].as_u64().unwrap_or_else(|| panic!("{kind} in {data}"))
}

/// One landing zone for all: each step leaves the account as the next one needs it.
#[test]
fn an_account_that_drifts() {
    let emulator = Emulator::start();
    emulator.seed();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    let run = emulator.run(&store, &[REGIONS, &["snapshot", "create", "monday"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);

    untouched_is_silent(&emulator, &store);
    used_is_silent(&emulator, &store);
    blind_cells_are_unknown(&emulator, &store);
    blind_baselines_make_nothing_new(&emulator, &store);
    what_passes_is_no_drift(&emulator, &store);
    another_account_is_refused(&emulator, &store);
    another_partition_is_refused(&emulator, &store);
    children_of_groups_are_no_drift(&emulator, &store);
    every_change_is_found(&emulator, &store);
    rules_leave_out(&emulator, &store, folder.path());
    every_form_is_harmless(&emulator, &store, folder.path());
    creators_are_named(&emulator, &store);
}

fn untouched_is_silent(emulator: &Emulator, store: &Path) {
    emulator.control("DELETE", "requests", &Value::Null);
    let run = emulator.run(store, &["delta", "--exit-code"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "No changes detected: environment matches baseline monday\n");
    assert_eq!(emulator.control("GET", "counts", &Value::Null)["mutating"], 0);
    let part = emulator.run(store, &["delta", "--exit-code", "--resource-type", "sqs", "--region", "eu-west-1"]);
    assert_eq!(part.code, 0, "{}", part.stdout);
    for (args, hint) in [
        (&["--resource-type", "sqz"][..], "did you mean"),
        (&["--region", "eu-north-1"], "it looked at ap-southeast-2, eu-west-1, us-east-1"),
        (&["--snapshot", "tuesday"], "snapshot list"),
    ] {
        let run = emulator.run(store, &[&["delta"], args].concat());
        assert!(run.code == 2 && run.stderr.contains(hint) && run.stdout.is_empty(), "{args:?}: {}", run.stderr);
    }
}

/// The data plane: messages, objects, items, alarms that fire, restarts, reads of secrets.
fn used_is_silent(emulator: &Emulator, store: &Path) {
    emulator.script("drift.py", &["use"]);
    let (run, data) = delta(emulator, store, &["--exit-code"]);
    assert_eq!(run.code, 0, "{:#}", data["delta"]["modified"]);
    assert_eq!(summary(&data, "modified"), 0);
}

fn blind_cells_are_unknown(emulator: &Emulator, store: &Path) {
    for rule in faults() {
        emulator.control("POST", "rules", &rule);
        let (run, data) = delta(emulator, store, &[]);
        emulator.control("DELETE", "rules", &Value::Null);
        assert_eq!(run.code, 4, "{rule}: {}", run.stderr);
        assert_eq!(
            (summary(&data, "added"), summary(&data, "deleted"), summary(&data, "modified")),
            (0, 0, 0),
            "{rule}"
        );
        let unknown = list(&data, "unknown");
        assert_eq!(unknown.len(), 1, "{unknown:?}");
        assert_eq!((&unknown[0]["type"], &unknown[0]["region"]), (&json!("AWS::SQS::Queue"), &json!("eu-west-1")));
        assert!(unknown[0]["resources"].as_u64() > Some(0));
    }
}

/// The same the other way round: what the baseline could not see is not new.
fn blind_baselines_make_nothing_new(emulator: &Emulator, store: &Path) {
    for rule in faults() {
        emulator.control("POST", "rules", &rule);
        let blind = &["snapshot", "create", "blind", "--force", "--set-active=false", "--resource-types", "sqs"];
        let run = emulator.run(store, &[REGIONS, blind].concat());
        assert_eq!(run.code, 4, "{rule}: {}", run.stderr);
        emulator.control("DELETE", "rules", &Value::Null);
        let (run, data) = delta(emulator, store, &["--snapshot", "blind", "--exit-code"]);
        assert_eq!(
            (run.code, summary(&data, "added"), summary(&data, "deleted"), summary(&data, "unknown_cells")),
            (4, 0, 0, 1),
            "{rule}: {data:#}"
        );
    }
}

/// Every way in which one cell cannot be looked at.
fn faults() -> Vec<Value> {
    let fault = |more: Value| {
        let mut rule = json!({"service": "sqs", "operation": "ListQueues", "region": "eu-west-1"});
        rule.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        rule
    };
    vec![
        fault(json!({"error": {"code": "AccessDenied", "message": "no", "status": 403}})),
        fault(json!({"error": {"code": "ThrottlingException", "message": "slow", "status": 400}})),
        fault(json!({"reset": true})),
        fault(json!({"truncate": true})),
        fault(json!({"html500": true})),
    ]
}

/// A list that misses something once, and has it when it is read again.
fn what_passes_is_no_drift(emulator: &Emulator, store: &Path) {
    emulator.control(
        "POST",
        "rules",
        &json!({"service": "sqs", "operation": "ListQueues", "region": "eu-west-1", "times": 1, "answer": {"value": {"QueueUrls": []}}}),
    );
    let (run, data) = delta(emulator, store, &["--exit-code"]);
    emulator.control("DELETE", "rules", &Value::Null);
    assert_eq!((run.code, summary(&data, "deleted")), (0, 0), "{data:#}");
}

fn another_account_is_refused(emulator: &Emulator, store: &Path) {
    let login = emulator.script("other_account.py", &[]);
    let login: Value = serde_json::from_str(&login).expect("JSON");
    let text = |key: &str| login[key].as_str().expect("a text").to_owned();
    let mut command = crate::emulator::command(store);
    command
        .args(["--endpoint-url", &emulator.url, "delta"])
        .env("AWS_ACCESS_KEY_ID", text("AccessKeyId"))
        .env("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"))
        .env("AWS_SESSION_TOKEN", text("SessionToken"));
    let output = command.output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("123456789012") && told.contains("210987654321") && told.contains("hint:"), "{told}");
}

fn another_partition_is_refused(emulator: &Emulator, store: &Path) {
    let shelf = Store::open(store);
    let mut snapshot = shelf.load(&"monday".parse().expect("a name")).expect("the baseline");
    snapshot.header.name = "china".parse().expect("a name");
    "aws-cn".clone_into(&mut snapshot.header.partition);
    shelf.create(&snapshot, CreateOptions::default()).expect("stored");
    let run = emulator.run(store, &["delta", "--snapshot", "china"]);
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("(aws-cn)") && run.stderr.contains("(aws)") && run.stderr.contains("hint:"));
    assert!(run.stdout.is_empty());
}

/// Nobody is asked anything before the baseline is known to be sound.
#[test]
fn no_delta_without_a_sound_baseline() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    // Whoever asked this endpoint would get a different error.
    let endpoint = ["--endpoint-url", "http://127.0.0.1:9"];
    let refused = |args: &[&str], code: i32, says: &str, hint: &str| {
        let run = run(&store, &[&endpoint, args].concat());
        assert_eq!(run.code, code, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(says) && run.stderr.contains(hint), "{args:?}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{args:?}: {}", run.stdout);
    };
    refused(&["delta"], 6, "no snapshot is active", "snapshot create");
    refused(&["delta", "--snapshot", "monday"], 2, "no snapshot 'monday'", "snapshot list");

    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/snapshot-v1.yaml");
    let text = std::fs::read_to_string(golden).expect("the golden file");
    let file = store.join("snapshot-v1.yaml");
    std::fs::create_dir_all(&store).expect("a store");
    std::fs::write(&file, &text).expect("written");
    let chosen = run(&store, &["snapshot", "set-active", "snapshot-v1"]);
    assert_eq!(chosen.code, 0, "{}", chosen.stderr);
    refused(&["delta"], 1, "cannot find out who is calling", "--endpoint-url");
    let half = text.len() / 2;
    let changed = text.replacen("assumed-role/audit/ann", "assumed-role/audit/eve", 1);
    assert_ne!(changed, text);
    for damaged in [&changed, &text[..half], ""] {
        std::fs::write(&file, damaged).expect("written");
        refused(&["delta"], 1, "snapshot-v1", "a damaged snapshot is never used");
    }
    std::fs::remove_file(&file).expect("removed");
    refused(&["delta"], 1, "snapshot-v1", "set-active");
}

/// The group of the baseline grows and shrinks: its instances, their volumes and interfaces are no drift.
fn children_of_groups_are_no_drift(emulator: &Emulator, store: &Path) {
    let capacity = |wanted: u8| {
        emulator.python(&format!(
            "scaling = client('autoscaling')\n\
             name = scaling.describe_auto_scaling_groups()['AutoScalingGroups'][0]['AutoScalingGroupName']\n\
             scaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity={wanted})\n"
        ));
        let (run, data) = delta(emulator, store, &["--exit-code"]);
        // How many instances a group wants right now is state, not configuration.
        assert_eq!(run.code, 0, "{:#}", data["delta"]);
        let kinds = list(&data, "settled").iter().map(|s| format!("{} {}", s["kind"], s["resource"]["type"]));
        kinds.collect::<BTreeSet<String>>()
    };
    let grown = capacity(4);
    assert!(
        grown.contains("\"added\" \"AWS::EC2::Instance\"") && grown.contains("\"added\" \"AWS::EC2::Volume\""),
        "{grown:?}"
    );
    // Also where the groups themselves are left out.
    let part = emulator.run(store, &["delta", "--exit-code", "--resource-type", "AWS::EC2::Instance"]);
    assert_eq!(part.code, 0, "{}", part.stdout);
}

fn every_change_is_found(emulator: &Emulator, store: &Path) {
    let expected: Value = serde_json::from_str(&emulator.script("drift.py", &["change"])).expect("JSON");
    let tagged: Value = serde_json::from_str(&emulator.script("drift.py", &["tag"])).expect("JSON");
    let (run, data) = delta(emulator, store, &["--exit-code"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let modified = list(&data, "modified");
    let mut missed = Vec::new();
    for wanted in expected.as_array().expect("a list") {
        let text = |key: &str| wanted[key].as_str().expect("a text");
        let found = modified.iter().any(|modified| {
            let id = format!("{}{}", modified["after"]["id"], modified["after"]["arn"]);
            modified["after"]["type"] == text("type")
                && id.contains(text("id"))
                && modified["changes"].as_array().into_iter().flatten().any(|change| {
                    let path = change["path"].as_str().unwrap_or_default();
                    path.starts_with(text("path"))
                        && change["security"].as_str().unwrap_or_default() == text("security")
                })
        });
        if !found {
            missed.push(wanted.to_string());
        }
    }
    for type_name in tagged.as_array().expect("a list") {
        let found = modified.iter().any(|modified| {
            modified["after"]["type"] == *type_name
                && modified["changes"].as_array().into_iter().flatten().any(|change| change["path"] == "tags.Seen")
        });
        if !found {
            missed.push(format!("the new tag of {type_name}"));
        }
    }
    assert!(missed.is_empty(), "not found: {missed:#?}");
    let tags_only = modified.iter().filter(|modified| modified["impact"]["tags_only"] == true).count();
    assert!(tags_only > 20, "{tags_only}");
    // A new secret value is a change, and stays a secret.
    assert!(!run.stdout.contains("SEEDSECRET"));
    let kinds = emulator.run(store, &["delta", "--change-type", "added", "--summary"]);
    assert!(kinds.stdout.contains("1 added") && !kinds.stdout.contains("modified"), "{}", kinds.stdout);
}

fn rules_leave_out(emulator: &Emulator, store: &Path, folder: &Path) {
    let config = folder.join("rules.yaml");
    let all = |rules: &str| std::fs::write(&config, format!("ignore:\n{rules}")).expect("written");
    let path = config.to_str().expect("UTF-8");
    let (_, before) = delta(emulator, store, &["--summary"]);
    all(
        "- {path: tags.Seen, reason: a scanner leaves it}\n- {type: 'AWS::IAM::*', reason: not ours, until: 2999-12-31}\n",
    );
    let (_, data) = delta(emulator, store, &["--config", path]);
    assert!(summary(&data, "ignored") > 20);
    assert!(summary(&data, "modified") < summary(&before, "modified"));
    assert!(
        list(&data, "modified").iter().all(|m| !m["after"]["type"].as_str().unwrap_or_default().contains("::IAM::"))
    );
    let shown = emulator.run(store, &["delta", "--config", path, "--show-ignored"]);
    assert!(shown.stdout.contains("(rule 2: not ours, until 2999-12-31)"), "{}", shown.stdout);
    all("- {type: sqs, reason: old, until: 2020-01-01}\n");
    let (run, data) = delta(emulator, store, &["--config", path, "--summary"]);
    assert!(run.stderr.contains("ended on 2020-01-01"), "{}", run.stderr);
    assert_eq!(summary(&data, "modified"), summary(&before, "modified"));
    for bad in ["- {type: sqs}\n", "- {reason: all}\n", "- {type: nonsense, reason: x}\n"] {
        all(bad);
        assert_eq!(emulator.run(store, &["delta", "--config", path]).code, 2, "{bad}");
    }
}

/// Names and tags are written by strangers.
fn every_form_is_harmless(emulator: &Emulator, store: &Path, folder: &Path) {
    emulator.python(
        "client('sns').create_topic(Name='plain', Tags=[{'Key': 'Name', 'Value': '=cmd()|x'}])\n\
         client('sqs').create_queue(QueueName='hostile', tags={'Name': '=cmd()|x\\n<script>alert(1)</script>\\x1b[31m\\u202e'})\n\
         client('iam').create_role(RoleName='hostile', Description='<img src=x onerror=alert(1)>', AssumeRolePolicyDocument='{}')\n\
         client('ec2').create_security_group(GroupName='x|y <b>', Description='=1+1')\n",
    );
    for form in ["table", "csv", "markdown", "json", "yaml"] {
        let run = emulator.run(store, &["delta", "--show-details", "--format", form]);
        assert_eq!(run.code, 0, "{form}: {}", run.stderr);
        assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{202e}'), "{form}");
        if form == "csv" {
            assert!(!run.stdout.lines().any(|line| line.contains(",=") || line.contains(",\"=")), "{}", run.stdout);
        }
        if form == "markdown" {
            assert!(!run.stdout.contains("<b>") && run.stdout.contains("x\\|y"), "{}", run.stdout);
        }
    }
    for name in ["drift.html", "drift.md", "drift.csv", "drift.json", "drift.yaml"] {
        let path = folder.join(name);
        let run = emulator.run(store, &["delta", "--quiet", "--export", path.to_str().expect("UTF-8")]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(std::fs::metadata(&path).expect("written").len() > 500, "{name}");
    }
    let page = std::fs::read_to_string(folder.join("drift.html")).expect("written");
    assert!(!page.contains("<b>,") && !page.contains("x|y <b>") && !page.contains("<script>alert"));
    assert!(page.contains("x|y &#60;b&#62;") || page.contains("x|y &lt;b&gt;"), "the name stands there, harmless");
    for remote in ["http://", "https://", "src=", "@import", "url("] {
        let style_and_script = page.split("<main>").next().unwrap_or_default();
        assert!(!style_and_script.contains(remote), "the page needs nothing else: {remote}");
    }
}

fn creators_are_named(emulator: &Emulator, store: &Path) {
    emulator.control("DELETE", "requests", &Value::Null);
    let (run, data) = delta(emulator, store, &["--creators", "--change-type", "added"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let actors = list(&data, "actors");
    assert!(
        actors.iter().any(
            |actor| actor["id"].as_str().unwrap_or_default().ends_with(":plain") && actor["event"] == "CreateTopic"
        ),
        "{actors:?}"
    );
    let requests = emulator.control("GET", "requests", &Value::Null).to_string();
    let passes = requests.matches("\"LookupEvents\"").count();
    assert!((1..=6).contains(&passes), "{passes} requests: one pass per region, never one per resource");
}
