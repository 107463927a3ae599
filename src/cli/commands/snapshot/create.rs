use std::sync::Arc;

use chrono::Utc;
use clap::Args;
use serde_json::json;

use crate::aws::Aws;
use crate::catalog::mask::Masker;
use crate::catalog::{TypeSpec, canon};
use crate::cli::account;
use crate::cli::error::{CliError, with_call_hint};
use crate::cli::exit::Exit;
use crate::cli::parse::{pairs, parse_date, selected_types};
use crate::cli::render::{Report, bytes, plural, snapshot as tables, table};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::engine::collect::{self, Collected, Target};
use crate::engine::filter;
use crate::model::{Filters, Header, Outcome, Scope, Snapshot, Tool};
use crate::store::CreateOptions;

/// Options of `snapshot create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// Name of the snapshot [default: baseline-YYYYMMDD-HHMMSS]
    name: Option<String>,
    /// Only these types: a type, a service or a glob (comma-separated or repeated)
    #[arg(long, value_delimiter = ',', value_name = "SELECTOR")]
    resource_types: Vec<String>,
    /// All but these types
    #[arg(long, value_delimiter = ',', value_name = "SELECTOR")]
    exclude_types: Vec<String>,
    /// Keep what was created before DATE (UTC; 2026-01-31 or RFC 3339)
    #[arg(long, value_name = "DATE")]
    before_date: Option<String>,
    /// Keep what was created at or after DATE
    #[arg(long, value_name = "DATE")]
    after_date: Option<String>,
    /// Keep what was created from A up to, not including, B
    #[arg(long, value_name = "A,B", conflicts_with_all = ["before_date", "after_date"])]
    between_dates: Option<String>,
    /// Keep what carries all of these tags (K=V,K2=V2 or repeated)
    #[arg(long, value_delimiter = ',', value_name = "K=V")]
    filter_tags: Vec<String>,
    /// A note to store with the snapshot (repeatable)
    #[arg(long, value_name = "K=V")]
    metadata: Vec<String>,
    /// Make it the baseline
    #[arg(long, num_args = 0..=1, default_value_t = true, default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    set_active: bool,
    /// Store it compressed (zstd)
    #[arg(long)]
    compress: bool,
    /// Replace a snapshot of the same name
    #[arg(long)]
    force: bool,
}

/// Reads the account and stores what is there.
pub fn run(args: &CreateArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let started = Utc::now();
    // Everything that can be wrong without asking AWS is found out first.
    let name = match &args.name {
        Some(name) => super::parse_name(name)?,
        None => super::parse_name(&started.format("baseline-%Y%m%d-%H%M%S").to_string())?,
    };
    let types = selected_types(&args.resource_types, &args.exclude_types)?;
    let filters = filters(args)?;
    let metadata = pairs(&args.metadata, "--metadata")?;
    let store = super::store(settings);
    store.prepare(&name, args.force)?;
    let masker = store.masker()?;

    let (aws, collected, target) = crate::cli::block_on(read_account(settings, types, &masker, ui))?;
    if let Some(error) = &collected.expired {
        let failed = CliError::new(
            Exit::Error,
            "the credentials stopped being valid while the account was read: nothing was written",
        );
        return Err(with_call_hint(CliError { causes: vec![error.to_string()], ..failed }, error));
    }
    refuse_if_blind(&collected)?;

    let found = collected.resources.len();
    let mut resources = collected.resources;
    filter::apply(&filters, &mut resources);
    let snapshot = Snapshot {
        header: Header {
            name,
            created_at: started,
            completed_at: Utc::now(),
            account: aws.account().to_owned(),
            partition: aws.partition().to_owned(),
            caller: aws.caller().clone(),
            scope: Scope {
                regions: target.regions.iter().map(|(region, _)| region.clone()).collect(),
                types: target.types.iter().map(|spec| spec.name.to_owned()).collect(),
            },
            filters,
            metadata,
            mask_key: masker.key_id(),
            tool: Tool { version: env!("CARGO_PKG_VERSION").to_owned(), normaliser: canon::NORMALISER.to_owned() },
            found,
        },
        coverage: collected.coverage,
        resources,
    };
    let options = CreateOptions { compress: args.compress, force: args.force, set_active: args.set_active };
    let stored = store.create(&snapshot, options)?;
    let requests: usize = aws.requests().values().sum();
    report(&snapshot, &stored, requests, args.set_active, ui).emit(settings, ui)?;
    if snapshot.is_partial() {
        ui.warn("the picture is incomplete: nothing is said about what could not be read");
        ui.hint("`aws-baseline types --policy read` prints the policy that reads everything");
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Done)
}

async fn read_account(
    settings: &Settings,
    types: Vec<&'static TypeSpec>,
    masker: &Masker,
    ui: Ui,
) -> Result<(Arc<Aws>, Collected, Target), CliError> {
    let aws = account::connect(settings).await?;
    let regions = account::regions(&aws, &settings.regions, ui).await?;
    ui.status(&format!(
        "account {} as {}, {}, {}",
        aws.account(),
        aws.caller().arn,
        plural(regions.len(), "region"),
        plural(types.len(), "type")
    ));
    let target = Target { types, regions };
    let cells = target.places();
    let mut progress = account::progress(ui, &cells, settings);
    let collected = collect::collect(aws.clone(), cells, masker, |event| progress.event(event)).await;
    progress.finish();
    Ok((aws, collected, target))
}

/// Nothing readable at all is an error and no snapshot.
fn refuse_if_blind(collected: &Collected) -> Result<(), CliError> {
    if collected.coverage.iter().any(|(_, outcome)| !outcome.is_gap()) {
        return Ok(());
    }
    let mut error = CliError::new(Exit::Error, "nothing could be read: no snapshot was written");
    let mut actions: Vec<&str> = Vec::new();
    for (cell, outcome) in collected.coverage.gaps() {
        if error.causes.len() < 3 {
            error.causes.push(format!("{} {}: {outcome}", cell.type_name, cell.region));
        }
        if let Outcome::Denied { action } = outcome
            && !actions.contains(&action.as_str())
        {
            actions.push(action);
        }
    }
    Err(match actions.first() {
        Some(first) => {
            error.hint(format!("the caller needs {first}; `aws-baseline types --policy read` prints the whole policy"))
        }
        None => error.hint("run again with -v to see each request"),
    })
}

fn report(snapshot: &Snapshot, stored: &crate::store::Stored, requests: usize, active: bool, ui: Ui) -> Report {
    let header = &snapshot.header;
    let took = (header.completed_at - header.created_at).as_seconds_f64();
    let rows = tables::services(snapshot);
    let gaps = tables::gaps(snapshot);
    let kept = snapshot.resources.len();
    let mut text = table(&rows, ui);
    if !gaps.is_empty() {
        text.push('\n');
        text.push_str(&table(&gaps, ui));
    }
    let total = if header.filters.is_empty() {
        plural(kept, "resource")
    } else {
        format!("{kept} of {} after filters", plural(header.found, "resource"))
    };
    let undetermined = snapshot.resources.iter().filter(|resource| resource.undetermined).count();
    let undetermined = if undetermined > 0 {
        format!(" ({undetermined} without a creation date, kept as undetermined)")
    } else {
        String::new()
    };
    let summary = format!(
        "\n{total}{undetermined} in {took:.1} s with {}\nsnapshot {}{} in {} ({})\ndigest   {}\n",
        plural(requests, "request"),
        header.name,
        if active { " (active)" } else { "" },
        stored.path.display(),
        bytes(stored.bytes),
        stored.digest
    );
    text += &summary;
    let data = json!({
        "schema": 1, "name": header.name, "account": header.account, "file": stored.path, "digest": stored.digest,
        "bytes": stored.bytes, "active": active, "found": header.found, "resources": kept, "requests": requests,
        "seconds": took, "complete": !snapshot.is_partial(), "coverage": snapshot.coverage,
    });
    Report { text, data, rows, ..Report::default() }
}

fn filters(args: &CreateArgs) -> Result<Filters, CliError> {
    let date = |text: &Option<String>| text.as_deref().map(parse_date).transpose();
    let (created_from, created_before) = match &args.between_dates {
        Some(between) => {
            let (from, before) = between.split_once(',').ok_or_else(|| {
                CliError::usage(format!("'{between}' is not a pair of dates"))
                    .hint("write --between-dates 2026-01-01,2026-02-01")
            })?;
            (Some(parse_date(from)?), Some(parse_date(before)?))
        }
        None => (date(&args.after_date)?, date(&args.before_date)?),
    };
    if let (Some(from), Some(before)) = (created_from, created_before)
        && from >= before
    {
        return Err(CliError::usage("the first date is not before the second: nothing could pass")
            .hint("the second date is exclusive"));
    }
    Ok(Filters { created_from, created_before, tags: pairs(&args.filter_tags, "--filter-tags")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SnapshotName;

    #[test]
    fn the_default_name_is_a_name() {
        let text = Utc::now().format("baseline-%Y%m%d-%H%M%S").to_string();
        assert!(text.parse::<SnapshotName>().is_ok());
    }
}
