//! A delta for a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use owo_colors::{OwoColorize as _, Style};
use serde_json::Value;

use super::tree::{Node, What, forest};
use super::{Item, Subject, View, actor_text, compact, labels, told, told_counts};
use crate::cli::render::cost::cost_of_added;
use crate::cli::render::plural;
use crate::cli::sanitise::terminal;
use crate::cli::ui::Ui;
use crate::model::{Change, Delta, FieldChange, Kind, Outcome, UnknownCell};

/// Paths that are named where the fields themselves are not shown.
const PATHS_SHOWN: usize = 4;

struct Writer {
    out: String,
    colours: bool,
    details: bool,
}

/// The whole delta as text.
pub fn text(delta: &Delta, subject: &Subject, view: View, ui: Ui) -> String {
    let mut writer = Writer { out: String::new(), colours: ui.colours_stdout(), details: view.details };
    if !view.summary {
        let nodes = forest(delta);
        let mut last = "";
        for node in &nodes {
            if node.what.type_name() != last {
                last = node.what.type_name();
                let heading = writer.paint(last, Style::new().bold());
                let _ = writeln!(writer.out, "{heading}");
            }
            writer.node(node, 0);
        }
        if !nodes.is_empty() {
            writer.out.push('\n');
        }
    }
    if view.ignored {
        writer.left_out(delta);
    }
    writer.unknown(delta);
    writer.summary(delta, subject, view);
    writer.out
}

impl Writer {
    fn paint(&self, text: &str, style: Style) -> String {
        if self.colours { text.style(style).to_string() } else { text.to_owned() }
    }

    fn node(&mut self, node: &Node<'_>, depth: usize) {
        let indent = "  ".repeat(depth + 1);
        // Below an owner the type is no longer in the heading.
        let kind_of = |type_name: &str| if depth > 0 { format!("{type_name} ") } else { String::new() };
        match node.what {
            What::Differs(item) => {
                self.item(&item, &indent, &kind_of(&item.resource.type_name));
            }
            What::Owner(parent) => {
                let line = format!(
                    "{indent}= {:<10}{:<16}{}{}",
                    "unchanged",
                    parent.region,
                    kind_of(&parent.type_name),
                    terminal(&parent.label)
                );
                let line = self.paint(&line, Style::new().dimmed());
                let _ = writeln!(self.out, "{line}");
            }
        }
        for child in &node.children {
            self.node(child, depth + 1);
        }
    }

    fn item(&mut self, item: &Item<'_>, indent: &str, kind_of: &str) {
        let resource = item.resource;
        let (sign, colour) = match item.kind {
            Kind::Added => ('+', Style::new().green()),
            Kind::Deleted => ('-', Style::new().red()),
            Kind::Modified => ('~', Style::new().yellow()),
            Kind::Replaced => ('!', Style::new().yellow()),
        };
        let name = resource.name.as_deref().filter(|name| *name != resource.id);
        let name = name.map(|name| format!("  ({})", terminal(name))).unwrap_or_default();
        let id = terminal(&resource.id);
        let head = format!("{indent}{sign} {:<10}{:<16}{kind_of}{id}{name}", item.kind.word(), resource.region);
        let head = self.paint(&head, colour);
        let _ = write!(self.out, "{head}");
        for label in labels(item) {
            let style = if label.starts_with("security") { Style::new().red().bold() } else { Style::new().dimmed() };
            let label = self.paint(&format!("[{}]", terminal(&label)), style);
            let _ = write!(self.out, "  {label}");
        }
        self.out.push('\n');
        if let Some(actor) = item.actor {
            let _ = writeln!(self.out, "{indent}    by {}", terminal(&actor_text(actor)));
        }
        if self.details {
            for field in item.fields {
                self.field(field, indent);
            }
        } else if !item.fields.is_empty() {
            let paths: Vec<&str> = item.fields.iter().map(|field| field.path.as_str()).take(PATHS_SHOWN).collect();
            let more = item.fields.len() - paths.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let _ = writeln!(self.out, "{indent}    {}{more}", terminal(&paths.join(", ")));
        }
    }

    fn field(&mut self, field: &FieldChange, indent: &str) {
        let security = field.security.map(|kind| format!("security: {}", kind.word()));
        let replacement = field.replacement.then(|| "cannot be undone in place".to_owned());
        let marks =
            security.into_iter().chain(replacement).map(|mark| format!("  [{mark}]")).collect::<Vec<_>>().concat();
        let _ = writeln!(self.out, "{indent}    {}{marks}", terminal(&field.path));
        let mut value = |sign: char, value: Option<&Value>, style: Style| {
            if let Some(value) = value {
                let line = self.paint(&format!("{indent}      {sign} {}", terminal(&compact(value))), style);
                let _ = writeln!(self.out, "{line}");
            }
        };
        if field.change != Change::Added {
            value('-', field.before.as_ref(), Style::new().red());
        }
        if field.change != Change::Removed {
            value('+', field.after.as_ref(), Style::new().green());
        }
    }

    fn left_out(&mut self, delta: &Delta) {
        if !delta.ignored.is_empty() {
            let heading = self.paint("Ignored by rule", Style::new().bold());
            let _ = writeln!(self.out, "{heading}");
            for ignored in &delta.ignored {
                let resource = &ignored.resource;
                let until = ignored.until.map(|day| format!(", until {day}")).unwrap_or_default();
                let paths: Vec<&str> = ignored.changes.iter().map(|change| change.path.as_str()).collect();
                let paths = if paths.is_empty() { String::new() } else { format!(" {}", terminal(&paths.join(", "))) };
                let _ = writeln!(
                    self.out,
                    "  {:<10}{:<16}{} {}{paths}  (rule {}: {}{until})",
                    ignored.kind.word(),
                    resource.region,
                    resource.type_name,
                    terminal(&resource.id),
                    ignored.rule,
                    terminal(&ignored.reason),
                );
            }
            self.out.push('\n');
        }
        if !delta.settled.is_empty() {
            let heading = self.paint("No drift: kept by their owners, or made by AWS", Style::new().bold());
            let _ = writeln!(self.out, "{heading}");
            for settled in &delta.settled {
                let resource = &settled.resource;
                let _ = writeln!(
                    self.out,
                    "  {:<10}{:<16}{} {}  ({})",
                    settled.kind.word(),
                    resource.region,
                    resource.type_name,
                    terminal(&resource.id),
                    terminal(&settled.why),
                );
            }
            self.out.push('\n');
        }
    }

    fn unknown(&mut self, delta: &Delta) {
        if delta.unknown.is_empty() {
            return;
        }
        let heading = self.paint("Unknown: could not be looked at, so nothing is said about it", Style::new().bold());
        let _ = writeln!(self.out, "{heading}");
        let mut alike: BTreeMap<[String; 2], Vec<&UnknownCell>> = BTreeMap::new();
        for unknown in &delta.unknown {
            alike.entry(looks(unknown)).or_default().push(unknown);
        }
        for unknown in &delta.unknown {
            let [mut before, mut after] = looks(unknown);
            let cells = &alike[&[before.clone(), after.clone()]];
            let (place, resources) = if cells.len() <= MOST_CELLS {
                [before, after] = [&unknown.before, &unknown.after].map(|side| terminal(&told(side.as_ref())));
                (format!("{:<16}{}", unknown.cell.region, unknown.cell.type_name), unknown.resources)
            } else if std::ptr::eq(cells[0], unknown) {
                let types: BTreeSet<&str> = cells.iter().map(|it| it.cell.type_name.as_str()).collect();
                let regions: BTreeSet<&str> = cells.iter().map(|it| it.cell.region.as_str()).collect();
                let regions: Vec<&str> = regions.into_iter().collect();
                let place =
                    format!("{} in {} (--format json lists them)", plural(types.len(), "type"), regions.join(", "));
                (place, cells.iter().map(|it| it.resources).sum())
            } else {
                continue;
            };
            let resources = if resources > 0 { format!(" ({})", plural(resources, "resource")) } else { String::new() };
            let _ = writeln!(self.out, "  ? {place}: {before} before, {after} now{resources}");
        }
        self.out.push('\n');
    }

    fn summary(&mut self, delta: &Delta, subject: &Subject, view: View) {
        let out = &mut self.out;
        if delta.has_drift() {
            let _ = writeln!(
                out,
                "{} against baseline {} of {}: {}, {} unchanged",
                subject.after,
                subject.before,
                subject.before_at,
                told_counts(delta),
                delta.unchanged
            );
        } else if subject.hidden > 0 {
            let _ = writeln!(out, "No changes of the kinds that are shown, against baseline {}", subject.before);
        } else {
            let what = if subject.after == "live" { "environment" } else { &subject.after };
            let seen = if delta.is_partial() { " in what could be compared" } else { "" };
            let _ = writeln!(out, "No changes detected{seen}: {what} matches baseline {}", subject.before);
        }
        if let Some(cost) = delta.cost_of_added().filter(|_| !delta.added.is_empty()) {
            let _ = writeln!(out, "  {}", terminal(&cost_of_added(&cost)));
        }
        let mut aside = |count: usize, noun: &str, why: &str| {
            if count > 0 {
                let _ = writeln!(out, "  {} {why}", plural(count, noun));
            }
        };
        let more = if view.ignored { "" } else { " (--show-ignored lists them)" };
        aside(subject.hidden, "other change", "not shown: the filters of this report leave them out");
        aside(delta.settled.len(), "difference", &format!("are no drift: kept by their owners, or made by AWS{more}"));
        aside(delta.ignored.len(), "difference", &format!("ignored by rule{more}"));
        aside(delta.unknown.len(), "cell", "unknown: could not be looked at on one side");
        aside(delta.undetermined.len(), "resource", "left aside: a date filter is on and AWS reports no creation time");
        aside(
            delta.not_compared,
            "property value",
            "not compared: unreadable on one side, or masked with different keys",
        );
    }
}

/// Of more cells than these that were looked at in the same way, one line tells: snapshots of different scope differ in
/// hundreds.
const MOST_CELLS: usize = 12;

/// How a cell was looked at on both sides, whatever was found.
fn looks(unknown: &UnknownCell) -> [String; 2] {
    [&unknown.before, &unknown.after].map(|outcome| match outcome {
        Some(Outcome::Complete { .. }) => "looked at".to_owned(),
        other => terminal(&told(other.as_ref())),
    })
}
