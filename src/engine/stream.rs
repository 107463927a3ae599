//! The difference between two stored snapshots that pass by, neither of which need fit into memory.
//!
//! Both come sorted by key, so they are merged like two sorted lists. What did not change is counted and dropped; only
//! what is reported stays. Two resources are compared by the code that compares snapshots in memory.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::diff::owners::{self, Owners};
use super::diff::{self, Incomparable, Sides};
use super::filter::Verdict;
use crate::model::{CellKey, Coverage, Delta, Filters, Properties, Resource, ResourceKey, UnknownCell};
use crate::store::{Passing, StoreError, Stream};

/// Why two stored snapshots were not compared.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// They are sound, but show different accounts.
    #[error(transparent)]
    Incomparable(#[from] Incomparable),
    /// One of them cannot be read, or its end showed that it cannot be trusted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Compares two stored snapshots of one account, by the rules of [`diff::diff`].
///
/// Both are read to the end, and so proved against their digests, before anything is said about them.
pub fn diff(before: Stream, after: Stream) -> Result<Delta, StreamError> {
    if let Err(incomparable) = diff::comparable(&before.header, &after.header) {
        for passing in before.chain(after) {
            passing?;
        }
        return Err(incomparable.into());
    }
    let mut merge = Merge {
        same_masks: before.header.mask_key == after.header.mask_key,
        unknown: diff::unknown_cells(&before.coverage, &after.coverage)
            .into_iter()
            .map(|(cell, sides)| (cell, (sides, 0)))
            .collect(),
        scope: before.coverage.clone(),
        filters: (before.header.filters.clone(), after.header.filters.clone()),
        cell: None,
        owners: (Vec::new(), Vec::new()),
        delta: Delta::default(),
    };
    let (mut before, mut after) = (before, after);
    let (mut old, mut new) = (before.next().transpose()?, after.next().transpose()?);
    loop {
        let order = match (&old, &new) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.key().cmp(&new.key()),
        };
        let first = if order.is_le() { old.take() } else { None };
        let second = if order.is_ge() { new.take() } else { None };
        if first.is_some() {
            old = before.next().transpose()?;
        }
        if second.is_some() {
            new = after.next().transpose()?;
        }
        merge.take(first, second);
    }
    Ok(merge.finish())
}

struct Merge {
    same_masks: bool,
    /// Cells that one side could not look at, and how many resources they hold.
    unknown: BTreeMap<CellKey, (Sides, usize)>,
    /// What the first snapshot looked at.
    scope: Coverage,
    filters: (Filters, Filters),
    /// The cell that is passing by, and what to make of it: cells come whole, like their resources.
    cell: Option<(CellKey, Look)>,
    /// What can own others, on each side, without its properties.
    owners: (Vec<Resource>, Vec<Resource>),
    delta: Delta,
}

#[derive(Clone, Copy)]
enum Look {
    Hidden,
    OutOfScope,
    Compared,
}

impl Merge {
    /// Takes what has one key.
    fn take(&mut self, old: Option<Passing>, new: Option<Passing>) {
        let Some(key) = old.as_ref().or(new.as_ref()).map(Passing::key) else { return };
        match self.look(&key) {
            Look::Hidden => {
                if let Some((_, resources)) = self.cell.as_ref().and_then(|(cell, _)| self.unknown.get_mut(cell)) {
                    *resources += 1;
                }
            }
            Look::OutOfScope => {}
            Look::Compared if Owners::is_owner_type(key.type_name) => {}
            Look::Compared => return self.compare(old, new),
        }
        if Owners::is_owner_type(key.type_name) {
            let compared = matches!(self.cell, Some((_, Look::Compared)));
            let (old, new) = (old.map(Passing::into_resource), new.map(Passing::into_resource));
            self.owners.0.extend(old.as_ref().map(as_owner));
            self.owners.1.extend(new.as_ref().map(as_owner));
            if compared {
                self.compare_whole(old, new);
            }
        }
    }

    fn look(&mut self, key: &ResourceKey<'_>) -> Look {
        match &self.cell {
            Some((cell, look)) if cell.type_name == key.type_name && cell.region == key.region => *look,
            _ => {
                let cell = diff::cell_of(key);
                let look = if self.unknown.contains_key(&cell) {
                    Look::Hidden
                } else if self.scope.get(key.type_name, key.region).is_none() {
                    Look::OutOfScope
                } else {
                    Look::Compared
                };
                self.cell = Some((cell, look));
                look
            }
        }
    }

    fn compare(&mut self, old: Option<Passing>, new: Option<Passing>) {
        if let (Some(old), Some(new)) = (&old, &new)
            && self.same_masks
            && is_same(old, new)
        {
            self.delta.unchanged += 1;
            return;
        }
        self.compare_whole(old.map(Passing::into_resource), new.map(Passing::into_resource));
    }

    fn compare_whole(&mut self, old: Option<Resource>, new: Option<Resource>) {
        let (resource, filters, list) = match (old, new) {
            (Some(old), Some(new)) => return diff::compare(&old, &new, self.same_masks, &mut self.delta),
            (Some(old), None) => (old, &self.filters.1, &mut self.delta.deleted),
            (None, Some(new)) => (new, &self.filters.0, &mut self.delta.added),
            (None, None) => return,
        };
        match diff::one_sided(filters, &resource) {
            Verdict::Keep => list.push(resource),
            Verdict::Undetermined => self.delta.undetermined.push(resource),
            Verdict::Drop => {}
        }
    }

    fn finish(self) -> Delta {
        let unknown = self.unknown.into_iter().map(|(cell, ((before, after), resources))| UnknownCell {
            cell,
            before,
            after,
            resources,
        });
        let mut delta = Delta { unknown: unknown.collect(), ..self.delta };
        owners::settle(&mut delta, &Owners::of(&self.owners.0), &Owners::of(&self.owners.1));
        delta
    }
}

/// What is kept of a resource that may own others: who it is and whose it is.
fn as_owner(resource: &Resource) -> Resource {
    Resource {
        type_name: resource.type_name.clone(),
        id: resource.id.clone(),
        arn: resource.arn.clone(),
        name: resource.name.clone(),
        region: resource.region.clone(),
        created_at: resource.created_at,
        tags: BTreeMap::new(),
        properties: Properties::new(),
        unreadable: BTreeMap::new(),
        observed: Properties::new(),
        owner: resource.owner.clone(),
        aws_made: None,
        undetermined: false,
        hash: String::new(),
    }
}

/// Whether two resources of one key are the same without a closer look: [`diff::compare`] would only count them.
fn is_same(old: &Passing, new: &Passing) -> bool {
    let same_birth = old.created_at().zip(new.created_at()).is_none_or(|(old, new)| old == new);
    same_birth && old.is_whole() && new.is_whole() && old.hash() == new.hash()
}
