//! What all forms for people show: the same sums, in the same words.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::engine::cost::cents;
use crate::model::cost::{Bucket, CostReport, GroupKey, Method, Row, Shares, SourceUse, Total};

/// A group of rows: baseline and rest, as exact sums and as hundredths that add up to those of the whole table.
#[derive(Debug)]
pub struct Group {
    /// Values of the keys, in their order. Empty where a line has none.
    pub key: Vec<String>,
    /// Sum of the rows in the baseline, and of all other rows.
    pub exact: [Decimal; 2],
    /// The same, as a table shows it.
    pub shown: [Decimal; 2],
}

impl Group {
    /// Everything, exactly.
    pub fn total(&self) -> Decimal {
        self.exact[0] + self.exact[1]
    }

    /// Everything, as a table shows it.
    pub fn shown_total(&self) -> Decimal {
        self.shown[0] + self.shown[1]
    }
}

/// The rows of a currency.
pub fn rows_of<'a>(cost: &'a CostReport, total: &Total) -> Vec<&'a Row> {
    cost.rows.iter().filter(|row| row.currency == total.currency).collect()
}

/// Names of the keys that rows are grouped by; the day is one where rows have it.
pub fn keys(cost: &CostReport) -> Vec<String> {
    let day = daily(cost).then(|| "day".to_owned());
    day.into_iter().chain(cost.header.group_by.iter().map(ToString::to_string)).collect()
}

fn daily(cost: &CostReport) -> bool {
    cost.rows.iter().any(|row| row.day.is_some())
}

/// Sums by the keys that were asked for, the largest first; what comes after the first `most` is one last group.
pub fn groups(cost: &CostReport, rows: &[&Row], most: usize) -> Vec<Group> {
    let daily = daily(cost);
    let key = |row: &Row| {
        let mut tags = row.tags.iter();
        let day = daily.then(|| row.day.map(|day| day.to_string()).unwrap_or_default());
        let values = cost.header.group_by.iter().map(|group| match group {
            GroupKey::Service => row.service.clone(),
            GroupKey::Region => row.region.clone(),
            GroupKey::Type => row.type_name.clone(),
            GroupKey::Resource => row.resource.clone(),
            GroupKey::Account => row.account.clone(),
            GroupKey::Tag(_) => tags.next().cloned().unwrap_or_default(),
        });
        day.into_iter().chain(values).collect()
    };
    collect(rows, most, key)
}

/// Sums by owner, the largest first. Empty where no row has an owner.
pub fn owners(rows: &[&Row]) -> Vec<Group> {
    if rows.iter().all(|row| row.owner.is_empty()) {
        return Vec::new();
    }
    collect(rows, usize::MAX, |row| vec![row.owner.clone()])
}

fn collect(rows: &[&Row], most: usize, key: impl Fn(&Row) -> Vec<String>) -> Vec<Group> {
    let mut sums: BTreeMap<Vec<String>, [Decimal; 2]> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(key(row)).or_default();
        sum[usize::from(row.bucket != Bucket::Baseline)] += row.total;
    }
    let mut list: Vec<(Vec<String>, [Decimal; 2])> = sums.into_iter().collect();
    list.sort_by_key(|(_, [baseline, rest])| std::cmp::Reverse((baseline + rest).abs()));
    // One group more takes no more room than the line that would say so.
    if list.len() > most.saturating_add(1) {
        let more = list.split_off(most);
        let mut key = vec![String::new(); more[0].0.len()];
        if let Some(first) = key.first_mut() {
            *first = format!("({} more)", more.len());
        }
        let sum = more.iter().fold([Decimal::ZERO; 2], |sum, (_, it)| [sum[0] + it[0], sum[1] + it[1]]);
        list.push((key, sum));
    }
    let column = |at: usize| cents(&list.iter().map(|(_, sum)| sum[at]).collect::<Vec<_>>());
    let (baseline, rest) = (column(0), column(1));
    let shown = baseline.into_iter().zip(rest);
    list.into_iter().zip(shown).map(|((key, exact), (a, b))| Group { key, exact, shown: [a, b] }).collect()
}

/// The buckets of a currency that have something: exact amounts, and as a table shows them.
pub fn buckets(total: &Total) -> Vec<(Bucket, &Shares, Shares)> {
    let found: Vec<(Bucket, &Shares)> =
        Bucket::ALL.iter().filter_map(|bucket| Some((*bucket, total.buckets.get(bucket)?))).collect();
    let column = |amount: fn(&Shares) -> Decimal| cents(&found.iter().map(|(_, it)| amount(it)).collect::<Vec<_>>());
    let (direct, shared, all) = (column(|it| it.direct), column(|it| it.shared), column(|it| it.total));
    let shown = direct.into_iter().zip(shared).zip(all);
    let shown = shown.map(|((direct, shared), total)| Shares { direct, shared, total });
    found.into_iter().zip(shown).map(|((bucket, exact), shown)| (bucket, exact, shown)).collect()
}

/// `measured 88.0 %, allocated 12.0 %, estimated 0.0 %`.
pub fn methods(total: &Total) -> String {
    // Without signs: a credit is as well known as a cost.
    let amounts = Method::ALL.iter().map(|it| total.methods.get(it).copied().unwrap_or_default().abs());
    let amounts: Vec<Decimal> = amounts.collect();
    let whole = amounts.iter().sum();
    let shares = Method::ALL.iter().zip(amounts).map(|(it, part)| format!("{it} {}", percent(part, whole).trim()));
    shares.collect::<Vec<_>>().join(", ")
}

/// `bill.csv (focus), 12 lines, 3 of other periods left aside`.
pub fn source(source: &SourceUse) -> String {
    let outside =
        if source.outside > 0 { format!(", {} of other periods left aside", source.outside) } else { String::new() };
    format!("{} ({}), {} lines{outside}", source.name, source.format, source.lines)
}

/// Whether the figures are final, and how far they reach.
pub fn figures(cost: &CostReport) -> String {
    let figures = match cost.header.estimated {
        Some(true) => "not final: the bill can still change",
        Some(false) => "final",
        None => "the source does not tell whether they are final",
    };
    let through = cost.header.as_of.map(|day| format!("; data through {day}")).unwrap_or_default();
    format!("{figures}{through}")
}

/// `reconciled: yes (diff 0.00, 12 lines)`.
pub fn verdict(cost: &CostReport) -> String {
    let verdict = if cost.is_reconciled() { "yes" } else { "no" };
    let lines: u64 = cost.reconciled.iter().map(|it| it.lines).sum();
    format!("reconciled: {verdict} (diff {}, {lines} lines)", money(cost.difference()))
}

/// The currencies of the report: `EUR and USD`.
pub fn currencies(cost: &CostReport) -> String {
    let currencies: Vec<&str> = cost.totals.iter().map(|total| total.currency.as_str()).collect();
    currencies.join(" and ")
}

/// What stands for the value of a key that a line does not have.
pub fn or_none(text: &str) -> &str {
    if text.is_empty() { "(none)" } else { text }
}

/// What stands for the owner of a row that has none.
pub fn or_nobody(text: &str) -> &str {
    if text.is_empty() { "(nobody)" } else { text }
}

/// `+12.00`, `-3.50`.
pub fn signed(amount: Decimal) -> String {
    let sign = if amount.is_sign_positive() { "+" } else { "" };
    format!("{sign}{}", money(amount))
}

/// `1,234.56`.
pub fn money(amount: Decimal) -> String {
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

/// `  62.4 %`; empty where there is no whole.
pub fn percent(part: Decimal, whole: Decimal) -> String {
    match part.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(whole)) {
        Some(share) => {
            let mut share = share.round_dp(1);
            share.rescale(1);
            format!("{share:>6} %")
        }
        None => String::new(),
    }
}
