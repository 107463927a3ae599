//! Whose a difference is: children are shown under their owner, and what a controller of the baseline keeps remaking is
//! no drift.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Delta, GLOBAL, Kind, Owner, Parent, Replaced, Resource, Settled};

/// Which type an owner of a kind is, and whether it makes and unmakes its children by itself.
///
/// A stack changes only when somebody changes it, so its new children are drift that belongs to the stack. A group
/// replaces its instances whenever it likes.
const KINDS: &[(&str, &str, bool)] = &[
    ("cloudformation-stack", "AWS::CloudFormation::Stack", false),
    ("cloudformation-stackset", "AWS::CloudFormation::StackSet", false),
    ("auto-scaling-group", "AWS::AutoScaling::AutoScalingGroup", true),
    ("eks-nodegroup", "AWS::EKS::Nodegroup", true),
    ("eks-cluster", "AWS::EKS::Cluster", true),
    ("kubernetes", "AWS::EKS::Cluster", true),
    ("ecs-service", "AWS::ECS::Service", true),
    ("ecs-cluster", "AWS::ECS::Cluster", true),
    ("ec2-instance", "AWS::EC2::Instance", true),
    ("elastic-beanstalk-environment", "AWS::ElasticBeanstalk::Environment", true),
    ("emr-cluster", "AWS::EMR::Cluster", true),
    ("ec2-fleet", "AWS::EC2::EC2Fleet", true),
    ("spot-fleet", "AWS::EC2::SpotFleet", true),
    ("elasticache-replication-group", "AWS::ElastiCache::ReplicationGroup", true),
    ("rds-cluster", "AWS::RDS::DBCluster", false),
    ("scaling-policy", "AWS::AutoScaling::ScalingPolicy", true),
    ("primary-secret", "AWS::SecretsManager::Secret", true),
];

/// Kinds of owners that are no resource of the account, and remake what is theirs: AWS services and their like.
const SERVICES: &[&str] = &["aws-service", "backup", "dlm-policy", "application-autoscaling", "lambda-edge-function"];

/// Settings of these types belong to the account also where AWS made the thing: the default VPC and its parts.
const EDITABLE: &[&str] = &["AWS::EC2::"];

/// The resources of one inventory that can own others.
#[derive(Debug, Default)]
pub struct Owners<'a> {
    by_name: HashMap<(&'a str, &'a str), Vec<&'a Resource>>,
}

impl<'a> Owners<'a> {
    /// Looks for owners among resources.
    #[must_use]
    pub fn of(resources: impl IntoIterator<Item = &'a Resource>) -> Self {
        let mut owners = Owners::default();
        for resource in resources.into_iter().filter(|resource| Self::is_owner_type(&resource.type_name)) {
            let names = [Some(resource.id.as_str()), resource.arn.as_deref(), resource.name.as_deref()];
            for name in names.into_iter().flatten().chain(resource.id.split('|')) {
                let all = owners.by_name.entry((resource.type_name.as_str(), name)).or_default();
                if !all.iter().any(|known| known.key() == resource.key()) {
                    all.push(resource);
                }
            }
        }
        owners
    }

    /// Whether resources of a type can own others.
    #[must_use]
    pub fn is_owner_type(type_name: &str) -> bool {
        KINDS.iter().any(|(_, kind, _)| *kind == type_name)
    }

    fn find(&self, owner: &Owner, child: &Resource) -> Option<&'a Resource> {
        let (_, type_name, _) = KINDS.iter().find(|(kind, ..)| *kind == owner.kind)?;
        let candidates = self.by_name.get(&(*type_name, owner.id.as_str()))?;
        let near = candidates.iter().find(|candidate| candidate.region == child.region || child.region == GLOBAL);
        near.copied().filter(|candidate| candidate.key() != child.key())
    }
}

/// Notes the owners of what differs, and moves what is no drift to where it belongs.
pub fn settle(delta: &mut Delta, before: &Owners<'_>, after: &Owners<'_>) {
    let verdict = |resource: &Resource, settings: bool| why_settled(resource, settings, before, after);
    let mut settled = Vec::new();
    let mut take = |kind: Kind, resource: &Resource, settings: bool| match verdict(resource, settings) {
        Some(why) => {
            settled.push(Settled { kind, resource: resource.clone(), why });
            false
        }
        None => true,
    };
    delta.added.retain(|resource| take(Kind::Added, resource, false));
    delta.deleted.retain(|resource| take(Kind::Deleted, resource, false));
    delta.replaced.retain(|Replaced { after, .. }| take(Kind::Replaced, after, false));
    delta.modified.retain(|modified| take(Kind::Modified, &modified.after, true));
    delta.settled = settled;

    let mut owners = BTreeMap::new();
    let differing = delta.added.iter().chain(&delta.deleted).chain(delta.modified.iter().map(|m| &m.after));
    let differing = differing.chain(delta.replaced.iter().map(|r| &r.after));
    for resource in differing.chain(delta.settled.iter().map(|settled| &settled.resource)) {
        note(resource, before, after, &mut owners);
    }
    delta.owners = owners;
}

/// Notes the owner of a resource, the owner's owner, and so on.
fn note(resource: &Resource, before: &Owners<'_>, after: &Owners<'_>, owners: &mut BTreeMap<String, Parent>) {
    let mut child = resource;
    while let Some(owner) = &child.owner
        && let Some(found) = after.find(owner, child).or_else(|| before.find(owner, child))
    {
        let key = found.key().to_string();
        let (type_name, region) = (found.type_name.clone(), found.region.clone());
        let parent = Parent { key, type_name, region, label: found.label().to_owned() };
        if owners.insert(child.key().to_string(), parent).is_some() {
            break;
        }
        child = found;
    }
}

/// Why a difference is no drift. `settings`: it is one of settings, the resource is on both sides.
fn why_settled(resource: &Resource, settings: bool, before: &Owners<'_>, after: &Owners<'_>) -> Option<String> {
    if let Some(made) = &resource.aws_made {
        let editable = settings && EDITABLE.iter().any(|prefix| resource.type_name.starts_with(prefix));
        if !editable {
            return Some(format!("made by AWS: {made}"));
        }
    }
    if settings {
        return None;
    }
    let owner = resource.owner.as_ref()?;
    if SERVICES.contains(&owner.kind.as_str()) {
        return Some(format!("kept by {} {}", owner.kind, owner.id));
    }
    let mut child = resource;
    // Up the line of owners, to one that the baseline has and that is there still.
    for _ in 0..8 {
        let owner = child.owner.as_ref()?;
        let (_, _, remakes) = KINDS.iter().find(|(kind, ..)| *kind == owner.kind)?;
        if !remakes {
            return None;
        }
        match (before.find(owner, child), after.find(owner, child)) {
            (Some(_), Some(found)) => return Some(format!("kept by {} {}", owner.kind, found.label())),
            (Some(found), None) | (None, Some(found)) => child = found,
            (None, None) => return None,
        }
    }
    None
}
