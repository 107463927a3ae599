//! The field-level difference between two snapshots. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use self::owners::Owners;
use super::filter::{Verdict, verdict};
use crate::catalog::mask::is_masked;
use crate::model::{
    CellKey, Change, Coverage, Delta, FieldChange, Filters, Header, Modified, Outcome, Replaced, Resource, ResourceKey,
    Snapshot, UnknownCell,
};

/// Why two snapshots cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// They show two accounts.
    #[error("one snapshot is of account {0}, the other of account {1}")]
    Account(String, String),
    /// They show two partitions.
    #[error("one snapshot is of partition {0}, the other of partition {1}")]
    Partition(String, String),
}

/// Compares two snapshots of one account.
///
/// A resource counts as added or deleted only where both sides read the cell to its end. What the first snapshot did
/// not look at is out of scope; what the second did not look at, or could not, is unknown.
pub fn diff(before: &Snapshot, after: &Snapshot) -> Result<Delta, Incomparable> {
    diff_owned(before, after, &Owners::of(&before.resources), &Owners::of(&after.resources))
}

/// As [`diff`], with the owners of each side, for comparisons of a part of an account: an owner may lie outside it.
pub fn diff_owned(
    before: &Snapshot,
    after: &Snapshot,
    owners_before: &Owners<'_>,
    owners_after: &Owners<'_>,
) -> Result<Delta, Incomparable> {
    comparable(&before.header, &after.header)?;
    let same_masks = before.header.mask_key == after.header.mask_key;
    let mut delta = Delta::default();
    let unknown = unknown_cells(&before.coverage, &after.coverage);
    let mut hidden: BTreeMap<CellKey, usize> = unknown.keys().map(|cell| (cell.clone(), 0)).collect();

    let before_by_key: BTreeMap<ResourceKey<'_>, &Resource> = before.resources.iter().map(|r| (r.key(), r)).collect();
    let after_by_key: BTreeMap<ResourceKey<'_>, &Resource> = after.resources.iter().map(|r| (r.key(), r)).collect();
    let keys: BTreeSet<ResourceKey<'_>> = before_by_key.keys().chain(after_by_key.keys()).copied().collect();
    for key in keys {
        let cell = cell_of(&key);
        if let Some(count) = hidden.get_mut(&cell) {
            *count += 1;
            continue;
        }
        if before.coverage.get(key.type_name, key.region).is_none() {
            continue;
        }
        match (before_by_key.get(&key), after_by_key.get(&key)) {
            (Some(old), Some(new)) => compare(old, new, same_masks, &mut delta),
            (Some(old), None) => match one_sided(&after.header.filters, old) {
                Verdict::Keep => delta.deleted.push((*old).clone()),
                Verdict::Undetermined => delta.undetermined.push((*old).clone()),
                Verdict::Drop => {}
            },
            (None, Some(new)) => match one_sided(&before.header.filters, new) {
                Verdict::Keep => delta.added.push((*new).clone()),
                Verdict::Undetermined => delta.undetermined.push((*new).clone()),
                Verdict::Drop => {}
            },
            (None, None) => {}
        }
    }
    delta.unknown = unknown
        .into_iter()
        .map(|(cell, (before, after))| UnknownCell { resources: hidden[&cell], cell, before, after })
        .collect();
    owners::settle(&mut delta, owners_before, owners_after);
    Ok(delta)
}

/// Whether two snapshots show the same account.
pub fn comparable(before: &Header, after: &Header) -> Result<(), Incomparable> {
    if before.partition != after.partition {
        return Err(Incomparable::Partition(before.partition.clone(), after.partition.clone()));
    }
    if before.account != after.account {
        return Err(Incomparable::Account(before.account.clone(), after.account.clone()));
    }
    Ok(())
}

pub(super) fn cell_of(key: &ResourceKey<'_>) -> CellKey {
    CellKey { type_name: key.type_name.to_owned(), region: key.region.to_owned() }
}

pub(super) type Sides = (Option<Outcome>, Option<Outcome>);

/// The cells in the first snapshot's scope of which one side has no complete picture.
pub(super) fn unknown_cells(before: &Coverage, after: &Coverage) -> BTreeMap<CellKey, Sides> {
    let mut unknown = BTreeMap::new();
    for (cell, old) in before.iter() {
        let new = after.get(&cell.type_name, &cell.region);
        // "Not offered" is a complete answer: there is nothing.
        let sees = |outcome: &Outcome| outcome.is_complete() || *outcome == Outcome::NotOffered;
        // A snapshot of fewer regions leaves the others out on purpose, but then it says nothing about them.
        if !sees(old) || !new.is_some_and(sees) {
            unknown.insert(cell.clone(), (Some(old.clone()), new.cloned()));
        }
    }
    unknown
}

/// What to make of a resource that is on one side only, given the other side's filters.
///
/// A cut-off date is meant to make later resources drift, so it never puts one out of scope; a start date and tags do.
pub(super) fn one_sided(filters: &Filters, resource: &Resource) -> Verdict {
    if resource.undetermined {
        return Verdict::Undetermined;
    }
    let scope = Filters { created_before: None, ..filters.clone() };
    match verdict(&scope, resource) {
        Verdict::Keep if filters.by_date() && resource.created_at.is_none() => Verdict::Undetermined,
        other => other,
    }
}

pub(super) fn compare(old: &Resource, new: &Resource, same_masks: bool, delta: &mut Delta) {
    if let (Some(a), Some(b)) = (old.created_at, new.created_at)
        && a != b
    {
        delta.replaced.push(Replaced { before: old.clone(), after: new.clone() });
        return;
    }
    let whole = old.unreadable.is_empty() && new.unreadable.is_empty() && same_masks;
    if whole && old.hash == new.hash {
        delta.unchanged += 1;
        return;
    }
    let mut differ = Differ { same_masks, changes: Vec::new(), not_compared: 0 };
    let blind: BTreeSet<&String> = old.unreadable.keys().chain(new.unreadable.keys()).collect();
    differ.not_compared += blind.len();
    let readable = |fields: &Map<String, Value>| -> Map<String, Value> {
        fields.iter().filter(|(key, _)| !blind.contains(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    differ.object("properties", &readable(&old.properties), &readable(&new.properties));
    if !blind.iter().any(|name| *name == "tags") {
        let tags = |resource: &Resource| -> Map<String, Value> {
            resource.tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect()
        };
        differ.object("tags", &tags(old), &tags(new));
    }
    delta.not_compared += differ.not_compared;
    if differ.changes.is_empty() {
        delta.unchanged += 1;
    } else {
        let mut changes = differ.changes;
        let impact = impact::of(&new.type_name, &mut changes);
        delta.modified.push(Modified { before: old.clone(), after: new.clone(), impact, changes });
    }
}

struct Differ {
    same_masks: bool,
    changes: Vec<FieldChange>,
    not_compared: usize,
}

/// Fields that name an element among its brothers, best first.
const NAMES: &[&str] = &[
    "Id",
    "ID",
    "Sid",
    "Name",
    "Key",
    "PolicyName",
    "AccessKeyId",
    "DeviceName",
    "AttributeName",
    "IndexName",
    "ParameterKey",
    "LogicalResourceId",
    "TargetId",
    "RuleNumber",
    "DestinationCidrBlock",
    "Arn",
];

impl Differ {
    fn object(&mut self, path: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            self.option(&format!("{path}.{key}"), old.get(key), new.get(key));
        }
    }

    fn option(&mut self, path: &str, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(old), Some(new)) => self.value(path, old, new),
            (Some(old), None) => self.push(path, Change::Removed, Some(old), None),
            (None, Some(new)) => self.push(path, Change::Added, None, Some(new)),
            (None, None) => {}
        }
    }

    fn value(&mut self, path: &str, old: &Value, new: &Value) {
        if is_masked(old) && is_masked(new) {
            if !self.same_masks {
                self.not_compared += 1;
            } else if old != new {
                self.push(path, Change::Changed, Some(old), Some(new));
            }
            return;
        }
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.object(path, old, new),
            (Value::Array(old), Value::Array(new)) => self.array(path, old, new),
            _ if old == new => {}
            _ => self.push(path, Change::Changed, Some(old), Some(new)),
        }
    }

    fn array(&mut self, path: &str, old: &[Value], new: &[Value]) {
        if old == new {
            return;
        }
        if let Some(name) = NAMES.iter().find(|name| names_all(old, name) && names_all(new, name)) {
            let by_name = |items: &[Value]| -> BTreeMap<String, Value> {
                items.iter().map(|item| (plain(&item[*name]), item.clone())).collect()
            };
            let (old, new) = (by_name(old), by_name(new));
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            let changes = self.changes.len();
            for key in keys {
                self.option(&format!("{path}[{key}]"), old.get(key), new.get(key));
            }
            if self.changes.len() > changes {
                return;
            }
        }
        let gone: Vec<&Value> = minus(old, new);
        let come: Vec<&Value> = minus(new, old);
        if let ([gone], [come]) = (gone.as_slice(), come.as_slice())
            && gone.is_object()
            && come.is_object()
        {
            // One element differs: say what in it.
            let at = old.iter().position(|item| item == *gone).unwrap_or_default();
            self.value(&format!("{path}[{at}]"), gone, come);
            return;
        }
        if gone.is_empty() && come.is_empty() {
            // The same elements in another order, and the order has a meaning.
            self.push(path, Change::Changed, Some(&Value::from(old)), Some(&Value::from(new)));
            return;
        }
        if !self.same_masks && gone.iter().chain(&come).any(|item| holds_mask(item)) {
            self.not_compared += 1;
            return;
        }
        for item in gone {
            self.push(&format!("{path}[]"), Change::Removed, Some(item), None);
        }
        for item in come {
            self.push(&format!("{path}[]"), Change::Added, None, Some(item));
        }
    }

    fn push(&mut self, path: &str, change: Change, before: Option<&Value>, after: Option<&Value>) {
        self.changes.push(FieldChange {
            path: path.to_owned(),
            change,
            before: before.cloned(),
            after: after.cloned(),
            replacement: false,
            security: None,
        });
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn names_all(items: &[Value], name: &str) -> bool {
    let names: BTreeSet<String> = items.iter().filter_map(|item| item.get(name)).map(plain).collect();
    names.len() == items.len()
}

/// What is in the first and not in the second, each as often as it stands there.
fn minus<'a>(first: &'a [Value], second: &[Value]) -> Vec<&'a Value> {
    let mut rest: Vec<&Value> = second.iter().collect();
    first
        .iter()
        .filter(|item| match rest.iter().position(|other| other == item) {
            Some(at) => {
                rest.swap_remove(at);
                false
            }
            None => true,
        })
        .collect()
}

fn holds_mask(value: &Value) -> bool {
    is_masked(value)
        || match value {
            Value::Object(fields) => fields.values().any(holds_mask),
            Value::Array(items) => items.iter().any(holds_mask),
            _ => false,
        }
}

pub mod impact;
pub mod owners;

#[cfg(test)]
mod tests;
