//! A delta as a table, as data, as rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use owo_colors::{OwoColorize as _, Style};
use serde_json::{Value, json};

use super::{Report, Rows, plural};
use crate::cli::sanitise::terminal;
use crate::cli::ui::Ui;
use crate::model::{Change, Delta, FieldChange, Resource};

/// What of a delta is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct View {
    /// Field by field.
    pub details: bool,
    /// Counts only.
    pub summary: bool,
}

/// One line of the delta.
struct Line<'a> {
    sign: char,
    change: &'static str,
    resource: &'a Resource,
    fields: &'a [FieldChange],
}

fn lines(delta: &Delta) -> Vec<Line<'_>> {
    let plain = |sign, change, resource| Line { sign, change, resource, fields: &[] };
    let mut lines: Vec<Line<'_>> = Vec::new();
    lines.extend(delta.added.iter().map(|resource| plain('+', "added", resource)));
    lines.extend(delta.deleted.iter().map(|resource| plain('-', "deleted", resource)));
    lines.extend(delta.replaced.iter().map(|replaced| plain('!', "replaced", &replaced.after)));
    lines.extend(delta.modified.iter().map(|m| Line {
        sign: '~',
        change: "modified",
        resource: &m.after,
        fields: &m.changes,
    }));
    lines.sort_by(|a, b| {
        (&a.resource.type_name, a.change, a.resource.key()).cmp(&(&b.resource.type_name, b.change, b.resource.key()))
    });
    lines
}

/// The whole report; `names` are the two things that were compared.
#[must_use]
pub fn report(delta: &Delta, names: (&str, &str), view: View, ui: Ui) -> Report {
    Report { text: text(delta, names, view, ui), data: data(delta, names), rows: rows(delta) }
}

fn data(delta: &Delta, names: (&str, &str)) -> Value {
    json!({"schema": 1, "before": names.0, "after": names.1, "drift": delta.has_drift(), "summary": summary_counts(delta), "delta": delta})
}

fn summary_counts(delta: &Delta) -> Value {
    json!({
        "added": delta.added.len(), "deleted": delta.deleted.len(), "modified": delta.modified.len(),
        "replaced": delta.replaced.len(), "unchanged": delta.unchanged, "undetermined": delta.undetermined.len(),
        "unknown_cells": delta.unknown.len(), "not_compared": delta.not_compared,
    })
}

fn rows(delta: &Delta) -> Rows {
    let mut rows = Rows::new(&["CHANGE", "TYPE", "REGION", "ID", "NAME", "PATH", "BEFORE", "AFTER"]);
    for line in lines(delta) {
        let resource = line.resource;
        let head = [
            line.change.to_owned(),
            resource.type_name.clone(),
            resource.region.clone(),
            resource.id.clone(),
            resource.name.clone().unwrap_or_default(),
        ];
        if line.fields.is_empty() {
            rows.push(head.into_iter().chain([String::new(), String::new(), String::new()]));
            continue;
        }
        for field in line.fields {
            let value = |value: Option<&Value>| value.map(compact).unwrap_or_default();
            let tail = [field.path.clone(), value(field.before.as_ref()), value(field.after.as_ref())];
            rows.push(head.clone().into_iter().chain(tail));
        }
    }
    for unknown in &delta.unknown {
        let reason = format!("{} / {}", told(unknown.before.as_ref()), told(unknown.after.as_ref()));
        let cell = &unknown.cell;
        rows.push([
            "unknown".to_owned(),
            cell.type_name.clone(),
            cell.region.clone(),
            String::new(),
            String::new(),
            String::new(),
            reason,
            String::new(),
        ]);
    }
    rows
}

fn told(outcome: Option<&crate::model::Outcome>) -> String {
    outcome.map_or_else(|| "not looked at".to_owned(), ToString::to_string)
}

fn text(delta: &Delta, names: (&str, &str), view: View, ui: Ui) -> String {
    let mut out = String::new();
    let style =
        |text: &str, style: Style| if ui.colours_stdout() { text.style(style).to_string() } else { text.to_owned() };
    if !view.summary {
        let mut groups: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
        for line in lines(delta) {
            groups.entry(&line.resource.type_name).or_default().push(line);
        }
        for (type_name, lines) in groups {
            let _ = writeln!(out, "{}", style(type_name, Style::new().bold()));
            for line in lines {
                let resource = line.resource;
                let name = resource
                    .name
                    .as_deref()
                    .filter(|name| *name != resource.id)
                    .map(|name| format!("  ({})", terminal(name)))
                    .unwrap_or_default();
                let colour = match line.sign {
                    '+' => Style::new().green(),
                    '-' => Style::new().red(),
                    _ => Style::new().yellow(),
                };
                let head = format!(
                    "  {} {:<9}{:<16}{}{name}",
                    line.sign,
                    line.change,
                    resource.region,
                    terminal(&resource.id)
                );
                let _ = writeln!(out, "{}", style(&head, colour));
                if view.details {
                    for field in line.fields {
                        detail(&mut out, field);
                    }
                } else if !line.fields.is_empty() {
                    let paths: Vec<&str> = line.fields.iter().map(|field| field.path.as_str()).take(4).collect();
                    let more = if line.fields.len() > paths.len() {
                        format!(" and {} more", line.fields.len() - paths.len())
                    } else {
                        String::new()
                    };
                    let _ = writeln!(out, "      {}{more}", terminal(&paths.join(", ")));
                }
            }
        }
    }
    unknown(&mut out, delta);
    if delta.has_drift() {
        let parts = [
            (delta.added.len(), "added"),
            (delta.deleted.len(), "deleted"),
            (delta.modified.len(), "modified"),
            (delta.replaced.len(), "replaced"),
        ];
        let told: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        let _ = writeln!(out, "{} against {}: {}, {} unchanged", names.1, names.0, told.join(", "), delta.unchanged);
    } else {
        let seen = if delta.unknown.is_empty() { "" } else { " in what could be looked at" };
        let _ = writeln!(
            out,
            "No changes detected{seen}: {} matches baseline {} ({} unchanged)",
            names.1, names.0, delta.unchanged
        );
    }
    if !delta.undetermined.is_empty() {
        let _ = writeln!(
            out,
            "{} left aside: a date filter is on and AWS reports no creation time",
            plural(delta.undetermined.len(), "resource")
        );
    }
    if delta.not_compared > 0 {
        let _ = writeln!(
            out,
            "{} not compared: unreadable on one side, or masked with different keys",
            plural(delta.not_compared, "property value")
        );
    }
    out
}

fn unknown(out: &mut String, delta: &Delta) {
    if delta.unknown.is_empty() {
        return;
    }
    let _ = writeln!(out, "Unknown: could not be looked at, so nothing is said about it");
    for unknown in &delta.unknown {
        let _ = writeln!(
            out,
            "  ? {} {}: {} before, {} after{}",
            unknown.cell.type_name,
            unknown.cell.region,
            terminal(&told(unknown.before.as_ref())),
            terminal(&told(unknown.after.as_ref())),
            if unknown.resources > 0 {
                format!(" ({} known)", plural(unknown.resources, "resource"))
            } else {
                String::new()
            },
        );
    }
}

fn detail(out: &mut String, field: &FieldChange) {
    let _ = writeln!(out, "      {}", terminal(&field.path));
    let mut value = |sign: char, value: Option<&Value>| {
        if let Some(value) = value {
            let _ = writeln!(out, "        {sign} {}", terminal(&compact(value)));
        }
    };
    match field.change {
        Change::Added => value('+', field.after.as_ref()),
        Change::Removed => value('-', field.before.as_ref()),
        Change::Changed => {
            value('-', field.before.as_ref());
            value('+', field.after.as_ref());
        }
    }
}

fn compact(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
