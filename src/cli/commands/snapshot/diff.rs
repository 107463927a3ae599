use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::delta::{self, Subject, View};
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
    /// Also list what owners keep and AWS makes: no drift
    #[arg(long)]
    show_ignored: bool,
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
    let (first, second) = (store.stream(&before)?, store.stream(&after)?);
    let at = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let subject = Subject {
        before: before.to_string(),
        before_at: at(first.header.created_at),
        after: after.to_string(),
        after_at: at(second.header.created_at),
        account: first.header.account.clone(),
        hidden: 0,
    };
    let delta = engine::stream::diff(first, second)?;
    let view = View { details: args.show_details, summary: args.summary, ignored: args.show_ignored };
    delta::report(&delta, &subject, view, ui).emit(settings, ui)?;
    Ok(match () {
        () if args.exit_code && delta.has_drift() => Exit::Drift,
        () if delta.is_partial() => Exit::Incomplete,
        () => Exit::Done,
    })
}
