//! From what goes in which order to a plan: actions, refusals, and the seal.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use rust_decimal::Decimal;

use super::PlanInput;
use super::edges::Before;
use super::guards::{Guards, loses_data, reversible};
use super::order::Order as Waves;
use super::recheck::stable_hash;
use super::risk::{Risks, risk};
use super::settle::{Settled, Standing};
use super::world::World;
use crate::catalog::edges::{How, scaled};
use crate::catalog::{Order, seal};
use crate::model::{
    Action, ActionId, ActionKind, BaselineRef, Identity, PLAN_SCHEMA, Plan, Refusal, Refused, Resource, ResourceRef,
    RiskLevel, Step, Unseen, Wait,
};

/// An action before it has its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Node {
    kind: ActionKind,
    at: usize,
}

/// Builds the plan.
pub(super) fn assemble(
    input: &PlanInput<'_>,
    world: &World<'_>,
    guards: &Guards<'_, '_>,
    settled: &Settled<'_>,
    order: &Waves,
) -> Plan {
    let parts = Assembly::new(input, world, settled, order);
    let risks = Risks::new(world, settled, guards);
    let nodes = parts.nodes();
    let ids: HashMap<Node, ActionId> =
        nodes.iter().enumerate().map(|(at, node)| (*node, ActionId(format!("a{:04}", at + 1)))).collect();
    let actions = nodes.iter().map(|node| parts.action(*node, &ids, &risks)).collect();
    let header = &input.live.header;
    let mut plan = Plan {
        schema: PLAN_SCHEMA,
        hash: String::new(),
        baseline: BaselineRef { name: input.baseline.header.name.clone(), digest: input.baseline_digest.to_owned() },
        account: header.account.clone(),
        partition: header.partition.clone(),
        caller: header.caller.arn.clone(),
        inventory_at: header.completed_at,
        created_at: input.now,
        expires_at: input.now + input.valid_for,
        options: input.options.clone(),
        actions,
        refused: parts.refused(&ids),
        unknown: unknown(input),
        undetermined: undetermined(input),
        saving: input.costs.map(|costs| costs.saving(parts.gone().map(|at| parts.resource(at).key()))),
    };
    plan.hash = seal::seal(&plan);
    plan
}

fn unknown(input: &PlanInput<'_>) -> Vec<Unseen> {
    let mut unknown: Vec<Unseen> = input
        .delta
        .unknown
        .iter()
        .map(|cell| Unseen {
            type_name: cell.cell.type_name.clone(),
            region: cell.cell.region.clone(),
            before: cell.before.clone(),
            after: cell.after.clone(),
            resources: cell.resources,
        })
        .collect();
    unknown.sort_by(|a, b| (&a.type_name, &a.region).cmp(&(&b.type_name, &b.region)));
    unknown
}

fn undetermined(input: &PlanInput<'_>) -> Vec<ResourceRef> {
    let all: BTreeSet<ResourceRef> = input.delta.undetermined.iter().map(ResourceRef::of).collect();
    all.into_iter().collect()
}

struct Assembly<'w, 'a> {
    input: &'w PlanInput<'w>,
    world: &'w World<'a>,
    settled: &'w Settled<'w>,
    order: &'w Waves,
    /// Edges that a change of their holder takes away, by that change.
    changes: BTreeMap<Node, Vec<&'w Before<'w>>>,
    /// The changes that each deletion waits for: of itself, and of what would hold it.
    changed_first: HashMap<usize, Vec<Node>>,
    /// First and second of the edges that were dropped to cut a circle.
    dropped: HashSet<(usize, usize)>,
    /// What each deletion waits for, by place in `order.waits`.
    waits: HashMap<usize, Vec<usize>>,
    takes_along: HashMap<usize, Vec<usize>>,
    /// What goes along, at the first of those with which it goes: its cost is saved once.
    saves: HashMap<usize, Vec<usize>>,
}

impl<'w, 'a> Assembly<'w, 'a> {
    fn new(input: &'w PlanInput<'w>, world: &'w World<'a>, settled: &'w Settled<'w>, order: &'w Waves) -> Self {
        let mut changes: BTreeMap<Node, Vec<&Before<'_>>> = BTreeMap::new();
        for edge in order.prepared.iter().map(|edge| &settled.edges[*edge]) {
            changes.entry(Node { kind: ActionKind::Prepare, at: edge.first }).or_default().push(edge);
        }
        for edge in settled.modifications() {
            changes.entry(Node { kind: ActionKind::Modify, at: edge.first }).or_default().push(edge);
        }
        let mut waits: HashMap<usize, Vec<usize>> = HashMap::new();
        for (number, wait) in order.waits.iter().enumerate() {
            waits.entry(wait.then).or_default().push(number);
        }
        let mut takes_along: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut saves: HashMap<usize, Vec<usize>> = HashMap::new();
        for at in (0..settled.standing.len()).filter(|at| settled.standing[*at] == Standing::GoesWith) {
            let roots = settled.roots(at);
            if let Some(first) = roots.iter().min_by_key(|root| world.place[**root]) {
                saves.entry(*first).or_default().push(at);
            }
            for root in roots {
                takes_along.entry(root).or_default().push(at);
            }
        }
        let mut changed_first: HashMap<usize, Vec<Node>> = HashMap::new();
        for (node, edges) in &changes {
            let own = if node.kind == ActionKind::Prepare { settled.roots(node.at) } else { Vec::new() };
            for root in own.into_iter().chain(edges.iter().flat_map(|edge| settled.roots(edge.then))) {
                changed_first.entry(root).or_default().push(*node);
            }
        }
        let ends = |edge: &usize| (settled.edges[*edge].first, settled.edges[*edge].then);
        let dropped = order.dropped.iter().map(ends).collect();
        Assembly { input, world, settled, order, changes, changed_first, dropped, waits, takes_along, saves }
    }

    fn resource(&self, at: usize) -> &'w Resource {
        &self.world.resources[at]
    }

    /// All that is deleted or goes along, each once.
    fn gone(&self) -> impl Iterator<Item = usize> {
        self.order.waves.keys().chain(self.saves.values().flatten()).copied()
    }

    /// What a deletion saves in a month, with what goes along; `None` where the bill has no line for any of it.
    fn saving(&self, at: usize) -> Option<Decimal> {
        let costs = self.input.costs?;
        let all = self.saves.get(&at).into_iter().flatten().chain([&at]);
        let saving = costs.saving(all.map(|at| self.resource(*at).key()));
        (saving.known > 0).then_some(saving.amount)
    }

    /// All actions in the order in which they stand in the plan.
    fn nodes(&self) -> Vec<Node> {
        let deletes = self.order.waves.keys().map(|at| Node { kind: ActionKind::Delete, at: *at });
        let mut nodes: Vec<Node> = deletes.chain(self.changes.keys().copied()).collect();
        nodes.sort_by_cached_key(|node| (self.wave(*node), self.rank(*node), self.world.place[node.at], node.kind));
        nodes
    }

    fn wave(&self, node: Node) -> u32 {
        match node.kind {
            ActionKind::Delete => self.order.waves.get(&node.at).copied().unwrap_or(1),
            ActionKind::Prepare | ActionKind::Modify => 1,
        }
    }

    fn rank(&self, node: Node) -> u8 {
        self.world.recipe(node.at).map_or(0, |recipe| recipe.rank)
    }

    fn action(&self, node: Node, ids: &HashMap<Node, ActionId>, risks: &Risks<'_, '_>) -> Action {
        let resource = self.resource(node.at);
        let may_change = self.may_change(node, risks);
        let mut action = Action {
            id: ids[&node].clone(),
            kind: node.kind,
            resource: Identity::of(resource),
            reason: String::new(),
            steps: Vec::new(),
            wave: self.wave(node),
            rank: self.rank(node),
            waits_for: Vec::new(),
            after_all: None,
            stable_hash: stable_hash(resource, &may_change),
            may_change,
            risk: risk(Vec::new()),
            reversible: None,
            data_loss: false,
            disables_protection: None,
            owner: resource.owner.clone(),
            takes_along: Vec::new(),
            estimated_monthly_saving: None,
        };
        match node.kind {
            ActionKind::Delete => self.delete(node.at, ids, risks, &mut action),
            ActionKind::Prepare | ActionKind::Modify => self.change(node, &mut action),
        }
        action
    }

    fn delete(&self, at: usize, ids: &HashMap<Node, ActionId>, risks: &Risks<'_, '_>, action: &mut Action) {
        let resource = self.resource(at);
        let switches = &self.input.options.switches;
        action.reason = format!("added since baseline {}", self.input.baseline.header.name);
        action.waits_for = self.waits_for(at, ids);
        action.after_all = self.order.last.get(&at).map(|why| (*why).to_owned());
        if let Some(recipe) = self.world.recipe(at) {
            action.steps = recipe.steps_of(resource, switches);
            // What its preparation does already is not done twice.
            let prepared = self.steps(Node { kind: ActionKind::Prepare, at });
            action.steps.retain(|step| !prepared.contains(step));
            action.reversible = reversible(resource, &recipe, switches).map(str::to_owned);
            action.data_loss = loses_data(resource, &recipe, switches);
            action.disables_protection = recipe.protection_of(resource);
        }
        let mut along = self.takes_along.get(&at).cloned().unwrap_or_default();
        along.sort_unstable_by_key(|at| self.world.place[*at]);
        action.takes_along = along.into_iter().map(|at| ResourceRef::of(self.resource(at))).collect();
        action.estimated_monthly_saving = self.saving(at);
        action.risk = risks.of_delete(at, action);
    }

    /// The calls that take a change's edges away.
    fn steps(&self, node: Node) -> BTreeSet<Step> {
        let edges = self.changes.get(&node).map_or(&[][..], Vec::as_slice);
        let step = |edge: &&Before<'_>| {
            let target = self.resource(edge.then);
            match edge.cut? {
                How::Nothing => None,
                How::CallWithId(call) => Some(Step::on(call, &target.id)),
                How::CallWithArn(call) => Some(Step::on(call, target.arn.as_ref().unwrap_or(&target.id))),
            }
        };
        edges.iter().filter_map(step).collect()
    }

    fn change(&self, node: Node, action: &mut Action) {
        let edges = self.changes.get(&node).map_or(&[][..], Vec::as_slice);
        action.steps = self.steps(node).into_iter().collect();
        let targets: BTreeSet<String> =
            edges.iter().map(|edge| ResourceRef::of(self.resource(edge.then)).to_string()).collect();
        let targets = targets.into_iter().collect::<Vec<_>>().join(", ");
        if node.kind == ActionKind::Prepare {
            action.reason = format!("cuts a circle, so that this can go: {targets}");
        } else {
            action.reason = format!("stays, but uses what goes: {targets}");
            action.risk = risk(vec![(RiskLevel::High, "changes a resource of the baseline".to_owned())]);
        }
    }

    fn waits_for(&self, at: usize, ids: &HashMap<Node, ActionId>) -> Vec<Wait> {
        let mut waits: BTreeMap<ActionId, String> = BTreeMap::new();
        for number in self.waits.get(&at).into_iter().flatten() {
            let wait = self.order.waits[*number];
            let edge = &self.settled.edges[wait.edge];
            let mut why = format!("{}: {}", ResourceRef::of(self.resource(edge.first)), edge.why);
            if edge.then != at {
                why = format!("{why} ({} goes with this)", ResourceRef::of(self.resource(edge.then)));
            }
            waits.insert(ids[&Node { kind: ActionKind::Delete, at: wait.first }].clone(), why);
        }
        for node in self.changed_first.get(&at).into_iter().flatten() {
            let why = format!("{} is changed first", ResourceRef::of(self.resource(node.at)));
            waits.insert(ids[node].clone(), why);
        }
        waits.into_iter().map(|(action, why)| Wait { action, why }).collect()
    }

    /// Top-level properties that name what goes before this action starts: that going changes them. And those that
    /// scaling moves.
    fn may_change(&self, node: Node, risks: &Risks<'_, '_>) -> Vec<String> {
        let changed_first = self.changes.contains_key(&Node { kind: ActionKind::Prepare, at: node.at });
        let edges = self.world.references.graph().edges(NodeIndex::new(node.at));
        let gone = edges.filter(|edge| {
            let reference = edge.weight();
            // The holder goes first, so what it refers to is still there; unless the edge was cut.
            let there = node.kind == ActionKind::Delete
                && reference.order == Order::HolderFirst
                && !changed_first
                && !self.dropped.contains(&(node.at, edge.target().index()));
            risks.goes(edge.target().index()) && !there
        });
        let top = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        let mut names: BTreeSet<String> = gone.map(|edge| top(&edge.weight().path)).collect();
        let resource = self.resource(node.at);
        let scaled = scaled(&resource.type_name)
            .iter()
            .filter(|name| resource.properties.contains_key(**name) || resource.observed.contains_key(**name));
        names.extend(scaled.map(|name| (*name).to_owned()));
        names.into_iter().collect()
    }

    fn refused(&self, ids: &HashMap<Node, ActionId>) -> Vec<Refused> {
        let mut refused: Vec<(usize, Refused)> = Vec::new();
        for (at, standing) in self.settled.standing.iter().enumerate() {
            if !matches!(standing, Standing::Refused | Standing::GoesWith) {
                continue;
            }
            let resource = self.resource(at);
            let mut goes_with: Vec<ActionId> = self
                .settled
                .roots(at)
                .iter()
                .map(|at| ids[&Node { kind: ActionKind::Delete, at: *at }].clone())
                .collect();
            goes_with.sort();
            refused.push((
                self.world.place[at],
                Refused {
                    resource: Identity::of(resource),
                    reasons: self.settled.refusals(self.world, at),
                    owner: resource.owner.clone(),
                    goes_with,
                },
            ));
        }
        refused.sort_by_key(|(place, _)| *place);
        let mut refused: Vec<Refused> = refused.into_iter().map(|(_, refused)| refused).collect();
        self.outside(&mut refused);
        refused
    }

    /// What the comparison knows and the live inventory does not, and what was replaced.
    fn outside(&self, refused: &mut Vec<Refused>) {
        let plain = |resource: &Resource, reason: Refusal| Refused {
            resource: Identity::of(resource),
            reasons: vec![reason],
            owner: resource.owner.clone(),
            goes_with: Vec::new(),
        };
        for resource in self.input.delta.newcomers().filter(|resource| self.world.find(resource.key()).is_none()) {
            refused.push(plain(resource, Refusal::Unknown { what: "not in the live inventory".to_owned() }));
        }
        for replaced in &self.input.delta.replaced {
            let reason = Refusal::Replaced { baseline_created_at: replaced.before.created_at };
            refused.push(plain(&replaced.after, reason));
        }
        refused.sort_by(|a, b| a.resource.key().cmp(&b.resource.key()));
        refused.dedup_by(|a, b| a.resource.key() == b.resource.key());
    }
}
