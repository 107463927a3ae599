//! `restore`: take the drift away, in the right order, and nothing else.

mod progress;
mod run;
mod status;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::cli::commands::cost::monthly::CostSourceArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::model::{MAX_DELETES, MAX_PERCENT};

/// Options of `restore`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RestoreArgs {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

/// What there is beside a run.
#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a run did, from its ledger
    Status(StatusArgs),
    /// List the runs
    History,
}

/// Options of `restore status`.
#[derive(Debug, Args)]
struct StatusArgs {
    /// The ledger file [default: that of the newest run]
    ledger: Option<PathBuf>,
}

/// Options of a run.
#[derive(Debug, Args)]
struct RunArgs {
    /// Print the plan and change nothing
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: save the plan as JSON, for --plan
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    out: Option<PathBuf>,
    /// Execute exactly this saved plan, if nothing that it depends on has changed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "snapshot", "resource_type", "region", "exclude", "exclude_tag", "min_age", "cost_source"])]
    plan: Option<PathBuf>,
    /// Do not ask (then --account is needed)
    #[arg(long)]
    yes: bool,
    /// The account that is meant; the run is refused for any other
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Restore to this snapshot instead of the active one
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Delete only these types: a type, a service or a glob (comma-separated or repeated)
    #[arg(long, value_delimiter = ',', value_name = "SELECTOR")]
    resource_type: Vec<String>,
    /// Delete only in these regions (comma-separated or repeated)
    #[arg(long, value_delimiter = ',', value_name = "REGION")]
    region: Vec<String>,
    /// Leave alone what this ARN, id, name or glob names (repeatable)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Leave alone what carries this tag (repeatable)
    #[arg(long, value_name = "K=V")]
    exclude_tag: Vec<String>,
    /// Leave alone what is younger, or of unknown age (30s, 10m, 2h, 7d)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    min_age: Option<Duration>,
    /// Refuse a plan that deletes more resources
    #[arg(long, value_name = "N", default_value_t = MAX_DELETES)]
    max_deletes: usize,
    /// Refuse a plan that deletes a larger share of what is there
    #[arg(long, value_name = "P", default_value_t = MAX_PERCENT, value_parser = clap::value_parser!(u8).range(0..=100))]
    max_percent: u8,
    /// Content that cannot be had back may go
    #[arg(long)]
    allow_data_loss: bool,
    /// Turn off deletion protection where it is on
    #[arg(long)]
    disable_protection: bool,
    /// Also delete what a controller made, without the controller
    #[arg(long)]
    delete_owned: bool,
    /// Also change resources of the baseline where they hold drift: revoke rules, detach policies
    #[arg(long)]
    modify_baseline: bool,
    /// Longest time for one resource, waiting included (30s, 10m, 2h)
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration)]
    wait_timeout: Duration,
    /// First time between two looks at what is waited for; it grows sixteenfold
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    poll_interval: Duration,
    /// Take final snapshots of databases and clusters
    #[arg(long, num_args = 0..=1, default_value_t = true, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    final_snapshots: bool,
    #[command(flatten)]
    costs: CostSourceArgs,
}

/// Runs the command.
pub fn run(args: &RestoreArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    match &args.command {
        Some(Command::Status(args)) => status::status(args, settings, ui),
        Some(Command::History) => status::history(settings, ui),
        None => run::run(&args.run, settings, ui),
    }
}

/// `90s`, `10m`, `2h`, `7d`, `250ms`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is not a time: write 30s, 10m, 2h or 7d");
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let count: u64 = text[..split].parse().map_err(|_| wrong())?;
    let unit = match &text[split..] {
        "ms" => return Ok(Duration::from_millis(count)),
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    count.checked_mul(unit).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for bad in ["", "10", "m", "-1s", "1w", "99999999999999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
