//! What the program knows about one resource type, as one value.

use std::future::Future;
use std::pin::Pin;

use super::draft::Draft;
use crate::aws::{CallError, Cx, Hands};
use crate::model::{Resource, Step, Switches};

/// What a collector yields: every resource of a cell, or why the cell could not be read.
pub type Listed = Result<Vec<Draft>, CallError>;

/// A collector's future.
pub type Listing<'a> = Pin<Box<dyn Future<Output = Listed> + Send + 'a>>;

/// Everything true of one resource type. One file of `services/` holds one of these.
#[derive(Clone, Copy)]
pub struct TypeSpec {
    /// `CloudFormation` type name, `AWS::SQS::Queue`.
    pub name: &'static str,
    /// Where resources of this type live.
    pub scope: Scope,
    /// Lists all of them in one region, each with all its properties.
    pub list: for<'a> fn(&'a Cx) -> Listing<'a>,
    /// Where the creation time comes from.
    pub created: Created,
    /// Lists whose order has no meaning, as dotted paths in `properties` with `*` for any element or key.
    pub sets: &'static [&'static str],
    /// Values that are always masked, as dotted paths in `properties`.
    pub secrets: &'static [&'static str],
    /// What AWS answers and we do not keep, each with its reason.
    pub left_out: &'static [LeftOut],
    /// Settable properties of the schema that we do not map, each with its reason.
    pub unmapped: &'static [Unmapped],
    /// References that extraction alone would miss or get wrong.
    pub edges: &'static [Edge],
    /// IAM actions that `list` needs.
    pub read_actions: &'static [&'static str],
    /// How it is deleted.
    pub delete: Delete,
}

/// Where resources of a type live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Asked in every region.
    Regional,
    /// Asked once, in the partition's home region, and filed under `global`.
    Global,
}

/// Where the creation time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// AWS reports it in this field.
    Field(&'static str),
    /// AWS does not, for this reason.
    Unknown(&'static str),
}

/// A field of an answer that is not kept.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut {
    /// Path in the answer with the API's member names, `Vpcs[].State`. A trailing `*` takes all below,
    /// a leading `Operation:` limits it to one operation.
    pub path: &'static str,
    /// Why.
    pub why: &'static str,
}

/// A settable property of the schema that is not mapped.
#[derive(Debug, Clone, Copy)]
pub struct Unmapped {
    /// Dotted path in the schema, `*` for elements; it takes all below.
    pub path: &'static str,
    /// Why.
    pub why: &'static str,
}

/// A reference that extraction alone would miss or get wrong.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// Dotted path in `properties`, `*` for elements.
    pub path: &'static str,
    /// The type that is referred to.
    pub to: &'static str,
    /// The identifier, name or ARN of the target, with `{}` for the value at `path`.
    pub target: &'static str,
    /// Which of the two must be deleted first.
    pub order: Order,
    /// Why this edge exists.
    pub why: &'static str,
}

/// What a reference means for deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The holder of the reference goes before what it refers to.
    HolderFirst,
    /// What is referred to goes before the holder.
    TargetFirst,
    /// A mention (in a policy, a variable, a description): shown as impact, orders nothing.
    None,
}

/// How a type is deleted, as data for a planner.
#[derive(Debug, Clone, Copy)]
pub enum Delete {
    /// By an API call.
    Call(Recipe),
    /// Never, for this reason.
    Never(&'static str),
}

/// A deletion by API calls.
///
/// Deciding and doing are apart: `steps` is pure and yields every mutating call, `run` makes one of them.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// The API operation that deletes, `DeleteQueue`.
    pub operation: &'static str,
    /// IAM actions of all steps; the delete's own is the last of what [`Recipe::steps_of`] gives.
    pub actions: &'static [&'static str],
    /// Error codes that mean that it is gone already.
    pub gone: &'static [&'static str],
    /// Every mutating call, in order, the delete last. `None`: the delete is the only one.
    pub steps: Option<fn(&Resource, &Switches) -> Vec<Step>>,
    /// Makes the call of one step, and looks whether it is done. Called again for as long as it answers
    /// [`Progress::Waiting`], and on resuming: a call whose effect is there already must not fail.
    pub run: for<'a> fn(&'a Hands, &'a Step) -> Running<'a>,
    /// The protection that is on and would make AWS refuse, in AWS's words: `DeletionProtectionEnabled`.
    /// With `Switches::disable_protection`, `steps` begins by turning it off.
    pub protection: Option<fn(&Resource) -> Option<String>>,
    /// Order among what is ready: 0 stops producers, 9 is logs and audit.
    pub rank: u8,
    /// Deleting it loses data of users.
    pub holds_data: bool,
    /// How it can be had back, where that is possible.
    pub reversible: Option<&'static str>,
}

/// How the call of a step ended.
pub type Made = Result<Progress, CallError>;

/// A step that is being made.
pub type Running<'a> = Pin<Box<dyn Future<Output = Made> + Send + 'a>>;

/// Stands in a spec whose deletion is not written yet; the house tests know which these are.
#[must_use]
pub fn unwritten<'a>(hands: &'a Hands, step: &'a Step) -> Running<'a> {
    Box::pin(async move {
        let text = format!("aws-baseline cannot delete {} yet", hands.resource.type_name);
        Err(CallError::new(crate::aws::ErrorClass::Other, "unsupported", &text, &step.call))
    })
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Its effect is there: for a delete, the thing is gone.
    Done,
    /// AWS is at it: what is waited for, in a few words.
    Waiting(String),
}

impl std::fmt::Debug for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recipe").field("operation", &self.operation).field("rank", &self.rank).finish_non_exhaustive()
    }
}

impl Recipe {
    /// Every mutating call that deletes the resource, in order.
    #[must_use]
    pub fn steps_of(&self, resource: &Resource, switches: &Switches) -> Vec<Step> {
        match self.steps {
            Some(steps) => steps(resource, switches),
            None => self.actions.iter().map(|action| Step::on_resource(action)).collect(),
        }
    }

    /// Makes the call of one step. A step that this recipe does not have is an error, and nothing is called.
    pub async fn make(&self, hands: &Hands, step: &Step) -> Made {
        if self.actions.contains(&step.call.as_str()) {
            (self.run)(hands, step).await
        } else {
            Err(hands.unknown(step))
        }
    }

    /// The protection that is on.
    #[must_use]
    pub fn protection_of(&self, resource: &Resource) -> Option<String> {
        self.protection.and_then(|protection| protection(resource))
    }
}

impl TypeSpec {
    /// The service part of the type name in lower case, which is also a selector: `sqs`.
    #[must_use]
    pub fn service(&self) -> String {
        self.name.split("::").nth(1).unwrap_or_default().to_ascii_lowercase()
    }
}

impl std::fmt::Debug for TypeSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypeSpec").field("name", &self.name).field("scope", &self.scope).finish_non_exhaustive()
    }
}
