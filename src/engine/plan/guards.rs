//! What speaks against deleting one resource, looked at alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::carriers::CarriedBy;
use super::rules::Rules;
use super::world::World;
use super::{PlanInput, caller, reserved};
use crate::catalog::{Delete, Recipe, edges};
use crate::model::{Arn, CellKey, Coverage, GLOBAL, Outcome, Refusal, Resource, Switches};

/// Clocks differ: a resource counts as older than the baseline only if it is older by more than this.
const CLOCK_SLACK: TimeDelta = TimeDelta::minutes(5);

/// What the guards know.
pub(super) struct Guards<'w, 'a> {
    input: &'w PlanInput<'a>,
    world: &'w World<'a>,
    rules: &'w Rules<'a>,
    own: HashMap<usize, String>,
    baseline_arns: HashSet<(&'a str, &'a str)>,
    baseline_keys: HashSet<crate::model::ResourceKey<'a>>,
    /// Cells by type that could not be looked at.
    gaps: HashMap<&'w str, Vec<&'w CellKey>>,
    /// A resource that was created before this was there when the baseline was taken.
    cut_off: DateTime<Utc>,
}

/// How one resource stands before anybody looks at its neighbours.
pub(super) enum Judged {
    /// It was not added: it stays.
    Stays,
    /// Nothing speaks against deleting it.
    Goes,
    /// It goes with another, unless that one stays; without it, these are the reasons why it stays.
    GoesWith(Vec<Refusal>),
    /// It stays, for these reasons.
    Refused(Vec<Refusal>),
}

impl<'w, 'a> Guards<'w, 'a> {
    pub fn new(input: &'w PlanInput<'a>, world: &'w World<'a>, rules: &'w Rules<'a>) -> Self {
        let baseline = &input.baseline.resources;
        let mut gaps: HashMap<&str, Vec<&CellKey>> = HashMap::new();
        for (cell, _) in input.live.coverage.gaps() {
            gaps.entry(&cell.type_name).or_default().push(cell);
        }
        let header = &input.baseline.header;
        let cut_off = header.filters.created_before.map_or(header.created_at, |before| before.min(header.created_at));
        Guards {
            input,
            world,
            rules,
            own: caller::own(world, &input.live.header.caller.arn, input.own),
            baseline_arns: baseline.iter().filter_map(|r| Some((r.type_name.as_str(), r.arn.as_deref()?))).collect(),
            baseline_keys: baseline.iter().map(Resource::key).collect(),
            gaps,
            cut_off,
        }
    }

    /// How every live resource stands.
    pub fn judge(&self, carried_by: &CarriedBy) -> Vec<Judged> {
        let judge = |(at, added): (usize, &bool)| match (*added, carried_by.carriers(at)) {
            (false, _) => Judged::Stays,
            (true, carriers) => {
                let reasons = self.reasons(at, carriers);
                let goes_with = carriers.iter().any(|carrier| self.world.added[*carrier]);
                match (reasons.is_empty(), goes_with) {
                    (true, _) => Judged::Goes,
                    (false, true) if reasons.iter().all(yields_to_a_carrier) => Judged::GoesWith(reasons),
                    (false, _) => Judged::Refused(reasons),
                }
            }
        };
        self.world.added.iter().enumerate().map(judge).collect()
    }

    /// The reasons against one added resource, the gravest first.
    fn reasons(&self, at: usize, carriers: &[usize]) -> Vec<Refusal> {
        let resource = &self.world.resources[at];
        let mut reasons = Vec::new();
        self.membership(resource, &mut reasons);
        reasons.extend(self.own.get(&at).map(|why| Refusal::OwnIdentity { why: why.clone() }));
        self.makers(at, carriers, &mut reasons);
        reasons.extend(self.rules.protects(resource).map(|by| Refusal::Protected { by }));
        reasons.extend(self.rules.excludes(resource).map(|by| Refusal::Excluded { by }));
        if !self.rules.selects(resource) {
            reasons.push(Refusal::NotSelected);
        }
        self.age(resource, &mut reasons);
        match self.world.delete(at) {
            None => reasons.push(Refusal::CannotDelete { why: "this version does not know the type".to_owned() }),
            Some(Delete::Never(why)) => reasons.push(Refusal::CannotDelete { why: why.to_owned() }),
            Some(Delete::Call(recipe)) => self.content(resource, &recipe, &mut reasons),
        }
        let cells = self.unseen_users(resource);
        if !cells.is_empty() {
            reasons.push(Refusal::UnseenUsers { cells });
        }
        reasons
    }

    /// Looks again at what the comparison says: a mistake there must not delete anything here.
    fn membership(&self, resource: &Resource, reasons: &mut Vec<Refusal>) {
        let arn = resource.arn.as_deref().map(|arn| (resource.type_name.as_str(), arn));
        if self.baseline_keys.contains(&resource.key()) || arn.is_some_and(|arn| self.baseline_arns.contains(&arn)) {
            reasons.push(Refusal::InBaseline);
        }
        let cell = |coverage: &Coverage| coverage.get(&resource.type_name, &resource.region).cloned();
        let before = cell(&self.input.baseline.coverage);
        let after = cell(&self.input.live.coverage);
        let sees = |outcome: &Option<Outcome>| {
            outcome.as_ref().is_some_and(|outcome| outcome.is_complete() || *outcome == Outcome::NotOffered)
        };
        for (side, outcome) in [("baseline", &before), ("live inventory", &after)] {
            if !sees(outcome) {
                let how = outcome.as_ref().map_or_else(|| "not looked at".to_owned(), ToString::to_string);
                reasons.push(Refusal::Unknown { what: format!("{side}: {how}") });
            }
        }
        if resource.undetermined {
            reasons.push(Refusal::Undetermined);
        }
    }

    fn makers(&self, at: usize, carriers: &[usize], reasons: &mut Vec<Refusal>) {
        let resource = &self.world.resources[at];
        let account = &self.input.live.header.account;
        let theirs = resource.arn.as_deref().and_then(|arn| arn.parse::<Arn>().ok()).map(|arn| arn.account);
        let theirs = theirs.filter(|other| !other.is_empty() && other != account);
        let shared = resource.owner.as_ref().filter(|owner| owner.kind == "aws-account").map(|owner| owner.id.clone());
        reasons.extend(shared.or(theirs).map(|account| Refusal::OtherAccount { account }));
        let made = resource.aws_made.clone().or_else(|| reserved::claimed(resource));
        reasons.extend(made.map(|why| Refusal::AwsMade { why }));
        reasons.extend(reserved::reserved(resource).map(|why| Refusal::Reserved { why }));
        if let Some(owner) = resource.owner.as_ref().filter(|owner| owner.kind != "aws-account") {
            // An owner that goes takes its things along: deleting them one by one would only disturb it.
            let owner_goes = carriers.iter().any(|carrier| self.world.added[*carrier]);
            let untouchable = edges::UNTOUCHABLE.contains(&owner.kind.as_str());
            if owner_goes || untouchable || !self.input.options.delete_owned {
                reasons.push(Refusal::Owned);
            }
        }
    }

    fn age(&self, resource: &Resource, reasons: &mut Vec<Refusal>) {
        let by_tags = !self.input.baseline.header.filters.tags.is_empty();
        match resource.created_at {
            Some(at) if at + CLOCK_SLACK < self.cut_off => {
                reasons.push(Refusal::PredatesBaseline { created_at: Some(at) });
            }
            // Whoever tags an old resource does not add it.
            None if by_tags => reasons.push(Refusal::PredatesBaseline { created_at: None }),
            _ => {}
        }
        if let Some(least) = self.input.options.min_age() {
            match resource.created_at {
                None => reasons.push(Refusal::AgeUnknown),
                Some(at) if self.input.now.signed_duration_since(at) < least => {
                    reasons.push(Refusal::TooYoung { created_at: at });
                }
                Some(_) => {}
            }
        }
    }

    fn content(&self, resource: &Resource, recipe: &Recipe, reasons: &mut Vec<Refusal>) {
        let switches = &self.input.options.switches;
        if !switches.disable_protection {
            let protection = recipe.protection_of(resource);
            reasons.extend(protection.map(|protection| Refusal::DeletionProtected { protection }));
        }
        if !switches.data_loss && loses_data(resource, recipe, switches) {
            reasons.push(Refusal::HoldsData);
        }
    }

    /// Cells that could not be looked at and may hold a user of this resource that AWS would not mind.
    fn unseen_users(&self, resource: &Resource) -> Vec<CellKey> {
        if self.gaps.is_empty() {
            return Vec::new();
        }
        let anywhere = resource.region == GLOBAL;
        let near = |cell: &&&CellKey| anywhere || cell.region == GLOBAL || cell.region == resource.region;
        let users = edges::silent_users(&resource.type_name).iter();
        let mut cells: Vec<CellKey> = users
            .filter_map(|user| self.gaps.get(user))
            .flat_map(|cells| cells.iter().filter(near).map(|cell| (*cell).clone()))
            .collect();
        cells.sort();
        cells.dedup();
        cells
    }

    /// Types that may use a resource of this type without AWS minding, and that nobody asked to look at.
    pub fn users_out_of_scope(&self) -> BTreeMap<&'static str, Vec<&'static str>> {
        let seen: HashSet<&str> = self.input.live.coverage.iter().map(|(cell, _)| cell.type_name.as_str()).collect();
        let unseen = |users: &[&'static str]| -> Vec<&'static str> {
            users
                .iter()
                .filter(|user| !seen.contains(**user) && (self.input.spec_of)(user).is_some())
                .copied()
                .collect()
        };
        edges::UNGUARDED.iter().map(|(target, users)| (*target, unseen(users))).collect()
    }

    /// Whether a resource that stays may be changed so that another can go: it is the user's own, known and unprotected.
    pub fn may_modify(&self, at: usize) -> bool {
        let resource = &self.world.resources[at];
        let mut reasons = Vec::new();
        self.makers(at, &[], &mut reasons);
        // The default security group is AWS's, its rules are not.
        let is_group = resource.type_name == "AWS::EC2::SecurityGroup";
        reasons.retain(|reason| !(is_group && matches!(reason, Refusal::AwsMade { .. })));
        let in_baseline = self.baseline_keys.contains(&resource.key());
        let readable =
            |coverage: &Coverage| coverage.get(&resource.type_name, &resource.region).is_some_and(Outcome::is_complete);
        reasons.is_empty()
            && in_baseline
            && !resource.undetermined
            && !self.own.contains_key(&at)
            && resource.owner.is_none()
            && self.rules.protects(resource).is_none()
            && self.rules.excludes(resource).is_none()
            && readable(&self.input.baseline.coverage)
            && readable(&self.input.live.coverage)
    }
}

/// Whether a reason against deleting a thing on its own says nothing against its going with its owner.
fn yields_to_a_carrier(reason: &Refusal) -> bool {
    matches!(
        reason,
        Refusal::AgeUnknown
            | Refusal::AwsMade { .. }
            | Refusal::CannotDelete { .. }
            | Refusal::NotSelected
            | Refusal::Owned
    )
}

/// How a resource can be had back after its deletion with these switches.
pub(super) fn reversible(resource: &Resource, recipe: &Recipe, switches: &Switches) -> Option<&'static str> {
    let how = recipe.reversible?;
    if !how.contains("final snapshot") {
        return Some(how);
    }
    // Some cannot have a final snapshot (replicas, members of a cluster): then the steps are the same with and without.
    switches.final_snapshot.as_ref()?;
    let without = Switches { final_snapshot: None, ..switches.clone() };
    let taken = recipe.steps_of(resource, switches) != recipe.steps_of(resource, &without);
    taken.then_some(how)
}

/// Whether deleting a resource loses content that cannot be had back.
pub(super) fn loses_data(resource: &Resource, recipe: &Recipe, switches: &Switches) -> bool {
    recipe.holds_data && reversible(resource, recipe, switches).is_none() && !data_elsewhere(resource)
}

fn data_elsewhere(resource: &Resource) -> bool {
    let names = edges::DATA_ELSEWHERE
        .iter()
        .filter(|(name, _)| *name == resource.type_name)
        .flat_map(|(_, names)| names.iter());
    let text = |name: &str| resource.properties.get(name).and_then(serde_json::Value::as_str);
    names.into_iter().any(|name| text(name).is_some_and(|other| !other.is_empty()))
}
