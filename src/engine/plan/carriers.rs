//! What goes with what: the members of a stack, the default parts of a VPC, the interfaces that a service made.
//!
//! Such a thing has no action of its own. It goes when its carriers go, and whatever waits for it waits for them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::world::World;
use crate::catalog::Order;
use crate::catalog::edges::{OWNERS, PARTS};
use crate::model::{GLOBAL, Resource};

const INTERFACE: &str = "AWS::EC2::NetworkInterface";

/// The carriers of every resource.
#[derive(Default)]
pub(super) struct CarriedBy {
    carriers: HashMap<usize, Vec<usize>>,
    /// Things with an owner that is a resource of ours. Such an owner takes along also what should stay.
    owned: Vec<(usize, usize)>,
}

impl CarriedBy {
    /// What takes a resource along; empty for most.
    pub fn carriers(&self, at: usize) -> &[usize] {
        self.carriers.get(&at).map_or(&[], Vec::as_slice)
    }

    /// Resources and their owners, both of ours.
    pub fn owned(&self) -> &[(usize, usize)] {
        &self.owned
    }

    /// Resources and what takes them along.
    pub fn all(&self) -> impl Iterator<Item = (usize, usize)> {
        self.carriers.iter().flat_map(|(carried, carriers)| carriers.iter().map(|carrier| (*carried, *carrier)))
    }
}

/// Finds out what goes with what.
pub(super) fn find(world: &World<'_>) -> CarriedBy {
    let mut found = CarriedBy::default();
    let owners = Owners::new(world);
    let parts: HashMap<&str, &_> = PARTS.iter().map(|part| (part.part, part)).collect();
    for (at, resource) in world.resources.iter().enumerate() {
        if let Some(owner) = owners.of(resource).filter(|owner| *owner != at) {
            found.carriers.insert(at, vec![owner]);
            found.owned.push((at, owner));
        } else if let Some(part) = parts.get(resource.type_name.as_str())
            && resource.aws_made.is_some()
            && let Some(whole) = neighbour(world, at, part.path, part.whole)
        {
            found.carriers.insert(at, vec![whole]);
        } else if resource.type_name == INTERFACE && resource.owner.is_some() {
            let makers = owners.makers(world, at);
            if !makers.is_empty() {
                found.carriers.insert(at, makers);
            }
        }
    }
    drop_circles(&mut found);
    found
}

/// Owners are named by tags, and tags can say anything: what would carry itself is carried by nothing.
fn drop_circles(found: &mut CarriedBy) {
    let in_circle = |start: usize| {
        let mut seen = HashSet::new();
        let mut next = found.carriers(start).to_vec();
        while let Some(at) = next.pop() {
            if at == start {
                return true;
            }
            if seen.insert(at) {
                next.extend(found.carriers(at));
            }
        }
        false
    };
    let circular: Vec<usize> = found.carriers.keys().copied().filter(|start| in_circle(*start)).collect();
    for at in circular {
        found.carriers.remove(&at);
    }
}

fn neighbour(world: &World<'_>, at: usize, path: &str, type_name: &str) -> Option<usize> {
    let graph = world.references.graph();
    let node = petgraph::graph::NodeIndex::new(at);
    let mut targets = graph.edges(node).filter(|edge| edge.weight().path == path);
    targets.find_map(|edge| {
        let target = petgraph::visit::EdgeRef::target(&edge).index();
        (world.resources[target].type_name == type_name).then_some(target)
    })
}

/// Looks up owners by what their things say of them.
struct Owners<'a> {
    by_name: HashMap<(&'a str, &'a str), Vec<usize>>,
    by_arn_tail: HashMap<&'a str, usize>,
    places: Vec<&'a str>,
}

impl<'a> Owners<'a> {
    fn new(world: &World<'a>) -> Self {
        let mut by_name: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        let mut by_arn_tail = HashMap::new();
        let mut add = |type_name: &'a str, name: &'a str, at: usize| {
            let all = by_name.entry((type_name, name)).or_default();
            if all.last() != Some(&at) {
                all.push(at);
            }
        };
        for (at, resource) in world.resources.iter().enumerate() {
            let type_name = resource.type_name.as_str();
            let names = [Some(resource.id.as_str()), resource.arn.as_deref(), resource.name.as_deref()];
            names.into_iter().flatten().for_each(|name| add(type_name, name, at));
            // `cluster/nodegroup`, `cluster|service`: the last part is what tags name.
            if let Some(last) = resource.id.rsplit(['|', '/']).next() {
                add(type_name, last, at);
            }
            if let Some((_, tail)) = resource.arn.as_deref().and_then(|arn| arn.split_once(":loadbalancer/")) {
                by_arn_tail.insert(tail, at);
            }
        }
        let places = world.resources.iter().map(|resource| resource.region.as_str()).collect();
        Owners { by_name, by_arn_tail, places }
    }

    /// The one resource of these types that has this name, near this one.
    fn named(&self, types: &[&str], name: &str, near: &Resource) -> Option<usize> {
        let all = types.iter().filter_map(|type_name| self.by_name.get(&(*type_name, name))).flatten();
        let here =
            |at: &&usize| near.region == GLOBAL || self.places[**at] == GLOBAL || self.places[**at] == near.region;
        let mut here = all.filter(here);
        let first = here.next()?;
        // Two of a name: nobody knows which is meant.
        here.next().is_none().then_some(*first)
    }

    fn of(&self, resource: &Resource) -> Option<usize> {
        let owner = resource.owner.as_ref()?;
        let (_, types) = OWNERS.iter().find(|(kind, _)| *kind == owner.kind)?;
        self.named(types, &owner.id, resource)
    }

    /// What made an interface that a service owns: by its description, else all that uses the same security groups.
    fn makers(&self, world: &World<'_>, at: usize) -> Vec<usize> {
        let resource = &world.resources[at];
        let description = resource.properties.get("Description").and_then(Value::as_str).unwrap_or_default();
        if let Some(maker) = self.described(description, resource) {
            return vec![maker];
        }
        by_groups(world, at)
    }

    fn described(&self, description: &str, near: &Resource) -> Option<usize> {
        const MAKERS: &[&str] = &[
            "AWS::EC2::Instance",
            "AWS::EC2::NatGateway",
            "AWS::EC2::TransitGatewayAttachment",
            "AWS::EC2::TransitGatewayVpcAttachment",
            "AWS::EC2::VPCEndpoint",
            "AWS::EFS::MountTarget",
        ];
        if let Some(balancer) = description.strip_prefix("ELB ") {
            let v2 = self.by_arn_tail.get(balancer).copied();
            return v2.or_else(|| self.named(&["AWS::ElasticLoadBalancing::LoadBalancer"], balancer, near));
        }
        if let Some(rest) = description.strip_prefix("AWS Lambda VPC ENI-") {
            // The function's name, then the 37 characters of a dash and a UUID.
            let name = rest.len().checked_sub(37).and_then(|end| rest.get(..end)).unwrap_or(rest);
            return self.named(&["AWS::Lambda::Function"], name, near);
        }
        if let Some(cluster) = description.strip_prefix("Amazon EKS ") {
            return self.named(&["AWS::EKS::Cluster"], cluster, near);
        }
        let words = description.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        // The last word is the most precise: `EFS mount target for fs-1 (fsmt-2)`.
        words.filter(|word| word.contains('-')).filter_map(|word| self.named(MAKERS, word, near)).next_back()
    }
}

/// Types that use security groups and make no interfaces of their own for it.
const NO_MAKERS: &[&str] =
    &[INTERFACE, "AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::EC2::SecurityGroup", "AWS::EC2::VPC"];

/// With this many uses of a group nobody can tell who made an interface in it.
const MOST: usize = 64;

fn by_groups(world: &World<'_>, at: usize) -> Vec<usize> {
    use petgraph::Direction::Incoming;
    use petgraph::visit::EdgeRef;
    let graph = world.references.graph();
    let groups = graph.edges(petgraph::graph::NodeIndex::new(at)).map(|edge| edge.target());
    let groups = groups.filter(|group| graph[*group].type_name == "AWS::EC2::SecurityGroup");
    let mut makers: Vec<usize> = Vec::new();
    for group in groups {
        let users = graph.edges_directed(group, Incoming).filter(|edge| edge.weight().order == Order::HolderFirst);
        let users = users.map(|edge| edge.source().index());
        let users = users.filter(|user| !NO_MAKERS.contains(&world.resources[*user].type_name.as_str()));
        let before = makers.len();
        makers.extend(users.take(MOST));
        if makers.len() - before == MOST {
            return Vec::new();
        }
    }
    makers.sort_unstable_by_key(|maker| world.place[*maker]);
    makers.dedup();
    makers
}
