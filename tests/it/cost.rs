//! `cost` as a user meets it: from files, and from Cost Explorer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_baseline::catalog::canon;
use aws_baseline::model::{Caller, Coverage, Filters, Header, Outcome, Resource, Scope, Snapshot, Tool};
use aws_baseline::store::{CreateOptions, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::emulator::{Emulator, Run, python, run};

const ACCOUNT: &str = "123456789012";
const BILL: &str = include_str!("../../src/engine/cost/tests/fixtures/focus.csv");

/// A store whose baseline holds the bucket `web-assets`, and a bill beside it.
fn scene() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    let mut bucket = Resource {
        type_name: "AWS::S3::Bucket".to_owned(),
        id: "web-assets".to_owned(),
        arn: Some("arn:aws:s3:::web-assets".to_owned()),
        name: Some("web-assets".to_owned()),
        region: "eu-west-1".to_owned(),
        created_at: None,
        tags: BTreeMap::new(),
        properties: serde_json::Map::new(),
        unreadable: BTreeMap::new(),
        observed: serde_json::Map::new(),
        owner: None,
        aws_made: None,
        undetermined: false,
        hash: String::new(),
    };
    bucket.hash = canon::rehash(&bucket);
    let mut coverage = Coverage::default();
    coverage.set("AWS::S3::Bucket", "eu-west-1", Outcome::Complete { count: 1 });
    let taken = "2025-09-01T12:00:00Z".parse().expect("a time");
    let snapshot = Snapshot {
        header: Header {
            name: "web".parse().expect("a name"),
            created_at: taken,
            completed_at: taken,
            account: ACCOUNT.to_owned(),
            partition: "aws".to_owned(),
            caller: Caller { arn: format!("arn:aws:iam::{ACCOUNT}:root"), user_id: ACCOUNT.to_owned() },
            scope: Scope::default(),
            filters: Filters::default(),
            metadata: BTreeMap::new(),
            mask_key: "0011223344556677".to_owned(),
            tool: Tool { version: "0.1.0".to_owned(), normaliser: canon::NORMALISER.to_owned() },
            found: 1,
        },
        coverage,
        resources: vec![bucket],
    };
    let options = CreateOptions { set_active: true, ..CreateOptions::default() };
    Store::open(&store).create(&snapshot, options).expect("stored");
    std::fs::write(folder.path().join("bill.csv"), BILL).expect("written");
    (folder, store)
}

fn cost(store: &Path, args: &[&str]) -> Run {
    run(store, &[&["cost", "--month", "2026-10"], args].concat())
}

fn data(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("only JSON on stdout: {} {}", run.stdout, run.stderr))
}

#[test]
fn a_bill_from_a_file() {
    let (folder, store) = scene();
    let table = cost(&store, &["--source", "bill.csv", "--export", "out.csv"]);
    assert_eq!(table.code, 0, "{}", table.stderr);
    for told in [
        "cost of 2026-10, amortized, EUR and USD\n",
        "baseline    web (b3d1:",
        "source      bill.csv (focus), 6 lines\n",
        "figures     not final: the bill can still change; data through 2026-10-31\n",
        "reconciled: yes (diff 0.00, 6 lines)\n",
    ] {
        assert!(table.stdout.contains(told), "{told}\n{}", table.stdout);
    }
    let csv = std::fs::read_to_string(folder.path().join("out.csv")).expect("exported");
    let header = csv.lines().next().expect("a header");
    assert_eq!(
        header,
        "period,payer,account,bucket,rule,owner,service,region,type,resource_id,direct,from_shared,from_tax,from_support,\
         from_credits,from_unused_commitment,from_marketplace_fees,total,currency,metric,method,lines,baseline,\
         baseline_digest,source,as_of,estimated,bill"
    );
    // The credit is shared by direct cost: all but nothing of it goes to the baseline.
    let json = data(&cost(&store, &["--source", "bill.csv", "--format", "json"]));
    assert_eq!(json["schema"], 1);
    assert_eq!(json["is_reconciled"], true);
    let again = cost(&store, &["--source", "bill.csv", "--format", "csv"]);
    assert_eq!(again.stdout, csv, "the same bill gives the same file");

    let focus = cost(&store, &["--source", "bill.csv", "--format", "focus", "--shared", "keep"]);
    let mut reader = csv::Reader::from_reader(focus.stdout.as_bytes());
    let columns = reader.headers().expect("a header").clone();
    let at = |name: &str| columns.iter().position(|column| column == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert!(
        rows.iter().any(|row| &row[at("x_BaselineClass")] == "baseline" && &row[at("EffectiveCost")] == "1.0000000000")
    );
    followed_by_others(folder.path(), &focus.stdout);
    let page = cost(&store, &["--source", "bill.csv", "--export", "out.html"]);
    assert_eq!(page.code, 0, "{}", page.stderr);
    let page = std::fs::read_to_string(folder.path().join("out.html")).expect("exported");
    assert!(page.starts_with("<!doctype html>") && page.contains("reconciled: yes (diff 0.00, 6 lines)"), "{page}");
    let markdown = cost(&store, &["--source", "bill.csv", "--format", "markdown"]);
    assert!(markdown.stdout.starts_with("# Cost of 2026-10, amortized, EUR and USD\n"), "{}", markdown.stdout);
    // What we write, we read.
    std::fs::write(folder.path().join("again.csv"), &focus.stdout).expect("written");
    let back = data(&cost(&store, &["--source", "again.csv", "--format", "json", "--shared", "keep"]));
    let totals = |report: &Value| -> Vec<String> {
        report["totals"]
            .as_array()
            .expect("totals")
            .iter()
            .map(|it| format!("{} {}", it["currency"], it["total"]))
            .collect()
    };
    let kept = data(&cost(&store, &["--source", "bill.csv", "--format", "json", "--shared", "keep"]));
    assert_eq!(totals(&back), totals(&kept));
}

/// A validator that is not ours: the one of focus-data-toolkit, which is offline and knows FOCUS 1.4.
fn followed_by_others(folder: &Path, text: &str) {
    std::fs::write(folder.join("focus.csv"), text).expect("written");
    let toolkit = |command: &str| {
        let run =
            Command::new(python()).args(["-m", "focus_data_toolkit", command]).arg(folder.join("focus.csv")).output();
        let run = run.expect("the emulator's environment is there: run `make emulator`");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    assert!(toolkit("detect").contains("dataset=Cost and Usage version=1.2 "), "{}", toolkit("detect"));
    // FOCUS 1.4 renamed two columns that 1.2 demands. Nothing else is wrong by its rules for cells and rows.
    let found = toolkit("validate");
    let violations: Vec<&str> = found.lines().skip(1).map(str::trim).collect();
    assert_eq!(
        violations,
        ["ProviderName", "PublisherName"]
            .map(|it| format!("[STRUCTURAL_VALID:unknown_column] {it}: {it} is not a FOCUS 1.4 Cost and Usage column")),
        "{found}"
    );
}

#[test]
fn what_cannot_be_split_is_refused() {
    let (folder, store) = scene();
    let path = folder.path().join("bad.csv");
    std::fs::write(&path, BILL.replace("2026-10-31T00:00:00Z", "soon")).expect("written");
    let bad = cost(&store, &["--source", "bad.csv", "--export", "out.json"]);
    assert_eq!((bad.code, bad.stdout.as_str()), (1, ""));
    assert!(bad.stderr.contains("error: bad.csv:4:56 (ChargePeriodStart): 'soon' is not a date"), "{}", bad.stderr);
    assert!(!folder.path().join("out.json").exists());
    assert_eq!(cost(&store, &["--source", "ce", "bill.csv"]).code, 2);
    assert_eq!(cost(&store, &["--source", "nothing.csv"]).code, 1);
    assert_eq!(cost(&store, &["--source", "bill.csv", "--group-by", "colour"]).code, 2);
    assert_eq!(run(&store, &["snapshot", "list", "--format", "focus"]).code, 2);
}

#[test]
fn a_bill_from_cost_explorer() {
    let (_folder, store) = scene();
    let emulator = Emulator::start();
    let group = |kind: &str, service: &str, amount: &str| json!({"Keys": [kind, service], "Metrics": {"AmortizedCost": {"Amount": amount, "Unit": "USD"}}});
    let month = |start: &str, end: &str, groups: Vec<Value>| json!({"TimePeriod": {"Start": start, "End": end}, "Total": {}, "Estimated": false, "Groups": groups});
    let answer = json!({"ResultsByTime": [
        month("2025-09-01", "2025-10-01", vec![group("Usage", "Amazon Simple Storage Service", "1.0")]),
        month("2025-10-01", "2025-11-01", vec![
            group("Usage", "Amazon Simple Storage Service", "3.1415926535"),
            group("Tax", "Tax", "0.25"),
        ]),
    ]});
    emulator.python(&format!(
        "import json, urllib.request\n\
         body = json.dumps({{'results': [json.loads({:?})]}}).encode()\n\
         request = urllib.request.Request(url + '/moto-api/static/ce/cost-and-usage-results', body, {{'Content-Type': 'application/json'}})\n\
         assert urllib.request.urlopen(request).status < 300\n",
        answer.to_string()
    ));
    let args = ["cost", "--source", "ce", "--month", "2025-10", "--format", "json", "--max-requests", "1"];
    let first = emulator.run(&store, &args);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("Cost Explorer: $0.01 a request, at most 1 ($0.01)"), "{}", first.stderr);
    let report = data(&first);
    assert_eq!(report["totals"][0]["total"], "3.3915926535");
    assert_eq!(report["header"]["requests"], json!({"sent": 1, "cached": 0, "price_usd": "0.01"}));
    assert_eq!(report["movers"][0]["before"], "1.0");
    // A closed month is not paid for twice.
    let second = data(&emulator.run(&store, &args));
    assert_eq!(second["header"]["requests"], json!({"sent": 0, "cached": 1, "price_usd": "0.00"}));
    assert_eq!(second["rows"], report["rows"]);
    let refused = emulator.run(&store, &[&args[..8], &["0", "--refresh"]].concat());
    assert_eq!(refused.code, 6, "{}", refused.stderr);
}

/// A bill of one topic: topics have no creation time, so that a bill of the past can be theirs.
const TOPICS: &str = "BilledCost,EffectiveCost,BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart,\
ChargePeriodStart,ChargeCategory,ChargeClass,CommitmentDiscountStatus,ProviderName,PublisherName,InvoiceId,RegionId,\
ResourceId,ServiceName,Tags,x_ServiceCode
1.25,1.25,123456789012,123456789012,USD,2025-10-01T00:00:00Z,2025-10-05T00:00:00Z,Usage,,,AWS,AWS,I,eu-west-1,\
arn:aws:sns:eu-west-1:123456789012:dear,Amazon Simple Notification Service,{},AmazonSNS
7,7,123456789012,123456789012,USD,2025-10-01T00:00:00Z,2025-10-05T00:00:00Z,Usage,,,AWS,AWS,I,eu-west-1,\
arn:aws:sns:eu-west-1:123456789012:kept,Amazon Simple Notification Service,{},AmazonSNS
";

#[test]
fn what_was_added_has_a_price() {
    let emulator = Emulator::start();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("snapshots");
    emulator.python("client('sns').create_topic(Name='kept')\n");
    let run =
        emulator.run(&store, &["--regions", "eu-west-1", "snapshot", "create", "base", "--resource-types", "sns"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    emulator.python("for name in ['dear', 'new']:\n    client('sns').create_topic(Name=name)\n");
    std::fs::write(folder.path().join("bill.csv"), TOPICS).expect("written");

    let dry = ["restore", "--dry-run", "--max-percent", "100"];
    let plan = emulator.run(&store, &[&dry[..], &["--cost-source", "bill.csv"]].concat());
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    for told in [
        "          saves about 1.25 USD a month\n",
        "Estimated monthly saving 1.25 USD of 1 resource with known cost (2025-10, amortized); nothing known about 1\n",
    ] {
        assert!(plan.stdout.contains(told), "{told}\n{}", plan.stdout);
    }
    let saved = emulator.run(&store, &[&dry[..], &["--cost-source", "bill.csv", "--out", "plan.json"]].concat());
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    let text = std::fs::read_to_string(folder.path().join("plan.json")).expect("saved");
    let saved: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(saved["saving"]["amount"], "1.25");
    assert_eq!((&saved["saving"]["known"], &saved["saving"]["unknown"]), (&json!(1), &json!(1)));

    let delta = emulator.run(&store, &["delta", "--cost-source", "bill.csv", "--export", "drift.json"]);
    assert_eq!(delta.code, 0, "{}", delta.stderr);
    assert!(delta.stdout.contains("[1.25 USD in 2025-10]\n"), "{}", delta.stdout);
    assert!(
        delta.stdout.contains("  1 added resource cost 1.25 USD in 2025-10 (amortized); nothing known about 1\n"),
        "{}",
        delta.stdout
    );
    let drift = std::fs::read_to_string(folder.path().join("drift.json")).expect("exported");
    let drift: Value = serde_json::from_str(&drift).expect("JSON");
    assert_eq!(drift["summary"]["cost_of_added"]["amount"], "1.25");

    // What was asked for must be there, before AWS is asked; what the configuration mentions need not be.
    emulator.control("DELETE", "requests", &Value::Null);
    let gone = emulator.run(&store, &[&dry[..], &["--cost-source", "gone.csv"]].concat());
    assert_eq!((gone.code, gone.stdout.as_str()), (1, ""), "{}", gone.stderr);
    assert!(gone.stderr.contains("error: cannot read gone.csv"), "{}", gone.stderr);
    assert_eq!(emulator.run(&store, &["delta", "--cost-source", "ce"]).code, 2);
    assert_eq!(emulator.control("GET", "requests", &Value::Null).as_array().map(Vec::len), Some(0));
    std::fs::write(folder.path().join(".aws-baseline.yaml"), "cost: {source: [gone.csv]}\n").expect("written");
    let warned = emulator.run(&store, &dry);
    assert_eq!(warned.code, 0, "{}", warned.stderr);
    assert!(
        warned.stderr.contains("warning: costs are not known (cost.source in the configuration)"),
        "{}",
        warned.stderr
    );
    assert!(!warned.stdout.contains("saving"), "{}", warned.stdout);
    std::fs::write(folder.path().join(".aws-baseline.yaml"), "cost: {source: [bill.csv]}\n").expect("written");
    let known = emulator.run(&store, &["delta"]);
    assert!(known.stdout.contains("cost 1.25 USD in 2025-10"), "{}{}", known.stdout, known.stderr);
    std::fs::write(folder.path().join(".aws-baseline.yaml"), "cost: {source: [ce]}\n").expect("written");
    let silent = emulator.run(&store, &["delta"]);
    assert!(!silent.stdout.contains("cost") && !silent.stderr.contains("cost"), "{}{}", silent.stdout, silent.stderr);
}
