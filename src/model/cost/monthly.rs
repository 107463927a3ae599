use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Metric, Month};
use crate::model::ResourceKey;

/// What the resources of an inventory cost in a month, where a bill has lines for them.
///
/// A resource without lines is not in it: nobody knows what it costs, and it may cost nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonthlyCosts {
    /// The month of the bill.
    pub month: Month,
    /// ISO 4217.
    pub currency: String,
    /// Which amounts count.
    pub metric: Metric,
    /// Each resource once, sorted by type, region and id.
    pub resources: Vec<MonthlyCost>,
}

/// What one resource cost in a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonthlyCost {
    /// `CloudFormation` type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
    /// Primary identifier.
    pub id: String,
    /// All that was used, without taxes, credits and fees.
    pub amount: Decimal,
    /// The part that reservations and savings plans cover: it is paid for whether the resource is there or not.
    pub covered: Decimal,
}

/// What a plan saves in a month, and how much of that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saving {
    /// The month of the bill.
    pub month: Month,
    /// ISO 4217.
    pub currency: String,
    /// Which amounts count.
    pub metric: Metric,
    /// The sum over the resources with known cost.
    pub amount: Decimal,
    /// The part of it that reservations and savings plans cover: it is only saved when something else uses them.
    pub covered: Decimal,
    /// Resources that go and have lines on the bill.
    pub known: usize,
    /// Resources that go and have none.
    pub unknown: usize,
}

impl MonthlyCost {
    /// The key under which snapshots are sorted and compared.
    #[must_use]
    pub fn key(&self) -> ResourceKey<'_> {
        ResourceKey { type_name: &self.type_name, region: &self.region, id: &self.id }
    }
}

impl MonthlyCosts {
    /// What a resource cost; `None` where the bill has no line for it.
    #[must_use]
    pub fn of(&self, key: ResourceKey<'_>) -> Option<&MonthlyCost> {
        self.resources.binary_search_by(|cost| cost.key().cmp(&key)).ok().map(|at| &self.resources[at])
    }

    /// What is saved when these resources go, each named once.
    #[must_use]
    pub fn saving<'k>(&self, keys: impl IntoIterator<Item = ResourceKey<'k>>) -> Saving {
        let mut saving = Saving {
            month: self.month,
            currency: self.currency.clone(),
            metric: self.metric,
            amount: Decimal::ZERO,
            covered: Decimal::ZERO,
            known: 0,
            unknown: 0,
        };
        for key in keys {
            match self.of(key) {
                Some(cost) => {
                    saving.amount += cost.amount;
                    saving.covered += cost.covered;
                    saving.known += 1;
                }
                None => saving.unknown += 1,
            }
        }
        saving
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_lines_is_unknown_and_not_free() {
        let cost = |id: &str, amount: i64| MonthlyCost {
            type_name: "AWS::S3::Bucket".to_owned(),
            region: "eu-west-1".to_owned(),
            id: id.to_owned(),
            amount: Decimal::new(amount, 2),
            covered: Decimal::new(50, 2),
        };
        let costs = MonthlyCosts {
            month: "2026-10".parse().expect("a month"),
            currency: "USD".to_owned(),
            metric: Metric::Amortized,
            resources: vec![cost("a", 0), cost("b", 250)],
        };
        let key = |id| ResourceKey { type_name: "AWS::S3::Bucket", region: "eu-west-1", id };
        let saving = costs.saving([key("a"), key("b"), key("c")]);
        assert_eq!((saving.known, saving.unknown), (2, 1));
        assert_eq!((saving.amount.to_string(), saving.covered.to_string()), ("2.50".to_owned(), "1.00".to_owned()));
    }
}
