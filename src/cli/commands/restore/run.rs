use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::sync::watch;

use super::RunArgs;
use super::progress::Progress;
use crate::aws::Aws;
use crate::catalog::mask::Masker;
use crate::cli::account;
use crate::cli::args::Format;
use crate::cli::commands::cost::monthly::Bills;
use crate::cli::commands::{delta, snapshot};
use crate::cli::error::{CliError, with_call_hint};
use crate::cli::exit::Exit;
use crate::cli::parse::selected_types;
use crate::cli::render::{Report, Rows, plan as render, plan_graph, plural, table};
use crate::cli::sanitise::terminal;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::engine::execute::{Ended, Executed, Pace, Stop, execute};
use crate::engine::live::Part;
use crate::engine::plan::{Facts, PlanInput, Unplannable, VALID_FOR, idle, plan, unfit};
use crate::model::{ActionKind, GLOBAL, Options, Plan, Switches, TagRule};
use crate::store::ledger::{Event, LEDGER_SCHEMA, Ledger, ledgers, read_ledger};
use crate::store::{load_plan, save_plan};

/// Name of final snapshots, before the name of what they are of.
const FINAL_SNAPSHOT: &str = "aws-baseline-final";

/// Makes or loads the plan, shows it, asks, executes it.
pub fn run(args: &RunArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    if args.yes && args.account.is_none() && !args.dry_run {
        return Err(CliError::new(Exit::Refused, "--yes needs --account: which account is meant?")
            .hint("write --account and the twelve digits; the run is refused for any other"));
    }
    let masker = snapshot::store(settings).masker()?;
    let (plan, aws) = if let Some(path) = &args.plan {
        let plan = load_plan(path)?;
        let aws = crate::cli::block_on(connect(args, settings))?;
        fit(&plan, &aws, settings)?;
        (plan, aws)
    } else {
        make(args, settings, &masker, ui)?
    };
    // Programs get one document: the plan of a dry run, or what came of a run.
    let shown = args.dry_run || plan.actions.is_empty() || settings.format == Format::Table;
    if !shown {
        ui.status(&format!("{} planned, {} refused", plural(plan.actions.len(), "action"), plan.refused.len()));
    } else if settings.format == Format::Dot {
        ui.data(&plan_graph::dot(&plan)).map_err(|error| CliError::from_error(Exit::Error, &error))?;
    } else {
        let mut report = render::report(&plan, ui);
        report.data["graph"] = plan_graph::graph(&plan);
        report.emit(settings, ui)?;
    }
    if args.dry_run {
        if let Some(path) = &args.out {
            save_plan(path, &plan)?;
            ui.status(&format!("saved the plan in {}", path.display()));
            ui.hint(&format!("`aws-baseline restore --plan {}` executes exactly this", path.display()));
        }
        return Ok(if plan.unknown.is_empty() { Exit::Done } else { Exit::Incomplete });
    }
    if plan.actions.is_empty() {
        ui.status("nothing to do");
        return Ok(if plan.unknown.is_empty() { Exit::Done } else { Exit::Incomplete });
    }
    confirm(args, &plan, ui)?;
    // People take their time to answer, and in that time another run may have executed the plan.
    fit(&plan, &aws, settings)?;
    carry_out(args, settings, &plan, &aws, &masker, ui)
}

/// Connects to the account that is meant, and to no other.
async fn connect(args: &RunArgs, settings: &Settings) -> Result<Arc<Aws>, CliError> {
    let wanted = args.account.as_deref();
    if let Some(account) = wanted.filter(|id| id.len() != 12 || !id.bytes().all(|digit| digit.is_ascii_digit())) {
        return Err(CliError::usage(format!("'{account}' is no account id")).hint("an account id has twelve digits"));
    }
    let aws = account::connect(settings).await?;
    if let Some(account) = wanted.filter(|account| *account != aws.account()) {
        let text = format!("--account says {account}, the credentials are for account {}", aws.account());
        return Err(CliError::new(Exit::Refused, text).hint("choose the right credentials with --profile"));
    }
    Ok(aws)
}

/// Compares the account with the baseline and plans.
fn make(args: &RunArgs, settings: &Settings, masker: &Masker, ui: Ui) -> Result<(Plan, Arc<Aws>), CliError> {
    let rules = delta::rules(settings, ui)?;
    let options = options(args, settings)?;
    let baseline = snapshot::load(settings, args.snapshot.as_deref())?;
    for region in &options.regions {
        if region != GLOBAL && !baseline.header.scope.regions.contains(region) {
            let text = format!("baseline {} did not look at region '{region}'", baseline.header.name);
            return Err(
                CliError::usage(text).hint(format!("it looked at {}", baseline.header.scope.regions.join(", ")))
            );
        }
    }
    let bills = Bills::find(&args.costs, settings, ui)?;
    // All of it is read, whatever is selected: what uses what is only seen in the whole.
    let whole = Part::default();
    let (compared, aws) = crate::cli::block_on(async {
        // An account that is not meant is not even read.
        let aws = connect(args, settings).await?;
        let compared = delta::compare(&aws, settings, &baseline, &whole, masker, ui).await?;
        Ok((compared, aws))
    })?;
    let mut difference = compared.delta;
    rules.apply(&mut difference);
    for idle in idle(&options, &difference).map_err(Unplannable::from)? {
        ui.warn(&format!("{} fits nothing that was added", terminal(&idle)));
    }
    let costs = match bills {
        Some(bills) => bills.read(&compared.live, ui)?,
        None => None,
    };
    let plan = plan(&PlanInput {
        delta: &difference,
        live: &compared.live,
        baseline: &baseline,
        baseline_digest: &crate::store::digest(&baseline),
        own: &[],
        options: &options,
        costs: costs.as_ref(),
        now: Utc::now(),
        valid_for: VALID_FOR,
        spec_of: crate::catalog::find,
    })?;
    Ok((plan, aws))
}

fn options(args: &RunArgs, settings: &Settings) -> Result<Options, CliError> {
    let types = if args.resource_type.is_empty() {
        Vec::new()
    } else {
        selected_types(&args.resource_type, &[])?.iter().map(|spec| spec.name.to_owned()).collect()
    };
    let tag = |text: &String| match text.split_once('=') {
        Some((key, value)) => TagRule { key: key.to_owned(), value: Some(value.to_owned()) },
        None => TagRule { key: text.clone(), value: None },
    };
    let regions = if args.region.is_empty() { settings.regions.clone() } else { args.region.clone() };
    Ok(Options {
        types,
        regions,
        exclude: args.exclude.clone(),
        exclude_tags: args.exclude_tag.iter().map(tag).collect(),
        protect: settings.protect.clone(),
        min_age_seconds: args.min_age.map(|age| age.as_secs()),
        max_deletes: args.max_deletes,
        max_percent: args.max_percent,
        switches: Switches {
            data_loss: args.allow_data_loss,
            disable_protection: args.disable_protection,
            final_snapshot: args.final_snapshots.then(|| FINAL_SNAPSHOT.to_owned()),
        },
        delete_owned: args.delete_owned,
        modify_kept: args.modify_baseline,
    })
}

/// Refuses a plan that no longer fits what is true now, or that was executed already.
fn fit(plan: &Plan, aws: &Aws, settings: &Settings) -> Result<(), CliError> {
    let store = snapshot::store(settings);
    let baseline = store.verify(&plan.baseline.name)?;
    let facts = Facts {
        now: Utc::now(),
        account: aws.account(),
        partition: aws.partition(),
        caller: &aws.caller().arn,
        baseline_digest: &baseline.digest,
    };
    if let Some(reason) = unfit(plan, &facts) {
        return Err(reason.into());
    }
    for path in ledgers(&store)? {
        let entries = read_ledger(&path)?;
        let of_this_plan =
            entries.iter().any(|entry| matches!(&entry.what, Event::Run { plan: hash, .. } if *hash == plan.hash));
        let complete = entries.iter().any(|entry| matches!(entry.what, Event::Done { complete: true }));
        if of_this_plan && complete {
            let text = format!("this plan was executed already: {}", path.display());
            return Err(CliError::new(Exit::Refused, text).hint("`aws-baseline restore --dry-run` makes a new one"));
        }
    }
    Ok(())
}

fn confirm(args: &RunArgs, plan: &Plan, ui: Ui) -> Result<(), CliError> {
    if args.yes {
        return Ok(());
    }
    if !ui.can_ask() {
        return Err(CliError::new(Exit::Refused, "nobody is here to confirm").hint("use --yes with --account ID"));
    }
    let deletes = plan.deletes().count();
    let question =
        format!("This deletes {}. Type the account id {} to go on:", plural(deletes, "resource"), plan.account);
    let answer = ui.ask(&question).map_err(|error| CliError::from_error(Exit::Error, &error))?;
    if answer == plan.account {
        return Ok(());
    }
    Err(CliError::new(Exit::Refused, "not confirmed: nothing was changed"))
}

fn carry_out(
    args: &RunArgs,
    settings: &Settings,
    plan: &Plan,
    aws: &Arc<Aws>,
    masker: &Masker,
    ui: Ui,
) -> Result<Exit, CliError> {
    let started: DateTime<Utc> = Utc::now();
    let first = Event::Run {
        schema: LEDGER_SCHEMA,
        plan: plan.hash.clone(),
        baseline: plan.baseline.name.to_string(),
        account: plan.account.clone(),
        caller: aws.caller().arn.clone(),
        actions: plan.actions.len(),
    };
    let ledger = Arc::new(Ledger::begin(&snapshot::store(settings), first, started)?);
    let pace = Pace { wait_timeout: args.wait_timeout, poll: args.poll_interval };
    let (stop, stopped) = watch::channel(Stop::No);
    let mut progress = Progress::new(plan, ui, !settings.verbose);
    let executed = crate::cli::block_on_stages(
        execute(aws.clone(), plan, masker, ledger.clone(), pace, stopped, |event| progress.event(&event)),
        |times| {
            let (stage, text) = if times == 1 {
                (Stop::Drain, "stopping: nothing new starts, what runs is finished; once more to stop waiting")
            } else {
                (Stop::Now, "stopping: nothing is waited for any more")
            };
            ui.warn(text);
            // The receiver lives as long as the run.
            let _ = stop.send(stage);
        },
    )?;
    let was_stopped = *stop.borrow() != Stop::No;
    progress.finish();
    report(plan, &executed, &ledger, ui).emit(settings, ui)?;
    if let Some(error) = &executed.expired {
        let failed = CliError::new(Exit::Error, "the credentials stopped being valid: the run stopped");
        let failed = CliError { causes: vec![error.to_string()], ..failed };
        return Err(with_call_hint(failed, error).hint("run restore again: it continues with what is left"));
    }
    if let Some(error) = &executed.unreachable {
        let failed = CliError::new(Exit::Error, "AWS cannot be reached any more: the run stopped");
        let failed = CliError { causes: vec![error.clone()], ..failed };
        return Err(failed
            .hint("check the network, the proxy settings and --endpoint-url (or AWS_ENDPOINT_URL)")
            .hint("run restore again: it continues with what is left"));
    }
    if let Some(why) = &executed.unwritten {
        let failed = CliError::new(
            Exit::Error,
            format!("the ledger {} cannot be written: the run stopped", ledger.path().display()),
        );
        return Err(CliError { causes: vec![why.clone()], ..failed });
    }
    Ok(match () {
        () if executed.is_complete() && plan.unknown.is_empty() => Exit::Done,
        () if executed.is_complete() => Exit::Incomplete,
        () if was_stopped => Exit::Interrupted,
        () => {
            ui.hint("run restore again: it continues with what is left");
            Exit::Unfinished
        }
    })
}

/// What came of the plan, by type, and why the rest did not.
fn report(plan: &Plan, executed: &Executed, ledger: &Ledger, ui: Ui) -> Report {
    const WORDS: [&str; 7] = ["deleted", "changed", "already-gone", "skipped", "blocked", "failed", "not-started"];
    let mut by_type: BTreeMap<&str, [usize; 8]> = BTreeMap::new();
    let mut left = Rows::new(&["ACTION", "TYPE", "REGION", "ID", "OUTCOME", "WHY"]);
    let mut data = Vec::new();
    for (id, ended) in &executed.outcomes {
        let Some(action) = plan.action(id) else { continue };
        let word = ended.word(action.kind);
        let counts = by_type.entry(&action.resource.type_name).or_default();
        counts[0] += 1;
        if let Some(at) = WORDS.iter().position(|known| *known == word) {
            counts[at + 1] += 1;
        }
        let resource = &action.resource;
        if !ended.is_done() {
            left.push([
                id.to_string(),
                resource.type_name.clone(),
                resource.region.clone(),
                resource.id.clone(),
                word.to_owned(),
                ended.why().to_owned(),
            ]);
        }
        data.push(json!({
            "action": id, "kind": action.kind, "type": resource.type_name, "region": resource.region, "id": resource.id,
            "outcome": word, "why": ended.why(),
        }));
    }
    let mut rows = Rows::new(&[
        "TYPE",
        "PLANNED",
        "DELETED",
        "CHANGED",
        "ALREADY GONE",
        "SKIPPED",
        "BLOCKED",
        "FAILED",
        "NOT STARTED",
    ]);
    for (type_name, counts) in &by_type {
        rows.push(std::iter::once((*type_name).to_owned()).chain(counts.iter().map(ToString::to_string)));
    }
    let mut text = table(&rows, ui);
    if !left.is_empty() {
        text.push('\n');
        text.push_str(&table(&left, ui));
    }
    let deleted = executed.outcomes.iter().filter(|(_, ended)| matches!(ended, Ended::Done)).count();
    let deletes = plan.actions.iter().filter(|action| action.kind == ActionKind::Delete).count();
    let summary = format!(
        "\n{deleted} of {} done, {} left\nledger {}\n",
        plural(plan.actions.len(), "action"),
        executed.outcomes.iter().filter(|(_, ended)| !ended.is_done()).count(),
        terminal(&ledger.path().display().to_string()),
    );
    text.push_str(&summary);
    let data = json!({
        "schema": 1, "plan": plan.hash, "deletes": deletes, "complete": executed.is_complete(), "outcomes": data,
        "ledger": ledger.path(),
    });
    Report { text, data, rows, ..Report::default() }
}
