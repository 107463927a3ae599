//! What single resources cost in the last full month of a bill: their own lines, and nothing that is shared or guessed.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::amount::add_to;
use super::error::CostError;
use super::intern::Quick;
use super::known::{At, Called, Known};
use super::source::Refusal;
use crate::model::Snapshot;
use crate::model::cost::{ChargeCategory, Commitment, LineItem, Metric, Month, MonthlyCost, MonthlyCosts};

/// Names of resources that are remembered at most; then all are forgotten, so that memory stays bounded.
const REMEMBERED: usize = 100_000;
/// Months that an error names at most.
const NAMED: usize = 6;

/// Takes lines, one after the other, and adds up those of the resources of an inventory.
///
/// What counts is usage, also such as a reservation or savings plan covers, in the newest month that is over. Taxes,
/// credits, fees and corrections of other months do not: they do not go when the resource goes.
pub struct Monthly {
    known: Known,
    metric: Metric,
    // First day of the month that is not over.
    open_from: NaiveDate,
    month: Option<Month>,
    sums: HashMap<At, Sum, Quick>,
    currencies: BTreeSet<String>,
    found: BTreeSet<(Month, String)>,
    last: Option<(Month, String)>,
    seen: HashMap<Box<str>, Option<At>, Quick>,
    key: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    amount: Decimal,
    covered: Decimal,
}

impl Monthly {
    /// For the resources of an inventory, on a day. That day's month is not over.
    #[must_use]
    pub fn new(live: &Snapshot, metric: Metric, today: NaiveDate) -> Self {
        Monthly {
            known: Known::new(&[live]),
            metric,
            open_from: Month::of(today).first_day(),
            month: None,
            sums: HashMap::default(),
            currencies: BTreeSet::new(),
            found: BTreeSet::new(),
            last: None,
            seen: HashMap::default(),
            key: String::new(),
        }
    }

    /// Takes a line of the source.
    pub fn take(&mut self, line: &LineItem<'_>) -> Result<(), Refusal> {
        self.note(line);
        if line.sub_account_id != self.known.account() || line.billing_month.first_day() >= self.open_from {
            return Ok(());
        }
        if self.month.is_none_or(|month| month < line.billing_month) {
            // Of months before, nothing is wanted any more.
            self.month = Some(line.billing_month);
            self.sums.clear();
            self.currencies.clear();
        }
        let of_the_month = self.month == Some(line.billing_month) && Month::of(line.charge_day) == line.billing_month;
        let counts = line.charge_category == ChargeCategory::Usage && line.commitment != Commitment::Unused;
        if !of_the_month || !counts || !self.known.might_know(line.resource_id) {
            return Ok(());
        }
        let Some(at) = self.find(line) else { return Ok(()) };
        if self.known.get(at).and_then(|it| it.created).is_some_and(|created| is_of_another(line, created)) {
            return Ok(());
        }
        if !self.currencies.contains(line.billing_currency) {
            self.currencies.insert(line.billing_currency.to_owned());
        }
        let sum = self.sums.entry(at).or_default();
        let mut exact = add_to(&mut sum.amount, line.cost);
        if line.commitment == Commitment::Used {
            exact &= add_to(&mut sum.covered, line.cost);
        }
        if exact { Ok(()) } else { Err(Refusal::Error(CostError::TooLarge(line.billing_currency.to_owned()))) }
    }

    /// Notes month and account, for an error that says what there is.
    fn note(&mut self, line: &LineItem<'_>) {
        let same = self.last.as_ref().is_some_and(|last| last.0 == line.billing_month && last.1 == line.sub_account_id);
        if !same {
            let last = (line.billing_month, line.sub_account_id.to_owned());
            self.found.insert(last.clone());
            self.last = Some(last);
        }
    }

    /// The resource of a line itself: what only is a part of one is not meant.
    fn find(&mut self, line: &LineItem<'_>) -> Option<At> {
        self.key.clear();
        for part in [line.resource_id, line.service_code, line.service_name, line.region_id] {
            self.key.push_str(part);
            self.key.push('\u{1f}');
        }
        if let Some(found) = self.seen.get(self.key.as_str()) {
            return *found;
        }
        let called = Called {
            id: line.resource_id,
            service_code: line.service_code,
            service_name: line.service_name,
            region: line.region_id,
        };
        let found = self.known.find(called).resource.map(|(at, _)| at);
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
        }
        self.seen.insert(self.key.as_str().into(), found);
        found
    }

    /// What was found.
    pub fn finish(self) -> Result<MonthlyCosts, CostError> {
        let Some(month) = self.month else {
            let found: Vec<String> =
                self.found.iter().rev().take(NAMED).map(|(month, account)| format!("{month} of {account}")).collect();
            let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
            return Err(CostError::NoFullMonth { account: self.known.account().to_owned(), found });
        };
        if self.currencies.len() > 1 {
            let currencies = self.currencies.into_iter().collect();
            return Err(CostError::Currencies { month: month.to_string(), currencies });
        }
        let mut resources: Vec<MonthlyCost> = self
            .sums
            .iter()
            .filter_map(|(at, sum)| {
                let known = self.known.get(*at)?;
                Some(MonthlyCost {
                    type_name: known.type_name.clone(),
                    region: known.region.clone(),
                    id: known.id.clone(),
                    amount: sum.amount.normalize(),
                    covered: sum.covered.normalize(),
                })
            })
            .collect();
        resources.sort_by(|a, b| a.key().cmp(&b.key()));
        let currency = self.currencies.into_iter().next().unwrap_or_default();
        Ok(MonthlyCosts { month, currency, metric: self.metric, resources })
    }
}

/// Whether what a line bills was gone before the resource of that name was created.
fn is_of_another(line: &LineItem<'_>, created: NaiveDate) -> bool {
    // Exports by the month date all of it to the first.
    let until = if line.charge_day == line.billing_month.first_day() {
        line.billing_month.next().first_day().pred_opt().unwrap_or(line.charge_day)
    } else {
        line.charge_day
    };
    until < created
}
