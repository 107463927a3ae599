//! What a plan saves, where a bill is at hand.

use super::*;
use crate::model::cost::{Metric, MonthlyCost, MonthlyCosts};

#[test]
fn a_plan_says_what_it_saves_where_a_bill_knows() {
    let account = Account::new(vec![thing("stays", &[])], ["dear", "free", "new"].map(|id| thing(id, &[])).to_vec());
    let costs = |amounts: &[(&str, &str)]| MonthlyCosts {
        month: "2026-01".parse().expect("a month"),
        currency: "USD".into(),
        metric: Metric::Amortized,
        resources: amounts
            .iter()
            .map(|(id, amount)| MonthlyCost {
                type_name: THING.into(),
                region: HERE.into(),
                id: (*id).into(),
                amount: amount.parse().expect("an amount"),
                covered: "0".parse().expect("an amount"),
            })
            .collect(),
    };
    let plan_with = |costs: &MonthlyCosts| {
        let (baseline, live) = (account.snapshot(&account.baseline, true), account.snapshot(&account.live, false));
        plan(&PlanInput {
            delta: &account.delta(),
            live: &live,
            baseline: &baseline,
            baseline_digest: "b3d1:0",
            own: &[],
            options: &account.options,
            costs: Some(costs),
            now: at(NOW),
            valid_for: VALID_FOR,
            spec_of,
        })
        .expect("a plan")
    };
    // `free` costs nothing, `new` is not on the bill, `stays` does not go.
    let bill = costs(&[("dear", "1.25"), ("free", "0"), ("stays", "99")]);
    let planned = plan_with(&bill);
    let savings: Vec<(&str, Option<String>)> = planned
        .actions
        .iter()
        .map(|action| (action.resource.id.as_str(), action.estimated_monthly_saving.map(|saving| saving.to_string())))
        .collect();
    assert_eq!(savings, [("dear", Some("1.25".into())), ("free", Some("0".into())), ("new", None)]);
    let saving = planned.saving.as_ref().expect("a saving");
    assert_eq!((saving.amount.to_string().as_str(), saving.known, saving.unknown), ("1.25", 2, 1));
    // The same bill gives the same plan; another one, or none, another hash and nothing else.
    assert_eq!(plan_with(&bill), planned);
    assert_ne!(plan_with(&costs(&[("dear", "1.26")])).hash, planned.hash);
    let without = account.plan();
    assert_eq!(told(&without), told(&planned));
    assert!(without.saving.is_none() && without.hash != planned.hash);
    assert!(crate::catalog::seal::is_sealed(&planned));
}
