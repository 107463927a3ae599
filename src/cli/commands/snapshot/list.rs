use std::cmp::Ordering;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::{Report, Rows, bytes, table};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::store::Entry;

/// Options of `snapshot list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// What to sort by
    #[arg(long, value_enum, default_value_t, value_name = "KEY")]
    sort_by: SortBy,
    /// The other way round
    #[arg(long)]
    reverse: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum SortBy {
    Name,
    #[default]
    Created,
    Resources,
    Size,
}

/// Lists the stored snapshots. A damaged one is listed as such and makes the run end with an error.
pub fn run(args: &ListArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let mut entries = super::store(settings).list()?;
    entries.sort_by(|a, b| compare(args.sort_by, a, b).then_with(|| a.name.cmp(&b.name)));
    if args.reverse {
        entries.reverse();
    }
    let mut rows = Rows::new(&["NAME", "ACTIVE", "ACCOUNT", "CREATED", "RESOURCES", "COVERAGE", "SIZE"]);
    let mut data = Vec::new();
    for entry in &entries {
        rows.push(row(entry));
        data.push(value(entry));
    }
    let text =
        if entries.is_empty() { format!("no snapshots in {}\n", settings.store.display()) } else { table(&rows, ui) };
    Report { text, data: json!({"schema": 1, "snapshots": data}), rows, ..Report::default() }.emit(settings, ui)?;
    if entries.is_empty() {
        ui.hint("`aws-baseline snapshot create` takes one");
    }
    let broken: Vec<_> = entries.iter().filter_map(|entry| entry.summary.as_ref().err()).collect();
    for error in &broken {
        ui.error(&CliError::from_error(Exit::Error, *error));
    }
    Ok(if broken.is_empty() { Exit::Done } else { Exit::Error })
}

fn compare(by: SortBy, a: &Entry, b: &Entry) -> Ordering {
    let created = |entry: &Entry| entry.summary.as_ref().ok().map(|summary| summary.header.created_at);
    let resources = |entry: &Entry| entry.summary.as_ref().ok().map(|summary| summary.resources);
    match by {
        SortBy::Name => a.name.cmp(&b.name),
        SortBy::Created => created(a).cmp(&created(b)),
        SortBy::Resources => resources(a).cmp(&resources(b)),
        SortBy::Size => a.bytes.cmp(&b.bytes),
    }
}

fn row(entry: &Entry) -> Vec<String> {
    let active = if entry.active { "active" } else { "" }.to_owned();
    let mut row = vec![entry.name.to_string(), active];
    match &entry.summary {
        Ok(summary) => row.extend([
            summary.header.account.clone(),
            summary.header.created_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            summary.resources.to_string(),
            coverage(summary.gaps, summary.unreadable),
        ]),
        Err(_) => row.extend(["?".to_owned(), "?".to_owned(), "?".to_owned(), "damaged".to_owned()]),
    }
    row.push(bytes(entry.bytes));
    row
}

fn coverage(gaps: usize, unreadable: usize) -> String {
    match (gaps, unreadable) {
        (0, 0) => "complete".to_owned(),
        (0, some) => format!("{some} partly unreadable"),
        (gaps, 0) => format!("{gaps} cells unread"),
        (gaps, some) => format!("{gaps} cells unread, {some} partly unreadable"),
    }
}

fn value(entry: &Entry) -> Value {
    match &entry.summary {
        Ok(summary) => json!({
            "name": entry.name, "active": entry.active, "path": entry.path, "bytes": entry.bytes,
            "compressed": entry.compressed, "account": summary.header.account, "created_at": summary.header.created_at,
            "resources": summary.resources, "unread_cells": summary.gaps, "partly_unreadable": summary.unreadable,
            "digest": summary.digest, "metadata": summary.header.metadata,
        }),
        Err(error) => json!({
            "name": entry.name, "active": entry.active, "path": entry.path, "bytes": entry.bytes, "error": error.to_string(),
        }),
    }
}
