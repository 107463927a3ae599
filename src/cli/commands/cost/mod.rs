//! `cost`: the bill, split into baseline and the rest.

pub mod config;
pub mod monthly;
mod world;

use std::path::PathBuf;

use chrono::{NaiveDate, Utc};
use clap::Args;

use crate::aws::{Aws, AwsOptions};
use crate::cli::args::Format;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::cost as render;
use crate::cli::render::plural;
use crate::cli::sanitise::terminal;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::engine::cost::explorer::{CENTS, Cache, Explorer, Question, REGION};
use crate::engine::cost::{CostError, Options, Splitter, World, source};
use crate::model::cost::{CostReport, Granularity, GroupKey, Metric, Month, Period, Requests, SourceUse};
use config::RuleWord;

/// Requests to Cost Explorer, unless `--max-requests` says otherwise: twenty cents.
const MAX_REQUESTS: usize = 20;

/// Options of `cost`.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// The bill of this month [default: the last full month]
    #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["start_date", "end_date"])]
    month: Option<Month>,
    /// First day of the charges, UTC
    #[arg(long, value_name = "DATE", requires = "end_date")]
    start_date: Option<NaiveDate>,
    /// First day that does not count any more
    #[arg(long, value_name = "DATE", requires = "start_date")]
    end_date: Option<NaiveDate>,
    /// Time of one row: monthly or daily [default: monthly]
    #[arg(long, value_name = "TIME")]
    granularity: Option<Granularity>,
    /// service, region, type, resource, account or tag:KEY; repeated or comma-separated [default: service]
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    group_by: Vec<GroupKey>,
    /// amortized, unblended, net-amortized or net-unblended [default: amortized]
    #[arg(long, value_name = "METRIC")]
    metric: Option<Metric>,
    /// `ce` for Cost Explorer, or FOCUS and CUR files, directories, patterns, or - for stdin [default: ce]
    #[arg(long, value_name = "SOURCE", num_args = 1..)]
    source: Vec<String>,
    /// How costs without a resource are shared out [default: proportional]
    #[arg(long, value_enum, value_name = "RULE")]
    shared: Option<RuleWord>,
    /// Split by this snapshot, instead of by the baseline that was active on each day
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Requests to Cost Explorer at most; each costs $0.01 [default: 20]
    #[arg(long, value_name = "N")]
    max_requests: Option<usize>,
    /// Ask Cost Explorer again for closed months that are in the cache
    #[arg(long)]
    refresh: bool,
}

/// Splits the bill.
pub fn run(args: &CostArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let options = options(args, settings)?;
    let sources = [&args.source, &settings.cost.source].into_iter().find(|it| !it.is_empty());
    let sources: Vec<String> = sources.cloned().unwrap_or_else(|| vec!["ce".to_owned()]);
    let explorer = sources.iter().any(|it| it == "ce");
    if explorer && sources.len() > 1 {
        return Err(CliError::usage("Cost Explorer and files cannot be mixed: the same costs would count twice")
            .hint("name either `--source ce` or files"));
    }
    let (world, mut warnings) = world::load(settings, args.snapshot.as_deref())?;
    let report = if explorer {
        crate::cli::block_on(from_explorer(args, settings, &options, &world, &mut warnings, ui))?
    } else {
        from_files(&sources, &options, &world, warnings, ui)?
    };
    for warning in &report.warnings {
        ui.warn(&terminal(warning));
    }
    for budget in report.budgets.iter().filter(|budget| budget.exceeded) {
        ui.warn(&terminal(&format!(
            "{} spent {} {} of {}",
            budget.name,
            budget.spent.round_dp(2),
            budget.currency,
            budget.limit
        )));
    }
    render::report(&report, settings.format == Format::Focus, ui).emit(settings, ui)?;
    Ok(Exit::Done)
}

fn options(args: &CostArgs, settings: &Settings) -> Result<Options, CliError> {
    let config = &settings.cost;
    let period = match (args.month, args.start_date, args.end_date) {
        (Some(month), ..) => month.period(),
        (None, Some(start), Some(end)) => {
            let hint = "--end-date is the first day that does not count any more: --start-date 2026-01-01 --end-date 2026-02-01";
            Period::new(start, end).map_err(|error| CliError::usage(error.to_string()).hint(hint))?
        }
        _ => Month::of(Utc::now().date_naive()).previous().period(),
    };
    let mut options = Options::new(period);
    options.metric = args.metric.or(config.metric).unwrap_or_default();
    options.granularity = args.granularity.or(config.granularity).unwrap_or_default();
    if !args.group_by.is_empty() {
        options.group_by.clone_from(&args.group_by);
    } else if !config.group_by.is_empty() {
        let keys: Result<Vec<GroupKey>, String> = config.group_by.iter().map(|key| key.parse()).collect();
        options.group_by = keys.map_err(|what| CliError::usage(format!("cost.group-by: {what}")))?;
    }
    let mut seen = std::collections::BTreeSet::new();
    options.group_by.retain(|key| seen.insert(key.clone()));
    options.sharing = config.sharing(args.shared)?;
    options.owners = config.owners()?;
    options.baseline_tags.clone_from(&config.baseline_tags);
    options.budgets = config.budgets.iter().map(|(name, amount)| (name.clone(), amount.0)).collect();
    Ok(options)
}

fn from_files(
    sources: &[String],
    options: &Options,
    world: &World,
    mut warnings: Vec<String>,
    ui: Ui,
) -> Result<CostReport, CliError> {
    let wanted = source::Wanted { metric: options.metric, tags: options.tag_keys() };
    let mut splitter = Splitter::new(options, world);
    let mut used = Vec::new();
    for input in source::find(sources)? {
        let outside = splitter.outside;
        let done = source::read(&input, &wanted, &mut |line| splitter.take(line))?;
        let outside = splitter.outside - outside;
        ui.status(&terminal(&format!(
            "read {}: {}, {}",
            input.name(),
            done.format,
            plural(usize::try_from(done.rows).unwrap_or(usize::MAX), "line")
        )));
        if done.no_net_columns {
            warnings.push(format!(
                "{} has no columns for negotiated discounts: the figures are before such discounts, or there are none",
                input.name()
            ));
        }
        used.push(SourceUse { name: input.name(), format: done.format, lines: done.rows, outside });
    }
    Ok(splitter.finish(used, None, None, warnings)?)
}

async fn from_explorer(
    args: &CostArgs,
    settings: &Settings,
    options: &Options,
    world: &World,
    warnings: &mut Vec<String>,
    ui: Ui,
) -> Result<CostReport, CliError> {
    let aws = Aws::connect(AwsOptions {
        profile: settings.profile.clone(),
        endpoint_url: settings.endpoint_url.clone(),
        parallel: settings.parallel,
        ..AwsOptions::default()
    })
    .await?;
    let max_requests = args.max_requests.or(settings.cost.max_requests).unwrap_or(MAX_REQUESTS);
    let price = |requests: usize| {
        rust_decimal::Decimal::new(i64::try_from(requests).unwrap_or(i64::MAX).saturating_mul(CENTS), 2)
    };
    ui.status(&format!("Cost Explorer: $0.01 a request, at most {max_requests} (${})", price(max_requests)));
    let question = Question {
        account: aws.account().to_owned(),
        today: Utc::now().date_naive(),
        max_requests,
        refresh: args.refresh,
        resources: settings.cost.explorer_resources,
    };
    let client = aws.client(REGION);
    let mut splitter = Splitter::new(options, world);
    let mut explorer = Explorer::new(&client, cache_dir().map(Cache::new), question);
    let result = explorer.read(&mut splitter).await;
    let requests = explorer.requests();
    // Also when it failed: the money is spent.
    ui.status(&told(&requests));
    let (used, more) = result?;
    warnings.extend(more);
    Ok(splitter.finish(vec![used], Some(requests), None, std::mem::take(warnings))?)
}

fn told(requests: &Requests) -> String {
    let cached = if requests.cached > 0 {
        format!(", {} from the cache", plural(requests.cached, "answer"))
    } else {
        String::new()
    };
    format!("Cost Explorer: {} sent (${}){cached}", plural(requests.sent, "request"), requests.price_usd)
}

/// `$XDG_CACHE_HOME/aws-baseline/cost-explorer`, else below `~/.cache`.
fn cache_dir() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
    Some(base.join("aws-baseline").join("cost-explorer"))
}

impl From<CostError> for CliError {
    fn from(error: CostError) -> Self {
        let exit = match &error {
            CostError::NoFiles(_) | CostError::BadPattern(_) => Exit::Usage,
            CostError::TooManyRequests { .. } => Exit::Refused,
            _ => Exit::Error,
        };
        let this = CliError::from_error(exit, &error);
        match &error {
            CostError::NoFiles(_) => {
                this.hint("name files (.csv, .csv.gz, .csv.zst, .parquet), a directory of such, a pattern in quotes, - or ce")
            }
            CostError::NotCostData { .. } => this.hint(
                "make an export of FOCUS 1.2 or CUR 2.0 (with resource ids) in the Data Exports of the AWS console; docs/cost.md shows how",
            ),
            CostError::MissingColumns { .. } => {
                this.hint("export all columns; of a Cost and Usage Report, with resource ids (INCLUDE_RESOURCES)")
            }
            CostError::Bad { .. } => {
                this.hint("nothing was reported; fetch the file again, or ask the one who made it")
            }
            CostError::Read { .. } => this.hint("nothing was reported; is the file there, readable and whole?"),
            CostError::NoFullMonth { .. } => this.hint("name the export of the account's last month"),
            CostError::NothingInPeriod { found, .. } if found.is_empty() => this.hint(
                "Cost Explorer and Data Exports begin to fill a day after they were turned on; is it the right account?",
            ),
            CostError::NothingInPeriod { .. } => this.hint("choose a month that is there with --month YYYY-MM"),
            CostError::TooManyRequests { .. } => this.hint("allow more with --max-requests N, or use a FOCUS or CUR export"),
            CostError::Explorer(call) => crate::cli::error::with_call_hint(this, call),
            CostError::NotReconciled(_) => this.hint("run again with --log-file FILE and report what stands there"),
            _ => this,
        }
    }
}
