//! The hash of a plan: what was shown is what is executed.
//!
//! It has no key, so it shows damage and hand edits, not forgery.

use serde::Serialize;
use serde_json::Value;

use super::canon::Encoder;
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

/// Items that are encoded at a time, and by one thread.
const PIECE: usize = 1024;

/// Encoding takes most of the time, so several threads encode the pieces of a long list; they are hashed in order.
fn list<T: Serialize + Sync>(hasher: &mut blake3::Hasher, items: &[T]) {
    one(hasher, &items.len());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for batch in items.chunks(PIECE * threads) {
        if batch.len() <= PIECE {
            hasher.update(encoded(batch).bytes());
            continue;
        }
        std::thread::scope(|scope| {
            let pieces: Vec<_> = batch.chunks(PIECE).map(|piece| scope.spawn(|| encoded(piece))).collect();
            for piece in pieces {
                let encoded = piece.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                hasher.update(encoded.bytes());
            }
        });
    }
}

fn one(hasher: &mut blake3::Hasher, item: &impl Serialize) {
    hasher.update(encoded(std::slice::from_ref(item)).bytes());
}

/// What cannot be a value is hashed as null: the types of a plan all can.
fn encoded<T: Serialize>(items: &[T]) -> Encoder {
    let mut encoder = Encoder::default();
    for item in items {
        encoder.value(&serde_json::to_value(item).unwrap_or(Value::Null));
    }
    encoder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_hashes_as_its_items_do_one_by_one() {
        for count in [0, 1, PIECE, PIECE + 1, 9 * PIECE + 7] {
            let items: Vec<usize> = (0..count).collect();
            let mut at_once = blake3::Hasher::new();
            list(&mut at_once, &items);
            let mut one_by_one = blake3::Hasher::new();
            one(&mut one_by_one, &count);
            for item in &items {
                one(&mut one_by_one, item);
            }
            assert_eq!(at_once.finalize(), one_by_one.finalize(), "{count}");
        }
    }
}
