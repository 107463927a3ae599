//! How much attention an action deserves.

use std::collections::HashMap;

use petgraph::visit::EdgeRef;

use super::guards::Guards;
use super::settle::Settled;
use super::world::World;
use crate::catalog::Order;
use crate::model::{Action, Risk, RiskLevel};

/// Types whose loss shows outside of what an inventory sees.
const NOTABLE: &[(&str, RiskLevel, &str)] = &[
    ("AWS::CertificateManager::Certificate", RiskLevel::Medium, "whoever shows this certificate needs another one"),
    ("AWS::CloudFront::Distribution", RiskLevel::Medium, "its domain name cannot be had back"),
    ("AWS::CloudTrail::Trail", RiskLevel::High, "the account's audit trail"),
    ("AWS::Config::ConfigurationRecorder", RiskLevel::High, "the account's record of changes"),
    ("AWS::EC2::EIP", RiskLevel::Medium, "the public address cannot be had back"),
    ("AWS::GuardDuty::Detector", RiskLevel::High, "guards the account"),
    ("AWS::IAM::Group", RiskLevel::Medium, "takes permissions from people"),
    ("AWS::IAM::OIDCProvider", RiskLevel::Medium, "takes access from whoever signs in with it"),
    ("AWS::IAM::Role", RiskLevel::Medium, "may be worn from outside this account"),
    ("AWS::IAM::SAMLProvider", RiskLevel::Medium, "takes access from whoever signs in with it"),
    ("AWS::IAM::User", RiskLevel::Medium, "takes access from a person or a program"),
    ("AWS::KMS::Key", RiskLevel::Medium, "what it encrypts cannot be read from then on, wherever it lies"),
    ("AWS::Route53::HostedZone", RiskLevel::High, "its names no longer resolve"),
];

/// Finds the reasons for attention.
pub(super) struct Risks<'w, 'a> {
    world: &'w World<'a>,
    settled: &'w Settled<'w>,
    users_out_of_scope: std::collections::BTreeMap<&'static str, Vec<&'static str>>,
    mentions: HashMap<usize, (usize, usize)>,
}

impl<'w, 'a> Risks<'w, 'a> {
    pub fn new(world: &'w World<'a>, settled: &'w Settled<'w>, guards: &Guards<'_, '_>) -> Self {
        let mut mentions: HashMap<usize, (usize, usize)> = HashMap::new();
        for edge in world.references.graph().edge_references().filter(|edge| edge.weight().order == Order::None) {
            let (holder, target) = (edge.source().index(), edge.target().index());
            if settled.standing[target].goes() && !settled.standing[holder].goes() {
                let (count, first) = mentions.entry(target).or_insert((0, holder));
                *count += 1;
                if world.place[holder] < world.place[*first] {
                    *first = holder;
                }
            }
        }
        Risks { world, settled, users_out_of_scope: guards.users_out_of_scope(), mentions }
    }

    /// The risk of a deletion, whose other fields are there already.
    pub fn of_delete(&self, at: usize, action: &Action) -> Risk {
        let resource = &self.world.resources[at];
        let mut found: Vec<(RiskLevel, String)> = Vec::new();
        let mut add = |level, why: String| found.push((level, why));
        if action.data_loss {
            add(RiskLevel::High, "content goes that cannot be had back".to_owned());
        } else if self.world.recipe(at).is_some_and(|recipe| recipe.holds_data) {
            add(RiskLevel::Medium, "it holds data, which can be had back".to_owned());
        }
        if let Some(protection) = &action.disables_protection {
            add(RiskLevel::High, format!("its deletion protection is turned off: {protection}"));
        }
        if let Some(owner) = &resource.owner {
            add(RiskLevel::High, format!("{} {} stays and may make it again", owner.kind, owner.id));
        }
        if !action.takes_along.is_empty() {
            add(RiskLevel::Medium, format!("takes {} more along", action.takes_along.len()));
        }
        if let Some((_, level, why)) = NOTABLE.iter().find(|(name, _, _)| *name == resource.type_name) {
            add(*level, (*why).to_owned());
        }
        if let Some((count, first)) = self.mentions.get(&at) {
            let first = &self.world.resources[*first];
            add(
                RiskLevel::Medium,
                format!("mentioned {count} times by what stays, first by {} {}", first.type_name, first.label()),
            );
        }
        if let Some(users) = self.users_out_of_scope.get(resource.type_name.as_str()).filter(|users| !users.is_empty())
        {
            add(RiskLevel::Medium, format!("nobody looked at types that may use it: {}", users.join(", ")));
        }
        if !resource.unreadable.is_empty() {
            let names: Vec<&str> = resource.unreadable.keys().map(String::as_str).collect();
            add(RiskLevel::Medium, format!("could not be read in full: {}", names.join(", ")));
        }
        risk(found)
    }

    /// Whether a resource goes.
    pub fn goes(&self, at: usize) -> bool {
        self.settled.standing[at].goes()
    }
}

/// The highest level, and all reasons, the gravest first.
pub(super) fn risk(mut found: Vec<(RiskLevel, String)>) -> Risk {
    found.sort_by_key(|found| std::cmp::Reverse(found.0));
    Risk {
        level: found.first().map_or(RiskLevel::Low, |(level, _)| *level),
        reasons: found.into_iter().map(|(_, why)| why).collect(),
    }
}
