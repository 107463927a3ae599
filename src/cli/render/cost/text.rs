//! A split bill for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::sums::{self, Group, money, or_nobody, or_none, percent, signed};
use crate::cli::render::{Rows, table};
use crate::cli::sanitise::terminal;
use crate::cli::ui::Ui;
use crate::model::cost::{Bucket, CostReport, Total};

/// Cells of the longest bar.
const BAR: usize = 24;
/// Rows of a group table; the rest is summed up. JSON and CSV have all.
const SHOWN: usize = 15;
/// Movers that are shown.
const MOVERS: usize = 5;

/// The whole report as text.
pub fn text(cost: &CostReport, ui: Ui) -> String {
    let mut out = head(cost);
    for total in &cost.totals {
        let rows = sums::rows_of(cost, total);
        let _ = write!(out, "\n{}", buckets(total, ui));
        let keys: Vec<String> = sums::keys(cost).iter().map(|key| key.to_uppercase()).collect();
        let _ = write!(out, "\n{}", groups(&keys, &sums::groups(cost, &rows, SHOWN), total, or_none, ui));
        let owners = sums::owners(&rows);
        if !owners.is_empty() {
            let _ = write!(out, "\n{}", groups(&["OWNER".to_owned()], &owners, total, or_nobody, ui));
        }
    }
    movers(&mut out, cost, ui);
    pools(&mut out, cost);
    for budget in &cost.budgets {
        let _ = writeln!(
            out,
            "budget      {}: {} of {} {}{}",
            terminal(&budget.name),
            money(budget.spent),
            money(budget.limit),
            terminal(&budget.currency),
            if budget.exceeded { ", exceeded" } else { "" }
        );
    }
    for total in &cost.totals {
        let _ = writeln!(out, "{:<11} {}", terminal(&total.currency), sums::methods(total));
    }
    let _ = writeln!(out, "{}", sums::verdict(cost));
    out
}

fn head(cost: &CostReport) -> String {
    let header = &cost.header;
    let mut out = String::new();
    let currencies = sums::currencies(cost);
    let _ = writeln!(out, "cost of {}, {}, {}", header.period, header.metric, terminal(&currencies));
    for baseline in &header.baselines {
        let short: String = baseline.digest.chars().take(17).collect();
        let _ = writeln!(out, "baseline    {} ({short}…) from {}", terminal(&baseline.name), baseline.from);
    }
    for source in &header.sources {
        let _ = writeln!(out, "source      {}", terminal(&sums::source(source)));
    }
    let _ = writeln!(out, "figures     {}", sums::figures(cost));
    if let Some(requests) = &header.requests {
        let _ = writeln!(out, "requests    {} to Cost Explorer, ${}", requests.sent, requests.price_usd);
    }
    out
}

fn buckets(total: &Total, ui: Ui) -> String {
    let mut rows = Rows::new(&["BUCKET", &head_of("DIRECT"), &head_of("SHARED IN"), &head_of("TOTAL"), "   SHARE", ""]);
    let buckets = sums::buckets(total);
    let largest = buckets.iter().map(|(_, exact, _)| exact.total.abs()).max().unwrap_or_default();
    for (bucket, exact, shown) in &buckets {
        rows.push([
            bucket.to_string(),
            right(shown.direct),
            right(shown.shared),
            right(shown.total),
            percent(exact.total, total.total),
            bar(exact.total, largest),
        ]);
    }
    let sum = |amounts: Vec<Decimal>| right(amounts.iter().sum());
    rows.push([
        format!("all ({})", total.currency),
        sum(buckets.iter().map(|(_, _, shown)| shown.direct).collect()),
        sum(buckets.iter().map(|(_, _, shown)| shown.shared).collect()),
        sum(buckets.iter().map(|(_, _, shown)| shown.total).collect()),
        String::new(),
        String::new(),
    ]);
    table(&rows, ui)
}

fn groups(keys: &[String], groups: &[Group], total: &Total, none: fn(&str) -> &str, ui: Ui) -> String {
    let amounts = ["BASELINE", "REST", "TOTAL"].map(head_of);
    let headers = keys.iter().map(String::as_str).chain(amounts.iter().map(String::as_str)).chain(["   SHARE", ""]);
    let mut rows = Rows::new(&headers.collect::<Vec<_>>());
    let largest = groups.iter().map(|group| group.total().abs()).max().unwrap_or_default();
    for group in groups {
        let [baseline, rest] = group.shown;
        let amounts = [right(baseline), right(rest), right(group.shown_total())];
        let key = group.key.iter().map(|text| none(text).to_owned());
        rows.push(key.chain(amounts).chain([percent(group.total(), total.total), bar(group.total(), largest)]));
    }
    table(&rows, ui)
}

fn movers(out: &mut String, cost: &CostReport, ui: Ui) {
    if cost.movers.is_empty() {
        return;
    }
    let mut rows = Rows::new(&["CHANGED MOST", "BUCKET", &head_of("BEFORE"), &head_of("NOW"), &head_of("CHANGE"), ""]);
    for mover in cost.movers.iter().take(MOVERS) {
        rows.push([
            or_none(&mover.service).to_owned(),
            mover.bucket.to_string(),
            right(mover.before),
            right(mover.after),
            format!("{:>14}", signed(mover.change)),
            mover.currency.clone(),
        ]);
    }
    let _ = write!(out, "\n{}", table(&rows, ui));
}

/// What was shared out, and what nobody got although it was to be.
fn pools(out: &mut String, cost: &CostReport) {
    out.push('\n');
    let mut given: BTreeMap<(&str, Bucket), Decimal> = BTreeMap::new();
    for pool in cost.pools.iter().filter(|pool| !pool.allocated.is_zero()) {
        *given.entry((&pool.currency, pool.bucket)).or_default() += pool.allocated;
    }
    for ((currency, bucket), amount) in given {
        let _ = writeln!(out, "shared out  {bucket} {} {}", money(amount), terminal(currency));
    }
    for pool in cost.pools.iter().filter(|pool| !pool.unallocated.is_zero() && pool.rule != "keep") {
        let _ = writeln!(
            out,
            "unallocated {} {} {} of {}, account {}: nobody there to take it",
            pool.bucket,
            money(pool.unallocated),
            terminal(&pool.currency),
            pool.month,
            terminal(&pool.account)
        );
    }
}

/// The header of a column of amounts.
fn head_of(name: &str) -> String {
    format!("{name:>14}")
}

/// An amount for a column of amounts.
fn right(amount: Decimal) -> String {
    format!("{:>14}", money(amount))
}

/// A bar for a cost; what lowers the bill has none.
fn bar(amount: Decimal, largest: Decimal) -> String {
    let eighths = BAR * 8;
    let share = amount.checked_div(largest).and_then(|share| share.to_f64()).unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and the length of the bar"
    )]
    let cells = (share.clamp(0.0, 1.0) * eighths as f64).round() as usize;
    let mut bar = "█".repeat(cells / 8);
    bar.extend(['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((cells % 8).wrapping_sub(1)));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_for_people() {
        let amount = |text: &str| money(text.parse().expect("a number"));
        assert_eq!(["1234567.891", "-0.001", "-12.3", "999"].map(amount), ["1,234,567.89", "0.00", "-12.30", "999.00"]);
        assert_eq!(bar(Decimal::ONE, Decimal::TWO).chars().count(), 12);
        assert_eq!(bar(Decimal::NEGATIVE_ONE, Decimal::ONE), "");
        assert_eq!(bar(Decimal::ZERO, Decimal::ZERO), "");
    }
}
