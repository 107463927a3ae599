//! Executes one action: read again, make its steps, see that it is gone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Ended, Setup, Stop, blockers, reference};
use crate::aws::{CallError, Cx, ErrorClass, Hands, Journal, RegionState};
use crate::catalog::{self, Delete, Progress, Recipe, TypeSpec};
use crate::engine::collect::{Place, collect};
use crate::engine::plan::still_matches;
use crate::model::{Action, ActionKind, GLOBAL, Outcome, Resource, Step};
use crate::store::ledger::{Event, Ledger};

/// The time between two looks grows up to this many times.
const LONGEST_POLL: u32 = 16;

/// What ends the whole run, at once or when it happens again and again.
#[derive(Debug)]
pub enum Halt {
    /// No connection, or no answer in time, also after all retries. Nothing was done.
    Unreachable(String),
    /// The credentials are no longer valid.
    Expired(CallError),
    /// The ledger cannot be written.
    Unwritten(String),
}

/// The ledger as seen by the hands of one action.
struct Page {
    ledger: Arc<Ledger>,
    action: crate::model::ActionId,
}

impl Journal for Page {
    fn before(&self, _: &Resource, step: &Step) -> std::io::Result<()> {
        self.ledger.write(Event::Call { action: self.action.clone(), step: step.clone() })
    }

    fn after(&self, _: &Resource, step: &Step, outcome: Result<(), &CallError>) -> std::io::Result<()> {
        let error = outcome.err();
        self.ledger.write(Event::Answer {
            action: self.action.clone(),
            step: step.clone(),
            error: error.map(|error| error.code.clone()),
            message: error.map(|error| error.message.clone()),
        })
    }
}

/// What reading a resource again yields.
enum Again {
    There(Box<Resource>),
    Gone,
    Unreadable {
        why: String,
        /// Whether AWS answered at all.
        reached: bool,
    },
}

/// Executes one action to its end.
pub async fn run(setup: &Setup<'_>, action: &Action, waiting: impl Fn(String)) -> Result<Ended, Halt> {
    let Some(spec) = catalog::find(&action.resource.type_name) else {
        return Ok(Ended::Failed("this program does not know the type".to_owned()));
    };
    let Delete::Call(recipe) = spec.delete else {
        return Ok(Ended::Failed("this program does not delete this type".to_owned()));
    };
    let resource = match read_again(setup, action, spec).await? {
        Again::There(resource) => *resource,
        Again::Gone => return Ok(Ended::AlreadyGone),
        Again::Unreadable { why, reached } => {
            let why = format!("it could not be read again: {why}");
            return if reached { Ok(Ended::Failed(why)) } else { Err(Halt::Unreachable(why)) };
        }
    };
    if let Err(changed) = still_matches(action, setup.plan, &resource, Some(spec)) {
        return Ok(Ended::Skipped(changed.to_string()));
    }
    let begin = Event::Begin { action: action.id.clone(), resource: reference(action) };
    setup.ledger.write(begin).map_err(|error| Halt::Unwritten(error.to_string()))?;

    let home = Cx::new(setup.aws.clone());
    let cx = if action.resource.region == GLOBAL { home } else { home.in_region(&action.resource.region) };
    let page = Page { ledger: setup.ledger.clone(), action: action.id.clone() };
    let hands = Hands::new(cx, resource, recipe.gone, Arc::new(page));
    let mut work = Work { setup, action, spec, recipe, hands, clock: Clock::new(setup), waiting };
    work.run().await
}

/// Reads the resource of an action, and no other, as it is now.
async fn read_again(setup: &Setup<'_>, action: &Action, spec: &'static TypeSpec) -> Result<Again, Halt> {
    let identity = &action.resource;
    let place = Place {
        spec,
        region: identity.region.clone(),
        state: RegionState::Enabled,
        only: Some(BTreeSet::from([identity.id.clone()])),
    };
    let collected = collect(setup.aws.clone(), vec![place], setup.masker, |_| {}).await;
    if let Some(error) = collected.expired {
        return Err(Halt::Expired(error));
    }
    if let Some(resource) = collected.resources.into_iter().next() {
        return Ok(Again::There(Box::new(resource)));
    }
    Ok(match collected.coverage.get(&identity.type_name, &identity.region) {
        Some(Outcome::Complete { .. }) => Again::Gone,
        Some(other) => Again::Unreadable { why: other.to_string(), reached: !is_unreachable(other) },
        None => Again::Unreadable { why: "nobody looked".to_owned(), reached: true },
    })
}

/// Whether there was no connection, or no answer in time.
fn is_unreachable(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { code, .. } if ["connection", "timeout"].contains(&code.as_str()))
}

/// How long an action may still take, and when it looks again.
struct Clock {
    deadline: Instant,
    poll: Duration,
    longest: Duration,
}

impl Clock {
    fn new(setup: &Setup<'_>) -> Self {
        let poll = setup.pace.poll;
        Clock { deadline: Instant::now() + setup.pace.wait_timeout, poll, longest: poll * LONGEST_POLL }
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn next(&mut self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let now = self.poll.min(left);
        self.poll = (self.poll * 3 / 2).min(self.longest);
        now
    }
}

struct Work<'a, W> {
    setup: &'a Setup<'a>,
    action: &'a Action,
    spec: &'static TypeSpec,
    recipe: Recipe,
    hands: Hands,
    clock: Clock,
    waiting: W,
}

impl<W: Fn(String)> Work<'_, W> {
    async fn run(&mut self) -> Result<Ended, Halt> {
        let action = self.action;
        for step in &action.steps {
            if let Some(ended) = self.step(step).await? {
                return Ok(ended);
            }
        }
        if action.kind != ActionKind::Delete {
            return Ok(Ended::Done);
        }
        self.see_it_gone().await
    }

    /// Makes one step, again and again until its effect is there. `None`: on to the next.
    async fn step(&mut self, step: &Step) -> Result<Option<Ended>, Halt> {
        loop {
            let error = match (self.recipe.run)(&self.hands, step).await {
                Ok(Progress::Done) => return Ok(None),
                Ok(Progress::Waiting(what)) => {
                    if let Some(ended) = self.pause(what, |what| Ended::Blocked(format!("still waiting: {what}"))).await
                    {
                        return Ok(Some(ended));
                    }
                    continue;
                }
                Err(error) => error,
            };
            match error.class {
                ErrorClass::Expired => return Err(Halt::Expired(error)),
                // Services without a code of their own for "gone" say so in words. Reading again is the proof.
                ErrorClass::Gone => return Ok(None),
                ErrorClass::Other if error.code == "ledger" => return Err(Halt::Unwritten(error.message)),
                ErrorClass::Conflict => {
                    let told = error.to_string();
                    if let Some(ended) = self.pause(told.clone(), |_| Ended::Blocked(told)).await {
                        return Ok(Some(match ended {
                            Ended::Blocked(why) => Ended::Blocked(blockers::named(&self.hands, &why).await),
                            other => other,
                        }));
                    }
                }
                ErrorClass::Throttled | ErrorClass::Unreachable => {
                    let told = error.to_string();
                    if let Some(ended) = self.pause(told.clone(), |_| Ended::Failed(told)).await {
                        return Ok(Some(ended));
                    }
                }
                _ => return Ok(Some(Ended::Failed(error.to_string()))),
            }
        }
    }

    /// A deletion is done when the resource is not there any more, whatever the call said.
    async fn see_it_gone(&mut self) -> Result<Ended, Halt> {
        loop {
            let why = match read_again(self.setup, self.action, self.spec).await? {
                Again::Gone => return Ok(Ended::Done),
                // Somebody made another one under the same name; ours is gone.
                Again::There(now) if now.created_at != self.action.resource.created_at => return Ok(Ended::Done),
                Again::There(_) => "it is still listed".to_owned(),
                Again::Unreadable { why, .. } => format!("cannot see whether it is gone: {why}"),
            };
            if let Some(ended) = self.pause(why, |why| Ended::Blocked(format!("deleted, but {why}"))).await {
                return Ok(ended);
            }
        }
    }

    /// Waits for the next look. `Some`: there is none, the time is over or the user does not want to wait.
    async fn pause(&mut self, what: String, over: impl FnOnce(String) -> Ended) -> Option<Ended> {
        if self.clock.is_over() {
            return Some(over(what));
        }
        (self.waiting)(what.clone());
        let mut stop = self.setup.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(self.clock.next()) => None,
            // The sender lives as long as the run.
            _ = stop.wait_for(|stop| *stop == Stop::Now) => Some(Ended::Blocked(format!("stopped while waiting: {what}"))),
        }
    }
}
