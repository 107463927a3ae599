//! Sharing out what no resource stands behind: by rule, and to the last digit.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::amount::add;
use super::options::Sharing;
use crate::model::cost::{Bucket, Method, Month, Pool, Row, SharedRule};

/// Splits an amount by weights so that the parts add up to it exactly: largest remainder.
///
/// The unit is the last digit of the amount, at least a hundredth. Weights below zero count as zero; `None` when no
/// weight is above zero.
#[must_use]
pub fn distribute(amount: Decimal, weights: &[Decimal]) -> Option<Vec<Decimal>> {
    let positive = |weight: &Decimal| if *weight > Decimal::ZERO { *weight } else { Decimal::ZERO };
    // Only ratios count. A sum that does not fit would be off by a digit that decides nothing but who gets the last unit.
    let total: Decimal = weights.iter().map(positive).sum();
    if total.is_zero() {
        return None;
    }
    let scale = amount.normalize().scale().max(2);
    let unit = Decimal::new(1, scale);
    let whole = amount.abs();
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = whole;
    for (at, weight) in weights.iter().enumerate() {
        let quota = whole * (positive(weight) / total);
        // Rounding may lift a quota above what is there when almost all of it goes to one.
        let part = quota.trunc_with_scale(scale).min(left);
        left -= part;
        parts.push(part);
        if !positive(weight).is_zero() {
            remainders.push((quota - part, at));
        }
    }
    remainders.sort_by(|(a, at_a), (b, at_b)| b.cmp(a).then(at_a.cmp(at_b)));
    for (_, at) in remainders.iter().cycle() {
        if left < unit {
            break;
        }
        parts[*at] += unit;
        left -= unit;
    }
    debug_assert!(left.is_zero());
    if amount.is_sign_negative() {
        for part in &mut parts {
            *part = -*part;
        }
    }
    Some(parts)
}

/// Shares the pools among the rows with direct cost, within month, account and currency. Pool rows that were shared
/// out whole go away; what is kept, or has nobody to go to, stays a row. `None` when a sum has too many digits.
#[must_use]
pub fn share(rows: Vec<Row>, sharing: &Sharing) -> Option<(Vec<Row>, Vec<Pool>)> {
    let mut groups: BTreeMap<(Month, String, String), Vec<Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((row.month, row.account.clone(), row.currency.clone())).or_default().push(row);
    }
    let mut all = Vec::new();
    let mut pools = Vec::new();
    for ((month, account, currency), rows) in groups {
        let (mut direct, pooled): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.bucket.is_direct());
        for bucket in Bucket::POOLS {
            let mine: Vec<&Row> = pooled.iter().filter(|row| row.bucket == *bucket).collect();
            if mine.is_empty() {
                continue;
            }
            let rule = sharing.rule(*bucket);
            let amount = mine.iter().try_fold(Decimal::ZERO, |sum, row| add(sum, row.direct))?;
            let given = give(*bucket, amount, rule, &mut direct);
            let unallocated = amount - given;
            all.extend(keep(&mine, amount, unallocated));
            pools.push(Pool {
                bucket: *bucket,
                month,
                account: account.clone(),
                currency: currency.clone(),
                rule: rule.as_str(),
                amount,
                allocated: given,
                unallocated,
            });
        }
        all.extend(direct);
    }
    Some((all, pools))
}

/// Gives a pool to the rows and says how much was given.
fn give(bucket: Bucket, amount: Decimal, rule: &SharedRule, rows: &mut [Row]) -> Decimal {
    let costs: Vec<Decimal> = rows.iter().map(|row| row.direct).collect();
    // Each recipient: its weight and its rows.
    let mut recipients: Vec<(Decimal, Vec<usize>)> = Vec::new();
    // An owner gets the same, however finely the rows are grouped: first the owners' parts, then those of their rows.
    let mut owners: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        owners.entry((row.bucket.side(), &row.owner)).or_default().push(at);
    }
    match rule {
        SharedRule::Keep => {}
        SharedRule::Proportional => {
            let cost = |rows: &[usize]| rows.iter().map(|at| costs[*at]).sum();
            recipients = owners.into_values().map(|rows| (cost(&rows), rows)).collect();
        }
        SharedRule::Even => recipients = owners.into_values().map(|rows| (Decimal::ONE, rows)).collect(),
        SharedRule::Fixed(weights) => {
            for (name, weight) in weights {
                let named = |row: &Row| row.owner == *name || row.bucket.side() == name;
                let targets = (0..rows.len()).filter(|at| named(&rows[*at])).collect();
                recipients.push((*weight, targets));
            }
        }
    }
    let weights: Vec<Decimal> = recipients.iter().map(|(weight, _)| *weight).collect();
    let Some(parts) = distribute(amount, &weights) else { return Decimal::ZERO };
    let mut given = Decimal::ZERO;
    for ((_, targets), part) in recipients.iter().zip(parts) {
        let weights: Vec<Decimal> = targets.iter().map(|at| costs[*at]).collect();
        let even = vec![Decimal::ONE; targets.len()];
        // Somebody whose rows cost nothing still gets the part that a rule gives to him.
        let Some(parts) = distribute(part, &weights).or_else(|| distribute(part, &even)) else { continue };
        for (at, part) in targets.iter().zip(parts) {
            if !part.is_zero() {
                *rows[*at].shared_in.entry(bucket).or_default() += part;
                rows[*at].method = rows[*at].method.max(Method::Allocated);
            }
        }
        given += part;
    }
    given
}

/// The rows of a pool that stay, with what was not given away.
fn keep(rows: &[&Row], amount: Decimal, unallocated: Decimal) -> Vec<Row> {
    if unallocated == amount {
        return rows.iter().map(|row| (*row).clone()).collect();
    }
    if unallocated.is_zero() {
        return Vec::new();
    }
    // A part was given away: nobody can say of which line, so one row stands for the rest.
    let mut rest = rows[0].clone();
    rest.direct = unallocated;
    rest.lines = rows.iter().map(|row| row.lines).sum();
    vec![rest]
}

/// Amounts as hundredths that add up to the hundredths of their sum: what a table shows.
#[must_use]
pub fn cents(amounts: &[Decimal]) -> Vec<Decimal> {
    let total: Decimal = amounts.iter().sum::<Decimal>().round_dp(2);
    let mut shown: Vec<Decimal> = amounts.iter().map(|amount| amount.round_dp(2)).collect();
    let mut left = total - shown.iter().sum::<Decimal>();
    let unit = Decimal::new(if left.is_sign_negative() { -1 } else { 1 }, 2);
    // Those whose rounding went the other way furthest are moved first.
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse((amounts[*at] - shown[*at]) * unit), *at));
    for at in order {
        if left.is_zero() {
            break;
        }
        shown[at] += unit;
        left -= unit;
    }
    for amount in &mut shown {
        amount.rescale(2);
    }
    shown
}
