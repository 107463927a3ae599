//! What stays holds back what it uses, and so on, until nothing changes any more.

use std::collections::HashMap;

use super::carriers::CarriedBy;
use super::edges::Before;
use super::guards::{Guards, Judged};
use super::world::World;
use crate::catalog::edges::How;
use crate::model::{Blocker, Refusal, ResourceRef};

/// How a resource stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was not added: it stays.
    Stays,
    /// It was added and stays.
    Refused,
    /// It is deleted.
    Goes,
    /// It goes with what carries it.
    GoesWith,
}

impl Standing {
    pub fn goes(self) -> bool {
        matches!(self, Standing::Goes | Standing::GoesWith)
    }
}

/// How every live resource stands, and why.
pub(super) struct Settled<'a> {
    pub standing: Vec<Standing>,
    /// Reasons that a resource has by itself; those of what goes with another count only if it stays after all.
    pub reasons: HashMap<usize, Vec<Refusal>>,
    pub carried_by: CarriedBy,
    pub edges: Vec<Before<'a>>,
    /// Edges from what stays that a modification takes away.
    modifications: Vec<usize>,
    /// Edge numbers by which a resource is held back.
    held_by: HashMap<usize, Vec<usize>>,
    /// Where the edges of each first resource begin in `edges_by_first`.
    starts: Vec<usize>,
    edges_by_first: Vec<usize>,
    carries: HashMap<usize, Vec<usize>>,
    may_modify: Vec<bool>,
    /// What would go if its neighbours let it: only there it matters what holds it back.
    wanted: Vec<bool>,
    queue: Vec<usize>,
}

impl<'a> Settled<'a> {
    pub fn new(
        judged: Vec<Judged>,
        carried_by: CarriedBy,
        edges: Vec<Before<'a>>,
        modify_kept: bool,
        guards: &Guards<'_, '_>,
    ) -> Self {
        let mut reasons = HashMap::new();
        let mut standing = Vec::with_capacity(judged.len());
        for (at, judged) in judged.into_iter().enumerate() {
            let (stands, why) = match judged {
                Judged::Stays => (Standing::Stays, None),
                Judged::Goes => (Standing::Goes, None),
                Judged::GoesWith(why) => (Standing::GoesWith, Some(why)),
                Judged::Refused(why) => (Standing::Refused, Some(why)),
            };
            standing.push(stands);
            reasons.extend(why.map(|why| (at, why)));
        }
        let mut carries: HashMap<usize, Vec<usize>> = HashMap::new();
        for (carried, carrier) in carried_by.all() {
            carries.entry(carrier).or_default().push(carried);
        }
        let (starts, edges_by_first) = group(&edges, standing.len());
        // Asked only for those that hold something by an edge that can be cut.
        let mut may_modify = vec![false; standing.len()];
        if modify_kept {
            for edge in edges.iter().filter(|edge| matches!(edge.cut, Some(How::CallWithId(_) | How::CallWithArn(_)))) {
                if standing[edge.first] == Standing::Stays && !may_modify[edge.first] {
                    may_modify[edge.first] = guards.may_modify(edge.first);
                }
            }
        }
        // What is carried by something that stays, stays.
        let orphaned = |at: usize| carried_by.carriers(at).iter().any(|carrier| !standing[*carrier].goes());
        let orphans: Vec<usize> =
            (0..standing.len()).filter(|at| standing[*at] == Standing::GoesWith && orphaned(*at)).collect();
        let queue = (0..standing.len()).filter(|at| !standing[*at].goes()).collect();
        let wanted = standing.iter().map(|standing| standing.goes()).collect();
        let mut this = Settled {
            standing,
            reasons,
            carried_by,
            edges,
            modifications: Vec::new(),
            held_by: HashMap::new(),
            starts,
            edges_by_first,
            carries,
            may_modify,
            wanted,
            queue,
        };
        for at in orphans {
            this.stay(at);
        }
        this
    }

    /// Carries on until nothing changes any more. Each edge is looked at once at most.
    pub fn spread(&mut self) {
        while let Some(at) = self.queue.pop() {
            for number in self.starts[at]..self.starts[at + 1] {
                let edge = self.edges_by_first[number];
                let Before { then, cut, pins, .. } = self.edges[edge];
                let stays = self.standing[at] == Standing::Stays;
                if stays && !pins {
                    continue;
                }
                let is_call = matches!(cut, Some(How::CallWithId(_) | How::CallWithArn(_)));
                if stays && is_call && self.may_modify[at] {
                    self.modifications.push(edge);
                    continue;
                }
                if self.wanted[then] {
                    self.held_by.entry(then).or_default().push(edge);
                }
                self.stay(then);
            }
            for carried in self.carries.get(&at).cloned().unwrap_or_default() {
                // What is deleted without its owner does not ask for it.
                if self.standing[carried] == Standing::GoesWith {
                    self.stay(carried);
                }
            }
        }
    }

    fn stay(&mut self, at: usize) {
        if self.standing[at].goes() {
            self.standing[at] = Standing::Refused;
            self.queue.push(at);
        }
    }

    /// Refuses a resource that would go.
    pub fn refuse(&mut self, at: usize, refusal: Refusal) {
        self.reasons.entry(at).or_default().insert(0, refusal);
        self.stay(at);
    }

    /// Refuses everything that would go.
    pub fn refuse_all(&mut self, refusal: &Refusal) {
        for at in 0..self.standing.len() {
            if self.standing[at] == Standing::Goes {
                self.reasons.entry(at).or_default().insert(0, refusal.clone());
            }
            if self.standing[at].goes() {
                self.standing[at] = Standing::Refused;
            }
        }
        self.queue.clear();
    }

    /// Resources that would be deleted: those with an action of their own, and what their owners take along.
    pub fn would_delete(&self) -> usize {
        let alone = self.standing.iter().filter(|standing| **standing == Standing::Goes).count();
        let along = self.carried_by.owned().iter().filter(|(at, _)| self.standing[*at] == Standing::GoesWith).count();
        alone + along
    }

    /// Edges that a modification of what stays takes away, for the sake of something that goes.
    pub fn modifications(&self) -> impl Iterator<Item = &Before<'a>> {
        self.modifications.iter().map(|edge| &self.edges[*edge]).filter(|edge| self.standing[edge.then].goes())
    }

    /// What has the actions with which a resource goes: itself, or in the end its carriers.
    pub fn roots(&self, at: usize) -> Vec<usize> {
        match self.standing[at] {
            Standing::Goes => vec![at],
            Standing::GoesWith => {
                let mut roots: Vec<usize> =
                    self.carried_by.carriers(at).iter().flat_map(|carrier| self.roots(*carrier)).collect();
                roots.sort_unstable();
                roots.dedup();
                roots
            }
            Standing::Stays | Standing::Refused => Vec::new(),
        }
    }

    /// All reasons against a refused resource: its own, then what holds it back.
    pub fn refusals(&self, world: &World<'_>, at: usize) -> Vec<Refusal> {
        let mut refusals = self.reasons.get(&at).cloned().unwrap_or_default();
        let mut pinned = Vec::new();
        let mut blocked = Vec::new();
        for edge in self.held_by.get(&at).into_iter().flatten().map(|edge| &self.edges[*edge]) {
            let resource = ResourceRef::of(&world.resources[edge.first]);
            let blocker = Blocker { resource, why: edge.why.to_string() };
            let stays = self.standing[edge.first] == Standing::Stays;
            if stays { &mut pinned } else { &mut blocked }.push(blocker);
        }
        for (mut by, refusal) in [
            (pinned, (|by| Refusal::PinnedBy { by }) as fn(Vec<Blocker>) -> Refusal),
            (blocked, |by| Refusal::BlockedBy { by }),
        ] {
            if !by.is_empty() {
                by.sort();
                by.dedup_by(|a, b| a.resource == b.resource);
                refusals.push(refusal(by));
            }
        }
        refusals
    }
}

/// The numbers of the edges by their first resource.
fn group(edges: &[Before<'_>], resources: usize) -> (Vec<usize>, Vec<usize>) {
    let mut starts = vec![0; resources + 1];
    for edge in edges {
        starts[edge.first + 1] += 1;
    }
    for at in 0..resources {
        starts[at + 1] += starts[at];
    }
    let mut free = starts.clone();
    let mut by_first = vec![0; edges.len()];
    for (number, edge) in edges.iter().enumerate() {
        by_first[free[edge.first]] = number;
        free[edge.first] += 1;
    }
    (starts, by_first)
}
