//! Time and memory with large accounts: hashes, stored snapshots, and the difference between two of them, of up to a
//! million synthetic resources each.
//!
//! `make bench-scale` measures; a plain test run only tries everything once with a thousand resources.

#![expect(clippy::print_stdout, reason = "a benchmark reports on stdout")]

#[path = "support/bill.rs"]
mod bill;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aws_baseline::catalog;
use aws_baseline::catalog::canon::{self, Encoder};
use aws_baseline::engine::plan::{self, PlanInput};
use aws_baseline::engine::{diff, stream};
use aws_baseline::model::{
    Caller, Coverage, Filters, GLOBAL, Header, Options, Outcome, Properties, Resource, Scope, Snapshot, SnapshotName,
    Switches, Tool,
};
use aws_baseline::store::{self, CreateOptions, Store};
use chrono::DateTime;
use criterion::{BenchmarkId, Criterion, Throughput};
use serde_json::{Value, json};

/// Set in a child process, whose peak memory is that of one comparison: the store to use.
const CHILD: &str = "AWS_BASELINE_SCALE_STORE";
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const TYPES: [&str; 4] = ["AWS::EC2::SecurityGroup", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::SQS::Queue"];
/// Of how many resources one changes, one goes and one comes.
const CHANGE: usize = 100;

fn main() {
    if let Some(dir) = std::env::var_os(CHILD) {
        let delta = compare(&Store::open(dir));
        println!("{} {}", peak_memory(), delta);
        return;
    }
    // `cargo test --all-targets` starts benchmarks too, without this argument.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    hashes(&mut criterion);
    files(&mut criterion, if measured { (10_000, 100_000) } else { (100, 1_000) });
    deltas(&mut criterion, if measured { &[1_000, 100_000, 1_000_000] } else { &[1_000] });
    plans(&mut criterion, if measured { &[10_000, 100_000] } else { &[1_000] });
    bills(&mut criterion, if measured { 1_000_000 } else { 1_000 });
    criterion.final_summary();
}

fn hashes(criterion: &mut Criterion) {
    let snapshot = snapshot("a", 1_000, 0);
    let mut encoder = Encoder::default();
    for resource in &snapshot.resources {
        encoder.fields(&resource.properties);
        encoder.texts(&resource.tags);
    }
    let mut group = criterion.benchmark_group("hash");
    group.throughput(Throughput::Bytes(encoder.bytes().len() as u64));
    group.bench_function("resources", |bencher| {
        bencher.iter(|| snapshot.resources.iter().map(|it| canon::rehash(black_box(it)).len()).sum::<usize>());
    });
    let whole: usize = snapshot.resources.iter().map(encoded).sum();
    group.throughput(Throughput::Bytes(whole as u64));
    group.bench_function("digest", |bencher| bencher.iter(|| store::digest(black_box(&snapshot))));
    group.finish();
}

/// Bytes that a resource adds to a digest.
fn encoded(resource: &Resource) -> usize {
    let mut encoder = Encoder::default();
    encoder.value(&serde_json::to_value(resource).expect("plain data"));
    encoder.bytes().len()
}

fn files(criterion: &mut Criterion, (small, large): (usize, usize)) {
    let mut group = criterion.benchmark_group("snapshot");
    for (form, count, limit) in [("yaml", small, usize::MAX), ("lines", small, 0), ("lines", large, 0)] {
        let prepared = OnceCell::new();
        let prepare = || {
            prepared.get_or_init(|| {
                let dir = tempfile::tempdir().expect("a directory");
                let store = Store::open(dir.path()).with_large(limit);
                let snapshot = snapshot("a", count, 0);
                save(&store, &snapshot);
                (dir, store, snapshot)
            })
        };
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new(format!("save {form}"), count), |bencher| {
            let (_, store, snapshot) = prepare();
            bencher.iter(|| save(store, snapshot));
        });
        group.bench_function(BenchmarkId::new(format!("load {form}"), count), |bencher| {
            let (_, store, _) = prepare();
            bencher.iter(|| store.load(&name("a")).expect("loaded"));
        });
        group.bench_function(BenchmarkId::new(format!("verify {form}"), count), |bencher| {
            let (_, store, _) = prepare();
            bencher.iter(|| store.verify(&name("a")).expect("sound"));
        });
        group.bench_function(BenchmarkId::new(format!("glance {form}"), count), |bencher| {
            let (_, store, _) = prepare();
            bencher.iter(|| store.glance(&name("a")).expect("readable"));
        });
    }
    group.finish();
}

/// Bills, read and split by a baseline of some thousand resources.
fn bills(criterion: &mut Criterion, rows: u64) {
    let mut group = criterion.benchmark_group("cost");
    group.throughput(Throughput::Elements(rows));
    let dir = tempfile::tempdir().expect("a directory");
    let world = bill::world(billed());
    for form in ["csv", "parquet"] {
        let path = dir.path().join(format!("bill.{form}"));
        let prepared = OnceCell::new();
        group.bench_function(BenchmarkId::new(form, rows), |bencher| {
            let write = if form == "csv" { bill::csv } else { bill::parquet };
            prepared.get_or_init(|| write(&path, rows));
            bencher.iter(|| bill::split(&path, &world).rows.len());
        });
    }
    group.finish();
}

/// A baseline of the first tenth of what the bill names.
fn billed() -> Snapshot {
    let mut snapshot = snapshot("billed", 0, 0);
    bill::ACCOUNT.clone_into(&mut snapshot.header.account);
    let known = (0..bill::RESOURCES / 10).map(|at| (at, bill::resource_id(at))).filter(|(_, id)| !id.is_empty());
    snapshot.resources = known
        .map(|(at, id)| {
            let kinds = ["AWS::EC2::Instance", "AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::RDS::DBInstance"];
            let type_name = kinds[usize::try_from(at % 5).expect("small")].to_owned();
            let arn = id.starts_with("arn:").then(|| id.clone());
            let name = id.rsplit(':').next().unwrap_or_default().to_owned();
            Resource { type_name, id: name.clone(), name: Some(name), arn, ..resource(0, 0) }
        })
        .collect();
    snapshot
}

fn deltas(criterion: &mut Criterion, sizes: &[usize]) {
    let mut group = criterion.benchmark_group("delta");
    for &count in sizes {
        let prepared = OnceCell::new();
        let prepare = || {
            prepared.get_or_init(|| {
                let dir = tempfile::tempdir().expect("a directory");
                let store = Store::open(dir.path()).with_large(0);
                for (called, change) in [("a", 0), ("b", 1)] {
                    save(&store, &snapshot(called, count, change));
                }
                println!("delta/{count}: {}", in_a_child(dir.path()));
                (dir, store)
            })
        };
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            let (_, store) = prepare();
            bencher.iter(|| compare(store));
        });
    }
    group.finish();
}

/// Plans that delete everything there is: a network that all groups are in, groups, roles, functions that use them, and queues.
fn plans(criterion: &mut Criterion, sizes: &[usize]) {
    let mut group = criterion.benchmark_group("plan");
    for &count in sizes {
        let prepared = OnceCell::new();
        let prepare = || {
            prepared.get_or_init(|| {
                let (mut baseline, mut live) = (snapshot("a", 0, 0), snapshot("b", 0, 0));
                for side in [&mut baseline, &mut live] {
                    side.coverage.set("AWS::IAM::Role", GLOBAL, Outcome::Complete { count });
                }
                live.resources = (0..count).map(used).collect();
                live.resources.sort_by(|a, b| a.key().cmp(&b.key()));
                let delta = diff::diff(&baseline, &live).expect("comparable");
                (baseline, live, delta)
            })
        };
        let switches = Switches { data_loss: true, ..Switches::default() };
        let options = Options { max_deletes: usize::MAX, max_percent: 100, switches, ..Options::default() };
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            let (baseline, live, delta) = prepare();
            bencher.iter(|| {
                let plan = plan::plan(&PlanInput {
                    delta,
                    live,
                    baseline,
                    baseline_digest: "",
                    own: &[],
                    options: &options,
                    costs: None,
                    now: live.header.created_at,
                    valid_for: plan::VALID_FOR,
                    spec_of: catalog::find,
                });
                let plan = plan.expect("a plan");
                assert_eq!((plan.actions.len(), plan.waves() > 1), (count, true));
                plan.hash.len()
            });
        });
    }
    group.finish();
}

/// A resource that uses others: each function a role and a group, each queue another queue.
fn used(at: usize) -> Resource {
    let id = |at: usize| match TYPES[at % 4] {
        "AWS::EC2::SecurityGroup" => format!("sg-{at:017x}"),
        _ => format!("thing-{at}"),
    };
    let region = REGIONS[0];
    let arn = |at: usize| match TYPES[at % 4] {
        "AWS::EC2::SecurityGroup" => format!("arn:aws:ec2:{region}:123456789012:security-group/{}", id(at)),
        "AWS::IAM::Role" => format!("arn:aws:iam::123456789012:role/{}", id(at)),
        "AWS::Lambda::Function" => format!("arn:aws:lambda:{region}:123456789012:function:{}", id(at)),
        _ => format!("arn:aws:sqs:{region}:123456789012:{}", id(at)),
    };
    let properties = match at % 4 {
        0 => json!({"GroupName": id(at), "SecurityGroupIngress": [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourceSecurityGroupId": id(at / 8 * 4)}]}),
        1 => json!({"RoleName": id(at)}),
        2 => {
            json!({"FunctionName": id(at), "Role": arn(at - 1), "VpcConfig": {"SecurityGroupIds": [id(at - 2), id(0)]}})
        }
        _ => {
            json!({"QueueName": id(at), "RedrivePolicy": {"deadLetterTargetArn": arn(at / 8 * 4 + 3), "maxReceiveCount": 5}})
        }
    };
    let Value::Object(properties) = properties else { unreachable!("an object") };
    let region = if at % 4 == 1 { GLOBAL } else { region };
    let plain = resource(at, 0);
    Resource {
        hash: canon::hash(&properties, &plain.tags),
        id: id(at),
        name: Some(id(at)),
        arn: Some(arn(at)),
        region: region.to_owned(),
        type_name: TYPES[at % 4].to_owned(),
        properties,
        ..plain
    }
}

/// Compares in a process of its own, and says what memory that took.
fn in_a_child(store: &Path) -> String {
    let program = std::env::current_exe().expect("our own path");
    let output = Command::new(program).env(CHILD, store).output().expect("started");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
}

/// The most memory that this process ever held, where the system tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    format!("peak memory {},", peak.map_or("unknown", str::trim))
}

fn compare(store: &Store) -> String {
    let stream = |called| store.stream(&name(called)).expect("readable");
    let delta = stream::diff(stream("a"), stream("b")).expect("comparable and sound");
    let counts = (delta.unchanged, delta.modified.len(), delta.deleted.len(), delta.added.len());
    format!("unchanged, modified, deleted, added: {counts:?}")
}

fn save(store: &Store, snapshot: &Snapshot) {
    let options = CreateOptions { force: true, ..CreateOptions::default() };
    store.create(snapshot, options).expect("stored");
}

fn name(text: &str) -> SnapshotName {
    text.parse().expect("a name")
}

/// A snapshot of so many resources. With another `change`, one of [`CHANGE`] is modified and one has another id.
fn snapshot(called: &str, count: usize, change: usize) -> Snapshot {
    let at = DateTime::UNIX_EPOCH;
    let mut coverage = Coverage::default();
    for (type_name, region) in TYPES.iter().flat_map(|it| REGIONS.map(|region| (*it, region))) {
        coverage.set(type_name, region, Outcome::Complete { count: count / 8 });
    }
    let mut resources: Vec<_> = (0..count).map(|at| resource(at, change)).collect();
    resources.sort_by(|a, b| a.key().cmp(&b.key()));
    Snapshot {
        header: Header {
            name: name(called),
            created_at: at,
            completed_at: at,
            account: "123456789012".into(),
            partition: "aws".into(),
            caller: Caller { arn: "arn:aws:iam::123456789012:root".into(), user_id: "123456789012".into() },
            scope: Scope { regions: REGIONS.map(str::to_owned).into(), types: TYPES.map(str::to_owned).into() },
            filters: Filters::default(),
            metadata: BTreeMap::new(),
            mask_key: "0011223344556677".into(),
            tool: Tool { version: "0.1.0".into(), normaliser: canon::NORMALISER.into() },
            found: count,
        },
        coverage,
        resources,
    }
}

fn resource(at: usize, change: usize) -> Resource {
    let (type_name, region) = (TYPES[at % 4], REGIONS[at / 4 % 2]);
    let number = if at % CHANGE == 1 { at * 2 + change } else { at * 2 };
    let id = format!("{:016x}", (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let other = if at % CHANGE == 2 { change } else { 0 };
    let properties = match at % 4 {
        0 => {
            json!({"GroupName": format!("group-{id}"), "GroupDescription": "Made by a benchmark", "VpcId": "vpc-0f00ba4",
            "SecurityGroupIngress": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443 + other, "CidrIp": "10.0.0.0/8", "Description": "from inside"},
                {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "SourceSecurityGroupId": format!("sg-{id}")}],
            "SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]})
        }
        1 => {
            json!({"RoleName": id, "Path": "/service/", "MaxSessionDuration": 3600, "Description": "Made by a benchmark",
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonSQSFullAccess"],
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": ["lambda.amazonaws.com"]}}]}})
        }
        2 => json!({"FunctionName": id, "Handler": "index.handler", "Runtime": "python3.13", "MemorySize": 512 + other,
            "Timeout": 30, "Role": format!("arn:aws:iam::123456789012:role/{id}"), "Architectures": ["arm64"],
            "Environment": {"Variables": {"STAGE": "prod", "QUEUE": format!("https://sqs.{region}.amazonaws.com/1/{id}")}},
            "TracingConfig": {"Mode": "PassThrough"}, "EphemeralStorage": {"Size": 512}}),
        _ => json!({"QueueName": id, "DelaySeconds": 5, "VisibilityTimeout": 30, "MessageRetentionPeriod": 345_600,
            "MaximumMessageSize": 262_144, "ReceiveMessageWaitTimeSeconds": 0, "SqsManagedSseEnabled": true,
            "RedrivePolicy": {"deadLetterTargetArn": format!("arn:aws:sqs:{region}:123456789012:dead-{id}"), "maxReceiveCount": 5}}),
    };
    let Value::Object(properties) = properties else { unreachable!("an object") };
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tags = BTreeMap::from([tag("Team", "payments"), tag("Stage", "prod"), tag("CostCenter", "0042")]);
    let born = i64::try_from(1_700_000_000 + at).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let observed: Properties = [("State".to_owned(), Value::from("Active"))].into_iter().collect();
    Resource {
        type_name: type_name.to_owned(),
        arn: Some(format!("arn:aws:test:{region}:123456789012:{id}")),
        name: Some(id.clone()),
        id,
        region: region.to_owned(),
        created_at: born,
        hash: canon::hash(&properties, &tags),
        tags,
        properties,
        unreadable: BTreeMap::new(),
        observed,
        owner: None,
        aws_made: None,
        undetermined: false,
    }
}
