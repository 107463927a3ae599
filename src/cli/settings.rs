//! The settings of a run, resolved once: flag, then environment, then configuration file, then default.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::args::{Format, GlobalArgs, LogFormat};
use super::commands::cost::config::CostConfig;
use super::error::CliError;
use super::exit::Exit;
use crate::engine::ignore::IgnoreRule;
use crate::model::ProtectRule;
use crate::store::yaml;

/// The file that is looked for in the working directory and in the home directory.
pub const CONFIG_FILE: &str = ".aws-baseline.yaml";
/// The default store.
pub const DEFAULT_STORE: &str = ".snapshots";

/// What every command works with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// AWS profile.
    pub profile: Option<String>,
    /// Regions as typed or configured; empty means the default of the command.
    pub regions: Vec<String>,
    /// Directory of the snapshots.
    pub store: PathBuf,
    /// How data is printed.
    pub format: Format,
    /// Where the result is written as well.
    pub export: Option<PathBuf>,
    /// Whether each AWS request is logged on stderr.
    pub verbose: bool,
    /// Endpoint for all services.
    pub endpoint_url: Option<String>,
    /// Requests in flight.
    pub parallel: Option<usize>,
    /// Form of the log.
    pub log_format: LogFormat,
    /// Where the log is written.
    pub log_file: Option<PathBuf>,
    /// What a comparison leaves out.
    pub ignore: Vec<IgnoreRule>,
    /// What is never deleted.
    pub protect: Vec<ProtectRule>,
    /// How the bill is split.
    pub cost: CostConfig,
}

/// The configuration file. Every field but `ignore`, `protect` and `cost` has a flag of the same name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct ConfigFile {
    profile: Option<String>,
    regions: Vec<String>,
    store: Option<PathBuf>,
    format: Option<Format>,
    endpoint_url: Option<String>,
    parallel: Option<u16>,
    ignore: Vec<IgnoreRule>,
    protect: Vec<ProtectRule>,
    cost: CostConfig,
}

impl Settings {
    /// Merges arguments, environment and configuration file.
    pub fn resolve(args: GlobalArgs) -> Result<Self, CliError> {
        let file = config_file(args.config.as_deref())?;
        let regions = if args.regions.is_empty() { file.regions } else { args.regions };
        let mut regions: Vec<String> = regions.iter().map(|region| region.trim().to_owned()).collect();
        regions.sort();
        regions.dedup();
        if let Some(region) = regions.iter().find(|region| !is_region_code(region)) {
            return Err(CliError::usage(format!("'{region}' is not a region code"))
                .hint("write them as in `--regions eu-west-1,us-east-1`"));
        }
        if let Some(export) = &args.export {
            super::render::export_form(export)?;
        }
        Ok(Settings {
            profile: args.profile.or(file.profile),
            regions,
            store: args.store.or(file.store).unwrap_or_else(|| PathBuf::from(DEFAULT_STORE)),
            format: args.format.or(file.format).unwrap_or_default(),
            export: args.export,
            verbose: args.verbose,
            endpoint_url: checked_url(args.endpoint_url.or(file.endpoint_url))?,
            parallel: args.parallel.or(file.parallel.filter(|n| *n > 0)).map(usize::from),
            log_format: args.log_format,
            log_file: args.log_file,
            ignore: file.ignore,
            protect: file.protect,
            cost: file.cost,
        })
    }
}

fn is_region_code(text: &str) -> bool {
    text.contains('-')
        && text.len() < 32
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn checked_url(url: Option<String>) -> Result<Option<String>, CliError> {
    match url {
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
            Err(CliError::usage(format!("'{url}' is not a URL")).hint("an endpoint starts with http:// or https://"))
        }
        other => Ok(other),
    }
}

fn config_file(named: Option<&Path>) -> Result<ConfigFile, CliError> {
    let home = std::env::home_dir().map(|home| home.join(CONFIG_FILE));
    let candidates = match named {
        Some(path) => vec![path.to_owned()],
        None => [Some(PathBuf::from(CONFIG_FILE)), home].into_iter().flatten().filter(|path| path.is_file()).collect(),
    };
    let Some(path) = candidates.first() else { return Ok(ConfigFile::default()) };
    let failed = |error: &dyn std::error::Error| {
        let mut failed = CliError::new(Exit::Usage, format!("cannot read the configuration file {}", path.display()));
        failed.causes.push(error.to_string());
        failed
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| failed(&error).hint("name a file that is there with --config, or leave it out"))?;
    if text.trim().is_empty() {
        return Ok(ConfigFile::default());
    }
    yaml::from_str(&text).map_err(|error| {
        failed(&error)
            .hint("known settings: profile, regions, store, format, endpoint-url, parallel, ignore, protect, cost")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_codes_have_a_form() {
        for good in ["eu-west-1", "us-gov-west-1", "ap-southeast-2", "eusc-de-east-1"] {
            assert!(is_region_code(good), "{good}");
        }
        for bad in ["", "EU-WEST-1", "eu west 1", "../x-1", "europe"] {
            assert!(!is_region_code(bad), "{bad}");
        }
    }
}
