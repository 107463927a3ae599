//! Which column means what, told from the header: FOCUS, CUR 2.0 or the legacy CUR.

use super::super::error::CostError;
use crate::model::cost::{Format, Metric, Tags};

/// What is looked at in every row. Tags that have columns of their own follow behind the last slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Slot {
    /// Who pays.
    Payer,
    /// Who used.
    Account,
    /// Month of the bill.
    BillingPeriod,
    /// Day of the charge.
    ChargePeriod,
    /// ISO 4217.
    Currency,
    /// The amount of the metric; of CUR, the unblended cost.
    Cost,
    /// FOCUS `ChargeCategory`; of CUR, the line item type.
    Category,
    /// FOCUS `ChargeClass`.
    Class,
    /// FOCUS `CommitmentDiscountStatus`.
    Commitment,
    /// Service for people.
    ServiceName,
    /// Service for programs.
    ServiceCode,
    /// Region.
    Region,
    /// Resource.
    Resource,
    /// Tags as JSON.
    Tags,
    /// Invoice: empty while the bill can change.
    Invoice,
    /// FOCUS `PublisherName`; of CUR, the billing entity.
    Publisher,
    /// FOCUS `ProviderName`.
    Provider,
    /// CUR: what a covered line costs with its savings plan.
    PlanEffective,
    /// CUR: what the savings plan costs.
    PlanTotal,
    /// CUR: what of the savings plan was used.
    PlanUsed,
    /// CUR: what a covered line costs with its reservation.
    ReservationEffective,
    /// CUR: the unused part of a reservation's upfront fee.
    ReservationUnusedUpfront,
    /// CUR: the unused part of a reservation's recurring fee.
    ReservationUnusedRecurring,
    /// CUR: the reservation.
    ReservationArn,
}

/// Number of fixed slots.
pub const SLOTS: usize = Slot::ReservationArn as usize + 1;
/// Most tags with columns of their own that are looked at.
pub const TAG_SLOTS: usize = 32;

/// What a source is read for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Which amount.
    pub metric: Metric,
    /// Keys of tags that somebody will look at.
    pub tags: Vec<String>,
}

/// A header, understood.
#[derive(Debug)]
pub struct Layout {
    /// What the source is.
    pub format: Format,
    /// Which amount it is read for.
    pub metric: Metric,
    /// Column of each fixed slot.
    columns: [Option<usize>; SLOTS],
    /// Columns with one tag each: key and column.
    pub tags: Vec<(String, usize)>,
    names: Vec<String>,
    /// Whether negotiated discounts were asked for and have no columns: there are none, then.
    pub no_net_columns: bool,
}

/// A slot, the names that its column may have (the first that is there counts), and whether it must be there.
type Column = (Slot, &'static [&'static str], bool);

const FOCUS: &[Column] = &[
    (Slot::Payer, &["BillingAccountId"], true),
    (Slot::Account, &["SubAccountId"], false),
    (Slot::BillingPeriod, &["BillingPeriodStart"], true),
    (Slot::ChargePeriod, &["ChargePeriodStart"], true),
    (Slot::Currency, &["BillingCurrency"], true),
    (Slot::Category, &["ChargeCategory"], true),
    (Slot::Class, &["ChargeClass"], false),
    (Slot::Commitment, &["CommitmentDiscountStatus"], false),
    (Slot::ServiceName, &["ServiceName"], true),
    (Slot::ServiceCode, &["x_ServiceCode"], false),
    (Slot::Region, &["RegionId"], false),
    (Slot::Resource, &["ResourceId"], true),
    (Slot::Tags, &["Tags"], false),
    (Slot::Invoice, &["InvoiceId"], false),
    (Slot::Publisher, &["PublisherName"], false),
    (Slot::Provider, &["ProviderName", "ServiceProviderName"], false),
];

/// CUR 2.0; legacy names are brought into this form first. Source: AWS Data Exports user guide, table dictionary.
const CUR: &[Column] = &[
    (Slot::Payer, &["bill_payer_account_id"], true),
    (Slot::Account, &["line_item_usage_account_id"], true),
    (Slot::BillingPeriod, &["bill_billing_period_start_date"], true),
    (Slot::ChargePeriod, &["line_item_usage_start_date"], true),
    (Slot::Currency, &["line_item_currency_code"], true),
    (Slot::Category, &["line_item_line_item_type"], true),
    (Slot::ServiceName, &["product_product_name", "line_item_product_code"], true),
    (Slot::ServiceCode, &["line_item_product_code"], true),
    (Slot::Region, &["product_region_code", "product_region"], false),
    (Slot::Resource, &["line_item_resource_id"], true),
    (Slot::Tags, &["resource_tags"], false),
    (Slot::Invoice, &["bill_invoice_id"], false),
    (Slot::Publisher, &["bill_billing_entity"], false),
    (Slot::PlanTotal, &["savings_plan_total_commitment_to_date"], false),
    (Slot::PlanUsed, &["savings_plan_used_commitment"], false),
    (Slot::ReservationArn, &["reservation_reservation_a_r_n", "reservation_reservation_arn"], false),
];

/// Slot, column before discounts, column after discounts.
const CUR_AMOUNTS: &[(Slot, &str, &str)] = &[
    (Slot::Cost, "line_item_unblended_cost", "line_item_net_unblended_cost"),
    (Slot::PlanEffective, "savings_plan_savings_plan_effective_cost", "savings_plan_net_savings_plan_effective_cost"),
    (Slot::ReservationEffective, "reservation_effective_cost", "reservation_net_effective_cost"),
    (
        Slot::ReservationUnusedUpfront,
        "reservation_unused_amortized_upfront_fee_for_billing_period",
        "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    ),
    (Slot::ReservationUnusedRecurring, "reservation_unused_recurring_fee", "reservation_net_unused_recurring_fee"),
];

impl Layout {
    /// Understands a header, or says which columns are missing.
    pub fn detect(name: &str, header: &[String], wanted: &Wanted) -> Result<Self, CostError> {
        let legacy = header.iter().any(|column| column.starts_with("lineItem/") || column.starts_with("identity/"));
        let plain: Vec<String> = header.iter().map(|column| snake(column)).collect();
        let is_cur = |column: &String| column.starts_with("line_item_") || column.starts_with("bill_");
        let cur_like = plain.iter().filter(|column| is_cur(column)).count();
        let focus_like = FOCUS.iter().filter(|(_, names, _)| names.iter().any(|n| header.iter().any(|h| h == n)));
        let focus_like = focus_like.count();
        if cur_like == 0 && focus_like < 3 {
            let shown: Vec<&str> = header.iter().map(String::as_str).take(6).collect();
            let what = format!(
                "its header has neither the columns of FOCUS (ChargePeriodStart, BilledCost, …) nor those of a Cost and Usage Report \
                 (line_item_usage_start_date, lineItem/UnblendedCost, …), but: {}",
                shown.join(", ")
            );
            return Err(CostError::NotCostData { name: name.to_owned(), what });
        }
        let (format, names) = match (cur_like > focus_like, legacy) {
            (false, _) => (Format::Focus, header),
            (true, true) => (Format::Cur1, &plain[..]),
            (true, false) => (Format::Cur2, &plain[..]),
        };
        let mut layout = Layout {
            format,
            metric: wanted.metric,
            columns: [None; SLOTS],
            tags: tag_columns(header, &plain, wanted),
            names: header.to_vec(),
            no_net_columns: false,
        };
        let missing = layout.fill(names);
        if !missing.is_empty() {
            return Err(CostError::MissingColumns { name: name.to_owned(), format, columns: missing });
        }
        layout.refuse_doubles(name)?;
        Ok(layout)
    }

    fn fill(&mut self, names: &[String]) -> Vec<String> {
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let mut missing = Vec::new();
        let columns = if self.format == Format::Focus { FOCUS } else { CUR };
        for (slot, names, required) in columns {
            let column = names.iter().find_map(|name| find(name));
            if column.is_none() && *required {
                missing.push(names[0].to_owned());
            }
            self.columns[*slot as usize] = column;
        }
        if self.format == Format::Focus {
            let name = if self.metric.is_amortized() { "EffectiveCost" } else { "BilledCost" };
            self.columns[Slot::Cost as usize] = find(name);
            if self.columns[Slot::Cost as usize].is_none() {
                missing.push(name.to_owned());
            }
            return missing;
        }
        for (slot, gross, net) in CUR_AMOUNTS {
            let net = if self.metric.is_net() { find(net) } else { None };
            self.columns[*slot as usize] = net.or_else(|| find(gross));
            if *slot == Slot::Cost {
                // The columns are there only when there are discounts.
                self.no_net_columns = self.metric.is_net() && net.is_none();
                if self.columns[*slot as usize].is_none() {
                    missing.push((*gross).to_owned());
                }
            }
        }
        missing
    }

    /// Two columns of one name: nobody can tell which one is meant.
    fn refuse_doubles(&self, name: &str) -> Result<(), CostError> {
        for column in self.columns.iter().flatten() {
            let twice = self.names.iter().filter(|it| **it == self.names[*column]).count() > 1;
            if twice {
                let what = format!("its header has the column '{}' twice", self.names[*column]);
                return Err(CostError::NotCostData { name: name.to_owned(), what });
            }
        }
        Ok(())
    }

    /// The column of a slot.
    #[must_use]
    pub fn column(&self, slot: usize) -> Option<usize> {
        match slot.checked_sub(SLOTS) {
            None => self.columns[slot],
            Some(tag) => self.tags.get(tag).map(|(_, column)| *column),
        }
    }

    /// The name of a slot's column, as the source spells it.
    #[must_use]
    pub fn column_name(&self, slot: usize) -> Option<&str> {
        self.column(slot).and_then(|column| self.names.get(column)).map(String::as_str)
    }

    /// Whether the source has a column for a slot.
    #[must_use]
    pub fn has(&self, slot: Slot) -> bool {
        self.columns[slot as usize].is_some()
    }

    /// The name of the column that a slot should have had, for messages.
    #[must_use]
    pub fn expected_name(slot: Slot) -> &'static str {
        let amount = CUR_AMOUNTS.iter().find(|(it, ..)| *it == slot).map(|(_, gross, _)| *gross);
        amount.or_else(|| CUR.iter().find(|(it, ..)| *it == slot).map(|(_, names, _)| names[0])).unwrap_or("")
    }

    /// Slots in use, fixed ones and tags.
    #[must_use]
    pub fn slots(&self) -> usize {
        SLOTS + self.tags.len()
    }
}

/// Columns with one tag each: `resourceTags/user:Team`, or `resource_tags_user_team` in Parquet.
fn tag_columns(header: &[String], plain: &[String], wanted: &Wanted) -> Vec<(String, usize)> {
    let key_of = |at: usize| {
        let key = header[at].strip_prefix("resourceTags/").or_else(|| plain[at].strip_prefix("resource_tags_"))?;
        wanted.tags.iter().any(|meant| Tags::is_key(key, meant)).then(|| (key.to_owned(), at))
    };
    (0..header.len()).filter_map(key_of).take(TAG_SLOTS).collect()
}

/// `lineItem/UnblendedCost` as `line_item_unblended_cost`; every capital begins a word, as in Athena's names.
fn snake(column: &str) -> String {
    if !column.contains('/') {
        return column.to_owned();
    }
    let mut out = String::with_capacity(column.len() + 8);
    for c in column.chars() {
        match c {
            '/' | ':' => out.push('_'),
            c if c.is_ascii_uppercase() => {
                if !out.is_empty() && !out.ends_with('_') {
                    out.push('_');
                }
                out.push(c.to_ascii_lowercase());
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_names_become_those_of_cur_2() {
        for (legacy, cur2) in [
            ("lineItem/UnblendedCost", "line_item_unblended_cost"),
            ("reservation/ReservationARN", "reservation_reservation_a_r_n"),
            ("savingsPlan/NetSavingsPlanEffectiveCost", "savings_plan_net_savings_plan_effective_cost"),
            ("product/regionCode", "product_region_code"),
            ("line_item_usage_start_date", "line_item_usage_start_date"),
        ] {
            assert_eq!(snake(legacy), cur2);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let header: Vec<String> =
            ["BillingAccountId", "ChargePeriodStart", "ChargeCategory", "BilledCost"].map(str::to_owned).to_vec();
        let error = Layout::detect("x.csv", &header, &Wanted::default()).expect_err("incomplete");
        assert_eq!(
            error.to_string(),
            "x.csv looks like focus, but these columns are missing: BillingPeriodStart, BillingCurrency, ServiceName, \
             ResourceId, EffectiveCost"
        );
        let other = ["name".to_owned(), "amount".to_owned()];
        let error = Layout::detect("x.csv", &other, &Wanted::default()).expect_err("foreign");
        assert!(error.to_string().contains("neither the columns of FOCUS"), "{error}");
    }
}
