//! Who must be gone before whom, with the reason.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::carriers::CarriedBy;
use super::world::World;
use crate::catalog::Order;
use crate::catalog::edges::{How, IN_ONE_VPC, WRITERS, WRITES, cut};

/// One must be gone before another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<'a> {
    /// Goes first.
    pub first: usize,
    /// Goes after it.
    pub then: usize,
    /// Why.
    pub why: Why<'a>,
    /// How the edge can be cut; `first` is the holder then.
    pub cut: Option<How>,
    /// Whether `then` must stay if `first` was never meant to go.
    pub pins: bool,
}

/// Why an edge exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why<'a> {
    /// A declaration says it.
    Declared(&'a str),
    /// The first refers to the second at this path.
    Refers(&'a str),
    /// The second takes the first along.
    Carries,
}

impl std::fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Why::Declared(why) => f.write_str(why),
            Why::Refers(path) => write!(f, "refers to it in {path}"),
            Why::Carries => f.write_str("would go with it"),
        }
    }
}

/// All edges between live resources that end at something that was added, in the order of the first's and the second's
/// keys: only there an order matters.
pub(super) fn find<'a>(world: &'a World<'_>, carried_by: &CarriedBy) -> Vec<Before<'a>> {
    let mut edges = Vec::new();
    references(world, &mut edges);
    log_groups(world, &mut edges);
    neighbours(world, &mut edges);
    let owned: HashSet<(usize, usize)> = carried_by.owned().iter().copied().collect();
    // Owners in a circle carry nothing, but what should stay still holds them.
    let carries: BTreeSet<(usize, usize)> = carried_by.all().chain(owned.iter().copied()).collect();
    for (carried, carrier) in carries {
        // An owner takes along also what should stay. Parts and interfaces are where their whole is, and new if it is.
        let pins = owned.contains(&(carried, carrier));
        edges.push(Before { first: carried, then: carrier, why: Why::Carries, cut: None, pins });
    }
    edges.retain(|edge| world.added[edge.then] && edge.first != edge.then);
    edges.sort_unstable_by_key(|edge| (world.place[edge.first], world.place[edge.then], edge.why));
    edges
}

fn references<'a>(world: &'a World<'_>, edges: &mut Vec<Before<'a>>) {
    let graph = world.references.graph();
    edges.reserve(graph.edge_count());
    for edge in graph.edge_references() {
        let (holder, target, reference) = (edge.source().index(), edge.target().index(), edge.weight());
        let generic = reference.why == "refers to it";
        let why = if generic { Why::Refers(&reference.path) } else { Why::Declared(&reference.why) };
        match reference.order {
            Order::HolderFirst => {
                let cut = cut(&world.resources[holder].type_name, &reference.path);
                edges.push(Before { first: holder, then: target, why, cut, pins: true });
            }
            Order::TargetFirst => edges.push(Before { first: target, then: holder, why, cut: None, pins: true }),
            Order::None => {}
        }
    }
}

/// Writers before the log groups that bear their names.
fn log_groups(world: &World<'_>, edges: &mut Vec<Before<'_>>) {
    let mut groups: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for at in world.of_type("AWS::Logs::LogGroup") {
        let group = &world.resources[at];
        groups.insert((&group.region, group.label()), at);
    }
    if groups.is_empty() {
        return;
    }
    for writer in WRITERS {
        for at in world.of_type(writer.writer) {
            let resource = &world.resources[at];
            let name = writer.group.replace("{}", resource.label());
            let add =
                |group: &usize| Before { first: at, then: *group, why: Why::Declared(WRITES), cut: None, pins: true };
            match name.strip_suffix('*') {
                None => edges.extend(groups.get(&(resource.region.as_str(), name.as_str())).map(add)),
                Some(start) => {
                    let from = Bound::Included((resource.region.as_str(), start));
                    let all = groups.range::<(&str, &str), _>((from, Bound::Unbounded));
                    let fits = |(region, group): &(&str, &str)| *region == resource.region && group.starts_with(start);
                    edges.extend(all.take_while(|(key, _)| fits(key)).map(|(_, group)| add(group)));
                }
            }
        }
    }
}

/// Orders inside a VPC that no reference shows.
fn neighbours(world: &World<'_>, edges: &mut Vec<Before<'_>>) {
    for rule in IN_ONE_VPC {
        let mut later: HashMap<usize, Vec<usize>> = HashMap::new();
        for at in world.of_type(rule.then) {
            for vpc in vpcs(world, at) {
                later.entry(vpc).or_default().push(at);
            }
        }
        if later.is_empty() {
            continue;
        }
        for first in rule.first.iter().flat_map(|type_name| world.of_type(type_name)) {
            let then = vpcs(world, first).into_iter().filter_map(|vpc| later.get(&vpc)).flatten();
            edges.extend(then.map(|&then| {
                // What stays by right may well stay without the gateway: the baseline had it so.
                Before { first, then, why: Why::Declared(rule.why), cut: None, pins: false }
            }));
        }
    }
}

/// The VPCs to which a resource belongs, directly or by its subnets.
fn vpcs(world: &World<'_>, at: usize) -> Vec<usize> {
    let graph = world.references.graph();
    let near = |at: usize| {
        let edges = graph.edges(NodeIndex::new(at)).filter(|edge| edge.weight().order != Order::None);
        edges.map(|edge| edge.target().index())
    };
    let is = |at: usize, types: &[&str]| types.contains(&world.resources[at].type_name.as_str());
    let mut found = Vec::new();
    let mut next = vec![at];
    // A subnet group is two steps away.
    for _ in 0..3 {
        let mut further = Vec::new();
        for target in next.into_iter().flat_map(near) {
            if is(target, &["AWS::EC2::VPC"]) {
                found.push(target);
            } else if is(target, &["AWS::EC2::Subnet", "AWS::RDS::DBSubnetGroup"]) {
                further.push(target);
            }
        }
        next = further;
    }
    found.sort_unstable();
    found.dedup();
    found
}
