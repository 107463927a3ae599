//! The split bill as FOCUS 1.2 rows, which other tools import: our own findings stand in `x_` columns.
//!
//! One amount is one row: what a row of ours got from a pool is a row of its own. All four costs hold the amount of the
//! metric that was asked for, named in `x_Metric`: an allocated share has no list price.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::cli::render::Rows;
use crate::model::cost::{Bucket, CostReport, Method, Month, Row, Rule};

const COLUMNS: &[&str] = &[
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    // FOCUS 1.3 renamed the provider; both names serve both.
    "HostProviderName",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceProviderName",
    "ServiceSubcategory",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_BaselineClass",
    "x_BaselineSnapshot",
    "x_Rule",
    "x_AllocationMethod",
    "x_AllocatedFrom",
    "x_Owner",
    "x_Metric",
];

/// All rows.
pub fn rows(cost: &CostReport) -> Rows {
    let mut rows = Rows::verbatim(COLUMNS);
    for row in &cost.rows {
        // A row that got something may have nothing of its own.
        if !row.direct.is_zero() || row.shared_in.is_empty() {
            let method = if row.method == Method::Estimated { Method::Estimated } else { Method::Measured };
            rows.push(cells(cost, row, row.direct, None, method));
        }
        for (pool, part) in &row.shared_in {
            rows.push(cells(cost, row, *part, Some(*pool), Method::Allocated));
        }
    }
    rows
}

fn cells(cost: &CostReport, row: &Row, amount: Decimal, pool: Option<Bucket>, method: Method) -> Vec<String> {
    let source = pool.unwrap_or(row.bucket);
    // FOCUS wants purchases to have no effective cost; a fee that is split is what somebody has to bear.
    let category = match (source, row.rule) {
        (Bucket::Tax, _) => "Tax",
        (Bucket::Credits, Rule::Refund) if pool.is_none() => "Adjustment",
        (Bucket::Credits, _) => "Credit",
        _ => "Usage",
    };
    let (start, end) = match row.day {
        Some(day) => (day, day.succ_opt().unwrap_or(day)),
        None => (row.month.first_day(), row.month.next().first_day()),
    };
    let time = |day: chrono::NaiveDate| format!("{day}T00:00:00Z");
    let null = String::new;
    let amount = amount.to_string();
    let priced = category == "Usage";
    let quantity = || if priced { "1.0".to_owned() } else { String::new() };
    let unit = || if priced { "Allocations".to_owned() } else { String::new() };
    let description = match pool {
        Some(pool) => format!("{} share of {pool}", row.bucket),
        None => format!("{} by rule {}", row.bucket, row.rule),
    };
    let tags: BTreeMap<String, &String> = cost
        .header
        .group_by
        .iter()
        .filter_map(|key| key.to_string().strip_prefix("tag:").map(str::to_owned))
        .zip(&row.tags)
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let payer = if row.payer.is_empty() { &row.account } else { &row.payer };
    let values: Vec<(&str, String)> = vec![
        ("BilledCost", amount.clone()),
        ("ContractedCost", amount.clone()),
        ("EffectiveCost", amount.clone()),
        ("ListCost", amount),
        ("BillingAccountId", payer.clone()),
        ("BillingAccountName", format!("account {payer}")),
        ("BillingAccountType", "Billing account".to_owned()),
        ("BillingCurrency", row.currency.clone()),
        ("BillingPeriodStart", time(row.month.first_day())),
        ("BillingPeriodEnd", time(next(row.month))),
        ("ChargeCategory", category.to_owned()),
        ("ChargeDescription", description),
        ("ChargeFrequency", if category == "Usage" { "Usage-Based" } else { "One-Time" }.to_owned()),
        ("ChargePeriodStart", time(start)),
        ("ChargePeriodEnd", time(end)),
        ("ConsumedQuantity", if category == "Usage" { quantity() } else { null() }),
        ("ConsumedUnit", if category == "Usage" { unit() } else { null() }),
        ("InvoiceIssuerName", "AWS".to_owned()),
        ("PricingCategory", if priced { "Other".to_owned() } else { null() }),
        ("PricingQuantity", quantity()),
        ("PricingUnit", unit()),
        ("ProviderName", "AWS".to_owned()),
        ("ServiceProviderName", "AWS".to_owned()),
        ("HostProviderName", "AWS".to_owned()),
        ("PublisherName", "AWS".to_owned()),
        ("RegionId", row.region.clone()),
        ("RegionName", row.region.clone()),
        ("ResourceId", row.resource.clone()),
        // A resource has a type, also where rows are not told apart by it.
        ("ResourceType", if row.resource.is_empty() { null() } else { specified(&row.type_name) }),
        ("ServiceCategory", "Other".to_owned()),
        ("ServiceName", specified(&row.service)),
        ("ServiceSubcategory", "Other (Other)".to_owned()),
        ("SubAccountId", row.account.clone()),
        ("SubAccountName", format!("account {}", row.account)),
        ("SubAccountType", "Account".to_owned()),
        ("Tags", serde_json::to_string(&tags).unwrap_or_default()),
        ("x_BaselineClass", row.bucket.to_string()),
        ("x_BaselineSnapshot", row.baseline.clone()),
        ("x_Rule", row.rule.to_string()),
        ("x_AllocationMethod", method.to_string()),
        ("x_AllocatedFrom", pool.map(|pool| pool.to_string()).unwrap_or_default()),
        ("x_Owner", row.owner.clone()),
        ("x_Metric", cost.header.metric.to_string()),
    ];
    COLUMNS
        .iter()
        .map(|column| {
            values.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone()).unwrap_or_default()
        })
        .collect()
}

/// FOCUS wants a text where rows are not told apart by it.
fn specified(text: &str) -> String {
    if text.is_empty() { "Unspecified".to_owned() } else { text.to_owned() }
}

fn next(month: Month) -> chrono::NaiveDate {
    month.next().first_day()
}
