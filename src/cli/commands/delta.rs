//! `delta`: what has changed in the account since the baseline.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, ValueEnum};

use super::cost::monthly::{Bills, CostSourceArgs};
use super::snapshot;
use crate::aws::{Aws, RegionState};
use crate::catalog::mask::Masker;
use crate::cli::account;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::parse::{pairs, parse_date, selected_types};
use crate::cli::render::delta::{Subject, View, report};
use crate::cli::render::plural;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::engine::creators;
use crate::engine::ignore::IgnoreRules;
use crate::engine::live::{self, Compared, Part};
use crate::engine::narrow::Narrow;
use crate::model::{Delta, GLOBAL, Kind, Snapshot};

/// Options of `delta`.
#[derive(Debug, Args)]
pub struct DeltaArgs {
    /// Compare with this snapshot instead of the active one
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Only these types: a type, a service or a glob (comma-separated or repeated)
    #[arg(long, value_delimiter = ',', value_name = "SELECTOR")]
    resource_type: Vec<String>,
    /// Only these kinds of changes (comma-separated or repeated) [default: all]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    change_type: Vec<ChangeType>,
    /// Only these regions of the baseline; `global` is IAM and the like (comma-separated or repeated)
    #[arg(long, value_delimiter = ',', value_name = "REGION")]
    region: Vec<String>,
    /// Only what carries all of these tags (K=V, comma-separated or repeated)
    #[arg(long, value_delimiter = ',', value_name = "K=V")]
    tag: Vec<String>,
    /// Of what is new only what was created at or after DATE, or at a time that AWS does not tell
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Field by field: path, before, after
    #[arg(long)]
    show_details: bool,
    /// Counts only
    #[arg(long, conflicts_with = "show_details")]
    summary: bool,
    /// Also list what rules ignore, owners keep and AWS makes
    #[arg(long)]
    show_ignored: bool,
    /// End with 3 when there is drift
    #[arg(long)]
    exit_code: bool,
    /// Ask `CloudTrail` who did it (one pass per region; 90 days back)
    #[arg(long)]
    creators: bool,
    #[command(flatten)]
    costs: CostSourceArgs,
}

/// Kinds of changes as they are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ChangeType {
    Added,
    Deleted,
    Modified,
    Replaced,
    Unknown,
    All,
}

impl ChangeType {
    fn kind(self) -> Option<Kind> {
        match self {
            ChangeType::Added => Some(Kind::Added),
            ChangeType::Deleted => Some(Kind::Deleted),
            ChangeType::Modified => Some(Kind::Modified),
            ChangeType::Replaced => Some(Kind::Replaced),
            ChangeType::Unknown | ChangeType::All => None,
        }
    }
}

/// Compares the account with the baseline.
pub fn run(args: &DeltaArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    // Everything that can be wrong without asking AWS is found out first.
    let rules = rules(settings, ui)?;
    let narrow = narrow(args)?;
    let baseline = snapshot::load(settings, args.snapshot.as_deref())?;
    let part = part(&args.resource_type, &args.region, settings, &baseline)?;
    let masker = snapshot::store(settings).masker()?;
    let bills = Bills::find(&args.costs, settings, ui)?;

    let (compared, aws) = crate::cli::block_on(async {
        let aws = account::connect(settings).await?;
        Ok((compare(&aws, settings, &baseline, &part, &masker, ui).await?, aws))
    })?;
    let Compared { mut delta, live } = compared;
    rules.apply(&mut delta);
    let hidden = narrow.apply(&mut delta);
    if args.creators {
        crate::cli::block_on(creators(&aws, &mut delta, &baseline, ui))?;
    }
    if let Some(bills) = bills {
        delta.costs = bills.read(&live, ui)?;
        delta.keep_costs_of_added();
    }

    let at = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let subject = Subject {
        before: baseline.header.name.to_string(),
        before_at: at(baseline.header.created_at),
        after: live.header.name.to_string(),
        after_at: at(live.header.created_at),
        account: baseline.header.account.clone(),
        hidden,
    };
    let view = View { details: args.show_details, summary: args.summary, ignored: args.show_ignored };
    report(&delta, &subject, view, ui).emit(settings, ui)?;
    Ok(exit(&delta, args.exit_code, ui))
}

/// How a comparison ends. Drift, where it was asked for, weighs more than a gap.
fn exit(delta: &Delta, exit_code: bool, ui: Ui) -> Exit {
    if delta.is_partial() {
        ui.warn("the comparison is incomplete: nothing is said about what could not be looked at");
    }
    match () {
        () if exit_code && delta.has_drift() => Exit::Drift,
        () if delta.is_partial() => Exit::Incomplete,
        () => Exit::Done,
    }
}

/// Reads what the comparison needs, and compares.
pub async fn compare(
    aws: &Arc<Aws>,
    settings: &Settings,
    baseline: &Snapshot,
    part: &Part,
    masker: &Masker,
    ui: Ui,
) -> Result<Compared, CliError> {
    let header = &baseline.header;
    let same = header.account == aws.account() && header.partition == aws.partition();
    if !same {
        return Err(CliError::new(
            Exit::Refused,
            format!(
                "baseline {} is of account {} ({}), the credentials are for account {} ({})",
                header.name,
                header.account,
                header.partition,
                aws.account(),
                aws.partition()
            ),
        )
        .hint("choose the right credentials with --profile, or another baseline with --snapshot"));
    }
    let regional: Vec<String> = header.scope.regions.clone();
    let regions: BTreeMap<String, RegionState> = if regional.is_empty() {
        BTreeMap::new()
    } else {
        account::regions(aws, &regional, ui).await?.into_iter().collect()
    };
    let cells = live::places(baseline, part, &regions);
    if cells.is_empty() && !baseline.coverage.is_empty() {
        return Err(CliError::usage(format!("nothing of baseline {} is selected", header.name))
            .hint("global types are in the region 'global', the others in the regions that the baseline looked at"));
    }
    ui.status(&format!(
        "account {} as {}, baseline {} with {}, {} to read",
        aws.account(),
        aws.caller().arn,
        header.name,
        plural(baseline.resources.len(), "resource"),
        plural(cells.len(), "cell")
    ));
    let mut progress = account::progress(ui, &cells, settings);
    let compared = live::compare(aws.clone(), baseline, part, cells, masker, |event| progress.event(event)).await;
    progress.finish();
    Ok(compared?)
}

/// Asks `CloudTrail`, and says what it could not tell.
async fn creators(aws: &Arc<Aws>, delta: &mut Delta, baseline: &Snapshot, ui: Ui) -> Result<(), CliError> {
    let now = Utc::now();
    let found = creators::find(aws, delta, baseline.header.created_at, now).await;
    let differing = delta.added.len() + delta.deleted.len() + delta.modified.len() + delta.replaced.len();
    ui.status(&format!(
        "CloudTrail: {} read, {} of {} known",
        plural(found.events, "write event"),
        found.actors.len(),
        plural(differing, "actor"),
    ));
    if found.from > baseline.header.created_at {
        ui.warn("CloudTrail tells 90 days back, and the baseline is older: earlier changes have no actor");
    }
    if found.actors.len() < differing {
        ui.hint(&format!("events show up after up to {} minutes", creators::LAG.num_minutes()));
    }
    for (region, why) in &found.gaps {
        ui.warn(&format!("CloudTrail of {region}: {}", crate::cli::sanitise::terminal(why)));
    }
    delta.actors = found.actors;
    Ok(())
}

/// The ignore rules of the configuration, checked.
pub fn rules(settings: &Settings, ui: Ui) -> Result<IgnoreRules, CliError> {
    let rules = IgnoreRules::new(&settings.ignore, Utc::now().date_naive())
        .map_err(|error| CliError::from_error(Exit::Usage, &error).hint("see `ignore` in the configuration file"))?;
    for (rule, until) in &rules.expired {
        ui.warn(&format!("ignore rule {rule} ended on {until} and is not applied"));
    }
    Ok(rules)
}

/// The part of the baseline that the options name.
pub fn part(types: &[String], regions: &[String], settings: &Settings, baseline: &Snapshot) -> Result<Part, CliError> {
    let scope = &baseline.header.scope;
    let types = if types.is_empty() {
        None
    } else {
        let selected: BTreeSet<String> = selected_types(types, &[])?.iter().map(|spec| spec.name.to_owned()).collect();
        let known: BTreeSet<String> = selected.iter().filter(|name| scope.types.contains(name)).cloned().collect();
        if known.is_empty() {
            let text = format!("baseline {} did not look at {}", baseline.header.name, types.join(", "));
            return Err(CliError::usage(text).hint("what a baseline did not look at has no drift; take a new snapshot"));
        }
        Some(known)
    };
    let wanted = if regions.is_empty() { &settings.regions } else { regions };
    let regions = if wanted.is_empty() {
        None
    } else {
        for region in wanted {
            if region != GLOBAL && !scope.regions.contains(region) {
                let text = format!("baseline {} did not look at region '{region}'", baseline.header.name);
                return Err(CliError::usage(text).hint(format!("it looked at {}", scope.regions.join(", "))));
            }
        }
        Some(wanted.iter().cloned().collect())
    };
    Ok(Part { types, regions })
}

fn narrow(args: &DeltaArgs) -> Result<Narrow, CliError> {
    let all = args.change_type.is_empty() || args.change_type.contains(&ChangeType::All);
    Ok(Narrow {
        kinds: (!all).then(|| args.change_type.iter().filter_map(|kind| kind.kind()).collect()),
        unknown: all || args.change_type.contains(&ChangeType::Unknown),
        tags: pairs(&args.tag, "--tag")?,
        since: args.since.as_deref().map(parse_date).transpose()?,
    })
}
