//! A delta as text, as data, as rows, as Markdown, as a page.

mod html;
mod markdown;
mod text;
mod tree;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cost::about;
use super::{Report, Rows};
use crate::cli::ui::Ui;
use crate::model::cost::{MonthlyCost, MonthlyCosts};
use crate::model::{Actor, Delta, FieldChange, Impact, Kind, Outcome, Resource};

/// What was compared, for headings.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Name of the baseline.
    pub before: String,
    /// When the baseline was taken.
    pub before_at: String,
    /// Name of the other side; `live` for the account as it is.
    pub after: String,
    /// When the other side was seen.
    pub after_at: String,
    /// Twelve digits.
    pub account: String,
    /// Differences that a filter of the report leaves out.
    pub hidden: usize,
}

/// How a delta is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct View {
    /// Field by field.
    pub details: bool,
    /// Counts only.
    pub summary: bool,
    /// Also what rules and owners leave out.
    pub ignored: bool,
}

/// One resource that differs.
#[derive(Debug, Clone, Copy)]
struct Item<'a> {
    kind: Kind,
    resource: &'a Resource,
    fields: &'a [FieldChange],
    impact: Option<&'a Impact>,
    actor: Option<&'a Actor>,
    /// What it cost in a month, and the bill that says so.
    cost: Option<(&'a MonthlyCost, &'a MonthlyCosts)>,
}

/// Everything that differs, sorted by type, kind and key.
fn items(delta: &Delta) -> Vec<Item<'_>> {
    let actors: BTreeMap<_, _> =
        delta.actors.iter().map(|a| ((a.type_name.as_str(), a.region.as_str(), a.id.as_str()), a)).collect();
    let actor = |r: &Resource| actors.get(&(r.type_name.as_str(), r.region.as_str(), r.id.as_str())).copied();
    let plain = |kind, resource| Item { kind, resource, fields: &[], impact: None, actor: actor(resource), cost: None };
    let costs = delta.costs.as_ref();
    let cost = |r: &Resource| costs.and_then(|costs| costs.of(r.key()).map(|cost| (cost, costs)));
    let mut items: Vec<Item<'_>> = Vec::new();
    items.extend(delta.added.iter().map(|r| Item { cost: cost(r), ..plain(Kind::Added, r) }));
    items.extend(delta.deleted.iter().map(|resource| plain(Kind::Deleted, resource)));
    items.extend(delta.replaced.iter().map(|replaced| plain(Kind::Replaced, &replaced.after)));
    items.extend(delta.modified.iter().map(|modified| Item {
        fields: &modified.changes,
        impact: Some(&modified.impact),
        ..plain(Kind::Modified, &modified.after)
    }));
    items.sort_by(|a, b| {
        (&a.resource.type_name, a.kind, a.resource.key()).cmp(&(&b.resource.type_name, b.kind, b.resource.key()))
    });
    items
}

/// The whole report.
#[must_use]
pub fn report(delta: &Delta, subject: &Subject, view: View, ui: Ui) -> Report {
    Report {
        text: text::text(delta, subject, view, ui),
        data: data(delta, subject, view),
        rows: rows(delta),
        markdown: Some(markdown::markdown(delta, subject)),
        html: Some(html::page(delta, subject)),
    }
}

fn data(delta: &Delta, subject: &Subject, view: View) -> Value {
    let mut data = json!({
        "schema": 1, "before": subject.before, "after": subject.after, "account": subject.account,
        "before_at": subject.before_at, "after_at": subject.after_at, "drift": delta.has_drift(),
        "summary": counts(delta), "not_shown": subject.hidden,
    });
    if let Some(cost) = delta.cost_of_added() {
        data["summary"]["cost_of_added"] = json!(cost);
    }
    if !view.summary {
        data["delta"] = json!(delta);
    }
    data
}

fn counts(delta: &Delta) -> Value {
    json!({
        "added": delta.added.len(), "deleted": delta.deleted.len(), "modified": delta.modified.len(),
        "replaced": delta.replaced.len(), "unchanged": delta.unchanged, "undetermined": delta.undetermined.len(),
        "unknown_cells": delta.unknown.len(), "not_compared": delta.not_compared, "settled": delta.settled.len(),
        "ignored": delta.ignored.len(),
    })
}

fn rows(delta: &Delta) -> Rows {
    let mut rows = Rows::new(&[
        "CHANGE",
        "TYPE",
        "REGION",
        "ID",
        "NAME",
        "ARN",
        "OWNER",
        "PATH",
        "BEFORE",
        "AFTER",
        "SECURITY",
        "REPLACEMENT",
        "ACTOR",
        "AT",
        "MONTHLY COST",
        "CURRENCY",
    ]);
    for item in items(delta) {
        let resource = item.resource;
        let owner = resource.owner.as_ref().map(|owner| format!("{} {}", owner.kind, owner.id)).unwrap_or_default();
        let head = [
            item.kind.word().to_owned(),
            resource.type_name.clone(),
            resource.region.clone(),
            resource.id.clone(),
            resource.name.clone().unwrap_or_default(),
            resource.arn.clone().unwrap_or_default(),
            owner,
        ];
        let actor = item.actor.map(|actor| [actor.principal.clone(), rfc3339(actor)]).unwrap_or_default();
        let cost = item.cost.map(|(cost, bill)| [cost.amount.to_string(), bill.currency.clone()]).unwrap_or_default();
        let fields = |path: &str, before: &str, after: &str, security: &str, replacement: &str| {
            [path, before, after, security, replacement].map(str::to_owned)
        };
        if item.fields.is_empty() {
            rows.push(head.into_iter().chain(fields("", "", "", "", "")).chain(actor).chain(cost));
            continue;
        }
        for field in item.fields {
            let value = |value: Option<&Value>| value.map(compact).unwrap_or_default();
            let security = field.security.map(crate::model::Security::word).unwrap_or_default();
            let replacement = if field.replacement { "yes" } else { "" };
            let (before, after) = (value(field.before.as_ref()), value(field.after.as_ref()));
            let tail = fields(&field.path, &before, &after, security, replacement);
            rows.push(head.clone().into_iter().chain(tail).chain(actor.clone()).chain(cost.clone()));
        }
    }
    for unknown in &delta.unknown {
        let mut row = vec!["unknown".to_owned(), unknown.cell.type_name.clone(), unknown.cell.region.clone()];
        row.resize(8, String::new());
        row.extend([told(unknown.before.as_ref()), told(unknown.after.as_ref())]);
        row.resize(16, String::new());
        rows.push(row);
    }
    rows
}

fn rfc3339(actor: &Actor) -> String {
    actor.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// `ann, RunInstances, 2026-10-01T10:00:00Z`.
fn actor_text(actor: &Actor) -> String {
    // What people know is the last part: the user's name, or role and session.
    let who = actor.principal.rsplit(':').next().unwrap_or(&actor.principal);
    let via = actor.via.as_ref().map(|via| format!(" via {via}")).unwrap_or_default();
    format!("{who}{via}, {}, {}", actor.event, rfc3339(actor))
}

fn told(outcome: Option<&Outcome>) -> String {
    outcome.map_or_else(|| "not looked at".to_owned(), ToString::to_string)
}

/// A value in one line. A masked one shows no more than whether it is another.
fn compact(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) if fields.len() == 1 => match fields.get("$masked").and_then(Value::as_str) {
            Some(mask) => {
                let end = mask.rsplit(':').next().unwrap_or(mask);
                format!("(secret {})", end.get(..8).unwrap_or(end))
            }
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// Counts of what differs: `3 added, 1 modified`.
fn told_counts(delta: &Delta) -> String {
    let parts = [
        (delta.added.len(), Kind::Added),
        (delta.deleted.len(), Kind::Deleted),
        (delta.modified.len(), Kind::Modified),
        (delta.replaced.len(), Kind::Replaced),
    ];
    let told = parts.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {}", kind.word()));
    told.collect::<Vec<_>>().join(", ")
}

/// What follows from the changes of one resource, or what a new one cost, in a few words.
fn labels(item: &Item<'_>) -> Vec<String> {
    if let Some((cost, bill)) = item.cost {
        return vec![format!("{} in {}", about(cost.amount, &bill.currency), bill.month)];
    }
    let Some(impact) = item.impact else { return Vec::new() };
    let mut labels: Vec<String> = impact.security.iter().map(|kind| format!("security: {}", kind.word())).collect();
    if impact.replacement {
        labels.push("cannot be undone in place".to_owned());
    }
    if impact.tags_only {
        labels.push("tags only".to_owned());
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ui::{Colour, Level};
    use crate::model::cost::Metric;
    use crate::model::{CellKey, UnknownCell};

    fn bucket(id: &str) -> Resource {
        let resource = json!({
            "type": "AWS::S3::Bucket", "id": id, "region": "eu-west-1", "hash": "b3v1:0",
        });
        serde_json::from_value(resource).expect("a resource")
    }

    fn subject() -> Subject {
        Subject {
            before: "base".to_owned(),
            before_at: "2026-09-01T00:00:00Z".to_owned(),
            after: "live".to_owned(),
            after_at: "2026-11-01T00:00:00Z".to_owned(),
            account: "123456789012".to_owned(),
            hidden: 0,
        }
    }

    /// A baseline of one type, compared with all: a screen full of cells would hide the one that was denied.
    #[test]
    fn many_cells_of_the_same_fate_are_one_line() {
        let unseen = |at: usize| UnknownCell {
            cell: CellKey {
                type_name: format!("AWS::Test::T{:02}", at / 2),
                region: ["eu-west-1", "us-east-1"][at % 2].into(),
            },
            before: None,
            after: Some(Outcome::Complete { count: at }),
            resources: at,
        };
        let denied = UnknownCell {
            cell: CellKey { type_name: "AWS::SQS::Queue".into(), region: "eu-west-1".into() },
            before: Some(Outcome::Complete { count: 1 }),
            after: Some(Outcome::Denied { action: "sqs:ListQueues".into() }),
            resources: 1,
        };
        let delta = Delta { unknown: (0..40).map(unseen).chain([denied]).collect(), ..Delta::default() };
        let report = report(&delta, &subject(), View::default(), Ui::new(Colour::Never, Level::Normal));
        insta::assert_snapshot!(report.text, @r"
        Unknown: could not be looked at, so nothing is said about it
          ? 20 types in eu-west-1, us-east-1 (--format json lists them): not looked at before, looked at now (780 resources)
          ? eu-west-1       AWS::SQS::Queue: complete (1) before, denied (sqs:ListQueues) now (1 resource)

        No changes detected in what could be compared: environment matches baseline base
          41 cells unknown: could not be looked at on one side
        ");
    }

    #[test]
    fn what_was_added_says_what_it_cost_where_a_bill_knows() {
        let cost = |id: &str, amount: &str| MonthlyCost {
            type_name: "AWS::S3::Bucket".to_owned(),
            region: "eu-west-1".to_owned(),
            id: id.to_owned(),
            amount: amount.parse().expect("an amount"),
            covered: "0".parse().expect("an amount"),
        };
        let mut delta = Delta { added: vec![bucket("dear"), bucket("new")], unchanged: 1, ..Delta::default() };
        delta.costs = Some(MonthlyCosts {
            month: "2026-10".parse().expect("a month"),
            currency: "U<b>".to_owned(),
            metric: Metric::Amortized,
            resources: vec![cost("dear", "1234.5678901"), cost("kept", "9")],
        });
        delta.keep_costs_of_added();
        let subject = subject();
        let report = report(&delta, &subject, View::default(), Ui::new(Colour::Never, Level::Normal));
        insta::assert_snapshot!(report.text, @r"
        AWS::S3::Bucket
          + added     eu-west-1       dear  [1,234.57 U<b> in 2026-10]
          + added     eu-west-1       new

        live against baseline base of 2026-09-01T00:00:00Z: 2 added, 1 unchanged
          1 added resource cost 1,234.57 U<b> in 2026-10 (amortized); nothing known about 1
        ");
        assert_eq!(report.data["summary"]["cost_of_added"]["amount"], "1234.5678901");
        assert_eq!(report.data["delta"]["costs"]["resources"].as_array().map(Vec::len), Some(1));
        let markdown = report.markdown.expect("Markdown");
        assert!(markdown.contains("dear — *1,234.57 U&lt;b&gt; in 2026-10*"), "{markdown}");
        let page = report.html.expect("a page");
        assert!(page.contains("1 added resource cost 1,234.57 U&#60;b&#62; in 2026-10 (amortized)"), "{page}");
        assert!(!page.contains("<b>,"), "{page}");
        let csv = crate::cli::render::csv_text(&report.rows).expect("CSV");
        assert!(csv.lines().next().is_some_and(|line| line.ends_with(",monthly_cost,currency")), "{csv}");
        assert!(csv.contains(",1234.5678901,U<b>\n"), "{csv}");
        // Without a bill nothing is said.
        delta.costs = None;
        let silent = super::report(&delta, &subject, View::default(), Ui::new(Colour::Never, Level::Normal));
        assert!(!silent.text.contains("cost") && silent.data["summary"].get("cost_of_added").is_none());
    }
}
