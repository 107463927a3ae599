//! The way from settings to an account: connecting, the regions, reading with progress.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::CliError;
use super::progress::Progress;
use super::settings::Settings;
use super::ui::Ui;
use crate::aws::{Aws, AwsOptions, ConnectError, ErrorClass, RegionState};
use crate::engine::collect::Place;

/// Connects as the settings say.
pub async fn connect(settings: &Settings) -> Result<Arc<Aws>, CliError> {
    let options = AwsOptions {
        profile: settings.profile.clone(),
        endpoint_url: settings.endpoint_url.clone(),
        parallel: settings.parallel,
        ..AwsOptions::default()
    };
    Ok(Arc::new(Aws::connect(options).await?))
}

/// Progress over the cells that will be read.
pub fn progress(ui: Ui, cells: &[Place], settings: &Settings) -> Progress {
    let mut per_region: BTreeMap<String, usize> = BTreeMap::new();
    for cell in cells {
        *per_region.entry(cell.region.clone()).or_default() += 1;
    }
    Progress::new(ui, per_region, !settings.verbose)
}

/// The regions to look at: those asked for, or all that are enabled.
pub async fn regions(aws: &Aws, wanted: &[String], ui: Ui) -> Result<Vec<(String, RegionState)>, CliError> {
    let known = match aws.regions().await {
        Ok(known) => known,
        Err(ConnectError::Regions(error)) if error.class == ErrorClass::Denied && !wanted.is_empty() => {
            ui.warn("the caller may not list regions, so the names given are taken as they are");
            return Ok(wanted.iter().map(|region| (region.clone(), RegionState::Enabled)).collect());
        }
        Err(error) => {
            let denied = matches!(&error, ConnectError::Regions(call) if call.class == ErrorClass::Denied);
            let error = CliError::from(error);
            return Err(if denied { error.hint("or name the regions with --regions") } else { error });
        }
    };
    if wanted.is_empty() {
        return Ok(known.into_iter().filter(|(_, state)| *state == RegionState::Enabled).collect());
    }
    wanted
        .iter()
        .map(|region| match known.get(region) {
            Some(state) => Ok((region.clone(), *state)),
            None => Err(unknown_region(region, known.keys())),
        })
        .collect()
}

fn unknown_region<'a>(region: &str, known: impl Iterator<Item = &'a String>) -> CliError {
    let error = CliError::usage(format!("there is no region '{region}' in this partition"));
    let nearest = known.max_by(|a, b| strsim::jaro_winkler(a, region).total_cmp(&strsim::jaro_winkler(b, region)));
    match nearest {
        Some(nearest) => error.hint(format!("did you mean {nearest}?")),
        None => error,
    }
}
