//! Compares a baseline with the account as it is now.
//!
//! Only what the comparison needs is read, and what looks modified, replaced or deleted is read a second time before
//! anything is said: a list that changed while it was paged, or a service that has not settled yet, is no drift.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Utc;

use super::collect::{Collected, Event, Place, collect};
use super::diff::owners::Owners;
use super::diff::{Incomparable, comparable, diff_owned};
use crate::aws::{Aws, CallError, RegionState};
use crate::catalog::mask::Masker;
use crate::catalog::{self, canon, ownership};
use crate::model::{CellKey, Coverage, Delta, GLOBAL, Header, Outcome, Resource, Scope, Snapshot, SnapshotName, Tool};

/// What of the baseline is compared.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Types; `None` takes all of the baseline.
    pub types: Option<BTreeSet<String>>,
    /// Regions, `global` among them; `None` takes all of the baseline.
    pub regions: Option<BTreeSet<String>>,
}

impl Part {
    /// Whether a cell belongs to the part.
    #[must_use]
    pub fn holds(&self, cell: &CellKey) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&cell.type_name))
            && self.regions.as_ref().is_none_or(|regions| regions.contains(&cell.region))
    }
}

/// A baseline, the account now, and the difference.
#[derive(Debug)]
pub struct Compared {
    /// The difference.
    pub delta: Delta,
    /// What was read: the part that is compared, and the owners that it needs.
    pub live: Snapshot,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The baseline is of another account.
    #[error(transparent)]
    Incomparable(#[from] Incomparable),
    /// The credentials stopped being valid on the way.
    #[error("the credentials stopped being valid while the account was read")]
    Expired(CallError),
}

/// The cells that the comparison needs.
///
/// What the baseline could not see is not asked: nothing could be said about it. Owners are read also where the part
/// leaves them out, or the children of a group would look like drift.
#[must_use]
pub fn places(baseline: &Snapshot, part: &Part, regions: &BTreeMap<String, RegionState>) -> Vec<Place> {
    let with_owners: BTreeSet<(&str, &str)> = baseline
        .resources
        .iter()
        .filter(|resource| Owners::is_owner_type(&resource.type_name))
        .map(|resource| (resource.type_name.as_str(), resource.region.as_str()))
        .collect();
    let region_in_part = |region: &str| part.regions.as_ref().is_none_or(|regions| regions.contains(region));
    let needed = |cell: &CellKey| {
        part.holds(cell)
            || (region_in_part(&cell.region) && with_owners.contains(&(cell.type_name.as_str(), cell.region.as_str())))
    };
    let seen = |outcome: &Outcome| outcome.is_complete() || *outcome == Outcome::NotOffered;
    let cells = baseline.coverage.iter().filter(|(cell, outcome)| seen(outcome) && needed(cell));
    cells
        .filter_map(|(cell, _)| {
            // A type that only a newer program knows stays unread, and so unknown.
            let spec = catalog::find(&cell.type_name)?;
            let state = if cell.region == GLOBAL {
                RegionState::Enabled
            } else {
                regions.get(&cell.region).copied().unwrap_or(RegionState::Disabled)
            };
            Some(Place { spec, region: cell.region.clone(), state, only: None })
        })
        .collect()
}

/// Reads the cells and compares them with the part of the baseline.
pub async fn compare(
    aws: Arc<Aws>,
    baseline: &Snapshot,
    part: &Part,
    cells: Vec<Place>,
    masker: &Masker,
    report: impl FnMut(Event),
) -> Result<Compared, LiveError> {
    let mut header = header(&aws, baseline, masker);
    comparable(&baseline.header, &header)?;
    let scoped = restricted(baseline, part);
    let states: BTreeMap<(&'static str, String), RegionState> =
        cells.iter().map(|cell| ((cell.spec.name, cell.region.clone()), cell.state)).collect();
    let Collected { resources, coverage, expired } = collect(aws.clone(), cells, masker, report).await;
    if let Some(error) = expired {
        return Err(LiveError::Expired(error));
    }
    header.completed_at = Utc::now();
    header.found = resources.len();
    let mut live = Snapshot { header, coverage, resources };
    let owners = Owners::of(&baseline.resources);
    let first = diff_owned(&scoped, &live, &owners, &Owners::of(&live.resources))?;
    let suspects = suspects(&first);
    if suspects.is_empty() {
        return Ok(Compared { delta: first, live });
    }
    let again = suspects
        .iter()
        .filter_map(|(cell, ids)| {
            let spec = catalog::find(&cell.type_name)?;
            let state = *states.get(&(spec.name, cell.region.clone()))?;
            Some(Place { spec, region: cell.region.clone(), state, only: Some(ids.clone()) })
        })
        .collect();
    let second = collect(aws, again, masker, |_| {}).await;
    if let Some(error) = second.expired {
        return Err(LiveError::Expired(error));
    }
    patch(&mut live, &suspects, second.resources, &second.coverage);
    let delta = diff_owned(&scoped, &live, &owners, &Owners::of(&live.resources))?;
    Ok(Compared { delta, live })
}

/// The header of a picture that is not stored.
fn header(aws: &Aws, baseline: &Snapshot, masker: &Masker) -> Header {
    let now = Utc::now();
    Header {
        name: SnapshotName::live(),
        created_at: now,
        completed_at: now,
        account: aws.account().to_owned(),
        partition: aws.partition().to_owned(),
        caller: aws.caller().clone(),
        scope: Scope { regions: baseline.header.scope.regions.clone(), types: baseline.header.scope.types.clone() },
        filters: crate::model::Filters::default(),
        metadata: BTreeMap::new(),
        mask_key: masker.key_id(),
        tool: Tool { version: env!("CARGO_PKG_VERSION").to_owned(), normaliser: canon::NORMALISER.to_owned() },
        found: 0,
    }
}

/// The baseline without what lies outside the part: out of scope, as if it had never been looked at.
fn restricted(baseline: &Snapshot, part: &Part) -> Snapshot {
    let mut coverage = Coverage::default();
    for (cell, outcome) in baseline.coverage.iter().filter(|(cell, _)| part.holds(cell)) {
        coverage.set(&cell.type_name, &cell.region, outcome.clone());
    }
    let inside = |resource: &&Resource| coverage.get(&resource.type_name, &resource.region).is_some();
    let resources = baseline.resources.iter().filter(inside).cloned().collect();
    Snapshot { header: baseline.header.clone(), coverage, resources }
}

/// What is looked at twice, by cell.
fn suspects(delta: &Delta) -> BTreeMap<CellKey, BTreeSet<String>> {
    let modified = delta.modified.iter().map(|modified| &modified.after);
    let replaced = delta.replaced.iter().map(|replaced| &replaced.after);
    let mut cells: BTreeMap<CellKey, BTreeSet<String>> = BTreeMap::new();
    for resource in modified.chain(replaced).chain(&delta.deleted) {
        let cell = CellKey { type_name: resource.type_name.clone(), region: resource.region.clone() };
        cells.entry(cell).or_default().insert(resource.id.clone());
    }
    cells
}

/// Puts the second look in the place of the first. A cell that could not be read again is not known any more.
fn patch(
    live: &mut Snapshot,
    suspects: &BTreeMap<CellKey, BTreeSet<String>>,
    again: Vec<Resource>,
    coverage: &Coverage,
) {
    for cell in suspects.keys() {
        match coverage.get(&cell.type_name, &cell.region) {
            Some(outcome) if outcome.is_complete() => {}
            Some(outcome) => live.coverage.set(&cell.type_name, &cell.region, outcome.clone()),
            None => live.coverage.set(&cell.type_name, &cell.region, Outcome::Cancelled),
        }
    }
    let suspect = |resource: &Resource| {
        let cell = CellKey { type_name: resource.type_name.clone(), region: resource.region.clone() };
        suspects.get(&cell).is_some_and(|ids| ids.contains(&resource.id))
    };
    let (first, mut resources): (Vec<_>, Vec<_>) = std::mem::take(&mut live.resources).into_iter().partition(suspect);
    // Owners are named from the whole inventory, which the second look does not see.
    let owners: BTreeMap<_, _> = first.iter().map(|resource| (resource.key(), resource.owner.clone())).collect();
    for mut resource in again {
        if let Some(owner) = owners.get(&resource.key()).cloned() {
            resource.owner = owner;
        }
        resources.push(resource);
    }
    resources.sort_by(|a, b| a.key().cmp(&b.key()));
    ownership::assign(&mut resources);
    live.resources = resources;
}
