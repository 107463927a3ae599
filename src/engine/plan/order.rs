//! Circles are cut or refused; the rest gets its waves.

use std::collections::{BTreeMap, HashMap, HashSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::edges::Before;
use super::settle::{Settled, Standing};
use super::world::World;
use crate::catalog::edges::{How, LAST};
use crate::model::{CycleEdge, Refusal, ResourceRef};

/// The order of what goes.
#[derive(Default)]
pub(super) struct Order {
    /// What must go before what, with the number of the edge that says so; sorted, each pair once.
    pub waits: Vec<Wait>,
    /// Edges that are cut by changing their holder first. Their holders and targets go.
    pub prepared: Vec<usize>,
    /// Edges that are in nobody's way once they point to nothing.
    pub dropped: HashSet<usize>,
    /// The wave of each deletion.
    pub waves: HashMap<usize, u32>,
    /// Deletions that start when all others have ended, and why.
    pub last: HashMap<usize, &'static str>,
}

/// One deletion waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Wait {
    /// Goes first.
    pub first: usize,
    /// Goes after it.
    pub then: usize,
    /// The edge that says so.
    pub edge: usize,
}

/// Members of circles that nothing cuts, each with the reason that it gets.
pub(super) type Circles = Vec<(usize, Refusal)>;

/// Most edges of a circle that are told.
const TOLD: usize = 20;

/// Orders what goes. Nothing is lost on a circle but its members.
pub(super) fn order(world: &World<'_>, settled: &Settled<'_>) -> Result<Order, Circles> {
    let mut waits = waits(settled);
    let mut order = Order::default();
    loop {
        let component = components(world, &waits);
        let inside = |wait: &Wait| component[wait.first] == component[wait.then];
        let circular: Vec<Wait> = waits.iter().copied().filter(inside).collect();
        if circular.is_empty() {
            break;
        }
        let cut = |wait: &&Wait| settled.edges[wait.edge].cut;
        let free: HashSet<Wait> = circular.iter().filter(|w| cut(w) == Some(How::Nothing)).copied().collect();
        if !free.is_empty() {
            order.dropped.extend(free.iter().map(|wait| wait.edge));
            waits.retain(|wait| !free.contains(wait));
            continue;
        }
        let calls: HashSet<Wait> = circular.iter().filter(|wait| cut(wait).is_some()).copied().collect();
        if calls.is_empty() {
            return Err(refuse(world, settled, &circular, &component));
        }
        order.prepared.extend(calls.iter().map(|wait| wait.edge));
        waits.retain(|wait| !calls.contains(wait));
    }
    order.prepared.sort_unstable();
    order.prepared.dedup();
    waits.sort_by_key(|wait| (world.place[wait.then], world.place[wait.first], wait.edge));
    waits.dedup_by_key(|wait| (wait.then, wait.first));
    order.waits = waits;
    layers(world, settled, &mut order);
    Ok(order)
}

/// Every edge between what goes, from root to root; several edges of one pair stand beside each other.
fn waits(settled: &Settled<'_>) -> Vec<Wait> {
    let mut waits = Vec::with_capacity(settled.edges.len());
    let mut roots: HashMap<usize, Vec<usize>> = HashMap::new();
    for (number, edge) in settled.edges.iter().enumerate() {
        let Before { first, then, .. } = *edge;
        match (settled.standing[first], settled.standing[then]) {
            (Standing::Goes, Standing::Goes) => waits.push(Wait { first, then, edge: number }),
            (a, b) if a.goes() && b.goes() => {
                let mut of = |at: usize| roots.entry(at).or_insert_with(|| settled.roots(at)).clone();
                let (firsts, thens) = (of(first), of(then));
                // What goes with the same thing needs no order, and a whole does not wait for its part.
                for first in firsts.iter().filter(|first| !thens.contains(first)) {
                    let wait = |then: &usize| Wait { first: *first, then: *then, edge: number };
                    waits.extend(thens.iter().filter(|then| !firsts.contains(then)).map(wait));
                }
            }
            _ => {}
        }
    }
    waits
}

/// The number of the strongly connected component of each resource.
fn components(world: &World<'_>, waits: &[Wait]) -> Vec<usize> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(world.resources.len(), waits.len());
    for _ in world.resources {
        graph.add_node(());
    }
    for wait in waits {
        graph.add_edge(NodeIndex::new(wait.first), NodeIndex::new(wait.then), ());
    }
    let mut component = vec![0; world.resources.len()];
    // Not Tarjan's, which recurses: a chain of 100,000 would overflow the stack.
    for (number, members) in kosaraju_scc(&graph).iter().enumerate() {
        for member in members {
            component[member.index()] = number;
        }
    }
    component
}

fn refuse(world: &World<'_>, settled: &Settled<'_>, circular: &[Wait], component: &[usize]) -> Circles {
    let mut circles: BTreeMap<usize, Vec<Wait>> = BTreeMap::new();
    for wait in circular {
        circles.entry(component[wait.first]).or_default().push(*wait);
    }
    let mut refused = Vec::new();
    for mut waits in circles.into_values() {
        waits.sort_by_key(|wait| (world.place[wait.first], world.place[wait.then], wait.edge));
        waits.dedup_by_key(|wait| (wait.first, wait.then));
        let pairs: HashSet<(usize, usize)> = waits.iter().map(|wait| (wait.first, wait.then)).collect();
        let told = |waits: &mut dyn Iterator<Item = &Wait>| -> Vec<CycleEdge> {
            let name = |at: usize| ResourceRef::of(&world.resources[at]);
            let told = |wait: &Wait| CycleEdge {
                first: name(wait.first),
                then: name(wait.then),
                why: settled.edges[wait.edge].why.to_string(),
            };
            waits.take(TOLD).map(told).collect()
        };
        let both = told(&mut waits.iter().filter(|wait| pairs.contains(&(wait.then, wait.first))));
        let refusal = if both.is_empty() {
            Refusal::Cycle { edges: told(&mut waits.iter()) }
        } else {
            Refusal::Contradiction { edges: both }
        };
        let mut members: Vec<usize> = waits.iter().flat_map(|wait| [wait.first, wait.then]).collect();
        members.sort_unstable();
        members.dedup();
        refused.extend(members.into_iter().map(|member| (member, refusal.clone())));
    }
    refused
}

/// Longest-path layers: the first wave waits for nothing, each other for the one before.
fn layers(world: &World<'_>, settled: &Settled<'_>, order: &mut Order) {
    let count = settled.standing.len();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut open = vec![0_usize; count];
    for wait in &order.waits {
        after[wait.first].push(wait.then);
        open[wait.then] += 1;
    }
    // What is prepared, on either side of the cut edge, waits for its preparation in the first wave.
    let prepared = order.prepared.iter().map(|edge| &settled.edges[*edge]).chain(settled.modifications());
    let second = prepared.flat_map(|edge| settled.roots(edge.first).into_iter().chain(settled.roots(edge.then)));
    let second: HashSet<usize> = second.collect();
    let goes: Vec<usize> = (0..count).filter(|at| settled.standing[*at] == Standing::Goes).collect();
    let mut ready: Vec<usize> = goes.iter().copied().filter(|at| open[*at] == 0).collect();
    let mut waves = vec![1_u32; count];
    while let Some(at) = ready.pop() {
        let least = if second.contains(&at) { 2 } else { 1 };
        waves[at] = waves[at].max(least);
        for &then in &after[at] {
            waves[then] = waves[then].max(waves[at] + 1);
            open[then] -= 1;
            if open[then] == 0 {
                ready.push(then);
            }
        }
    }
    order.waves = goes.into_iter().map(|at| (at, waves[at])).collect();
    last(world, order);
}

/// Puts what goes last behind everything else, unless something waits for it.
fn last(world: &World<'_>, order: &mut Order) {
    let why = |at: usize| {
        let name = world.resources[at].type_name.as_str();
        LAST.iter().find(|(type_name, _)| *type_name == name).map(|(_, why)| *why)
    };
    let wanted: HashSet<usize> = order.waves.keys().copied().filter(|at| why(*at).is_some()).collect();
    // What something else waits for cannot be last, nor can what that waits for.
    let mut awaited: HashSet<usize> = HashSet::new();
    loop {
        let is_awaited = |wait: &&Wait| !wanted.contains(&wait.then) || awaited.contains(&wait.then);
        let more = order.waits.iter().filter(|wait| wanted.contains(&wait.first)).filter(is_awaited);
        let more: HashSet<usize> = more.map(|wait| wait.first).collect();
        if more.is_subset(&awaited) {
            break;
        }
        awaited.extend(more);
    }
    let last: HashMap<usize, &'static str> =
        wanted.iter().filter(|at| !awaited.contains(at)).filter_map(|at| Some((*at, why(*at)?))).collect();
    let others = order.waves.iter().filter(|(at, _)| !last.contains_key(at)).map(|(_, wave)| *wave).max().unwrap_or(0);
    let first = last.keys().filter_map(|at| order.waves.get(at)).copied().min().unwrap_or(1);
    for at in last.keys() {
        // Their order among themselves stays.
        if let Some(wave) = order.waves.get_mut(at) {
            *wave += (others + 1).saturating_sub(first);
        }
    }
    order.last = last;
}
