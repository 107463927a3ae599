use clap::Args;
use serde_json::json;

use crate::cli::args::Format;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::{Report, Rows, snapshot as tables, table};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::store::StoreError;

/// A snapshot by name.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// Name of the snapshot
    name: String,
}

/// Options of `snapshot delete`.
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Name of the snapshot
    name: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// Options of `snapshot verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Name of the snapshot [default: all]
    name: Option<String>,
}

/// Makes a snapshot the baseline.
pub fn set_active(args: &NameArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let name = super::parse_name(&args.name)?;
    super::store(settings).set_active_at(&name, chrono::Utc::now())?;
    ui.status(&format!("{name} is the active snapshot now"));
    Ok(Exit::Done)
}

/// Deletes a stored snapshot, never the active one.
pub fn delete(args: &DeleteArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let name = super::parse_name(&args.name)?;
    let store = super::store(settings);
    // What cannot be is not asked.
    store.may_delete(&name)?;
    if !args.yes {
        if !ui.can_ask() {
            return Err(CliError::new(Exit::Refused, "not confirmed, and nobody can be asked: nothing was deleted")
                .hint("add --yes"));
        }
        let answer = ui.ask(&format!("Delete the snapshot {name}? It cannot be had back. Type its name to confirm:"));
        if answer.map_err(|error| CliError::from_error(Exit::Error, &error))? != name.as_str() {
            return Err(CliError::new(Exit::Refused, "not confirmed: nothing was deleted"));
        }
    }
    store.delete(&name)?;
    ui.status(&format!("deleted the snapshot {name}"));
    Ok(Exit::Done)
}

/// Checks stored snapshots against their digests.
pub fn verify(args: &VerifyArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let store = super::store(settings);
    let checked = match &args.name {
        Some(name) => {
            let name = super::parse_name(name)?;
            match store.verify(&name) {
                Err(error @ StoreError::NotFound { .. }) => return Err(error.into()),
                summary => vec![(name, summary)],
            }
        }
        None => store.verify_all()?.into_iter().map(|entry| (entry.name, entry.summary)).collect(),
    };
    let mut rows = Rows::new(&["NAME", "RESULT", "RESOURCES", "DIGEST"]);
    let mut data = Vec::new();
    let mut broken = Vec::new();
    for (name, summary) in checked {
        match summary {
            Ok(summary) => {
                data.push(json!({"name": name, "ok": true, "resources": summary.resources, "digest": summary.digest}));
                rows.push([name.to_string(), "ok".to_owned(), summary.resources.to_string(), summary.digest]);
            }
            Err(error) => {
                data.push(json!({"name": name, "ok": false, "error": error.to_string()}));
                rows.push([name.to_string(), "damaged".to_owned(), String::new(), String::new()]);
                broken.push(CliError::from(error));
            }
        }
    }
    Report { text: table(&rows, ui), data: json!({"schema": 1, "snapshots": data}), rows, ..Report::default() }
        .emit(settings, ui)?;
    for error in &broken {
        ui.error(error);
    }
    Ok(if broken.is_empty() { Exit::Done } else { Exit::Error })
}

/// Prints a stored snapshot whole.
pub fn export(args: &NameArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let snapshot = super::load(settings, Some(&args.name))?;
    // A table holds no whole snapshot, so without a wish it is JSON.
    let format = if settings.format == Format::Table { Format::Json } else { settings.format };
    let settings = Settings { format, ..settings.clone() };
    let data = json!({
        "schema": 1, "header": snapshot.header, "coverage": snapshot.coverage, "resources": snapshot.resources,
    });
    Report { text: String::new(), data, rows: tables::export(&snapshot), ..Report::default() }.emit(&settings, ui)?;
    Ok(Exit::Done)
}
