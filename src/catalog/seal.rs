//! The hash of a plan: what was shown is what is executed.
//!
//! It has no key, so it shows damage and hand edits, not forgery.

use serde::Serialize;
use serde_json::Value;

use super::canon;
use crate::model::Plan;

/// Prefix of a plan's hash: algorithm and version of the encoding.
pub const PLAN_HASH: &str = "b3p1";

/// The hash of all that stands in a plan, but for the hash itself.
///
/// The canonical encoding of the values is hashed, never a serialiser's text. Lists are fed item by item, so that a
/// large plan is never in memory twice.
#[must_use]
pub fn seal(plan: &Plan) -> String {
    let Plan {
        schema,
        hash: _,
        baseline,
        account,
        partition,
        caller,
        inventory_at,
        created_at,
        expires_at,
        options,
        actions,
        refused,
        unknown,
        undetermined,
        saving,
    } = plan;
    let mut hasher = blake3::Hasher::new();
    one(&mut hasher, &(schema, baseline, account, partition, caller, inventory_at, created_at, expires_at, options));
    list(&mut hasher, actions);
    list(&mut hasher, refused);
    list(&mut hasher, unknown);
    list(&mut hasher, undetermined);
    // Plans without costs keep the hash that they had before there were any.
    if let Some(saving) = saving {
        one(&mut hasher, saving);
    }
    format!("{PLAN_HASH}:{}", hasher.finalize().to_hex())
}

/// Whether a plan is the one that was sealed.
#[must_use]
pub fn is_sealed(plan: &Plan) -> bool {
    plan.hash == seal(plan)
}

fn list<T: Serialize>(hasher: &mut blake3::Hasher, items: &[T]) {
    one(hasher, &items.len());
    for item in items {
        one(hasher, item);
    }
}

/// What cannot be a value is hashed as null: the types of a plan all can.
fn one(hasher: &mut blake3::Hasher, item: &impl Serialize) {
    canon::update(hasher, &serde_json::to_value(item).unwrap_or(Value::Null));
}
