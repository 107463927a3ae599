//! Tables over the resources and cells of a snapshot.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Rows;
use crate::model::{Outcome, Resource, Snapshot};

/// How resources are grouped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum GroupBy {
    /// By `CloudFormation` type.
    #[default]
    Type,
    /// By service.
    Service,
    /// By region.
    Region,
}

/// `AWS::EC2::VPC` → `ec2`.
fn service(type_name: &str) -> String {
    type_name.split("::").nth(1).unwrap_or(type_name).to_ascii_lowercase()
}

/// Counts of a group.
#[derive(Debug, Default, Clone)]
struct Count {
    all: usize,
    aws_made: usize,
    owned: usize,
}

/// Resources per group: all, made by AWS, owned by a controller.
#[must_use]
pub fn counts(snapshot: &Snapshot, by: GroupBy) -> Rows {
    let mut groups: BTreeMap<String, Count> = BTreeMap::new();
    for resource in &snapshot.resources {
        let key = match by {
            GroupBy::Type => resource.type_name.clone(),
            GroupBy::Service => service(&resource.type_name),
            GroupBy::Region => resource.region.clone(),
        };
        let count = groups.entry(key).or_default();
        count.all += 1;
        count.aws_made += usize::from(resource.aws_made.is_some());
        count.owned += usize::from(resource.owner.is_some());
    }
    let head = match by {
        GroupBy::Type => "TYPE",
        GroupBy::Service => "SERVICE",
        GroupBy::Region => "REGION",
    };
    let mut rows = Rows::new(&[head, "RESOURCES", "MADE BY AWS", "OWNED"]);
    let dash = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    for (group, count) in groups {
        rows.push([group, count.all.to_string(), dash(count.aws_made), dash(count.owned)]);
    }
    rows
}

/// One row a resource.
#[must_use]
pub fn resources<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Rows {
    let mut rows = Rows::new(&["TYPE", "REGION", "NAME", "ID", "CREATED", "MADE BY", "HASH"]);
    for resource in resources {
        rows.push([
            resource.type_name.clone(),
            resource.region.clone(),
            resource.name.clone().unwrap_or_default(),
            resource.id.clone(),
            resource.created_at.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
            made_by(resource),
            resource.hash.chars().take(13).collect(),
        ]);
    }
    rows
}

/// Who made it, where that is known: AWS, or a controller.
fn made_by(resource: &Resource) -> String {
    match (&resource.aws_made, &resource.owner) {
        (Some(why), _) => format!("aws: {why}"),
        (None, Some(owner)) => {
            let name = owner.id.split(":stack/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(&owner.id);
            format!("{}: {name}", owner.kind)
        }
        (None, None) => String::new(),
    }
}

/// One row a resource with everything in it, for spreadsheets.
#[must_use]
pub fn export(snapshot: &Snapshot) -> Rows {
    let mut rows = Rows::new(&[
        "TYPE",
        "REGION",
        "ID",
        "ARN",
        "NAME",
        "CREATED AT",
        "OWNER KIND",
        "OWNER ID",
        "AWS MADE",
        "TAGS",
        "HASH",
        "PROPERTIES",
    ]);
    for resource in &snapshot.resources {
        rows.push([
            resource.type_name.clone(),
            resource.region.clone(),
            resource.id.clone(),
            resource.arn.clone().unwrap_or_default(),
            resource.name.clone().unwrap_or_default(),
            resource.created_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default(),
            resource.owner.as_ref().map(|owner| owner.kind.clone()).unwrap_or_default(),
            resource.owner.as_ref().map(|owner| owner.id.clone()).unwrap_or_default(),
            resource.aws_made.clone().unwrap_or_default(),
            json!(resource.tags).to_string(),
            resource.hash.clone(),
            Value::Object(resource.properties.clone()).to_string(),
        ]);
    }
    rows
}

/// Service × count × status, as it stands at the end of a run.
#[must_use]
pub fn services(snapshot: &Snapshot) -> Rows {
    #[derive(Default)]
    struct Line {
        kept: usize,
        found: usize,
        statuses: BTreeMap<&'static str, usize>,
    }
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for (cell, outcome) in snapshot.coverage.iter() {
        let line = lines.entry(service(&cell.type_name)).or_default();
        *line.statuses.entry(outcome.status()).or_default() += 1;
        if let Outcome::Complete { count } = outcome {
            line.found += count;
        }
    }
    for resource in &snapshot.resources {
        lines.entry(service(&resource.type_name)).or_default().kept += 1;
    }
    let filtered = !snapshot.header.filters.is_empty();
    let mut rows =
        Rows::new(if filtered { &["SERVICE", "KEPT", "FOUND", "STATUS"] } else { &["SERVICE", "RESOURCES", "STATUS"] });
    for (service, line) in lines {
        let status = if line.statuses.keys().all(|status| *status == "complete") {
            "complete".to_owned()
        } else {
            let told: Vec<String> = line.statuses.iter().map(|(status, cells)| format!("{status} {cells}")).collect();
            format!("{} (counted in cells: a type in a region)", told.join(", "))
        };
        let mut row = vec![service, line.kept.to_string()];
        if filtered {
            row.push(line.found.to_string());
        }
        row.push(status);
        rows.push(row);
    }
    rows
}

/// The cells that could not be read and the properties that could not, grouped by reason, with what is missing.
#[must_use]
pub fn gaps(snapshot: &Snapshot) -> Rows {
    let mut rows = Rows::new(&["COULD NOT READ", "WHERE", "REASON", "MISSING"]);
    let mut cells: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for (cell, outcome) in snapshot.coverage.gaps() {
        let (reason, missing) = match outcome {
            Outcome::Denied { action } => ("denied".to_owned(), action.clone()),
            Outcome::Failed { code, message } => (format!("failed: {code} {message}").trim().to_owned(), String::new()),
            other => (other.status().to_owned(), String::new()),
        };
        cells.entry((cell.type_name.clone(), reason, missing)).or_default().push(cell.region.clone());
    }
    for ((what, reason, missing), regions) in cells {
        rows.push([what, regions.join(" "), reason, missing]);
    }
    let mut properties: BTreeMap<(String, String), usize> = BTreeMap::new();
    for resource in &snapshot.resources {
        for (property, reason) in &resource.unreadable {
            let what = format!("{}.{property}", resource.type_name);
            *properties.entry((what, reason.clone())).or_default() += 1;
        }
    }
    for ((what, reason), count) in properties {
        let (code, action) = reason.split_once(": ").unwrap_or((&reason, ""));
        rows.push([what, super::plural(count, "resource"), format!("unreadable: {code}"), action.to_owned()]);
    }
    rows
}
