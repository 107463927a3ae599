//! The planner: what is deleted, in which order, and what is left alone for which reason. Pure.
//!
//! ```text
//! Delta, live inventory, baseline, options
//!   world     every live resource, its spec, who refers to whom
//!   guards    what speaks against deleting one resource, looked at alone
//!   carriers  what goes with what: members of a stack, interfaces of a load balancer
//!   edges     who must be gone before whom
//!   settle    what stays holds back what it uses, until nothing changes any more
//!   order     circles are cut or refused, the rest gets its waves
//!   assemble  actions and refusals, sealed
//! ```
//!
//! There is no clock and no AWS in here, and no way to leave a guard out: a dry run is a plan that is not executed.

mod assemble;
mod caller;
mod carriers;
mod edges;
mod guards;
mod order;
mod recheck;
mod reserved;
mod risk;
mod rules;
mod settle;
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

pub use recheck::{Changed, Facts, Unfit, still_matches, unfit};
pub use rules::{BadGlob, idle};

use crate::catalog::TypeSpec;
use crate::model::cost::MonthlyCosts;
use crate::model::{ActionKind, Delta, Options, Plan, Refusal, Snapshot};

/// How long a plan may be executed after it was made.
pub const VALID_FOR: TimeDelta = TimeDelta::hours(24);

/// All that decides about a plan.
#[derive(Clone, Copy)]
pub struct PlanInput<'a> {
    /// What differs between baseline and live inventory.
    pub delta: &'a Delta,
    /// The live inventory, unfiltered: what uses what is found in it.
    pub live: &'a Snapshot,
    /// The baseline.
    pub baseline: &'a Snapshot,
    /// Its digest.
    pub baseline_digest: &'a str,
    /// ARNs, ids or names of what this program itself needs: the bucket and key of its store.
    pub own: &'a [String],
    /// Filters, protections and switches.
    pub options: &'a Options,
    /// What the resources cost in a month, where a bill is at hand.
    pub costs: Option<&'a MonthlyCosts>,
    /// When the plan is made.
    pub now: DateTime<Utc>,
    /// How long it may be executed: [`VALID_FOR`], unless there is a reason.
    pub valid_for: TimeDelta,
    /// The catalogue: `catalog::find`.
    pub spec_of: fn(&str) -> Option<&'static TypeSpec>,
}

/// Why there can be no plan at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplannable {
    /// Baseline and live inventory show two accounts.
    #[error("the baseline is of account {baseline}, the live inventory of account {live}")]
    Account {
        /// The baseline's.
        baseline: String,
        /// The live inventory's.
        live: String,
    },
    /// Baseline and live inventory show two partitions.
    #[error("the baseline is of partition {baseline}, the live inventory of partition {live}")]
    Partition {
        /// The baseline's.
        baseline: String,
        /// The live inventory's.
        live: String,
    },
    /// Nothing of what the baseline covers could be looked at.
    #[error("nothing in the baseline's scope could be looked at")]
    NoCoverage,
    /// A rule holds something that is no glob.
    #[error(transparent)]
    Glob(#[from] BadGlob),
}

/// Makes the plan that takes the drift away.
///
/// Only what was added since the baseline is ever deleted. The same input gives the same plan, in whatever order the
/// resources stand in it.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, Unplannable> {
    check(input)?;
    let rules = rules::Rules::new(input.options)?;
    let world = world::World::new(input);
    let guards = guards::Guards::new(input, &world, &rules);
    let carried_by = carriers::find(&world);
    let judged = guards.judge(&carried_by);
    let edges = edges::find(&world, &carried_by);
    let mut settled = settle::Settled::new(judged, carried_by, edges, input.options.modify_kept, &guards);
    let mut order = loop {
        settled.spread();
        match order::order(&world, &settled) {
            Ok(order) => break order,
            // Refusing the members of a circle holds back what they use; that makes no new circle.
            Err(circles) => circles.into_iter().for_each(|(member, refusal)| settled.refuse(member, refusal)),
        }
    };
    if let Some(refusal) = over_cap(input, &settled) {
        settled.refuse_all(&refusal);
        order = order::Order::default();
    }
    Ok(assemble::assemble(input, &world, &guards, &settled, &order))
}

fn check(input: &PlanInput<'_>) -> Result<(), Unplannable> {
    let (baseline, live) = (&input.baseline.header, &input.live.header);
    if baseline.partition != live.partition {
        return Err(Unplannable::Partition { baseline: baseline.partition.clone(), live: live.partition.clone() });
    }
    if baseline.account != live.account {
        return Err(Unplannable::Account { baseline: baseline.account.clone(), live: live.account.clone() });
    }
    let seen = |(cell, _): (&crate::model::CellKey, _)| {
        input.live.coverage.get(&cell.type_name, &cell.region).is_some_and(|outcome| !outcome.is_gap())
    };
    if !input.baseline.coverage.iter().any(seen) {
        return Err(Unplannable::NoCoverage);
    }
    Ok(())
}

/// Too much at once is more likely a mistake than a wish. It is all or nothing: half of a wrong plan is wrong too.
fn over_cap(input: &PlanInput<'_>, settled: &settle::Settled<'_>) -> Option<Refusal> {
    let would_delete = settled.would_delete();
    let share = input.live.resources.len().saturating_mul(usize::from(input.options.max_percent)) / 100;
    let allowed = share.min(input.options.max_deletes);
    (would_delete > allowed).then_some(Refusal::OverCap { would_delete, allowed })
}

/// What a plan holds, counted: by kind of action, and by code of the first reason.
#[must_use]
pub fn counts(plan: &Plan) -> (BTreeMap<ActionKind, usize>, BTreeMap<&'static str, usize>) {
    let mut actions = BTreeMap::new();
    for action in &plan.actions {
        *actions.entry(action.kind).or_default() += 1;
    }
    let mut refused = BTreeMap::new();
    for code in plan.refused.iter().filter_map(|refused| refused.reasons.first()).map(Refusal::code) {
        *refused.entry(code).or_default() += 1;
    }
    (actions, refused)
}

#[cfg(test)]
mod tests;
