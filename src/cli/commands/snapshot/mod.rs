//! `snapshot …`: take, list, show, compare, check and export snapshots.

mod create;
mod diff;
mod list;
mod manage;
mod show;

use clap::Subcommand;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::model::{Snapshot, SnapshotName};
use crate::store::Store;

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the account and store what is there
    Create(create::CreateArgs),
    /// List the stored snapshots
    List(list::ListArgs),
    /// Show what a snapshot holds
    Show(show::ShowArgs),
    /// Make a snapshot the baseline
    SetActive(manage::NameArgs),
    /// Delete a stored snapshot
    Delete(manage::DeleteArgs),
    /// Compare two stored snapshots, offline
    Diff(diff::DiffArgs),
    /// Check stored snapshots against their digests
    Verify(manage::VerifyArgs),
    /// Print a stored snapshot whole, as JSON, YAML or CSV
    Export(manage::NameArgs),
}

/// Runs a subcommand.
pub fn run(command: Command, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    match command {
        Command::Create(args) => create::run(&args, settings, ui),
        Command::List(args) => list::run(&args, settings, ui),
        Command::Show(args) => show::run(&args, settings, ui),
        Command::SetActive(args) => manage::set_active(&args, settings, ui),
        Command::Delete(args) => manage::delete(&args, settings, ui),
        Command::Diff(args) => diff::run(&args, settings, ui),
        Command::Verify(args) => manage::verify(&args, settings, ui),
        Command::Export(args) => manage::export(&args, settings, ui),
    }
}

/// The store that the settings name.
pub fn store(settings: &Settings) -> Store {
    Store::open(&settings.store)
}

/// The name that was typed.
pub fn parse_name(text: &str) -> Result<SnapshotName, CliError> {
    text.parse().map_err(|error: crate::model::InvalidName| {
        CliError::usage(error.to_string()).hint("use letters, digits, '.', '_' and '-', not starting with '.' or '-'")
    })
}

/// The named snapshot, or the active one.
pub fn load(settings: &Settings, name: Option<&str>) -> Result<Snapshot, CliError> {
    let store = store(settings);
    match name {
        Some(name) => Ok(store.load(&parse_name(name)?)?),
        None => Ok(store.load_active()?),
    }
}
