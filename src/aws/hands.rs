//! What a deletion gets to work with: one resource, and a journal that hears of every mutating call.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{Absent, Call, CallError, Cx, ErrorClass, ServiceClient};
use crate::catalog::Progress;
use crate::model::{Resource, Step};

/// Where mutating calls are written down before and after they are made.
pub trait Journal: Send + Sync {
    /// A call is about to be made; `Err` when that cannot be written down, and then it is not made.
    fn before(&self, resource: &Resource, step: &Step) -> std::io::Result<()>;
    /// How the call ended.
    fn after(&self, resource: &Resource, step: &Step, outcome: Result<(), &CallError>) -> std::io::Result<()>;
}

/// One resource that is being deleted.
///
/// Mutating calls go through [`Hands::call`] and nothing else, so that each is in the journal before it is made.
pub struct Hands {
    /// Account, region and clients; the region is that of the resource.
    pub cx: Cx,
    /// What is deleted, as it was read just before.
    pub resource: Resource,
    /// Error codes that mean that it is gone already.
    gone: &'static [&'static str],
    journal: Arc<dyn Journal>,
    /// Steps whose call AWS took.
    taken: Mutex<BTreeSet<Step>>,
}

/// What a look at something that is being deleted shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is there, and nothing is happening to it.
    There,
    /// AWS is at it: what is waited for, in a few words.
    Going(String),
    /// It is gone, or a tombstone.
    Gone,
}

impl Fate {
    /// On its way out, in a state that AWS calls so.
    #[must_use]
    pub fn going(state: &str) -> Self {
        Fate::Going(format!("it is {state}"))
    }
}

impl Hands {
    /// Hands for one resource. `gone` are the codes of its recipe.
    #[must_use]
    pub fn new(cx: Cx, resource: Resource, gone: &'static [&'static str], journal: Arc<dyn Journal>) -> Self {
        Hands { cx, resource, gone, journal, taken: Mutex::default() }
    }

    /// The primary identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.resource.id
    }

    /// The ARN, or the id of a type that has none.
    #[must_use]
    pub fn arn(&self) -> &str {
        self.resource.arn.as_deref().unwrap_or(&self.resource.id)
    }

    /// One part of an identifier of several, from 0.
    #[must_use]
    pub fn part(&self, index: usize) -> &str {
        self.resource.id.split('|').nth(index).unwrap_or_default()
    }

    /// A top-level property that is text, or nothing.
    #[must_use]
    pub fn text(&self, property: &str) -> Option<&str> {
        self.resource.properties.get(property)?.as_str()
    }

    /// A client for the region of the resource.
    #[must_use]
    pub fn client<C: ServiceClient>(&self) -> C {
        self.cx.client()
    }

    /// Makes the mutating call of a step. `None`: what it acts on is gone already, which is as good.
    pub fn call<T, E, Fut>(&self, step: &Step, request: Fut) -> impl Future<Output = Result<Option<T>, CallError>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        Fut: Future<Output = Result<T, SdkError<E, Response>>>,
    {
        self.call_unless(step, &[], request)
    }

    /// As [`Hands::call`], where more codes than those of the recipe say that there is nothing to do any more.
    pub fn call_unless<T, E, Fut>(
        &self,
        step: &Step,
        codes: &[&str],
        request: Fut,
    ) -> impl Future<Output = Result<Option<T>, CallError>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        Fut: Future<Output = Result<T, SdkError<E, Response>>>,
    {
        let request = Box::pin(request);
        let checked = async move { request.await.at(&step.call).absent_if(codes) };
        async move { self.call_checked(step, checked).await.map(Option::flatten) }
    }

    /// As [`Hands::call`], for calls that answer 200 with failures inside: `request` looks into the answer.
    pub fn call_checked<T, Fut>(&self, step: &Step, request: Fut) -> impl Future<Output = Result<Option<T>, CallError>>
    where
        Fut: Future<Output = Result<T, CallError>>,
    {
        // The SDK's futures are large, and a step awaits several.
        let request = Box::pin(request);
        async move {
            let unwritten =
                |error: std::io::Error| CallError::new(ErrorClass::Other, "ledger", &error.to_string(), &step.call);
            self.journal.before(&self.resource, step).map_err(unwritten)?;
            let answer = request.await.absent_if(self.gone);
            if answer.is_ok() {
                self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(step.clone());
            }
            self.journal.after(&self.resource, step, answer.as_ref().map(|_| ())).map_err(unwritten)?;
            answer
        }
    }

    /// As [`Hands::call`], for calls whose effect is there when they return.
    pub fn at_once<T, E, Fut>(&self, step: &Step, request: Fut) -> impl Future<Output = Result<Progress, CallError>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        Fut: Future<Output = Result<T, SdkError<E, Response>>>,
    {
        let call = self.call(step, request);
        async move { call.await.map(|_| Progress::Done) }
    }

    /// For deletions that AWS takes its time for: looks, makes the call unless it was made already, and looks again.
    ///
    /// So waiting costs reads only, and a run that goes on where another one ended does not ask for the same twice.
    pub fn until_gone<T, Fut, Look, Looking>(
        &self,
        step: &Step,
        look: Look,
        request: Fut,
    ) -> impl Future<Output = Result<Progress, CallError>>
    where
        Fut: Future<Output = Result<T, CallError>>,
        Look: Fn() -> Looking,
        Looking: Future<Output = Result<Fate, CallError>>,
    {
        let request = Box::pin(request);
        async move {
            let mut fate = Box::pin(look()).await?;
            if fate == Fate::There && !self.has_taken(step) {
                if self.call_checked(step, request).await?.is_none() {
                    return Ok(Progress::Done);
                }
                fate = Box::pin(look()).await?;
            }
            Ok(match fate {
                Fate::Gone => Progress::Done,
                Fate::Going(what) => Progress::Waiting(what),
                Fate::There => Progress::Waiting("AWS has not begun yet".to_owned()),
            })
        }
    }

    /// Whether AWS took the call of a step from these hands.
    #[must_use]
    pub fn has_taken(&self, step: &Step) -> bool {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).contains(step)
    }

    /// The error of a step that the recipe does not know, which is never made into some other call.
    #[must_use]
    pub fn unknown(&self, step: &Step) -> CallError {
        let text = format!("{step} is no step of deleting {}", self.resource.type_name);
        CallError::new(ErrorClass::Other, "unknown-step", &text, &step.call)
    }

    /// Makes a read; `None` when AWS says that the thing is gone.
    pub fn look<T, E, Fut>(&self, action: &str, request: Fut) -> impl Future<Output = Result<Option<T>, CallError>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        Fut: Future<Output = Result<T, SdkError<E, Response>>>,
    {
        let request = Box::pin(request);
        async move { request.await.at(action).absent_if(self.gone) }
    }
}
