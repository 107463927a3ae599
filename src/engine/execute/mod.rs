//! Executes a plan, and nothing but the plan.
//!
//! ```text
//!            ready ──► read again ──► steps, one after the other ──► gone? ──► ended
//!              ▲        │ changed        │ waiting: parked            │ no: looked at again
//!              │        ▼ gone           │ blocked, throttled: again, until the deadline
//!   every action that    ended           ▼ denied, other: ended
//!   it waits for is done
//! ```
//!
//! An action starts as soon as everything that must go first is done; independent ones run side by side. What waits
//! holds up nothing but what waits for it. Every mutating call is in the ledger before it is made.

mod blockers;
mod one;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::watch;

use crate::aws::{Aws, CallError};
use crate::catalog::mask::Masker;
use crate::model::{Action, ActionId, ActionKind, Plan, ResourceRef};
use crate::store::ledger::{self, Ledger};
use queue::Queue;

/// How to execute.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long one action may take, its waiting included.
    pub wait_timeout: Duration,
    /// Time between two looks at what is waited for; it grows up to sixteenfold.
    pub poll: Duration,
}

/// How far the user wants it to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// To the end.
    No,
    /// Nothing new starts; what runs is finished.
    Drain,
    /// Nothing is waited for any more.
    Now,
}

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Its steps are made, and for a deletion the resource is gone.
    Done,
    /// The resource was gone before anything was done.
    AlreadyGone,
    /// The resource is not what the plan says; nothing was done.
    Skipped(String),
    /// Something else holds it: what, as far as that can be found out.
    Blocked(String),
    /// A call failed.
    Failed(String),
    /// It never began: an action that it waits for is not done, or the run was stopped.
    NotStarted(String),
}

impl Ended {
    /// Whether what was wanted is so.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Ended::Done | Ended::AlreadyGone)
    }

    /// The word in the ledger and in tables.
    #[must_use]
    pub fn word(&self, kind: ActionKind) -> &'static str {
        match self {
            Ended::Done if kind == ActionKind::Delete => "deleted",
            Ended::Done => "changed",
            Ended::AlreadyGone => "already-gone",
            Ended::Skipped(_) => "skipped",
            Ended::Blocked(_) => "blocked",
            Ended::Failed(_) => "failed",
            Ended::NotStarted(_) => "not-started",
        }
    }

    /// Why it is not done; empty when it is.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Ended::Done | Ended::AlreadyGone => "",
            Ended::Skipped(why) | Ended::Blocked(why) | Ended::Failed(why) | Ended::NotStarted(why) => why,
        }
    }
}

/// What happens while a plan is executed.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// An action begins.
    Started(&'a Action),
    /// An action waits for AWS.
    Waiting(&'a Action, String),
    /// An action ended.
    Ended(&'a Action, Ended),
}

/// Actions that fail in a row because AWS cannot be reached, before the run gives up: the network is gone, not one service.
const LOST: usize = 3;

/// How the run ended.
#[derive(Debug)]
pub struct Executed {
    /// Every action of the plan, in its order, and how it ended.
    pub outcomes: Vec<(ActionId, Ended)>,
    /// The credentials stopped being valid; what had not begun by then never did.
    pub expired: Option<CallError>,
    /// AWS could not be reached any more; what had not begun by then never did.
    pub unreachable: Option<String>,
    /// The ledger could not be written any more; nothing was done after that.
    pub unwritten: Option<String>,
}

impl Executed {
    /// Whether everything that was planned is so.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|(_, ended)| ended.is_done())
    }
}

/// What an action is executed with.
struct Setup<'a> {
    aws: Arc<Aws>,
    plan: &'a Plan,
    masker: &'a Masker,
    ledger: Arc<Ledger>,
    pace: Pace,
    stop: watch::Receiver<Stop>,
}

/// Executes a plan that was found fit.
pub async fn execute(
    aws: Arc<Aws>,
    plan: &Plan,
    masker: &Masker,
    ledger: Arc<Ledger>,
    pace: Pace,
    stop: watch::Receiver<Stop>,
    mut report: impl FnMut(Event<'_>),
) -> Executed {
    let setup = Setup { aws, plan, masker, ledger, pace, stop };
    let (told, mut hear) = tokio::sync::mpsc::unbounded_channel::<(usize, String)>();
    let mut queue = Queue::new(plan);
    let mut running = FuturesUnordered::new();
    let mut executed = Executed { outcomes: Vec::new(), expired: None, unreachable: None, unwritten: None };
    let mut lost = 0;
    loop {
        let halted = executed.expired.is_some() || executed.unreachable.is_some() || executed.unwritten.is_some();
        while let Some(at) = queue.next() {
            let action = &plan.actions[at];
            let refused = match *setup.stop.borrow() {
                _ if halted => Some("the run was stopped by an error"),
                Stop::No => None,
                Stop::Drain | Stop::Now => Some("the run was stopped"),
            };
            if let Some(why) = refused.map(str::to_owned).or_else(|| queue.obstacle(at)) {
                finish(&setup, &mut queue, at, Ended::NotStarted(why), &mut executed, &mut report);
                continue;
            }
            report(Event::Started(action));
            let told = told.clone();
            let setup = &setup;
            running.push(async move {
                let ended = one::run(setup, action, |what| {
                    // Nobody listens any more only when the run is over.
                    let _ = told.send((at, what));
                })
                .await;
                (at, ended)
            });
        }
        tokio::select! {
            Some((at, what)) = hear.recv() => report(Event::Waiting(&plan.actions[at], what)),
            ended = running.next() => match ended {
                None => break,
                Some((at, result)) => {
                    lost = if matches!(result, Err(one::Halt::Unreachable(_))) { lost + 1 } else { 0 };
                    let ended = result.unwrap_or_else(|stopped| {
                        match stopped {
                            one::Halt::Unreachable(why) => {
                                if lost >= LOST {
                                    executed.unreachable.get_or_insert(why.clone());
                                }
                                Ended::Failed(why)
                            }
                            one::Halt::Expired(error) => {
                                let why = error.to_string();
                                executed.expired.get_or_insert(error);
                                Ended::Failed(why)
                            }
                            one::Halt::Unwritten(why) => {
                                executed.unwritten.get_or_insert(why.clone());
                                Ended::Failed(why)
                            }
                        }
                    });
                    finish(&setup, &mut queue, at, ended, &mut executed, &mut report);
                }
            },
        }
    }
    executed.outcomes.sort();
    let done = ledger::Event::Done { complete: executed.is_complete() };
    if let Err(error) = setup.ledger.write(done) {
        executed.unwritten.get_or_insert(error.to_string());
    }
    executed
}

fn finish(
    setup: &Setup<'_>,
    queue: &mut Queue,
    at: usize,
    ended: Ended,
    executed: &mut Executed,
    report: &mut impl FnMut(Event<'_>),
) {
    let action = &setup.plan.actions[at];
    let end = ledger::Event::End {
        action: action.id.clone(),
        resource: reference(action),
        outcome: ended.word(action.kind).to_owned(),
        why: ended.why().to_owned(),
    };
    if let Err(error) = setup.ledger.write(end) {
        executed.unwritten.get_or_insert(error.to_string());
    }
    queue.end(at, ended.is_done());
    report(Event::Ended(action, ended.clone()));
    executed.outcomes.push((action.id.clone(), ended));
}

fn reference(action: &Action) -> ResourceRef {
    let resource = &action.resource;
    ResourceRef {
        type_name: resource.type_name.clone(),
        region: resource.region.clone(),
        id: resource.id.clone(),
        name: resource.name.clone().filter(|name| *name != resource.id),
    }
}
