//! What can be typed. The doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::commands::{completions, cost, delta, restore, snapshot, types};
use super::ui::Colour;

/// A hashed baseline of an AWS account: take it, compare with it, see what changed field by field
#[derive(Debug, Parser)]
#[command(name = "aws-baseline", version, long_version = long_version(), disable_help_subcommand = false, max_term_width = 110)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take, list, show, compare and check snapshots
    #[command(subcommand)]
    Snapshot(snapshot::Command),
    /// Split the bill into baseline and the rest
    Cost(Box<cost::CostArgs>),
    /// List the supported resource types, or print the IAM policy that they need
    Types(types::TypesArgs),
    /// Show what has changed in the account since the baseline
    Delta(delta::DeltaArgs),
    /// Delete what was added since the baseline, in the right order
    Restore(Box<restore::RestoreArgs>),
    /// Print shell completions
    Completions(completions::CompletionsArgs),
}

/// How data is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For programs and people.
    Yaml,
    /// For spreadsheets.
    Csv,
    /// For tickets and pull requests.
    Markdown,
    /// The graph of a plan, for Graphviz (`restore --dry-run` only).
    Dot,
    /// For tools of finance teams: CSV with the columns of FOCUS (`cost` only).
    Focus,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line an event.
    #[default]
    Text,
    /// One JSON object an event.
    Json,
}

/// Options of every command. Precedence: flag, environment, configuration file, default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// AWS profile; without it the standard chain decides (environment, SSO, assumed role, process, container, IMDS)
    #[arg(short, long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Regions, comma-separated or repeated [default: those enabled for the account, or those of the baseline]
    #[arg(short, long, global = true, value_delimiter = ',', value_name = "REGION")]
    pub regions: Vec<String>,
    /// Directory of the snapshots [default: .snapshots]
    #[arg(long, global = true, env = "AWS_BASELINE_STORE", value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Configuration file [default: ./.aws-baseline.yaml, then ~/.aws-baseline.yaml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How to print data [default: table]
    #[arg(short, long, global = true, value_enum)]
    pub format: Option<Format>,
    /// Also write the result to FILE; .json, .yaml, .csv, .md or .html decides the form
    #[arg(long, global = true, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// Log each AWS request on stderr (never bodies or credentials)
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say nothing but errors on stderr
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to use colour [default: auto]
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<Colour>,
    /// Endpoint for all services, for emulators and VPC endpoints (as `AWS_ENDPOINT_URL`)
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Requests in flight at most [default: 64]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub parallel: Option<u16>,
    /// Form of the log
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    pub log_format: LogFormat,
    /// Write the log to FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

fn long_version() -> String {
    format!(
        "{}\naws-config {}, aws-sdk-ec2 {}, aws-sdk-iam {}, aws-sdk-s3 {}\ncatalogue: {} resource types, normaliser {}",
        env!("CARGO_PKG_VERSION"),
        CONFIG_VERSION,
        aws_sdk_ec2::meta::PKG_VERSION,
        aws_sdk_iam::meta::PKG_VERSION,
        aws_sdk_s3::meta::PKG_VERSION,
        crate::catalog::all().len(),
        crate::catalog::canon::NORMALISER,
    )
}

/// `aws-config` has no constant for its version; a test compares this one with the lock file.
pub const CONFIG_VERSION: &str = "1.13.0";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_version_of_aws_config_is_the_locked_one() {
        let lock = include_str!("../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"aws-config\"\nversion = \"{CONFIG_VERSION}\"")));
    }
}
