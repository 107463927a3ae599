//! What must hold for every bill, every rule and every baseline.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::engine::cost::distribute;
use crate::model::cost::{Granularity, GroupKey, Method};

pub const CASES: u32 = 10_000;

/// What a generated line is about. The first ones are resources, or parts of them.
const IDS: &[(&str, &str, Option<usize>)] = &[
    ("AmazonEC2", "i-0000000000000000a", Some(0)),
    ("AmazonEC2", "vol-0000000000000000a", Some(0)),
    ("AmazonS3", "assets", Some(1)),
    ("AmazonS3", "arn:aws:s3:::assets", Some(1)),
    ("AWSLambda", "arn:aws:lambda:eu-west-1:123456789012:function:f:live", Some(2)),
    ("AmazonCloudWatch", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f", Some(2)),
    ("AmazonEC2", "i-0000000000000000b", None),
    ("AmazonS3", "gone", None),
    ("AmazonVPC", "", None),
    ("AWSSupportBusiness", "", None),
];

#[derive(Debug, Clone)]
pub struct Charge {
    id: usize,
    category: ChargeCategory,
    commitment: Commitment,
    marketplace: bool,
    account: &'static str,
    currency: &'static str,
    pub month: &'static str,
    day: &'static str,
    cost: Decimal,
    tags: &'static str,
}

impl Charge {
    pub fn line(&self) -> LineItem<'static> {
        let (service, id, _) = IDS[self.id];
        LineItem {
            sub_account_id: self.account,
            billing_currency: self.currency,
            billing_month: month(self.month),
            charge_day: day(self.day),
            charge_category: self.category,
            commitment: self.commitment,
            marketplace: self.marketplace,
            tags: Tags::Json(self.tags),
            cost: self.cost,
            ..line(service, id, "0")
        }
    }
}

pub fn charge() -> impl Strategy<Value = Charge> {
    use ChargeCategory::{Adjustment, Credit, Purchase, Tax, Usage};
    let category = prop_oneof![
        6 => Just(Usage), 1 => Just(Purchase), 1 => Just(Tax), 1 => Just(Credit), 1 => Just(Adjustment)
    ];
    let commitment =
        prop_oneof![6 => Just(Commitment::None), 1 => Just(Commitment::Used), 1 => Just(Commitment::Unused)];
    // Tiny ones with many digits, large credits, whole amounts.
    let cost =
        (-1_000_000_000_000_i64..2_000_000_000_000, 0_u32..=14).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let month_day = prop_oneof![
        Just(("2026-10", "2026-10-05")),
        Just(("2026-10", "2026-10-25")),
        // A correction of September in the bill of October.
        Just(("2026-10", "2026-09-15")),
        Just(("2026-09", "2026-09-15")),
        Just(("2026-11", "2026-11-02"))
    ];
    (
        (0..IDS.len(), category, commitment, any::<bool>()),
        prop_oneof![3 => Just(ACCOUNT), 1 => Just("210987654321")],
        prop_oneof![3 => Just("USD"), 1 => Just("EUR")],
        month_day,
        cost,
        prop_oneof![Just("{}"), Just(r#"{"user:Team":"web"}"#), Just(r#"{"Team":"data","Tier":"base"}"#)],
    )
        .prop_map(|((id, category, commitment, marketplace), account, currency, (month, day), cost, tags)| {
            Charge { id, category, commitment, marketplace, account, currency, month, day, cost, tags }
        })
}

fn rule() -> impl Strategy<Value = SharedRule> {
    let weights = [("web", 1), ("baseline", 2), ("ghost", 1)];
    let weights = weights.map(|(name, weight)| (name.to_owned(), Decimal::from(weight)));
    prop_oneof![
        Just(SharedRule::Proportional),
        Just(SharedRule::Even),
        Just(SharedRule::Keep),
        Just(SharedRule::Fixed(BTreeMap::from(weights))),
    ]
}

pub fn options() -> impl Strategy<Value = Options> {
    (rule(), rule(), any::<[bool; 6]>()).prop_map(|(default, tax, flags)| {
        let mut options = october();
        options.sharing.default = default;
        options.sharing.pools.insert(Bucket::Tax, tax);
        let keys = [GroupKey::Service, GroupKey::Region, GroupKey::Resource, GroupKey::Tag("Team".to_owned())];
        options.group_by = keys.into_iter().zip(flags).filter(|(_, wanted)| *wanted).map(|(key, _)| key).collect();
        if flags[4] {
            options.granularity = Granularity::Daily;
        }
        if flags[5] {
            options.baseline_tags.insert("Tier".to_owned(), "base".to_owned());
            options.owners.tags.push("Team".to_owned());
        }
        options
    })
}

fn resources() -> Vec<Resource> {
    let mappings = serde_json::json!([{"Ebs": {"VolumeId": "vol-0000000000000000a"}}]);
    vec![
        with(resource("AWS::EC2::Instance", "i-0000000000000000a"), "BlockDeviceMappings", mappings),
        resource("AWS::S3::Bucket", "assets"),
        resource("AWS::Lambda::Function", "f"),
    ]
}

/// An old snapshot, a baseline, and one that followed it in October; without one resource, if wanted.
pub fn history(without: Option<usize>) -> World {
    let keep = |list: Vec<Resource>| -> Vec<Resource> {
        list.into_iter().enumerate().filter(|(at, _)| Some(*at) != without).map(|(_, it)| it).collect()
    };
    let mut old = resources();
    old.push(resource("AWS::S3::Bucket", "gone"));
    let snapshots = [
        snapshot("old", "2026-07-01", old),
        snapshot("base", "2026-08-01", keep(resources())),
        snapshot("next", "2026-10-20", keep(resources())),
    ];
    World::new(&snapshots, &[(time("2026-08-01"), 1), (time("2026-10-20"), 2)])
}

/// Sums by currency, account and month, in units of 10^-18: an arithmetic that shares nothing with the one under test.
pub fn expected(charges: &[Charge]) -> BTreeMap<(String, String, String), i128> {
    let mut sums = BTreeMap::new();
    for charge in charges.iter().filter(|charge| charge.month == "2026-10") {
        let key = (charge.currency.to_owned(), charge.account.to_owned(), charge.month.to_owned());
        *sums.entry(key).or_insert(0) += charge.cost.mantissa() * 10_i128.pow(18 - charge.cost.scale());
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rows_add_up_to_the_source(charges in prop::collection::vec(charge(), 1..24), options in options()) {
        let world = history(None);
        let lines: Vec<LineItem<'_>> = charges.iter().map(Charge::line).collect();
        prop_assume!(charges.iter().any(|charge| charge.month == "2026-10"));
        let report = split(&options, &world, &lines);
        let mut sums: BTreeMap<(String, String, String), i128> = BTreeMap::new();
        for row in &report.rows {
            let key = (row.currency.clone(), row.account.clone(), row.month.to_string());
            let parts: i128 = row.shared_in.values().chain([&row.direct])
                .map(|part| part.mantissa() * 10_i128.pow(18 - part.scale())).sum();
            prop_assert_eq!(parts, row.total.mantissa() * 10_i128.pow(18 - row.total.scale()));
            *sums.entry(key).or_insert(0) += parts;
        }
        prop_assert_eq!(sums, expected(&charges));
        prop_assert!(report.is_reconciled());
        for total in &report.totals {
            let methods: Decimal = total.methods.values().sum();
            prop_assert_eq!(methods, total.total);
            prop_assert!(!total.methods.contains_key(&Method::Estimated));
        }
    }

    #[test]
    fn every_metric_adds_up_to_its_column(charges in prop::collection::vec((charge(), any::<i32>()), 1..12)) {
        let mut charges = charges;
        charges[0].0.month = "2026-10";
        let mut text = "BilledCost,EffectiveCost,BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart,\
                        ChargePeriodStart,ChargeCategory,ChargeClass,CommitmentDiscountStatus,ProviderName,PublisherName,\
                        InvoiceId,RegionId,ResourceId,ServiceName,Tags,x_ServiceCode\n".to_owned();
        for (charge, billed) in &charges {
            let (service, id, _) = IDS[charge.id];
            let Charge { account, currency, month, day, cost, .. } = charge;
            let tags = charge.tags.replace('"', "\"\"");
            let _ = writeln!(
                text,
                "{billed}e-3,{cost},999999999999,{account},{currency},{month}-01T00:00:00Z,{day}T00:00:00Z,{:?},,,AWS,AWS,I,\
                 eu-west-1,{id},{service},\"{tags}\",{service}",
                charge.category
            );
        }
        let world = history(None);
        for metric in [Metric::Amortized, Metric::Unblended] {
            let of = |(charge, billed): &(Charge, i32)| {
                let cost = if metric == Metric::Amortized { charge.cost } else { Decimal::new(i64::from(*billed), 3) };
                Charge { cost, ..charge.clone() }
            };
            let source = expected(&charges.iter().map(of).collect::<Vec<_>>());
            let report = split_text(&text, metric, &world).expect("a report");
            let mut sums = BTreeMap::new();
            for row in &report.rows {
                let key = (row.currency.clone(), row.account.clone(), row.month.to_string());
                *sums.entry(key).or_insert(0) += row.total.mantissa() * 10_i128.pow(18 - row.total.scale());
            }
            prop_assert_eq!(sums, source);
        }
    }

    #[test]
    fn no_line_is_in_two_buckets(charges in prop::collection::vec(charge(), 1..24)) {
        let world = history(None);
        let inside: Vec<&Charge> = charges.iter().filter(|charge| charge.month == "2026-10").collect();
        prop_assume!(!inside.is_empty());
        let lines: Vec<LineItem<'_>> = charges.iter().map(Charge::line).collect();
        let report = split(&october(), &world, &lines);
        prop_assert_eq!(report.rows.iter().map(|row| row.lines).sum::<u64>(), inside.len() as u64);
        // Together they go where each goes alone.
        let mut alone: BTreeMap<Bucket, u64> = BTreeMap::new();
        for charge in inside {
            *alone.entry(place(&october(), &world, charge.line()).0).or_default() += 1;
        }
        let mut together: BTreeMap<Bucket, u64> = BTreeMap::new();
        for row in &report.rows {
            *together.entry(row.bucket).or_default() += row.lines;
        }
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn removing_a_resource_moves_exactly_its_lines(charge in charge(), removed in 0_usize..3) {
        let charge = Charge { month: "2026-10", ..charge };
        let (before, after) = (place(&october(), &history(None), charge.line()), place(&october(), &history(Some(removed)), charge.line()));
        if IDS[charge.id].2 == Some(removed) && before.0 == Bucket::Baseline {
            prop_assert_ne!(after.0, Bucket::Baseline);
        } else {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn parts_add_up(
        digits in any::<i64>(), scale in 0_u32..=18,
        weights in prop::collection::vec((-5_i64..1_000_000, 0_u32..6), 1..12)
    ) {
        let whole = Decimal::new(digits, scale);
        let weights: Vec<Decimal> = weights.into_iter().map(|(digits, scale)| Decimal::new(digits, scale)).collect();
        let Some(parts) = distribute(whole, &weights) else {
            prop_assert!(weights.iter().all(|weight| *weight <= Decimal::ZERO));
            return Ok(());
        };
        prop_assert_eq!(parts.iter().sum::<Decimal>(), whole);
        let unit = Decimal::new(1, whole.normalize().scale().max(2));
        let total: Decimal = weights.iter().filter(|weight| **weight > Decimal::ZERO).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            let fair = whole * ((*weight).max(Decimal::ZERO) / total);
            prop_assert!((part - fair).abs() <= unit, "{part} is far from {fair}");
        }
    }
}
