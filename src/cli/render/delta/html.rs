//! A delta as one page that needs nothing else: no network, no other file.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;

use super::tree::{Node, What, forest};
use super::{Item, Subject, actor_text, compact, labels, told};
use crate::cli::render::cost::cost_of_added;
use crate::cli::render::plural;
use crate::cli::sanitise::terminal;
use crate::model::{Delta, FieldChange};

#[derive(Template)]
#[template(path = "delta.html", config = "src/cli/render/askama.toml")]
struct Page<'a> {
    subject: &'a Subject,
    drift: bool,
    cards: Vec<Card>,
    types: Vec<Bar>,
    regions: Vec<Bar>,
    nodes: Vec<Entry>,
    unknown: Vec<[String; 5]>,
    ignored: Vec<[String; 5]>,
    settled: Vec<[String; 4]>,
    notes: Vec<String>,
}

struct Card {
    label: &'static str,
    count: usize,
    class: &'static str,
}

/// A row of a bar chart: widths in percent of the longest.
struct Bar {
    label: String,
    parts: Vec<(&'static str, usize, usize)>,
    total: usize,
}

#[derive(Template)]
#[template(path = "delta_entry.html", config = "src/cli/render/askama.toml")]
struct Entry {
    kind: &'static str,
    type_name: String,
    region: String,
    id: String,
    name: String,
    arn: String,
    labels: Vec<String>,
    security: bool,
    actor: String,
    tags: Vec<(String, String)>,
    fields: Vec<Field>,
    children: Vec<Entry>,
    /// Everything that the search looks at, in lower case.
    haystack: String,
}

struct Field {
    path: String,
    marks: Vec<String>,
    before: Option<String>,
    after: Option<String>,
}

/// The page.
pub fn page(delta: &Delta, subject: &Subject) -> String {
    let nodes = forest(delta).iter().map(entry).collect();
    let kinds = [
        ("added", delta.added.len()),
        ("deleted", delta.deleted.len()),
        ("modified", delta.modified.len()),
        ("replaced", delta.replaced.len()),
        ("unknown", delta.unknown.len()),
        ("unchanged", delta.unchanged),
    ];
    let security = delta.modified.iter().filter(|modified| !modified.impact.security.is_empty()).count();
    let cards = kinds.into_iter().map(|(label, count)| Card { label, count, class: label });
    let cards = cards.chain([Card { label: "security-relevant", count: security, class: "security" }]).collect();
    let mut notes = Vec::new();
    if let Some(cost) = delta.cost_of_added().filter(|_| !delta.added.is_empty()) {
        notes.push(terminal(&format!("{}.", cost_of_added(&cost))));
    }
    if delta.not_compared > 0 {
        let count = plural(delta.not_compared, "property value");
        notes.push(format!("{count} not compared: unreadable on one side, or masked with different keys."));
    }
    if !delta.undetermined.is_empty() {
        let count = plural(delta.undetermined.len(), "resource");
        notes.push(format!("{count} left aside: a date filter is on and AWS reports no creation time."));
    }
    let page = Page {
        subject,
        drift: delta.has_drift(),
        cards,
        types: bars(delta, |item| item.resource.type_name.clone()),
        regions: bars(delta, |item| item.resource.region.clone()),
        nodes,
        unknown: unknown(delta),
        ignored: delta
            .ignored
            .iter()
            .map(|ignored| {
                let resource = &ignored.resource;
                let until = ignored.until.map(|day| format!(" (until {day})")).unwrap_or_default();
                let rule = format!("{}{until}", ignored.rule);
                [ignored.kind.word(), &resource.type_name, &terminal(&resource.id), &rule, &terminal(&ignored.reason)]
                    .map(str::to_owned)
            })
            .collect(),
        settled: delta
            .settled
            .iter()
            .map(|settled| {
                let resource = &settled.resource;
                [settled.kind.word(), &resource.type_name, &terminal(&resource.id), &terminal(&settled.why)]
                    .map(str::to_owned)
            })
            .collect(),
        notes,
    };
    // The template writes into a string; there is nothing that could fail.
    page.render().unwrap_or_default()
}

fn unknown(delta: &Delta) -> Vec<[String; 5]> {
    let row = |unknown: &crate::model::UnknownCell| {
        [
            unknown.cell.type_name.clone(),
            unknown.cell.region.clone(),
            terminal(&told(unknown.before.as_ref())),
            terminal(&told(unknown.after.as_ref())),
            unknown.resources.to_string(),
        ]
    };
    delta.unknown.iter().map(row).collect()
}

fn bars(delta: &Delta, group: impl Fn(&Item<'_>) -> String) -> Vec<Bar> {
    let mut groups: BTreeMap<String, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for item in super::items(delta) {
        *groups.entry(group(&item)).or_default().entry(item.kind.word()).or_default() += 1;
    }
    let longest = groups.values().map(|kinds| kinds.values().sum()).max().unwrap_or(1usize).max(1);
    let mut bars: Vec<Bar> = groups
        .into_iter()
        .map(|(label, kinds)| {
            let total = kinds.values().sum();
            let parts = kinds.into_iter().map(|(kind, count)| (kind, count, (count * 100).div_ceil(longest))).collect();
            Bar { label, parts, total }
        })
        .collect();
    bars.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.label.cmp(&b.label)));
    bars
}

fn entry(node: &Node<'_>) -> Entry {
    let children: Vec<Entry> = node.children.iter().map(entry).collect();
    let mut entry = match node.what {
        What::Differs(item) => of_item(&item),
        What::Owner(parent) => Entry {
            kind: "unchanged",
            type_name: parent.type_name.clone(),
            region: parent.region.clone(),
            id: terminal(&parent.label),
            name: String::new(),
            arn: String::new(),
            labels: Vec::new(),
            security: false,
            actor: String::new(),
            tags: Vec::new(),
            fields: Vec::new(),
            children: Vec::new(),
            haystack: String::new(),
        },
    };
    let own =
        format!("{} {} {} {} {} {}", entry.kind, entry.type_name, entry.region, entry.id, entry.name, entry.actor);
    let paths = entry.fields.iter().map(|field| format!(" {}", field.path)).collect::<Vec<_>>().concat();
    let below = children.iter().map(|child| format!(" {}", child.haystack)).collect::<Vec<_>>().concat();
    entry.haystack = format!("{own} {} {}{paths}{below}", entry.arn, entry.labels.join(" ")).to_lowercase();
    entry.security |= children.iter().any(|child| child.security);
    entry.children = children;
    entry
}

fn of_item(item: &Item<'_>) -> Entry {
    let resource = item.resource;
    Entry {
        kind: item.kind.word(),
        type_name: resource.type_name.clone(),
        region: resource.region.clone(),
        id: terminal(&resource.id),
        name: resource.name.as_deref().filter(|name| *name != resource.id).map(terminal).unwrap_or_default(),
        arn: resource.arn.as_deref().map(terminal).unwrap_or_default(),
        labels: labels(item),
        security: item.impact.is_some_and(|impact| !impact.security.is_empty()),
        actor: item.actor.map(|actor| terminal(&actor_text(actor))).unwrap_or_default(),
        tags: resource.tags.iter().map(|(key, value)| (terminal(key), terminal(value))).collect(),
        fields: item.fields.iter().map(field).collect(),
        children: Vec::new(),
        haystack: String::new(),
    }
}

fn field(change: &FieldChange) -> Field {
    let value = |value: Option<&Value>| {
        value.map(|value| match value {
            // Documents are easier to compare over several lines.
            Value::Object(fields) if fields.len() > 1 => pretty(value),
            Value::Array(_) => pretty(value),
            other => terminal(&compact(other)),
        })
    };
    let security = change.security.map(|kind| format!("security: {}", kind.word()));
    let replacement = change.replacement.then(|| "cannot be undone in place".to_owned());
    Field {
        path: terminal(&change.path),
        marks: security.into_iter().chain(replacement).collect(),
        before: value(change.before.as_ref()),
        after: value(change.after.as_ref()),
    }
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| compact(value));
    text.lines().map(|line| terminal(line) + "\n").collect()
}
