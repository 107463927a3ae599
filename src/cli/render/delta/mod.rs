//! A delta as text, as data, as rows, as Markdown, as a page.

mod html;
mod markdown;
mod text;
mod tree;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Report, Rows};
use crate::cli::ui::Ui;
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
}

/// Everything that differs, sorted by type, kind and key.
fn items(delta: &Delta) -> Vec<Item<'_>> {
    let actors: BTreeMap<_, _> =
        delta.actors.iter().map(|a| ((a.type_name.as_str(), a.region.as_str(), a.id.as_str()), a)).collect();
    let actor = |r: &Resource| actors.get(&(r.type_name.as_str(), r.region.as_str(), r.id.as_str())).copied();
    let plain = |kind, resource| Item { kind, resource, fields: &[], impact: None, actor: actor(resource) };
    let mut items: Vec<Item<'_>> = Vec::new();
    items.extend(delta.added.iter().map(|resource| plain(Kind::Added, resource)));
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
        let fields = |path: &str, before: &str, after: &str, security: &str, replacement: &str| {
            [path, before, after, security, replacement].map(str::to_owned)
        };
        if item.fields.is_empty() {
            rows.push(head.into_iter().chain(fields("", "", "", "", "")).chain(actor));
            continue;
        }
        for field in item.fields {
            let value = |value: Option<&Value>| value.map(compact).unwrap_or_default();
            let security = field.security.map(crate::model::Security::word).unwrap_or_default();
            let replacement = if field.replacement { "yes" } else { "" };
            let (before, after) = (value(field.before.as_ref()), value(field.after.as_ref()));
            let tail = fields(&field.path, &before, &after, security, replacement);
            rows.push(head.clone().into_iter().chain(tail).chain(actor.clone()));
        }
    }
    for unknown in &delta.unknown {
        let mut row = vec!["unknown".to_owned(), unknown.cell.type_name.clone(), unknown.cell.region.clone()];
        row.resize(8, String::new());
        row.extend([told(unknown.before.as_ref()), told(unknown.after.as_ref())]);
        row.resize(14, String::new());
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

/// What follows from the changes of one resource, in a few words.
fn labels(impact: Option<&Impact>) -> Vec<String> {
    let Some(impact) = impact else { return Vec::new() };
    let mut labels: Vec<String> = impact.security.iter().map(|kind| format!("security: {}", kind.word())).collect();
    if impact.replacement {
        labels.push("cannot be undone in place".to_owned());
    }
    if impact.tags_only {
        labels.push("tags only".to_owned());
    }
    labels
}
