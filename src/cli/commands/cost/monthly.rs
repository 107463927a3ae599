//! What resources cost in a month, for `restore` and `delta`: from files, never from Cost Explorer.

use chrono::Utc;
use clap::Args;

use crate::cli::error::CliError;
use crate::cli::render::plural;
use crate::cli::sanitise::terminal;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::engine::cost::source::{self, Input, Wanted};
use crate::engine::cost::{CostError, Monthly};
use crate::model::Snapshot;
use crate::model::cost::{Metric, MonthlyCosts};

/// Where costs of single resources come from.
#[derive(Debug, Default, Args)]
pub struct CostSourceArgs {
    /// Say what resources cost in the last full month of these FOCUS or CUR files, directories or patterns [default:
    /// `cost.source` of the configuration, where that names files]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    cost_source: Vec<String>,
}

/// Bills that are there.
pub struct Bills {
    inputs: Vec<Input>,
    metric: Metric,
    /// Named by an option, and not only by the configuration.
    asked: bool,
}

impl Bills {
    /// Finds the bills that the option, else the configuration, names.
    pub fn find(args: &CostSourceArgs, settings: &Settings, ui: Ui) -> Result<Option<Bills>, CliError> {
        let asked = !args.cost_source.is_empty();
        let named = if asked { &args.cost_source } else { &settings.cost.source };
        // Neither can be read in passing: Cost Explorer costs money, and stdin is for answers.
        let is_file = |source: &String| source != "ce" && source != "-";
        if asked && !named.iter().all(is_file) {
            return Err(CliError::usage("--cost-source takes files, directories and patterns only")
                .hint("Cost Explorer has no resource ids; make an export of FOCUS or CUR: docs/cost.md shows how"));
        }
        if named.is_empty() || !named.iter().all(is_file) {
            return Ok(None);
        }
        let metric = settings.cost.metric.unwrap_or_default();
        match source::find(named).and_then(there) {
            Ok(inputs) => Ok(Some(Bills { inputs, metric, asked })),
            Err(error) => or_warn(error, asked, ui),
        }
    }

    /// What the resources of an inventory cost.
    pub fn read(&self, live: &Snapshot, ui: Ui) -> Result<Option<MonthlyCosts>, CliError> {
        match self.read_all(live) {
            Ok(costs) => {
                ui.status(&terminal(&format!(
                    "costs of {}: {} of {} on the bill",
                    costs.month,
                    costs.resources.len(),
                    plural(live.resources.len(), "resource"),
                )));
                Ok(Some(costs))
            }
            Err(error) => or_warn(error, self.asked, ui),
        }
    }

    fn read_all(&self, live: &Snapshot) -> Result<MonthlyCosts, CostError> {
        let wanted = Wanted { metric: self.metric, ..Wanted::default() };
        let mut monthly = Monthly::new(live, self.metric, Utc::now().date_naive());
        for input in &self.inputs {
            source::read(input, &wanted, &mut |line| monthly.take(line))?;
        }
        monthly.finish()
    }
}

/// The same inputs, if all of them are there: what is not should be known before AWS is asked.
fn there(inputs: Vec<Input>) -> Result<Vec<Input>, CostError> {
    for input in &inputs {
        if let Input::File(path) = input {
            std::fs::metadata(path).map_err(|source| CostError::Read { name: input.name(), line: 0, source })?;
        }
    }
    Ok(inputs)
}

/// What was asked for and fails is an error; what only the configuration mentions must not stop anything.
fn or_warn<T>(error: CostError, asked: bool, ui: Ui) -> Result<Option<T>, CliError> {
    if asked {
        return Err(error.into());
    }
    ui.warn(&terminal(&format!("costs are not known (cost.source in the configuration): {error}")));
    Ok(None)
}
