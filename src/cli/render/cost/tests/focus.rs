//! The FOCUS file against the rules of FOCUS 1.2: columns, types, nullability, allowed values, and what depends on what.
//!
//! Source: FOCUS 1.2, "Columns", <https://focus.finops.org/focus-specification/v1-2/>. Left out on purpose: unit prices and
//! SKUs, which an allocated amount does not have; `docs/cost.md` says so.

use super::*;
use crate::cli::render::cost::focus;

/// What a cell may hold.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Number,
    Time,
    Currency,
    Json,
    OneOf(&'static [&'static str]),
    /// Always null in our files.
    Never,
}

const NULL: bool = true;
const NOT_NULL: bool = false;

/// Name, kind, and whether it may be null.
const RULES: &[(&str, Kind, bool)] = &[
    ("BilledCost", Kind::Number, NOT_NULL),
    ("BillingAccountId", Kind::Text, NOT_NULL),
    ("BillingAccountName", Kind::Text, NULL),
    ("BillingAccountType", Kind::Text, NOT_NULL),
    ("BillingCurrency", Kind::Currency, NOT_NULL),
    ("BillingPeriodEnd", Kind::Time, NOT_NULL),
    ("BillingPeriodStart", Kind::Time, NOT_NULL),
    ("ChargeCategory", Kind::OneOf(&["Usage", "Purchase", "Tax", "Credit", "Adjustment"]), NOT_NULL),
    ("ChargeClass", Kind::OneOf(&["Correction"]), NULL),
    ("ChargeDescription", Kind::Text, NULL),
    ("ChargeFrequency", Kind::OneOf(&["One-Time", "Recurring", "Usage-Based"]), NOT_NULL),
    ("ChargePeriodEnd", Kind::Time, NOT_NULL),
    ("ChargePeriodStart", Kind::Time, NOT_NULL),
    ("CommitmentDiscountCategory", Kind::OneOf(&["Spend", "Usage"]), NULL),
    ("CommitmentDiscountId", Kind::Text, NULL),
    ("CommitmentDiscountName", Kind::Text, NULL),
    ("CommitmentDiscountStatus", Kind::OneOf(&["Used", "Unused"]), NULL),
    ("CommitmentDiscountType", Kind::Text, NULL),
    ("ConsumedQuantity", Kind::Number, NULL),
    ("ConsumedUnit", Kind::Text, NULL),
    ("ContractedCost", Kind::Number, NOT_NULL),
    ("ContractedUnitPrice", Kind::Never, NULL),
    ("EffectiveCost", Kind::Number, NOT_NULL),
    ("InvoiceId", Kind::Text, NULL),
    ("InvoiceIssuerName", Kind::Text, NOT_NULL),
    ("ListCost", Kind::Number, NOT_NULL),
    ("ListUnitPrice", Kind::Never, NULL),
    ("PricingCategory", Kind::OneOf(&["Standard", "Dynamic", "Committed", "Other"]), NULL),
    ("PricingQuantity", Kind::Number, NULL),
    ("PricingUnit", Kind::Text, NULL),
    ("ProviderName", Kind::Text, NOT_NULL),
    ("PublisherName", Kind::Text, NOT_NULL),
    ("RegionId", Kind::Text, NULL),
    ("RegionName", Kind::Text, NULL),
    ("ResourceId", Kind::Text, NULL),
    ("ResourceName", Kind::Text, NULL),
    ("ResourceType", Kind::Text, NULL),
    ("ServiceCategory", Kind::OneOf(&["Other"]), NOT_NULL),
    ("ServiceName", Kind::Text, NOT_NULL),
    ("ServiceSubcategory", Kind::OneOf(&["Other (Other)"]), NOT_NULL),
    ("SkuId", Kind::Never, NULL),
    ("SkuPriceId", Kind::Never, NULL),
    ("SubAccountId", Kind::Text, NULL),
    ("SubAccountName", Kind::Text, NULL),
    ("SubAccountType", Kind::Text, NULL),
    ("Tags", Kind::Json, NULL),
    // Of FOCUS 1.3, which split `ProviderName` in two.
    ("HostProviderName", Kind::Text, NOT_NULL),
    ("ServiceProviderName", Kind::Text, NOT_NULL),
];

/// Mandatory in FOCUS 1.2, whatever a provider supports.
const MANDATORY: &[&str] = &[
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
];

fn fits(kind: Kind, cell: &str) -> bool {
    match kind {
        Kind::Text => cell.trim() == cell,
        Kind::Number => {
            let digits = cell.strip_prefix('-').unwrap_or(cell);
            let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
            [whole, rest].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        }
        Kind::Time => cell.len() == 20 && chrono::NaiveDateTime::parse_from_str(cell, "%Y-%m-%dT%H:%M:%SZ").is_ok(),
        Kind::Currency => cell.len() == 3 && cell.bytes().all(|byte| byte.is_ascii_uppercase()),
        Kind::Json => serde_json::from_str::<BTreeMap<String, String>>(cell).is_ok(),
        Kind::OneOf(values) => values.contains(&cell),
        Kind::Never => false,
    }
}

/// What of one row depends on what.
fn troubles(row: &BTreeMap<String, String>) -> Vec<&'static str> {
    let cell = |name: &str| row[name].as_str();
    let null = |name: &str| row[name].is_empty();
    let category = cell("ChargeCategory");
    let rules = [
        ("the billing period ends after it starts", cell("BillingPeriodStart") < cell("BillingPeriodEnd")),
        ("the charge period ends after it starts", cell("ChargePeriodStart") < cell("ChargePeriodEnd")),
        ("what is bought is not usage-based", category != "Purchase" || cell("ChargeFrequency") != "Usage-Based"),
        ("only usage is consumed", null("ConsumedQuantity") == (category != "Usage")),
        ("a quantity has a unit", null("ConsumedQuantity") == null("ConsumedUnit")),
        ("a tax has no pricing", category != "Tax" || (null("PricingCategory") && null("PricingQuantity"))),
        ("usage has a pricing", category != "Usage" || !(null("PricingCategory") || null("PricingQuantity"))),
        ("a pricing quantity has a unit", null("PricingQuantity") == null("PricingUnit")),
        ("a region has a name", null("RegionId") == null("RegionName")),
        ("a resource has a type, nothing else has", null("ResourceId") == null("ResourceType")),
        ("only a resource has a name", !null("ResourceId") || null("ResourceName")),
        ("a sub-account has a name", null("SubAccountId") == null("SubAccountName")),
        ("a sub-account has a type", null("SubAccountId") == null("SubAccountType")),
        (
            "without a commitment nothing is said about it",
            !null("CommitmentDiscountId")
                || ["Category", "Name", "Status", "Type"].iter().all(|it| null(&format!("CommitmentDiscount{it}"))),
        ),
        ("the providers are the same", cell("ProviderName") == cell("ServiceProviderName")),
    ];
    rules.into_iter().filter(|(_, holds)| !holds).map(|(rule, _)| rule).collect()
}

/// Everything that is wrong with a file.
fn violations(text: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let mut found: Vec<String> = MANDATORY
        .iter()
        .filter(|name| !header.iter().any(|it| it == *name))
        .map(|it| format!("{it} is missing"))
        .collect();
    let unique: std::collections::BTreeSet<&String> = header.iter().collect();
    if unique.len() != header.len() {
        found.push("a column stands there twice".to_owned());
    }
    for name in header.iter().filter(|name| !name.starts_with("x_")) {
        if !RULES.iter().any(|(known, ..)| known == name) {
            found.push(format!("{name} is no column of FOCUS"));
        }
    }
    for (record, line) in reader.records().zip(2..) {
        let record = record.expect("a row");
        let row: BTreeMap<String, String> = header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
        for (name, kind, nullable) in RULES {
            let cell = &row[*name];
            if cell.is_empty() && !nullable || !cell.is_empty() && !fits(*kind, cell) {
                found.push(format!("line {line}: {name} is '{cell}'"));
            }
        }
        found.extend(troubles(&row).iter().map(|rule| format!("line {line}: {rule}")));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_focus_file_follows_focus(mut charges in prop::collection::vec(charge(), 1..12), options in options()) {
        charges[0].month = "2026-10";
        let lines: Vec<LineItem<'_>> = charges.iter().map(Charge::line).collect();
        let text = csv_text(&focus::rows(&split(&options, &history(None), &lines))).expect("CSV");
        prop_assert_eq!(violations(&text), Vec::<String>::new(), "{}", text);
    }
}

#[test]
fn the_rules_find_what_is_wrong() {
    let world = world(vec![resource("AWS::S3::Bucket", "a")]);
    let mut options = october();
    options.group_by.push(GroupKey::Resource);
    let good = csv_text(&focus::rows(&split(&options, &world, &[line("AmazonS3", "a", "1.5")]))).expect("CSV");
    assert_eq!(violations(&good), Vec::<String>::new());
    for (from, to) in [
        ("BilledCost", "Billed"),
        (",USD,", ",usd,"),
        ("Usage-Based", "usage-based"),
        ("2026-10-01T00:00:00Z", "2026-10-01"),
        ("1.5", "1.5e0"),
        ("1.5", "1.5.0"),
        (",Usage,", ",Tax,"),
        ("Other (Other)", "Other"),
        (",Unspecified,", ",,"),
        (",AWS,", ",,"),
    ] {
        assert!(good.contains(from), "{from}: {good}");
        assert!(
            std::panic::catch_unwind(|| violations(&good.replacen(from, to, 1))).map_or(true, |it| !it.is_empty()),
            "{from} -> {to}"
        );
    }
}
