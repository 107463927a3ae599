//! Every resource that a snapshot of the store knows, found by what a bill calls it.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher as _;

use chrono::NaiveDate;
use serde_json::Value;

use super::intern::Quick;
use super::names::{arn_and_shorter, arn_services, is_unique_id, last_part, log_group_writer, type_services};
use crate::model::cost::Rule;
use crate::model::{Arn, GLOBAL, Resource, Snapshot};

/// Position of a resource in [`Known`].
pub type At = u32;

/// A snapshot that can say what belongs to the baseline.
#[derive(Debug, Clone)]
pub struct Dated {
    /// What it holds.
    pub snapshot: Snapshot,
    /// Its digest.
    pub digest: String,
}

/// A resource as some snapshot knows it.
#[derive(Debug, Clone)]
pub struct KnownResource {
    /// `CloudFormation` type name.
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
    /// Primary identifier.
    pub id: String,
    /// When it was created, as of the newest snapshot that has it.
    pub created: Option<NaiveDate>,
    /// ARN, else the primary identifier.
    pub label: String,
    /// Tags, as of the newest snapshot that has it.
    pub tags: BTreeMap<String, String>,
    // One bit per snapshot.
    snapshots: Vec<u64>,
    // What it is a part of, and what owns it.
    parents: Vec<(At, Rule)>,
}

/// What a bill's resource is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The resource itself, and how it was found.
    pub resource: Option<(At, Rule)>,
    /// What it is a part of, where no snapshot knows it itself.
    pub parents: Vec<(At, Rule)>,
}

/// How a line calls its resource.
#[derive(Debug, Clone, Copy)]
pub struct Called<'a> {
    /// `ResourceId`.
    pub id: &'a str,
    /// Code of the service.
    pub service_code: &'a str,
    /// Name of the service.
    pub service_name: &'a str,
    /// `RegionId`.
    pub region: &'a str,
}

/// All resources of all snapshots of one account, in the order in which the snapshots were taken.
#[derive(Debug, Default)]
pub struct Known {
    account: String,
    resources: Vec<KnownResource>,
    snapshots: Vec<Seen>,
    // ARNs and ids that are unique in all of AWS.
    exact: HashMap<String, At>,
    // Names, per service of the type.
    named: HashMap<(String, String), Vec<At>>,
    // Ids of volumes and interfaces that only their instance mentions.
    mentioned: HashMap<String, At>,
    // One bit per hash of the last part of a name: most of a bill is not known, and this tells it quickly.
    parts: Vec<u64>,
    hasher: Quick,
}

/// What must be known of a snapshot to judge an absence.
#[derive(Debug)]
struct Seen {
    taken: NaiveDate,
    filtered: bool,
    complete: std::collections::HashSet<(String, String)>,
}

impl Known {
    /// Indexes snapshots of one account. They must be sorted by the time at which they were taken.
    #[must_use]
    pub fn new(snapshots: &[&Snapshot]) -> Self {
        let mut known = Known {
            account: snapshots.first().map(|it| it.header.account.clone()).unwrap_or_default(),
            ..Known::default()
        };
        let mut by_key: HashMap<(String, String, String), At> = HashMap::new();
        let words = snapshots.len().div_ceil(64);
        for (index, snapshot) in snapshots.iter().enumerate() {
            let complete = snapshot.coverage.iter().filter(|(_, outcome)| outcome.is_complete());
            known.snapshots.push(Seen {
                taken: snapshot.header.created_at.date_naive(),
                filtered: !snapshot.header.filters.is_empty(),
                complete: complete.map(|(cell, _)| (cell.type_name.clone(), cell.region.clone())).collect(),
            });
            for resource in &snapshot.resources {
                let key = (resource.type_name.clone(), resource.region.clone(), resource.id.clone());
                let at = *by_key.entry(key).or_insert_with(|| known.add(resource, words));
                let entry = &mut known.resources[at as usize];
                entry.snapshots[index / 64] |= 1 << (index % 64);
                entry.tags.clone_from(&resource.tags);
                entry.created = resource.created_at.map(|at| at.date_naive());
            }
        }
        // All names are there now, so that parents can be found by them.
        for snapshot in snapshots {
            for resource in &snapshot.resources {
                let key = (resource.type_name.clone(), resource.region.clone(), resource.id.clone());
                if let Some(at) = by_key.get(&key) {
                    known.relate(*at, resource);
                }
            }
        }
        known.note_parts();
        known
    }

    fn note_parts(&mut self) {
        let names = self.exact.keys().chain(self.mentioned.keys()).chain(self.named.keys().map(|(_, name)| name));
        // Whatever finds a name has its last part in it; the parts before, as `function` or `db`, half of a bill has.
        let last = names.filter_map(|name| parts(name).last());
        let hashes: Vec<u64> = last.map(|part| self.hasher.hash_one(part)).collect();
        self.parts = vec![0; (hashes.len() / 4).next_power_of_two()];
        for hash in hashes {
            let (word, bit) = self.bit(hash);
            self.parts[word] |= bit;
        }
    }

    fn bit(&self, hash: u64) -> (usize, u64) {
        ((hash >> 6) as usize & (self.parts.len() - 1), 1 << (hash & 63))
    }

    /// Whether it is worth while to look for a resource: `false` means that no snapshot knows it, nor what it is a part of.
    #[inline]
    #[must_use]
    pub fn might_know(&self, id: &str) -> bool {
        !self.resources.is_empty()
            && parts(id).any(|part| {
                let (word, bit) = self.bit(self.hasher.hash_one(part));
                self.parts[word] & bit != 0
            })
    }

    fn add(&mut self, resource: &Resource, words: usize) -> At {
        let at = At::try_from(self.resources.len()).unwrap_or(At::MAX);
        let arn = resource.arn.as_deref().map(|arn| arn.trim_end_matches(":*"));
        self.resources.push(KnownResource {
            type_name: resource.type_name.clone(),
            region: resource.region.clone(),
            id: resource.id.clone(),
            created: None,
            label: arn.unwrap_or(&resource.id).to_owned(),
            tags: BTreeMap::new(),
            snapshots: vec![0; words],
            parents: Vec::new(),
        });
        let mut texts = vec![resource.id.as_str()];
        texts.extend(arn);
        texts.extend(arn.map(last_part));
        texts.extend(resource.name.as_deref());
        // Identifiers of several parts: `cluster|service`.
        texts.extend(resource.id.split('|').next_back());
        let service = resource.type_name.split("::").nth(1).unwrap_or_default().to_ascii_lowercase();
        for text in texts {
            if is_unique_id(text) || text.starts_with("arn:") || text.starts_with("https://") {
                self.exact.entry(text.to_owned()).or_insert(at);
            }
            let list = self.named.entry((service.clone(), text.to_owned())).or_default();
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
        at
    }

    /// Notes what a resource is a part of.
    fn relate(&mut self, at: At, resource: &Resource) {
        let mut parents = Vec::new();
        match resource.type_name.as_str() {
            "AWS::EC2::Volume" | "AWS::EC2::NetworkInterface" => {
                parents.extend(self.ids(resource, "i-"));
            }
            "AWS::EC2::Snapshot" => parents.extend(self.ids(resource, "vol-")),
            "AWS::EC2::Instance" => {
                for id in texts(resource).filter(|text| text.starts_with("vol-") || text.starts_with("eni-")) {
                    match self.exact.get(id).copied() {
                        Some(child) => push(&mut self.resources[child as usize].parents, (at, Rule::Parent)),
                        None => {
                            self.mentioned.insert(id.to_owned(), at);
                        }
                    }
                }
            }
            "AWS::RDS::DBSnapshot" => {
                let database = resource.properties.get("DBInstanceIdentifier").and_then(Value::as_str);
                parents.extend(database.and_then(|name| self.by_name(&["rds"], name, &resource.region)));
            }
            "AWS::Logs::LogGroup" => parents.extend(self.log_writer(&resource.id, &resource.region)),
            _ => {}
        }
        for parent in parents {
            if parent != at {
                push(&mut self.resources[at as usize].parents, (parent, Rule::Parent));
            }
        }
        if let Some(owner) = &resource.owner
            && let Some(owner) = self.by_owner(&owner.kind, &owner.id, &resource.region)
            && owner != at
        {
            push(&mut self.resources[at as usize].parents, (owner, Rule::Owner));
        }
    }

    fn ids(&self, resource: &Resource, prefix: &str) -> Vec<At> {
        texts(resource).filter(|text| text.starts_with(prefix)).filter_map(|id| self.exact.get(id).copied()).collect()
    }

    /// The account whose snapshots these are.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// A resource by its position.
    #[must_use]
    pub fn get(&self, at: At) -> Option<&KnownResource> {
        self.resources.get(at as usize)
    }

    /// Finds what a line calls its resource: by ARN, unique id, name within the service, or as a part.
    #[must_use]
    pub fn find(&self, called: Called<'_>) -> Found {
        let id = called.id.trim_end_matches(":*");
        let one = |at: At, rule: Rule| Found { resource: Some((at, rule)), parents: Vec::new() };
        if let Ok(arn) = id.parse::<Arn>() {
            if let Some(at) = arn_and_shorter(id).find_map(|arn| self.exact.get(arn)) {
                return one(*at, Rule::Arn);
            }
            // An ARN names its account; what another account has must not be matched by name.
            if !arn.account.is_empty() && arn.account != self.account {
                return Found::default();
            }
            let last = last_part(id);
            if let Some(at) = self.exact.get(last).filter(|_| is_unique_id(last)) {
                return one(*at, Rule::Id);
            }
            let region = if arn.region.is_empty() { called.region } else { &arn.region };
            if let Some(at) = self.by_name(&arn_services(&arn.service), last, region) {
                return one(at, Rule::Name);
            }
            return Found { resource: None, parents: self.parents_of_arn(&arn, region) };
        }
        if let Some(at) = self.exact.get(id) {
            return one(*at, Rule::Id);
        }
        if let Some(at) = self.mentioned.get(id) {
            return Found { resource: None, parents: vec![(*at, Rule::Parent)] };
        }
        let services = type_services(called.service_code, called.service_name);
        if let Some(at) = self.by_name(services, id, called.region) {
            return one(at, Rule::Name);
        }
        let parents = self.log_writer(id, called.region).map(|at| (at, Rule::Parent));
        Found { resource: None, parents: parents.into_iter().collect() }
    }

    /// A log group of a function; a task of a cluster.
    fn parents_of_arn(&self, arn: &Arn, region: &str) -> Vec<(At, Rule)> {
        if let Some(at) = self.mentioned.get(last_part(&arn.resource)) {
            return vec![(*at, Rule::Parent)];
        }
        let parent = match arn.resource.split_once([':', '/']) {
            Some(("log-group", group)) => {
                let group = group.split(':').next().unwrap_or(group);
                self.by_name(&["logs"], group, region).or_else(|| self.log_writer(group, region))
            }
            Some(("task", rest)) if arn.service == "ecs" => {
                rest.split_once('/').and_then(|(cluster, _)| self.by_name(&["ecs"], cluster, region))
            }
            _ => None,
        };
        parent.into_iter().map(|at| (at, Rule::Parent)).collect()
    }

    fn log_writer(&self, group: &str, region: &str) -> Option<At> {
        let (type_name, name) = log_group_writer(group)?;
        let service = type_name.split("::").nth(1)?.to_ascii_lowercase();
        let at = self.by_name(&[service.as_str()], name, region)?;
        self.get(at).filter(|it| it.type_name == type_name).map(|_| at)
    }

    /// The one resource of this name; `None` when there are several, for nobody can tell which one is meant.
    fn by_name(&self, services: &[&str], name: &str, region: &str) -> Option<At> {
        let lists = services.iter().filter_map(|it| self.named.get(&((*it).to_owned(), name.to_owned())));
        let mut fitting = lists.flatten().copied().filter(|at| {
            self.get(*at).is_some_and(|it| region.is_empty() || it.region == region || it.region == GLOBAL)
        });
        let first = fitting.next()?;
        fitting.all(|other| other == first).then_some(first)
    }

    /// The resource that an owner mark names: a stack, a group, a cluster, a service.
    #[must_use]
    pub fn by_owner(&self, kind: &str, id: &str, region: &str) -> Option<At> {
        if let Some(at) = self.exact.get(id) {
            return Some(*at);
        }
        let services: &[&str] = match kind {
            "auto-scaling-group" => &["autoscaling"],
            "cloudformation-stack" => &["cloudformation"],
            "eks-cluster" | "eks-nodegroup" => &["eks"],
            "ecs-service" | "ecs-cluster" => &["ecs"],
            _ => return None,
        };
        self.by_name(services, last_part(id), region)
    }

    /// Whether a snapshot holds a resource.
    #[must_use]
    pub fn holds(&self, snapshot: usize, at: At) -> bool {
        let word = self.get(at).and_then(|it| it.snapshots.get(snapshot / 64));
        word.is_some_and(|word| word >> (snapshot % 64) & 1 == 1)
    }

    /// What makes a resource, or a part of another, belong to a snapshot: the rule of the first link to it.
    #[must_use]
    pub fn belongs(&self, snapshot: usize, found: &Found) -> Option<(At, Rule)> {
        let mut open: Vec<(At, Rule)> = found.resource.into_iter().chain(found.parents.iter().copied()).collect();
        let mut seen = Vec::new();
        // Breadth first: the nearest reason is the best one.
        while !open.is_empty() {
            if let Some(hit) = open.iter().find(|(at, _)| self.holds(snapshot, *at)) {
                return Some(*hit);
            }
            seen.extend(open.iter().map(|(at, _)| *at));
            open = open
                .iter()
                .filter_map(|(at, _)| self.get(*at))
                .flat_map(|it| it.parents.iter().copied())
                .filter(|(at, _)| !seen.contains(at))
                .collect();
        }
        None
    }

    /// What the absence of a resource from a snapshot means.
    #[must_use]
    pub fn absence(&self, snapshot: usize, at: At) -> Absence {
        let (Some(resource), Some(seen)) = (self.get(at), self.snapshots.get(snapshot)) else { return Absence::Other };
        if !seen.complete.contains(&(resource.type_name.clone(), resource.region.clone())) {
            return Absence::NotLookedAt;
        }
        let holders = (0..self.snapshots.len()).filter(|other| self.holds(*other, at));
        let (older, newer): (Vec<usize>, Vec<usize>) = holders.partition(|other| *other < snapshot);
        if !seen.filtered && !older.is_empty() && newer.is_empty() { Absence::Gone } else { Absence::Other }
    }

    /// The day on which a snapshot was taken.
    #[must_use]
    pub fn taken(&self, snapshot: usize) -> Option<NaiveDate> {
        self.snapshots.get(snapshot).map(|it| it.taken)
    }
}

/// Why a snapshot does not hold a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// It was there before and is no longer.
    Gone,
    /// The snapshot could not look, or was not to.
    NotLookedAt,
    /// It came later, or was left out on purpose.
    Other,
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The parts of a name, between colons and slashes; of an ARN, only those of the resource.
fn parts(id: &str) -> impl Iterator<Item = &str> {
    let resource = if id.starts_with("arn:") { id.splitn(6, ':').nth(5).unwrap_or(id) } else { id };
    resource.split([':', '/']).filter(|part| !part.is_empty() && *part != "*")
}

/// Every text in what is known of a resource.
fn texts(resource: &Resource) -> impl Iterator<Item = &str> {
    fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| walk(field, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for value in resource.properties.values().chain(resource.observed.values()) {
        walk(value, &mut found);
    }
    found.into_iter()
}
