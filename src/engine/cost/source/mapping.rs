//! A row's cells as a line item.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::amount;
use super::cells::Cells;
use super::layout::{Layout, SLOTS, Slot, TAG_SLOTS};
use crate::model::cost::{ChargeCategory, Commitment, Format, LineItem, Month, Tags};

/// A cell is not what its column promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCell {
    /// Slot of the cell.
    pub slot: Slot,
    /// What is wrong with it.
    pub what: String,
}

fn bad(slot: Slot, what: impl Into<String>) -> BadCell {
    BadCell { slot, what: what.into() }
}

/// Turns rows into line items. Remembers the last date of each kind: rows come in order of time.
#[derive(Debug)]
pub struct Mapper<'l> {
    layout: &'l Layout,
    periods: [Remembered; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Remembered {
    text: [u8; 10],
    day: NaiveDate,
}

/// Place for the tags of a row that have columns of their own.
pub type TagPairs<'a> = [(&'a str, &'a str); TAG_SLOTS];

impl<'l> Mapper<'l> {
    /// A mapper for sources with this header.
    #[must_use]
    pub fn new(layout: &'l Layout) -> Self {
        Mapper { layout, periods: [Remembered::default(); 2] }
    }

    /// The line item of a row; `pairs` is a place for its tags.
    #[inline]
    pub fn line<'a>(&mut self, cells: Cells<'a>, pairs: &'a mut TagPairs<'a>) -> Result<LineItem<'a>, BadCell>
    where
        'l: 'a,
    {
        let get = |slot: Slot| cells.get(slot as usize);
        let charge_day = self.day(0, Slot::ChargePeriod, get(Slot::ChargePeriod))?;
        let billing_day = self.day(1, Slot::BillingPeriod, get(Slot::BillingPeriod))?;
        let billing_currency = get(Slot::Currency);
        if billing_currency.len() != 3 || !billing_currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(bad(Slot::Currency, format!("'{}' is not a currency code", shown(billing_currency))));
        }
        let billing_account_id = get(Slot::Payer);
        let sub_account_id = get(Slot::Account);
        let tags = self.tags(cells, pairs);
        let kind = if self.layout.format == Format::Focus { Self::focus(cells)? } else { self.cur(cells)? };
        let Kind { charge_category, commitment, marketplace, cost } = kind;
        Ok(LineItem {
            billing_account_id,
            sub_account_id: if sub_account_id.is_empty() { billing_account_id } else { sub_account_id },
            billing_month: Month::of(billing_day),
            charge_day,
            charge_category,
            correction: get(Slot::Class) == "Correction",
            commitment,
            marketplace,
            service_name: get(Slot::ServiceName),
            service_code: get(Slot::ServiceCode),
            region_id: get(Slot::Region),
            resource_id: get(Slot::Resource),
            tags,
            cost,
            billing_currency,
            invoiced: self.layout.has(Slot::Invoice).then(|| !get(Slot::Invoice).is_empty()),
        })
    }

    fn tags<'a>(&self, cells: Cells<'a>, pairs: &'a mut TagPairs<'a>) -> Tags<'a>
    where
        'l: 'a,
    {
        if !self.layout.tags.is_empty() {
            for (at, ((key, _), pair)) in self.layout.tags.iter().zip(pairs.iter_mut()).enumerate() {
                *pair = (key, cells.raw(SLOTS + at));
            }
            return Tags::Columns(&pairs[..self.layout.tags.len()]);
        }
        match cells.get(Slot::Tags as usize) {
            "" => Tags::None,
            text => Tags::Json(text),
        }
    }

    /// The day of a timestamp. FOCUS demands UTC, and CUR is in UTC.
    #[inline]
    fn day(&mut self, kind: usize, slot: Slot, text: &str) -> Result<NaiveDate, BadCell> {
        let bytes = text.as_bytes();
        let plain = bytes.len() == 10 || (bytes.len() > 10 && matches!(bytes[10], b'T' | b' ') && utc(text));
        if let Some(head) = bytes.first_chunk::<10>()
            && plain
        {
            let remembered = &mut self.periods[kind];
            if remembered.text == *head {
                return Ok(remembered.day);
            }
            if let Some(day) = date(head) {
                *remembered = Remembered { text: *head, day };
                return Ok(day);
            }
        }
        // With an offset other than UTC the day may be another one.
        chrono::DateTime::parse_from_rfc3339(text)
            .map(|time| time.naive_utc().date())
            .map_err(|_| bad(slot, format!("'{}' is not a date as in 2026-10-01T00:00:00Z", shown(text))))
    }

    fn focus(cells: Cells<'_>) -> Result<Kind, BadCell> {
        let get = |slot: Slot| cells.get(slot as usize);
        let charge_category = match get(Slot::Category) {
            "Usage" => ChargeCategory::Usage,
            "Purchase" => ChargeCategory::Purchase,
            "Tax" => ChargeCategory::Tax,
            "Credit" => ChargeCategory::Credit,
            "Adjustment" => ChargeCategory::Adjustment,
            other => return Err(bad(Slot::Category, format!("'{}' is not a ChargeCategory of FOCUS", shown(other)))),
        };
        let commitment = match get(Slot::Commitment) {
            "" => Commitment::None,
            "Used" => Commitment::Used,
            "Unused" => Commitment::Unused,
            other => return Err(bad(Slot::Commitment, format!("'{}' is neither Used nor Unused", shown(other)))),
        };
        let publisher = get(Slot::Publisher);
        // AWS's own names differ between its exports ("AWS", "Amazon Web Services, Inc.").
        let own = publisher.is_empty()
            || publisher == get(Slot::Provider)
            || publisher.starts_with("Amazon")
            || publisher.starts_with("AWS");
        Ok(Kind { charge_category, commitment, marketplace: !own, cost: Self::amount_in(cells, Slot::Cost, false)? })
    }

    /// The line item types of CUR, and the amortised cost of each.
    ///
    /// Source: AWS Data Exports user guide, "Understanding your amortized reservation data" and "Understanding savings
    /// plans"; the same rule stands in AWS's CUR query library.
    fn cur(&self, cells: Cells<'_>) -> Result<Kind, BadCell> {
        let amortized = self.layout.metric.is_amortized();
        let cost = || Self::amount_in(cells, Slot::Cost, true);
        let part = |slot: Slot| {
            if self.layout.has(slot) {
                Self::amount_in(cells, slot, true)
            } else {
                let name = Layout::expected_name(slot);
                Err(bad(Slot::Category, format!("the amortised cost of such a line needs the missing column {name}")))
            }
        };
        let zero = || Ok(Decimal::ZERO);
        let (charge_category, commitment, cost) = match (cells.get(Slot::Category as usize), amortized) {
            ("SavingsPlanCoveredUsage", true) => (ChargeCategory::Usage, Commitment::Used, part(Slot::PlanEffective)?),
            ("DiscountedUsage", true) => (ChargeCategory::Usage, Commitment::Used, part(Slot::ReservationEffective)?),
            ("SavingsPlanCoveredUsage" | "DiscountedUsage", false) => {
                (ChargeCategory::Usage, Commitment::Used, cost()?)
            }
            ("SavingsPlanNegation", _) => {
                (ChargeCategory::Usage, Commitment::Used, if amortized { zero()? } else { cost()? })
            }
            ("SavingsPlanRecurringFee", true) => {
                let unused = amount::add(part(Slot::PlanTotal)?, -part(Slot::PlanUsed)?);
                let unused = unused.ok_or_else(|| bad(Slot::PlanTotal, "the amount has too many digits"))?;
                (ChargeCategory::Usage, Commitment::Unused, unused)
            }
            ("RIFee", true) => {
                let (upfront, recurring) =
                    (part(Slot::ReservationUnusedUpfront)?, part(Slot::ReservationUnusedRecurring)?);
                let unused = amount::add(upfront, recurring)
                    .ok_or_else(|| bad(Slot::ReservationUnusedUpfront, "the amount has too many digits"))?;
                (ChargeCategory::Usage, Commitment::Unused, unused)
            }
            ("SavingsPlanUpfrontFee", true) => (ChargeCategory::Purchase, Commitment::None, zero()?),
            ("Fee", true) if !cells.get(Slot::ReservationArn as usize).is_empty() => {
                (ChargeCategory::Purchase, Commitment::None, zero()?)
            }
            ("RIFee" | "SavingsPlanRecurringFee" | "SavingsPlanUpfrontFee" | "Fee", _) => {
                (ChargeCategory::Purchase, Commitment::None, cost()?)
            }
            ("Tax", _) => (ChargeCategory::Tax, Commitment::None, cost()?),
            ("Credit", _) => (ChargeCategory::Credit, Commitment::None, cost()?),
            ("Refund", _) => (ChargeCategory::Adjustment, Commitment::None, cost()?),
            ("", _) => return Err(bad(Slot::Category, "the line item type is missing")),
            // Usage, and the discounts (EdpDiscount, PrivateRateDiscount, …) that stand beside the usage they lower.
            (kind, _) if kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ') => {
                (ChargeCategory::Usage, Commitment::None, cost()?)
            }
            (other, _) => return Err(bad(Slot::Category, format!("'{}' is not a line item type", shown(other)))),
        };
        let marketplace = cells.get(Slot::Publisher as usize) == "AWS Marketplace";
        Ok(Kind { charge_category, commitment, marketplace, cost })
    }

    #[inline]
    fn amount_in(cells: Cells<'_>, slot: Slot, null_is_zero: bool) -> Result<Decimal, BadCell> {
        let text = cells.get(slot as usize);
        if text.is_empty() && null_is_zero {
            return Ok(Decimal::ZERO);
        }
        amount::parse(text).ok_or_else(|| bad(slot, format!("'{}' is not an amount", shown(text))))
    }
}

/// `2026-10-01`, which chrono reads more slowly.
fn date(text: &[u8; 10]) -> Option<NaiveDate> {
    let number = |range: std::ops::Range<usize>| {
        text[range].iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(number(0..4)?).ok()?, number(5..7)?, number(8..10)?)
}

struct Kind {
    charge_category: ChargeCategory,
    commitment: Commitment,
    marketplace: bool,
    cost: Decimal,
}

/// Whether a timestamp is in UTC or says nothing about its zone.
#[inline]
fn utc(text: &str) -> bool {
    let time = text.as_bytes().get(11..).unwrap_or_default();
    let clock = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.');
    let (last, rest) = match time.split_last() {
        Some((b'Z' | b'z', rest)) => (true, rest),
        _ => (false, time),
    };
    (last || !rest.is_empty()) && rest.iter().all(clock)
        || time.strip_suffix(b" UTC").is_some_and(|rest| rest.iter().all(clock))
        || time.strip_suffix(b"+00:00").is_some_and(|rest| rest.iter().all(clock))
}

/// The start of a text, for a message.
fn shown(text: &str) -> String {
    if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
}
