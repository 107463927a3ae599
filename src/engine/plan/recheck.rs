//! What is looked at again before a plan is executed, and before each of its actions. Pure.

use chrono::{DateTime, Utc};

use super::reserved;
use super::rules::Rules;
use crate::catalog::{Delete, TypeSpec, canon, seal};
use crate::model::{Action, ActionKind, Plan, Resource};

/// What is true now.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time.
    pub now: DateTime<Utc>,
    /// Twelve digits.
    pub account: &'a str,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// ARN of the caller.
    pub caller: &'a str,
    /// Digest of the baseline, under the name that the plan gives.
    pub baseline_digest: &'a str,
}

/// Why a plan is not executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The plan was changed after it was made.
    #[error("the plan does not match its hash: it was changed after it was made")]
    Tampered,
    /// It is too old.
    #[error("the plan expired at {0}")]
    Expired(DateTime<Utc>),
    /// It is of a time that has not come.
    #[error("the plan was made at {0}, which is yet to come: the clock is wrong")]
    FromTheFuture(DateTime<Utc>),
    /// It is for another account.
    #[error("the plan is for account {plan}, the credentials are of account {now}")]
    Account {
        /// The plan's.
        plan: String,
        /// The credentials'.
        now: String,
    },
    /// It is for another partition.
    #[error("the plan is for partition {plan}, the credentials are of partition {now}")]
    Partition {
        /// The plan's.
        plan: String,
        /// The credentials'.
        now: String,
    },
    /// Somebody else made it: what protects its caller does not protect this one.
    #[error("the plan was made by {plan}, the credentials are of {now}")]
    Caller {
        /// The plan's.
        plan: String,
        /// The credentials'.
        now: String,
    },
    /// The baseline is another one by now.
    #[error("the baseline {name} is not the one that the plan was made from")]
    Baseline {
        /// Its name.
        name: String,
    },
}

/// Why a plan must not be executed; `None` if it may.
#[must_use]
pub fn unfit(plan: &Plan, facts: &Facts<'_>) -> Option<Unfit> {
    // A plan that is made while this machine's clock is being set right is still good.
    let slack = chrono::TimeDelta::minutes(5);
    if !seal::is_sealed(plan) {
        return Some(Unfit::Tampered);
    }
    if facts.partition != plan.partition {
        return Some(Unfit::Partition { plan: plan.partition.clone(), now: facts.partition.to_owned() });
    }
    if facts.account != plan.account {
        return Some(Unfit::Account { plan: plan.account.clone(), now: facts.account.to_owned() });
    }
    if principal(facts.caller) != principal(&plan.caller) {
        return Some(Unfit::Caller { plan: plan.caller.clone(), now: facts.caller.to_owned() });
    }
    if facts.baseline_digest != plan.baseline.digest {
        return Some(Unfit::Baseline { name: plan.baseline.name.to_string() });
    }
    if facts.now >= plan.expires_at {
        return Some(Unfit::Expired(plan.expires_at));
    }
    (facts.now + slack < plan.created_at).then_some(Unfit::FromTheFuture(plan.created_at))
}

/// The caller without the name of the session, which is another one each time.
fn principal(arn: &str) -> &str {
    if arn.contains(":assumed-role/") { arn.rsplit_once('/').map_or(arn, |(role, _)| role) } else { arn }
}

/// Why an action is skipped: its resource is not what it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Changed {
    /// Another resource has its place.
    #[error("it was deleted and made again since the plan was made")]
    MadeAgain,
    /// Properties or tags differ, beyond what the plan itself changes.
    #[error("it was changed since the plan was made")]
    Properties,
    /// A rule of the plan, or a tag, protects it now.
    #[error("it is protected now: {0}")]
    Protected(String),
    /// Its deletion protection was turned on.
    #[error("its deletion protection is on now: {0}")]
    DeletionProtection(String),
}

/// Compares a resource, as it was read just now, with what its action expects. `Ok` if the action may start.
pub fn still_matches(action: &Action, plan: &Plan, now: &Resource, spec: Option<&TypeSpec>) -> Result<(), Changed> {
    let planned = &action.resource;
    if planned.key() != now.key() || planned.created_at != now.created_at {
        return Err(Changed::MadeAgain);
    }
    let protected = match Rules::new(&plan.options) {
        Ok(rules) => rules.protects(now).or_else(|| rules.excludes(now)),
        Err(bad) => Some(bad.to_string()),
    };
    if let Some(by) = protected.or_else(|| reserved::reserved(now)) {
        return Err(Changed::Protected(by));
    }
    if let Some(Delete::Call(recipe)) = spec.map(|spec| spec.delete)
        && action.kind == ActionKind::Delete
        && !plan.options.switches.disable_protection
        && let Some(protection) = recipe.protection_of(now)
    {
        return Err(Changed::DeletionProtection(protection));
    }
    // An equal hash of all is enough also where something might have changed.
    let same = now.hash == planned.hash || stable_hash(now, &action.may_change) == action.stable_hash;
    if same { Ok(()) } else { Err(Changed::Properties) }
}

/// The hash of tags and of all properties but some.
pub(super) fn stable_hash(resource: &Resource, may_change: &[String]) -> String {
    if may_change.is_empty() {
        return resource.hash.clone();
    }
    canon::hash_without(&resource.properties, &resource.tags, may_change)
}
