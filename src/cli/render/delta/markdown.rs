//! A delta for a pull request, a ticket or a chat.

use std::fmt::Write as _;

use super::tree::{Node, What, forest};
use super::{Item, Subject, actor_text, compact, labels, told, told_counts};
use crate::cli::render::cost::cost_of_added;
use crate::cli::sanitise::markdown as safe;
use crate::model::{Delta, FieldChange};

/// The whole delta as Markdown.
pub fn markdown(delta: &Delta, subject: &Subject) -> String {
    let mut out =
        format!("# Drift of account {} against baseline {}\n\n", safe(&subject.account), safe(&subject.before));
    let _ = writeln!(
        out,
        "Baseline of {}, compared with `{}` as of {}.\n",
        subject.before_at, subject.after, subject.after_at
    );
    if delta.has_drift() {
        let _ = writeln!(out, "**{}**, {} unchanged.", told_counts(delta), delta.unchanged);
    } else if subject.hidden > 0 {
        let _ = writeln!(out, "**No changes of the kinds that are shown**, {} others left out.", subject.hidden);
    } else {
        let _ = writeln!(out, "**No changes detected**, {} unchanged.", delta.unchanged);
    }
    if let Some(cost) = delta.cost_of_added().filter(|_| !delta.added.is_empty()) {
        let _ = writeln!(out, "\n{}.", safe(&cost_of_added(&cost)));
    }
    let mut last = "";
    for node in &forest(delta) {
        if node.what.type_name() != last {
            last = node.what.type_name();
            let _ = writeln!(out, "\n## {last}\n");
        }
        write_node(&mut out, node, 0);
    }
    if !delta.unknown.is_empty() {
        out.push_str("\n## Unknown\n\nThese could not be looked at, so nothing is said about them.\n\n");
        out.push_str("| Type | Region | Baseline | Now | Resources |\n| --- | --- | --- | --- | --- |\n");
        for unknown in &delta.unknown {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                unknown.cell.type_name,
                unknown.cell.region,
                safe(&told(unknown.before.as_ref())),
                safe(&told(unknown.after.as_ref())),
                unknown.resources
            );
        }
    }
    if !delta.ignored.is_empty() {
        out.push_str(
            "\n## Ignored by rule\n\n| Change | Type | Id | Rule | Reason |\n| --- | --- | --- | --- | --- |\n",
        );
        for ignored in &delta.ignored {
            let (kind, resource) = (ignored.kind.word(), &ignored.resource);
            let (type_name, id, reason) = (&resource.type_name, safe(&resource.id), safe(&ignored.reason));
            let _ = writeln!(out, "| {kind} | {type_name} | {id} | {} | {reason} |", ignored.rule);
        }
    }
    if !delta.settled.is_empty() {
        let _ =
            writeln!(out, "\n{} differences are no drift: kept by their owners, or made by AWS.", delta.settled.len());
    }
    out
}

fn write_node(out: &mut String, node: &Node<'_>, depth: usize) {
    let indent = "  ".repeat(depth);
    match node.what {
        What::Differs(item) => write_item(out, &item, &indent, depth),
        What::Owner(parent) => {
            let _ =
                writeln!(out, "{indent}- {} {} {} (unchanged)", parent.type_name, parent.region, safe(&parent.label));
        }
    }
    for child in &node.children {
        write_node(out, child, depth + 1);
    }
}

fn write_item(out: &mut String, item: &Item<'_>, indent: &str, depth: usize) {
    let resource = item.resource;
    let kind_of = if depth > 0 { format!("{} ", resource.type_name) } else { String::new() };
    let name = resource.name.as_deref().filter(|name| *name != resource.id);
    let name = name.map(|name| format!(" ({})", safe(name))).unwrap_or_default();
    let labels = labels(item).iter().map(|label| format!(" — *{}*", safe(label))).collect::<Vec<_>>().concat();
    let actor = item.actor.map(|actor| format!(" — by {}", safe(&actor_text(actor)))).unwrap_or_default();
    let id = safe(&resource.id);
    let _ = writeln!(out, "{indent}- **{}** {} {kind_of}{id}{name}{labels}{actor}", item.kind.word(), resource.region);
    for field in item.fields {
        write_field(out, field, indent);
    }
}

fn write_field(out: &mut String, field: &FieldChange, indent: &str) {
    let value = |value: Option<&serde_json::Value>| value.map_or_else(|| "*absent*".to_owned(), |v| safe(&compact(v)));
    let (before, after) = (value(field.before.as_ref()), value(field.after.as_ref()));
    let _ = writeln!(out, "{indent}  - {}: {before} → {after}", safe(&field.path));
}
