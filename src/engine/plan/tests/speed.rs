//! Planning must not be quadratic in anything that a large account has much of. `make bench-scale` measures how long it takes.

use std::time::{Duration, Instant};

use super::*;

/// The time for an account of this many resources: a tree of uses, one hub that all use, one long chain.
fn time_of(count: usize) -> Duration {
    let refs = |n: usize| -> Vec<String> {
        let mut refs = vec![arn("hub")];
        refs.extend((n > 0).then(|| arn(&format!("t{}", if n.is_multiple_of(2) { n - 1 } else { n / 2 }))));
        refs
    };
    let mut added: Vec<Resource> = (0..count)
        .map(|n| resource(THING, &format!("t{n}"), json!({"Refs": refs(n), "Size": n, "Name": "web"})))
        .collect();
    added.push(thing("hub", &[]));
    let mut account = Account::new(Vec::new(), added);
    account.options.max_deletes = usize::MAX;
    let (delta, baseline, live) =
        (account.delta(), account.snapshot(&[], true), account.snapshot(&account.live, false));
    let input = PlanInput {
        delta: &delta,
        live: &live,
        baseline: &baseline,
        baseline_digest: "",
        own: &[],
        options: &account.options,
        costs: None,
        now: at(NOW),
        valid_for: VALID_FOR,
        spec_of,
    };
    let start = Instant::now();
    let plan = plan(&input).expect("a plan");
    assert_eq!(plan.actions.len(), count + 1);
    start.elapsed()
}

#[test]
fn twice_as_much_takes_about_twice_as_long() {
    time_of(500);
    let (small, large) = (time_of(2_000), time_of(16_000));
    // Eight times as much: quadratic code would take 64 times as long.
    assert!(large < small * 24 + Duration::from_millis(200), "{small:?} for 2,000 and {large:?} for 16,000");
}
