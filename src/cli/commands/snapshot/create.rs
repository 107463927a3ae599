use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use serde_json::json;

use crate::aws::{Aws, AwsOptions, ConnectError, ErrorClass, RegionState};
use crate::catalog::{self, Scope as TypeScope, TypeSpec, canon};
use crate::cli::error::{CliError, with_call_hint};
use crate::cli::exit::Exit;
use crate::cli::progress::Progress;
use crate::cli::render::{Report, bytes, plural, snapshot as tables, table};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::engine::collect::{self, Collected, Target};
use crate::engine::filter;
use crate::model::{Filters, GLOBAL, Header, Outcome, Scope, Snapshot, Tool};
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
    masker: &catalog::mask::Masker,
    ui: Ui,
) -> Result<(Arc<Aws>, Collected, Target), CliError> {
    let options = AwsOptions {
        profile: settings.profile.clone(),
        endpoint_url: settings.endpoint_url.clone(),
        parallel: settings.parallel,
        ..AwsOptions::default()
    };
    let aws = Arc::new(Aws::connect(options).await?);
    let regions = regions(&aws, &settings.regions, ui).await?;
    ui.status(&format!(
        "account {} as {}, {}, {}",
        aws.account(),
        aws.caller().arn,
        plural(regions.len(), "region"),
        plural(types.len(), "type")
    ));
    let regional = types.iter().filter(|spec| spec.scope == TypeScope::Regional).count();
    let per_region = regions.iter().map(|(region, _)| (region.clone(), regional));
    let global = [(GLOBAL.to_owned(), types.len() - regional)];
    let mut progress = Progress::new(ui, per_region.chain(global), !settings.verbose);
    let target = Target { types, regions };
    let collected = collect::collect(aws.clone(), &target, masker, |event| progress.event(event)).await;
    progress.finish();
    Ok((aws, collected, target))
}

/// The regions to look at: those asked for, or all that are enabled.
async fn regions(aws: &Aws, wanted: &[String], ui: Ui) -> Result<Vec<(String, RegionState)>, CliError> {
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
    Report { text, data, rows }
}

/// The types that the selectors name, without the excluded ones.
pub fn selected_types(include: &[String], exclude: &[String]) -> Result<Vec<&'static TypeSpec>, CliError> {
    let all = catalog::all();
    let mut types: Vec<&'static TypeSpec> = Vec::new();
    if include.is_empty() {
        types.clone_from(&all);
    }
    for selector in include {
        types.extend(catalog::select(&all, selector)?);
    }
    for selector in exclude {
        let out = catalog::select(&all, selector)?;
        types.retain(|spec| !out.iter().any(|excluded| excluded.name == spec.name));
    }
    types.sort_by_key(|spec| spec.name);
    types.dedup_by_key(|spec| spec.name);
    if types.is_empty() {
        return Err(CliError::usage("no resource type is left")
            .hint("--exclude-types takes away all that --resource-types names"));
    }
    Ok(types)
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

/// A day, which is its first moment in UTC, or a moment (RFC 3339).
fn parse_date(text: &str) -> Result<DateTime<Utc>, CliError> {
    let text = text.trim();
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        && let Some(start) = day.and_hms_opt(0, 0, 0)
    {
        return Ok(start.and_utc());
    }
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| {
        CliError::usage(format!("'{text}' is not a date")).hint("write 2026-01-31 or 2026-01-31T12:00:00Z (UTC)")
    })
}

fn pairs(texts: &[String], option: &str) -> Result<BTreeMap<String, String>, CliError> {
    let mut pairs = BTreeMap::new();
    for text in texts {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(CliError::usage(format!("'{text}' is not K=V")).hint(format!("write {option} Team=payments")));
        };
        if pairs.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(CliError::usage(format!("'{key}' is given twice to {option}")));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SnapshotName;

    #[test]
    fn dates_are_days_or_moments_in_utc() {
        let shown = |text| parse_date(text).map(|at| at.to_rfc3339()).ok();
        assert_eq!(shown("2026-01-31").as_deref(), Some("2026-01-31T00:00:00+00:00"));
        assert_eq!(shown("2026-01-31T12:00:00+02:00").as_deref(), Some("2026-01-31T10:00:00+00:00"));
        for bad in ["", "yesterday", "2026-02-30", "31.01.2026", "2026-01-31T12:00:00"] {
            assert_eq!(shown(bad), None, "{bad}");
        }
    }

    #[test]
    fn pairs_keep_further_equals_signs() {
        let pairs =
            |texts: &[&str]| pairs(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), "--metadata");
        assert_eq!(pairs(&["a=b=c"]).expect("a pair")["a"], "b=c");
        assert!(pairs(&["a"]).is_err() && pairs(&["=b"]).is_err() && pairs(&["a=1", "a=2"]).is_err());
    }

    #[test]
    fn the_default_name_is_a_name() {
        let text = Utc::now().format("baseline-%Y%m%d-%H%M%S").to_string();
        assert!(text.parse::<SnapshotName>().is_ok());
    }
}
