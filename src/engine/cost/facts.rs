//! What follows from the tags and from the resource of a line. Bills repeat both, so it is worked out once.

use std::collections::HashMap;

use super::intern::{Interner, Quick, Symbol};
use super::known::{Absence, At, Called, Found, Known};
use super::options::{OWNER_TAGS, Options};
use crate::model::cost::{BadTags, Bucket, GroupKey, LineItem, Rule, Tags};

/// Entries that are remembered at most; then all are forgotten, so that memory stays bounded.
const REMEMBERED: usize = 100_000;

/// What follows from the tags of a line.
#[derive(Debug, Clone, Default)]
pub struct TagFacts {
    /// The owner that a tag names.
    pub owner: Symbol,
    /// A tag rule makes it baseline.
    pub baseline: bool,
    /// Values of the tags that rows are grouped by, joined.
    pub groups: Symbol,
    /// Owners of the resource: kind and id.
    pub parents: Vec<At>,
}

/// Separates joined tag values; no tag contains it.
pub const JOIN: char = '\u{1f}';

/// Tags that were seen.
#[derive(Debug, Default)]
pub struct TagMemo {
    seen: HashMap<Box<str>, TagFacts, Quick>,
    key: String,
    last: (String, TagFacts),
}

impl TagMemo {
    /// What follows from the tags of a line.
    pub fn facts(
        &mut self,
        line: &LineItem<'_>,
        options: &Options,
        known: &Known,
        names: &mut Interner,
    ) -> Result<&TagFacts, BadTags> {
        self.key.clear();
        match line.tags {
            // The facts of no tags are the default ones, which stand under the empty key.
            Tags::None => {}
            Tags::Json(text) => {
                self.key.push_str(text);
                self.key.push(JOIN);
                // Names of owners are told apart by it.
                self.key.push_str(line.region_id);
            }
            Tags::Columns(pairs) => {
                for part in pairs.iter().map(|(_, value)| *value).chain([line.region_id]) {
                    self.key.push_str(part);
                    self.key.push(JOIN);
                }
            }
        }
        if self.last.0 != self.key {
            let facts = match self.seen.get(self.key.as_str()) {
                _ if self.key.is_empty() => TagFacts::default(),
                Some(facts) => facts.clone(),
                None => {
                    let facts = work_out(line, options, known, names)?;
                    if self.seen.len() >= REMEMBERED {
                        self.seen.clear();
                    }
                    self.seen.insert(self.key.as_str().into(), facts.clone());
                    facts
                }
            };
            std::mem::swap(&mut self.last.0, &mut self.key);
            self.last.1 = facts;
        }
        Ok(&self.last.1)
    }
}

fn work_out(line: &LineItem<'_>, options: &Options, known: &Known, names: &mut Interner) -> Result<TagFacts, BadTags> {
    let pairs = line.tags.pairs()?;
    let value = |meant: &str| pairs.iter().find(|(key, _)| Tags::is_key(key, meant)).map(|(_, value)| value.as_ref());
    let owner = options.owners.tags.iter().find_map(|key| value(key)).filter(|value| !value.is_empty());
    let baseline = options
        .baseline_tags
        .iter()
        .any(|(key, wanted)| value(key).is_some_and(|value| wanted == "*" || value == wanted));
    let grouped = options.group_by.iter().filter_map(|key| match key {
        GroupKey::Tag(key) => Some(value(key).unwrap_or_default().replace(JOIN, " ")),
        _ => None,
    });
    let groups: Vec<String> = grouped.collect();
    let parents =
        OWNER_TAGS.iter().filter_map(|(key, kind)| known.by_owner(kind, value(key)?, line.region_id)).collect();
    let name = |owner: &str| options.owners.names.get(owner).map_or(owner, String::as_str).to_owned();
    Ok(TagFacts {
        owner: owner.map_or(Symbol::EMPTY, |owner| names.intern(&name(owner))),
        baseline,
        // Untagged is untagged, however many tags were asked for.
        groups: if groups.iter().all(String::is_empty) {
            Symbol::EMPTY
        } else {
            names.intern(&groups.join(&JOIN.to_string()))
        },
        parents,
    })
}

/// What follows from the resource of a line, under one baseline.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceFacts {
    /// Bucket and rule by the resource alone; `None` when no snapshot knows it.
    pub placed: Option<(Bucket, Rule)>,
    /// The owner that the configuration or the resource's own tags name.
    pub owner: Symbol,
    /// Its type.
    pub type_name: Symbol,
}

/// Resources that were seen.
#[derive(Debug, Default)]
pub struct ResourceMemo {
    seen: HashMap<Box<str>, ResourceFacts, Quick>,
    key: String,
    last: (String, ResourceFacts),
}

impl ResourceMemo {
    /// What follows from the resource of a line, under one baseline.
    pub fn facts(
        &mut self,
        line: &LineItem<'_>,
        baseline: Option<usize>,
        options: &Options,
        known: &Known,
        names: &mut Interner,
    ) -> ResourceFacts {
        self.key.clear();
        // Two characters tell baselines apart; a bill's service and region tell names apart.
        self.key.push(baseline.and_then(|at| u32::try_from(at + 1).ok()).and_then(char::from_u32).unwrap_or('\0'));
        for part in [line.resource_id, line.service_code, line.service_name, line.region_id] {
            self.key.push_str(part);
            self.key.push(JOIN);
        }
        if self.last.0 == self.key {
            return self.last.1;
        }
        let facts = if let Some(facts) = self.seen.get(self.key.as_str()) {
            *facts
        } else {
            let facts = resource(line, baseline, options, known, names);
            if self.seen.len() >= REMEMBERED {
                self.seen.clear();
            }
            self.seen.insert(self.key.as_str().into(), facts);
            facts
        };
        std::mem::swap(&mut self.last.0, &mut self.key);
        self.last.1 = facts;
        facts
    }
}

fn resource(
    line: &LineItem<'_>,
    baseline: Option<usize>,
    options: &Options,
    known: &Known,
    names: &mut Interner,
) -> ResourceFacts {
    let called = Called {
        id: line.resource_id,
        service_code: line.service_code,
        service_name: line.service_name,
        region: line.region_id,
    };
    let found = known.find(called);
    let at = found.resource.map(|(at, _)| at);
    let resource = at.or_else(|| found.parents.first().map(|(at, _)| *at)).and_then(|at| known.get(at));
    let label = at.and_then(|at| known.get(at)).map_or(line.resource_id, |it| it.label.as_str());
    let mapped = options
        .owners
        .resources
        .iter()
        .find(|(pattern, _)| pattern.is_match(label) || pattern.is_match(line.resource_id))
        .map(|(_, owner)| owner.as_str());
    let tagged = || {
        let tags = &resource?.tags;
        let value = options.owners.tags.iter().find_map(|key| tags.get(key)).filter(|value| !value.is_empty())?;
        Some(options.owners.names.get(value).unwrap_or(value).as_str())
    };
    let owner = mapped.or_else(tagged).map_or(Symbol::EMPTY, |owner| names.intern(owner));
    let type_name = at.and_then(|at| known.get(at)).map_or(Symbol::EMPTY, |it| names.intern(&it.type_name));
    ResourceFacts { placed: baseline.and_then(|baseline| place(&found, baseline, known)), owner, type_name }
}

/// Bucket and rule of a resource under a baseline.
pub fn place(found: &Found, baseline: usize, known: &Known) -> Option<(Bucket, Rule)> {
    if let Some((_, rule)) = known.belongs(baseline, found) {
        return Some((Bucket::Baseline, rule));
    }
    let (at, rule) = found.resource.or(found.parents.first().copied())?;
    Some(match known.absence(baseline, at) {
        Absence::Gone => (Bucket::Gone, rule),
        Absence::NotLookedAt => (Bucket::NonBaseline, Rule::NotLookedAt),
        Absence::Other => (Bucket::NonBaseline, rule),
    })
}
