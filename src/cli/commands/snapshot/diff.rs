use clap::Args;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::delta::{self, View};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::engine;

/// Options of `snapshot diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The older snapshot
    before: String,
    /// The newer snapshot
    after: String,
    /// Field by field: path, before, after
    #[arg(long)]
    show_details: bool,
    /// Counts only
    #[arg(long, conflicts_with = "show_details")]
    summary: bool,
    /// End with 3 when there is drift
    #[arg(long)]
    exit_code: bool,
}

/// Compares two stored snapshots, offline.
pub fn run(args: &DiffArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let (before, after) = (super::parse_name(&args.before)?, super::parse_name(&args.after)?);
    let store = super::store(settings);
    let delta = engine::stream::diff(store.stream(&before)?, store.stream(&after)?)?;
    let view = View { details: args.show_details, summary: args.summary };
    delta::report(&delta, (before.as_str(), after.as_str()), view, ui).emit(settings, ui)?;
    Ok(match () {
        () if args.exit_code && delta.has_drift() => Exit::Drift,
        () if !delta.unknown.is_empty() => Exit::Incomplete,
        () => Exit::Done,
    })
}
