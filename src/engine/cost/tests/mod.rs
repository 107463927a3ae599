//! Behaviour of the whole split: bills in, reports out.

mod golden;
mod matching;
mod monthly;
pub mod properties;
mod sharing;
mod sources;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::source::{self, Wanted};
use super::{CostError, Dated, Options, Splitter, World};
use crate::model::cost::{
    Bucket, ChargeCategory, Commitment, CostReport, LineItem, Metric, Month, Rule, SharedRule, Tags,
};
use crate::model::{Caller, Coverage, Filters, Header, Outcome, Owner, Resource, Scope, Snapshot, Tool};

pub const ACCOUNT: &str = "123456789012";

pub fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

pub fn time(text: &str) -> DateTime<Utc> {
    format!("{text}T12:00:00Z").parse().expect("a time")
}

/// A resource with its name as id, unless it is an id already.
pub fn resource(type_name: &str, id: &str) -> Resource {
    let service = type_name.split("::").nth(1).expect("a type").to_ascii_lowercase();
    let arn = match type_name {
        "AWS::S3::Bucket" => format!("arn:aws:s3:::{id}"),
        "AWS::Lambda::Function" => format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{id}"),
        "AWS::Logs::LogGroup" => format!("arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{id}:*"),
        "AWS::EC2::Instance" => format!("arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{id}"),
        _ => format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{id}"),
    };
    Resource {
        type_name: type_name.to_owned(),
        id: id.to_owned(),
        arn: Some(arn),
        name: Some(id.to_owned()),
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
    }
}

pub fn owned(mut resource: Resource, kind: &str, id: &str) -> Resource {
    resource.owner = Some(Owner { kind: kind.to_owned(), id: id.to_owned() });
    resource
}

pub fn with(mut resource: Resource, property: &str, value: serde_json::Value) -> Resource {
    resource.properties.insert(property.to_owned(), value);
    resource
}

pub fn snapshot(name: &str, taken: &str, mut resources: Vec<Resource>) -> Dated {
    resources.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut coverage = Coverage::default();
    for kind in ["EC2::Instance", "EC2::Volume", "S3::Bucket", "Lambda::Function", "Logs::LogGroup", "SQS::Queue"] {
        coverage.set(&format!("AWS::{kind}"), "eu-west-1", Outcome::Complete { count: 0 });
    }
    let header = Header {
        name: name.parse().expect("a name"),
        created_at: time(taken),
        completed_at: time(taken),
        account: ACCOUNT.to_owned(),
        partition: "aws".to_owned(),
        caller: Caller { arn: String::new(), user_id: String::new() },
        scope: Scope::default(),
        filters: Filters::default(),
        metadata: BTreeMap::new(),
        mask_key: String::new(),
        tool: Tool { version: "0.1.0".to_owned(), normaliser: "b3v1".to_owned() },
        found: resources.len(),
    };
    Dated { snapshot: Snapshot { header, coverage, resources }, digest: format!("b3d1:{name}") }
}

/// One snapshot that was always active.
pub fn world(resources: Vec<Resource>) -> World {
    World::new(&[snapshot("base", "2026-09-01", resources)], &[(time("2026-09-01"), 0)])
}

/// A line of October 2026 that uses a resource.
pub fn line<'a>(service: &'a str, resource: &'a str, cost: &str) -> LineItem<'a> {
    LineItem {
        billing_account_id: "999999999999",
        sub_account_id: ACCOUNT,
        billing_month: month("2026-10"),
        charge_day: day("2026-10-15"),
        charge_category: ChargeCategory::Usage,
        correction: false,
        commitment: Commitment::None,
        marketplace: false,
        service_name: service,
        service_code: service,
        region_id: "eu-west-1",
        resource_id: resource,
        tags: Tags::None,
        cost: amount(cost),
        billing_currency: "USD",
        invoiced: Some(true),
    }
}

pub fn october() -> Options {
    let mut options = Options::new(month("2026-10").period());
    options.sharing.default = SharedRule::Keep;
    options
}

pub fn split(options: &Options, world: &World, lines: &[LineItem<'_>]) -> CostReport {
    let mut splitter = Splitter::new(options, world);
    for line in lines {
        splitter.take(line).expect("a good line");
    }
    splitter.finish(Vec::new(), None, None, Vec::new()).expect("a report")
}

/// Where a single line ends.
pub fn place(options: &Options, world: &World, line: LineItem<'_>) -> (Bucket, Rule) {
    let report = split(options, world, &[line]);
    assert_eq!(report.rows.len(), 1, "one line is one row: {:?}", report.rows);
    (report.rows[0].bucket, report.rows[0].rule)
}

/// Splits a text of October 2026.
pub fn split_text(text: &str, metric: Metric, world: &World) -> Result<CostReport, CostError> {
    let mut options = october();
    options.metric = metric;
    let wanted = Wanted { metric, tags: options.tag_keys() };
    let mut splitter = Splitter::new(&options, world);
    source::read_text("bill.csv", text.as_bytes(), &wanted, &mut |line| splitter.take(line))?;
    splitter.finish(Vec::new(), None, None, Vec::new())
}

/// Bucket → sum, as text.
pub fn sums(report: &CostReport) -> BTreeMap<&'static str, String> {
    let mut sums: BTreeMap<&'static str, Decimal> = BTreeMap::new();
    for row in &report.rows {
        *sums.entry(row.bucket.as_str()).or_default() += row.total;
    }
    sums.into_iter().map(|(bucket, sum)| (bucket, sum.normalize().to_string())).collect()
}
