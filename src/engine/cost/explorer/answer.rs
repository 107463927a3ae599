//! Answers of Cost Explorer, and the line items that they are.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Question;
use crate::engine::cost::amount::add_to;
use crate::engine::cost::source::Refusal;
use crate::engine::cost::split::Splitter;
use crate::model::cost::{Bucket, ChargeCategory, Commitment, LineItem, Month, Tags};

/// All pages of one answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// One per month or day.
    pub slices: Vec<Slice>,
}

/// What one month or day costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// First day.
    pub start: NaiveDate,
    /// First day that is not in it.
    pub end: NaiveDate,
    /// Whether the figures can still change.
    pub estimated: bool,
    /// Amounts.
    pub groups: Vec<Group>,
}

/// One amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What it is grouped by.
    pub keys: Vec<String>,
    /// The amount of the metric that was asked for.
    pub cost: Decimal,
    /// ISO 4217.
    pub currency: String,
}

/// What a record type of Cost Explorer is. The console and the API spell them differently ("Savings Plan Covered Usage",
/// `SavingsPlanCoveredUsage`), so blanks and case do not count.
fn category(record_type: &str, amortized: bool) -> (ChargeCategory, Commitment, bool) {
    let plain: String =
        record_type.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let fee = if amortized {
        (ChargeCategory::Usage, Commitment::Unused, false)
    } else {
        (ChargeCategory::Purchase, Commitment::None, false)
    };
    match plain.as_str() {
        "tax" => (ChargeCategory::Tax, Commitment::None, false),
        "credit" => (ChargeCategory::Credit, Commitment::None, false),
        "refund" => (ChargeCategory::Adjustment, Commitment::None, false),
        "support" | "supportfee" => (ChargeCategory::Usage, Commitment::None, true),
        "rifee" | "recurringreservationfee" | "savingsplanrecurringfee" => fee,
        "fee" | "upfrontreservationfee" | "savingsplanupfrontfee" | "otheroutofcyclecharges" => {
            (ChargeCategory::Purchase, Commitment::None, false)
        }
        "discountedusage" | "reservationappliedusage" | "savingsplancoveredusage" | "savingsplannegation" => {
            (ChargeCategory::Usage, Commitment::Used, false)
        }
        _ => (ChargeCategory::Usage, Commitment::None, false),
    }
}

/// Gives one amount to the splitter: usage by the weights of its service, where there are any.
pub(super) fn take(
    splitter: &mut Splitter<'_>,
    question: &Question,
    slice: &Slice,
    group: &Group,
    tag: Option<&str>,
    by_region: bool,
    weights: &BTreeMap<String, Vec<(Bucket, Decimal)>>,
) -> Result<(), Refusal> {
    let text = |at: usize| group.keys.get(at).map_or("", String::as_str);
    let (charge_category, commitment, support) = category(text(0), splitter.options.metric.is_amortized());
    // A tag's group is `Key$value`, and `Key$` for what has no such tag.
    let value = tag.map(|_| text(1).split_once('$').map_or("", |(_, value)| value));
    let pairs = [(tag.unwrap_or_default(), value.unwrap_or_default())];
    let last = slice.end.pred_opt().unwrap_or(slice.start).min(question.today);
    let plain = tag.is_none() && !by_region;
    let line = LineItem {
        billing_account_id: "",
        sub_account_id: &question.account,
        billing_month: Month::of(slice.start),
        charge_day: last.max(slice.start),
        charge_category,
        correction: false,
        commitment,
        marketplace: false,
        service_name: if plain { text(1) } else { "" },
        service_code: if support { "AWSSupport" } else { "" },
        region_id: if by_region { text(1) } else { "" },
        resource_id: "",
        tags: if tag.is_some() { Tags::Columns(&pairs) } else { Tags::None },
        cost: group.cost,
        billing_currency: &group.currency,
        invoiced: Some(!slice.estimated),
    };
    let usage = charge_category == ChargeCategory::Usage && commitment != Commitment::Unused && !support;
    match weights.get(line.service_name).filter(|_| usage) {
        Some(weights) => splitter.take_weighted(&line, weights),
        None => splitter.take(&line),
    }
}

/// How each service splits by a tag of the baseline; what has other values, or none, is not baseline.
pub(super) fn tag_weights(answer: &Answer, key: &str, value: &str) -> BTreeMap<String, Vec<(Bucket, Decimal)>> {
    let wanted = |text: &str| {
        let found = text.strip_prefix(key).and_then(|rest| rest.strip_prefix('$')).unwrap_or_default();
        if value == "*" { !found.is_empty() } else { found == value }
    };
    sum(answer, |group| {
        let tag = group.keys.get(1).map_or("", String::as_str);
        if wanted(tag) { Bucket::Baseline } else { Bucket::NonBaseline }
    })
}

/// How each service splits by the resources that it had in the last days.
pub(super) fn resource_weights(
    answer: &Answer,
    splitter: &Splitter<'_>,
    question: &Question,
) -> BTreeMap<String, Vec<(Bucket, Decimal)>> {
    sum(answer, |group| {
        let text = |at: usize| group.keys.get(at).map_or("", String::as_str);
        splitter.bucket_of(text(0), text(1), question.today)
    })
}

fn sum(answer: &Answer, bucket: impl Fn(&Group) -> Bucket) -> BTreeMap<String, Vec<(Bucket, Decimal)>> {
    let mut sums: BTreeMap<String, BTreeMap<Bucket, Decimal>> = BTreeMap::new();
    for group in answer.slices.iter().flat_map(|slice| &slice.groups) {
        let service = group.keys.first().cloned().unwrap_or_default();
        // A weight that is off by a digit moves nothing but an estimate.
        let _ = add_to(sums.entry(service).or_default().entry(bucket(group)).or_default(), group.cost);
    }
    sums.into_iter().map(|(service, buckets)| (service, buckets.into_iter().collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_types_have_two_spellings() {
        for name in ["SavingsPlanCoveredUsage", "Savings Plan Covered Usage"] {
            assert_eq!(category(name, true), (ChargeCategory::Usage, Commitment::Used, false), "{name}");
        }
        for name in ["RIFee", "Recurring reservation fee"] {
            assert_eq!(category(name, true).1, Commitment::Unused, "{name}");
            assert_eq!(category(name, false).0, ChargeCategory::Purchase, "{name}");
        }
    }

    #[test]
    fn tags_give_weights() {
        let group = |service: &str, tag: &str, cost: i64| Group {
            keys: vec![service.to_owned(), tag.to_owned()],
            cost: Decimal::from(cost),
            currency: "USD".to_owned(),
        };
        let day = NaiveDate::from_ymd_opt(2026, 10, 1).expect("a day");
        let groups = vec![group("S3", "Tier$base", 3), group("S3", "Tier$", 1), group("S3", "Tier$base2", 4)];
        let answer = Answer { slices: vec![Slice { start: day, end: day, estimated: false, groups }] };
        let weights = tag_weights(&answer, "Tier", "base");
        assert_eq!(weights["S3"], [(Bucket::Baseline, Decimal::from(3)), (Bucket::NonBaseline, Decimal::from(5))]);
    }
}
