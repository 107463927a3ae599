//! Reads an account, cell by cell.
//!
//! A cell is a type in a region. All cells of all regions run under one scheduler; how fast they may ask is the
//! transport's business. A cell that fails, or panics, costs itself and nothing else, and says so in the coverage.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::{Aws, CallError, Cx, ErrorClass, RegionState};
use crate::catalog::mask::Masker;
use crate::catalog::{Scope, TypeSpec, ownership};
use crate::model::{Coverage, GLOBAL, Outcome, Resource};

/// Cells that are read at the same time. A cell that waits for its turn to ask costs memory, not requests.
const CELLS_AT_ONCE: usize = 256;

/// What to look at.
#[derive(Debug, Clone)]
pub struct Target {
    /// Types, each once.
    pub types: Vec<&'static TypeSpec>,
    /// Regions and whether the account can use them.
    pub regions: Vec<(String, RegionState)>,
}

/// One cell that is to be read.
#[derive(Debug, Clone)]
pub struct Place {
    /// The type.
    pub spec: &'static TypeSpec,
    /// Region code or `global`.
    pub region: String,
    /// Whether the account can use the region.
    pub state: RegionState,
    /// Read these resources only, by primary identifier; `None` reads all.
    pub only: Option<BTreeSet<String>>,
}

impl Target {
    /// Every type in every region in which it lives.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for spec in &self.types {
            let place = |region: &str, state| Place { spec, region: region.to_owned(), state, only: None };
            match spec.scope {
                Scope::Global => places.push(place(GLOBAL, RegionState::Enabled)),
                Scope::Regional => places.extend(self.regions.iter().map(|(region, state)| place(region, *state))),
            }
        }
        places
    }
}

/// What happens while an account is read.
#[derive(Debug, Clone)]
pub enum Event {
    /// Reading starts.
    Started {
        /// Number of cells.
        cells: usize,
    },
    /// A cell is read, or could not be.
    Finished {
        /// `CloudFormation` type name.
        type_name: &'static str,
        /// Region code or `global`.
        region: String,
        /// How it went.
        outcome: Outcome,
    },
}

/// What was found.
#[derive(Debug)]
pub struct Collected {
    /// Sorted by type, region and id; owners named.
    pub resources: Vec<Resource>,
    /// How each cell went.
    pub coverage: Coverage,
    /// The credentials stopped being valid; every cell that was not read by then is `cancelled`.
    pub expired: Option<CallError>,
}

type CellResult = (&'static TypeSpec, String, Result<Vec<Resource>, CellError>);

enum CellError {
    Call(CallError),
    Panic(String),
}

/// Reads every cell and reports each as it is done.
///
/// Dropping the future stops the work.
pub async fn collect(aws: Arc<Aws>, cells: Vec<Place>, masker: &Masker, mut report: impl FnMut(Event)) -> Collected {
    let cx = Cx::new(aws);
    let mut coverage = Coverage::default();
    let mut tasks: JoinSet<CellResult> = JoinSet::new();
    let places = Arc::new(Semaphore::new(CELLS_AT_ONCE));
    report(Event::Started { cells: cells.len() });
    for Place { spec, region, state, only } in cells {
        if state == RegionState::Disabled {
            coverage.set(spec.name, &region, Outcome::RegionDisabled);
            report(Event::Finished { type_name: spec.name, region, outcome: Outcome::RegionDisabled });
            continue;
        }
        // Until it has been read, a cell counts as not read.
        coverage.set(spec.name, &region, Outcome::Cancelled);
        let cx = if region == GLOBAL { cx.clone() } else { cx.in_region(&region) };
        let cx = only.as_ref().map_or(cx.clone(), |only| cx.only(only.clone()));
        let (masker, places) = (masker.clone(), places.clone());
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            let listed =
                std::panic::AssertUnwindSafe(read(&cx, spec, &region, only.as_ref(), &masker)).catch_unwind().await;
            let result = match listed {
                Ok(listed) => listed.map_err(CellError::Call),
                Err(panic) => Err(CellError::Panic(panic_text(panic.as_ref()))),
            };
            (spec, region, result)
        });
    }

    let mut resources = Vec::new();
    let mut expired = None;
    while let Some(joined) = tasks.join_next().await {
        // Panics are caught inside; what is left is a task that we aborted ourselves.
        let Ok((spec, region, result)) = joined else { continue };
        let outcome = match result {
            Ok(found) => {
                let outcome = Outcome::Complete { count: found.len() };
                resources.extend(found);
                outcome
            }
            Err(CellError::Call(error)) if error.class == ErrorClass::Expired => {
                expired.get_or_insert(error);
                tasks.abort_all();
                Outcome::Cancelled
            }
            Err(CellError::Call(error)) => outcome_of(error),
            Err(CellError::Panic(message)) => Outcome::Failed { code: "panic".to_owned(), message },
        };
        coverage.set(spec.name, &region, outcome.clone());
        report(Event::Finished { type_name: spec.name, region, outcome });
    }
    resources.sort_by(|a, b| a.key().cmp(&b.key()));
    ownership::assign(&mut resources);
    Collected { resources, coverage, expired }
}

async fn read(
    cx: &Cx,
    spec: &'static TypeSpec,
    region: &str,
    only: Option<&BTreeSet<String>>,
    masker: &Masker,
) -> Result<Vec<Resource>, CallError> {
    let drafts = (spec.list)(cx).await?;
    let mut resources: Vec<Resource> = drafts.into_iter().map(|draft| draft.finish(spec, region, masker)).collect();
    resources.retain(|resource| only.is_none_or(|only| only.contains(&resource.id)));
    resources.sort_by(|a, b| a.key().cmp(&b.key()));
    // A list that changes while it is paged can name a thing twice.
    resources.dedup_by(|a, b| a.key() == b.key());
    Ok(resources)
}

/// What an error says about a cell. Only "not offered" says that there is nothing.
fn outcome_of(error: CallError) -> Outcome {
    match error.class {
        ErrorClass::Denied => Outcome::Denied { action: error.action },
        ErrorClass::NotOffered => Outcome::NotOffered,
        ErrorClass::RegionDisabled => Outcome::RegionDisabled,
        _ => Outcome::Failed { code: error.code, message: error.message },
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(class: ErrorClass) -> Outcome {
        outcome_of(CallError::new(class, "Code", "message", "sqs:ListQueues"))
    }

    #[test]
    fn only_not_offered_says_that_there_is_nothing() {
        assert_eq!(outcome(ErrorClass::Denied), Outcome::Denied { action: "sqs:ListQueues".into() });
        assert_eq!(outcome(ErrorClass::NotOffered), Outcome::NotOffered);
        for class in
            [ErrorClass::Throttled, ErrorClass::Unreachable, ErrorClass::Gone, ErrorClass::Conflict, ErrorClass::Other]
        {
            assert!(outcome(class).is_gap(), "{class:?}");
        }
    }
}
