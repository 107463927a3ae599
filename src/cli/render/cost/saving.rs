//! What a bill says about single resources, in the words of plans and comparisons.

use rust_decimal::Decimal;

use super::sums::money;
use crate::cli::render::plural;
use crate::model::cost::Saving;

/// `12.34 USD`; what is there but less than a cent says so.
#[must_use]
pub fn about(amount: Decimal, currency: &str) -> String {
    if amount.is_sign_positive() && !amount.is_zero() && amount < Decimal::new(1, 2) {
        return format!("less than 0.01 {currency}");
    }
    format!("{} {currency}", money(amount))
}

/// What a plan saves in a month.
#[must_use]
pub fn monthly_saving(saving: &Saving) -> String {
    let Saving { known, unknown, .. } = saving;
    if *known == 0 {
        return format!("Estimated monthly saving unknown: the bill of {} has no line for any of this", saving.month);
    }
    let of = format!("{} with known cost ({}, {})", plural(*known, "resource"), saving.month, saving.metric);
    let rest = if *unknown > 0 { format!("; nothing known about {unknown}") } else { String::new() };
    let amount = about(saving.amount, &saving.currency);
    format!("Estimated monthly saving {amount} of {of}{rest}{}", covered(saving))
}

/// What the added resources of a comparison cost.
#[must_use]
pub fn cost_of_added(cost: &Saving) -> String {
    let Saving { known, unknown, .. } = cost;
    if *known == 0 {
        return format!("the bill of {} has no line for what was added", cost.month);
    }
    let of = format!("{} added {}", known, if *known == 1 { "resource" } else { "resources" });
    let rest = if *unknown > 0 { format!("; nothing known about {unknown}") } else { String::new() };
    let amount = about(cost.amount, &cost.currency);
    format!("{of} cost {amount} in {} ({}){rest}{}", cost.month, cost.metric, covered(cost))
}

/// What is committed to is paid for all the same.
fn covered(saving: &Saving) -> String {
    if saving.covered.is_zero() {
        return String::new();
    }
    let amount = about(saving.covered, &saving.currency);
    format!("; {amount} of it is covered by reservations or savings plans, which are paid for all the same")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_said() {
        let mut saving = Saving {
            month: "2026-10".parse().expect("a month"),
            currency: "USD".to_owned(),
            metric: crate::model::cost::Metric::Amortized,
            amount: Decimal::new(12_340_001, 6),
            covered: Decimal::ZERO,
            known: 3,
            unknown: 2,
        };
        assert_eq!(
            monthly_saving(&saving),
            "Estimated monthly saving 12.34 USD of 3 resources with known cost (2026-10, amortized); nothing known about 2"
        );
        assert_eq!(
            cost_of_added(&saving),
            "3 added resources cost 12.34 USD in 2026-10 (amortized); nothing known about 2"
        );
        (saving.amount, saving.covered, saving.known, saving.unknown) = (Decimal::new(1, 9), Decimal::ONE, 1, 0);
        assert_eq!(
            monthly_saving(&saving),
            "Estimated monthly saving less than 0.01 USD of 1 resource with known cost (2026-10, amortized); 1.00 USD of it is \
             covered by reservations or savings plans, which are paid for all the same"
        );
        saving.known = 0;
        assert!(monthly_saving(&saving).contains("unknown"));
    }
}
