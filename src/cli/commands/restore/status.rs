use std::collections::BTreeMap;
use std::path::Path;

use chrono::SecondsFormat;
use serde_json::json;

use super::StatusArgs;
use crate::cli::commands::snapshot;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::{Report, Rows, table};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::store::ledger::{Entry, Event, is_running, ledgers, newest_ledger, read_ledger};

/// What one run did, action by action.
pub fn status(args: &StatusArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let store = snapshot::store(settings);
    let newest = newest_ledger(&store);
    // Only the newest can be of a run that is under way.
    let running = is_running(&store)?;
    let (path, running) = match &args.ledger {
        Some(path) => (path.clone(), running && newest.is_ok_and(|newest| same_file(&newest, path))),
        None => (newest?, running),
    };
    let entries = read_ledger(&path)?;
    let mut rows = Rows::new(&["ACTION", "TYPE", "REGION", "ID", "OUTCOME", "CALLS", "WHY"]);
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    let mut open: BTreeMap<String, [String; 4]> = BTreeMap::new();
    for entry in &entries {
        match &entry.what {
            Event::Call { action, .. } => *calls.entry(action.to_string()).or_default() += 1,
            Event::Begin { action, resource } => {
                let row =
                    [action.to_string(), resource.type_name.clone(), resource.region.clone(), resource.id.clone()];
                open.insert(action.to_string(), row);
            }
            Event::End { action, resource, outcome, why } => {
                open.remove(&action.to_string());
                let made = calls.get(&action.to_string()).copied().unwrap_or_default();
                rows.push([
                    action.to_string(),
                    resource.type_name.clone(),
                    resource.region.clone(),
                    resource.id.clone(),
                    outcome.clone(),
                    made.to_string(),
                    why.clone(),
                ]);
            }
            _ => {}
        }
    }
    for (action, row) in open {
        let made = calls.get(&action).copied().unwrap_or_default();
        let (word, why) =
            if running { ("running", "") } else { ("interrupted", "the run ended before this action did") };
        rows.push(row.into_iter().chain([word.to_owned(), made.to_string(), why.to_owned()]));
    }
    let head = heading(&entries, running);
    let text = format!("{head}\n{}", table(&rows, ui));
    let data = json!({"schema": 1, "ledger": path, "entries": entries});
    Report { text, data, rows, ..Report::default() }.emit(settings, ui)?;
    Ok(Exit::Done)
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn heading(entries: &[Entry], running: bool) -> String {
    let run = entries.first().and_then(|entry| match &entry.what {
        Event::Run { baseline, account, caller, actions, .. } => Some(format!(
            "{}: restore of account {account} to baseline {baseline} by {caller}, {actions} planned",
            entry.at.to_rfc3339_opts(SecondsFormat::Secs, true)
        )),
        _ => None,
    });
    let end = match entries.last().map(|entry| &entry.what) {
        Some(Event::Done { complete: true }) => "complete",
        Some(Event::Done { complete: false }) => "ended with something left",
        _ if running => "running",
        _ => "interrupted: the last action may or may not have been taken by AWS; run restore again",
    };
    format!("{}: {end}\n", run.unwrap_or_else(|| "unknown run".to_owned()))
}

/// Every run of the store.
pub fn history(settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let mut rows = Rows::new(&["STARTED", "BASELINE", "ACCOUNT", "PLANNED", "DONE", "STATE", "LEDGER"]);
    let mut data = Vec::new();
    let store = snapshot::store(settings);
    let running = is_running(&store)?;
    let paths = ledgers(&store)?;
    for path in &paths {
        let entries = read_ledger(path)?;
        let Some(Entry { at, what: Event::Run { baseline, account, actions, plan, .. } }) = entries.first() else {
            continue;
        };
        let is_done = |entry: &&Entry| matches!(&entry.what, Event::End { outcome, .. } if ["deleted", "changed", "already-gone"].contains(&outcome.as_str()));
        let done = entries.iter().filter(is_done).count();
        let state = match entries.last().map(|entry| &entry.what) {
            Some(Event::Done { complete: true }) => "complete",
            Some(Event::Done { complete: false }) => "unfinished",
            _ if running && Some(path) == paths.last() => "running",
            _ => "interrupted",
        };
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let row = [&at, baseline, account, &actions.to_string(), &done.to_string(), state, &path.display().to_string()];
        rows.push(row.map(str::to_owned));
        data.push(json!({
            "at": at, "baseline": baseline, "account": account, "planned": actions, "done": done, "state": state,
            "plan": plan, "ledger": path,
        }));
    }
    let text = if rows.is_empty() { "no restore has run on this store\n".to_owned() } else { table(&rows, ui) };
    Report { text, data: json!({"schema": 1, "runs": data}), rows, ..Report::default() }.emit(settings, ui)?;
    Ok(Exit::Done)
}
