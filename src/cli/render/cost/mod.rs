//! A split bill as a table, as data, as rows, and as FOCUS.

mod focus;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value, json};

use super::{Report, Rows, csv_text, table};
use crate::cli::sanitise::terminal;
use crate::cli::ui::Ui;
use crate::engine::cost::cents;
use crate::model::cost::{Bucket, CostReport, GroupKey, Method, Row, Total};

/// Cells of the longest bar.
const BAR: usize = 24;
/// Rows of a group table; the rest is summed up. JSON and CSV have all.
const SHOWN: usize = 15;

/// The whole report. As FOCUS, the rows are one line per amount in FOCUS columns.
#[must_use]
pub fn report(cost: &CostReport, as_focus: bool, ui: Ui) -> Report {
    let rows = if as_focus { focus::rows(cost) } else { rows(cost) };
    // FOCUS has no form for people.
    let text = if as_focus { csv_text(&rows).unwrap_or_default() } else { text(cost, ui) };
    Report { text, data: data(cost), rows, ..Report::default() }
}

fn data(cost: &CostReport) -> Value {
    let mut data = json!(cost);
    data["schema"] = json!(1);
    data["is_reconciled"] = json!(cost.is_reconciled());
    data["difference"] = json!(cost.difference());
    data
}

/// One line per row, with the columns that finance teams pass on. They only ever become more.
fn rows(cost: &CostReport) -> Rows {
    let header = &cost.header;
    let tags = header.group_by.iter().filter(|key| matches!(key, GroupKey::Tag(_))).map(ToString::to_string);
    let tags: Vec<String> = tags.collect();
    let mut columns: Vec<String> =
        ["period", "payer", "account", "bucket", "rule", "owner", "service", "region", "type", "resource_id"]
            .map(str::to_owned)
            .to_vec();
    columns.extend(tags);
    columns.push("direct".to_owned());
    columns.extend(Bucket::POOLS.iter().map(|pool| format!("from_{}", pool.as_str().replace('-', "_"))));
    columns.extend(
        [
            "total",
            "currency",
            "metric",
            "method",
            "lines",
            "baseline",
            "baseline_digest",
            "source",
            "as_of",
            "estimated",
        ]
        .map(str::to_owned),
    );
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut rows = Rows::verbatim(&columns);
    let sources: Vec<&str> = header.sources.iter().map(|source| source.name.as_str()).collect();
    let source = match sources.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{} files", many.len()),
    };
    for row in &cost.rows {
        let digest = header.baselines.iter().find(|it| it.name == row.baseline).map_or("", |it| it.digest.as_str());
        let mut cells = vec![
            row.day.map_or_else(|| row.month.to_string(), |day| day.to_string()),
            row.payer.clone(),
            row.account.clone(),
            row.bucket.to_string(),
            row.rule.to_string(),
            row.owner.clone(),
            row.service.clone(),
            row.region.clone(),
            row.type_name.clone(),
            row.resource.clone(),
        ];
        cells.extend(row.tags.iter().cloned());
        cells.push(row.direct.to_string());
        cells.extend(
            Bucket::POOLS
                .iter()
                .map(|pool| row.shared_in.get(pool).map_or_else(|| "0".to_owned(), ToString::to_string)),
        );
        cells.extend([
            row.total.to_string(),
            row.currency.clone(),
            header.metric.to_string(),
            row.method.to_string(),
            row.lines.to_string(),
            row.baseline.clone(),
            digest.to_owned(),
            source.clone(),
            header.as_of.map(|day| day.to_string()).unwrap_or_default(),
            header.estimated.map_or("unknown", |it| if it { "yes" } else { "no" }).to_owned(),
        ]);
        rows.push(cells);
    }
    rows
}

fn text(cost: &CostReport, ui: Ui) -> String {
    let mut out = head(cost);
    for total in &cost.totals {
        let _ = write!(out, "\n{}", buckets(total, ui));
        let mine: Vec<&Row> = cost.rows.iter().filter(|row| row.currency == total.currency).collect();
        let _ = write!(out, "\n{}", groups(cost, &mine, total, ui));
        if mine.iter().any(|row| !row.owner.is_empty()) {
            let _ = write!(out, "\n{}", owners(&mine, total, ui));
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
        // Without signs: a credit is as well known as a cost.
        let amounts = Method::ALL.iter().map(|it| total.methods.get(it).copied().unwrap_or_default().abs());
        let amounts: Vec<Decimal> = amounts.collect();
        let whole = amounts.iter().sum();
        let shares = Method::ALL.iter().zip(amounts).map(|(it, part)| format!("{it} {}", percent(part, whole).trim()));
        let _ = writeln!(out, "{:<11} {}", terminal(&total.currency), shares.collect::<Vec<_>>().join(", "));
    }
    let verdict = if cost.is_reconciled() { "yes" } else { "no" };
    let lines: u64 = cost.reconciled.iter().map(|it| it.lines).sum();
    let _ = writeln!(out, "reconciled: {verdict} (diff {}, {lines} lines)", money(cost.difference()));
    out
}

fn head(cost: &CostReport) -> String {
    let header = &cost.header;
    let mut out = String::new();
    let currencies: Vec<&str> = cost.totals.iter().map(|total| total.currency.as_str()).collect();
    let _ = writeln!(out, "cost of {}, {}, {}", header.period, header.metric, terminal(&currencies.join(" and ")));
    for baseline in &header.baselines {
        let short: String = baseline.digest.chars().take(17).collect();
        let _ = writeln!(out, "baseline    {} ({short}…) from {}", terminal(&baseline.name), baseline.from);
    }
    for source in &header.sources {
        let outside = if source.outside > 0 {
            format!(", {} of other periods left aside", source.outside)
        } else {
            String::new()
        };
        let _ = writeln!(
            out,
            "source      {} ({}), {} lines{outside}",
            terminal(&source.name),
            source.format,
            source.lines
        );
    }
    let figures = match header.estimated {
        Some(true) => "not final: the bill can still change",
        Some(false) => "final",
        None => "the source does not tell whether they are final",
    };
    let through = header.as_of.map(|day| format!("; data through {day}")).unwrap_or_default();
    let _ = writeln!(out, "figures     {figures}{through}");
    if let Some(requests) = &header.requests {
        let _ = writeln!(out, "requests    {} to Cost Explorer, ${}", requests.sent, requests.price_usd);
    }
    out
}

fn buckets(total: &Total, ui: Ui) -> String {
    let mut rows = Rows::new(&["BUCKET", &head_of("DIRECT"), &head_of("SHARED IN"), &head_of("TOTAL"), "   SHARE", ""]);
    let shown: Vec<Bucket> = Bucket::ALL.iter().copied().filter(|it| total.buckets.contains_key(it)).collect();
    let column = |amount: fn(&crate::model::cost::Shares) -> Decimal| {
        cents(&shown.iter().map(|bucket| amount(&total.buckets[bucket])).collect::<Vec<_>>())
    };
    let (direct, shared, totals) = (column(|it| it.direct), column(|it| it.shared), column(|it| it.total));
    let largest = shown.iter().map(|bucket| total.buckets[bucket].total.abs()).max().unwrap_or_default();
    for (at, bucket) in shown.iter().enumerate() {
        let amount = total.buckets[bucket].total;
        rows.push([
            bucket.to_string(),
            right(direct[at]),
            right(shared[at]),
            right(totals[at]),
            percent(amount, total.total),
            bar(amount, largest),
        ]);
    }
    let sum = |amounts: &[Decimal]| right(amounts.iter().sum());
    let label = format!("all ({})", total.currency);
    rows.push([label, sum(&direct), sum(&shared), sum(&totals), String::new(), String::new()]);
    table(&rows, ui)
}

/// Sums by the keys that were asked for, the largest first.
fn groups(cost: &CostReport, rows: &[&Row], total: &Total, ui: Ui) -> String {
    let mut headers: Vec<String> = cost.header.group_by.iter().map(|key| key.to_string().to_uppercase()).collect();
    let daily = rows.iter().any(|row| row.day.is_some());
    if daily {
        headers.insert(0, "DAY".to_owned());
    }
    headers.extend(["BASELINE", "REST", "TOTAL"].map(head_of));
    headers.extend(["   SHARE", ""].map(str::to_owned));
    let mut sums: BTreeMap<Vec<String>, (Decimal, Decimal)> = BTreeMap::new();
    for row in rows {
        let mut tags = row.tags.iter();
        let mut key: Vec<String> = Vec::new();
        if daily {
            key.push(row.day.map(|day| day.to_string()).unwrap_or_default());
        }
        key.extend(cost.header.group_by.iter().map(|group| match group {
            GroupKey::Service => row.service.clone(),
            GroupKey::Region => row.region.clone(),
            GroupKey::Type => row.type_name.clone(),
            GroupKey::Resource => row.resource.clone(),
            GroupKey::Account => row.account.clone(),
            GroupKey::Tag(_) => tags.next().cloned().unwrap_or_default(),
        }));
        let sum = sums.entry(key).or_default();
        if row.bucket == Bucket::Baseline { sum.0 += row.total } else { sum.1 += row.total }
    }
    let mut list: Vec<(Vec<String>, (Decimal, Decimal))> = sums.into_iter().collect();
    list.sort_by_key(|(_, (baseline, rest))| std::cmp::Reverse((baseline + rest).abs()));
    if list.len() > SHOWN + 1 {
        let more = list.split_off(SHOWN);
        let mut key = vec![String::new(); more[0].0.len()];
        key[0] = format!("({} more)", more.len());
        let sum = more.iter().fold((Decimal::ZERO, Decimal::ZERO), |sum, (_, it)| (sum.0 + it.0, sum.1 + it.1));
        list.push((key, sum));
    }
    let baseline = cents(&list.iter().map(|(_, sum)| sum.0).collect::<Vec<_>>());
    let rest = cents(&list.iter().map(|(_, sum)| sum.1).collect::<Vec<_>>());
    let largest = list.iter().map(|(_, sum)| (sum.0 + sum.1).abs()).max().unwrap_or_default();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut out = Rows::new(&headers);
    for (at, (key, sum)) in list.into_iter().enumerate() {
        let amount = sum.0 + sum.1;
        let named = key.into_iter().map(|text| if text.is_empty() { "(none)".to_owned() } else { text });
        let amounts = [right(baseline[at]), right(rest[at]), right(baseline[at] + rest[at])];
        out.push(named.chain(amounts).chain([percent(amount, total.total), bar(amount, largest)]));
    }
    table(&out, ui)
}

fn owners(rows: &[&Row], total: &Total, ui: Ui) -> String {
    let mut sums: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(&row.owner).or_default();
        if row.bucket == Bucket::Baseline { sum.0 += row.total } else { sum.1 += row.total }
    }
    let mut list: Vec<_> = sums.into_iter().collect();
    list.sort_by_key(|(_, (baseline, rest))| std::cmp::Reverse((baseline + rest).abs()));
    let mut out = Rows::new(&["OWNER", &head_of("BASELINE"), &head_of("REST"), &head_of("TOTAL"), "   SHARE"]);
    for (owner, (baseline, rest)) in list {
        let name = if owner.is_empty() { "(nobody)" } else { owner };
        let share = percent(baseline + rest, total.total);
        out.push([name.to_owned(), right(baseline), right(rest), right(baseline + rest), share]);
    }
    table(&out, ui)
}

fn movers(out: &mut String, cost: &CostReport, ui: Ui) {
    if cost.movers.is_empty() {
        return;
    }
    let mut rows = Rows::new(&["CHANGED MOST", "BUCKET", &head_of("BEFORE"), &head_of("NOW"), &head_of("CHANGE"), ""]);
    for mover in cost.movers.iter().take(5) {
        let service = if mover.service.is_empty() { "(none)" } else { &mover.service };
        let sign = if mover.change.is_sign_positive() { "+" } else { "" };
        rows.push([
            service.to_owned(),
            mover.bucket.to_string(),
            right(mover.before),
            right(mover.after),
            format!("{:>14}", format!("{sign}{}", money(mover.change))),
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

/// `1,234.56`.
fn money(amount: Decimal) -> String {
    let mut rounded = amount.round_dp(2);
    rounded.rescale(2);
    let text = rounded.abs().to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
    format!("{sign}{grouped}.{cents}")
}

/// The header of a column of amounts.
fn head_of(name: &str) -> String {
    format!("{name:>14}")
}

/// An amount for a column of amounts.
fn right(amount: Decimal) -> String {
    format!("{:>14}", money(amount))
}

fn percent(part: Decimal, whole: Decimal) -> String {
    match part.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(whole)) {
        Some(share) => {
            let mut share = share.round_dp(1);
            share.rescale(1);
            format!("{share:>6} %")
        }
        None => String::new(),
    }
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
