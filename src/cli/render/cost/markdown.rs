//! A split bill for a ticket, a chat or a monthly note.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::sums::{self, Group, money, or_nobody, or_none, percent, signed};
use crate::cli::sanitise::markdown as safe;
use crate::model::cost::{CostReport, Total};

/// Rows of a group table; the rest is summed up. JSON and CSV have all.
const SHOWN: usize = 100;

/// The whole report as Markdown.
pub fn markdown(cost: &CostReport) -> String {
    let header = &cost.header;
    let mut out = format!("# Cost of {}, {}, {}\n\n", header.period, header.metric, safe(&sums::currencies(cost)));
    for baseline in &header.baselines {
        let _ =
            writeln!(out, "* baseline {} from {} ({})", safe(&baseline.name), baseline.from, safe(&baseline.digest));
    }
    for source in &header.sources {
        let _ = writeln!(out, "* source {}", safe(&sums::source(source)));
    }
    let _ = writeln!(out, "* figures: {}", sums::figures(cost));
    let _ = writeln!(out, "* **{}**", sums::verdict(cost));
    for warning in &cost.warnings {
        let _ = writeln!(out, "* warning: {}", safe(warning));
    }
    for total in &cost.totals {
        of_currency(&mut out, cost, total);
    }
    if !cost.movers.is_empty() {
        out.push_str("\n## Changed most\n\n| service | bucket | before | now | change | |\n");
        out.push_str("| --- | --- | ---: | ---: | ---: | --- |\n");
        for mover in &cost.movers {
            let (before, after, change) = (money(mover.before), money(mover.after), signed(mover.change));
            let service = safe(or_none(&mover.service));
            let currency = safe(&mover.currency);
            let _ = writeln!(out, "| {service} | {} | {before} | {after} | {change} | {currency} |", mover.bucket);
        }
    }
    if !cost.budgets.is_empty() {
        out.push_str("\n## Budgets\n\n| budget | spent | planned | | |\n| --- | ---: | ---: | --- | --- |\n");
        for budget in &cost.budgets {
            let exceeded = if budget.exceeded { "**exceeded**" } else { "" };
            let (name, currency) = (safe(&budget.name), safe(&budget.currency));
            let (spent, limit) = (money(budget.spent), money(budget.limit));
            let _ = writeln!(out, "| {name} | {spent} | {limit} | {currency} | {exceeded} |");
        }
    }
    out.push_str("\n## Reconciliation\n\n| month | account | currency | lines | source | rows | difference |\n");
    out.push_str("| --- | --- | --- | ---: | ---: | ---: | ---: |\n");
    for it in &cost.reconciled {
        let (account, currency) = (safe(&it.account), safe(&it.currency));
        let _ = writeln!(
            out,
            "| {} | {account} | {currency} | {} | {} | {} | {} |",
            it.month, it.lines, it.source, it.rows, it.difference
        );
    }
    out
}

fn of_currency(out: &mut String, cost: &CostReport, total: &Total) {
    let currency = safe(&total.currency);
    let _ = writeln!(out, "\n## {currency}\n\n{}.\n", sums::methods(total));
    out.push_str("| bucket | direct | shared in | total | share |\n| --- | ---: | ---: | ---: | ---: |\n");
    let mut all = Decimal::ZERO;
    for (bucket, exact, shown) in sums::buckets(total) {
        let amounts = [shown.direct, shown.shared, shown.total].map(money).join(" | ");
        let _ = writeln!(out, "| {bucket} | {amounts} | {} |", percent(exact.total, total.total).trim());
        all += shown.total;
    }
    let _ = writeln!(out, "| **all** | | | **{}** | |\n", money(all));
    let rows = sums::rows_of(cost, total);
    let keys: Vec<String> = sums::keys(cost).iter().map(|key| safe(key)).collect();
    groups(out, &keys, &sums::groups(cost, &rows, SHOWN), total, or_none);
    let owners = sums::owners(&rows);
    if !owners.is_empty() {
        out.push('\n');
        groups(out, &["owner".to_owned()], &owners, total, or_nobody);
    }
}

fn groups(out: &mut String, keys: &[String], groups: &[Group], total: &Total, none: fn(&str) -> &str) {
    let _ = writeln!(out, "| {} | baseline | rest | total | share |", keys.join(" | "));
    let _ = writeln!(out, "{}| ---: | ---: | ---: | ---: |", "| --- ".repeat(keys.len().max(1)));
    for group in groups {
        let key: Vec<String> = group.key.iter().map(|text| safe(none(text))).collect();
        let [baseline, rest] = group.shown.map(money);
        let (all, share) = (money(group.shown_total()), percent(group.total(), total.total));
        let _ = writeln!(out, "| {} | {baseline} | {rest} | {all} | {} |", key.join(" | "), share.trim());
    }
}
