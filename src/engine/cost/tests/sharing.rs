use super::*;
use crate::engine::cost::{cents, distribute};
use crate::model::cost::Method;

fn parts(whole: &str, weights: &[&str]) -> Option<Vec<String>> {
    let weights: Vec<Decimal> = weights.iter().map(|it| amount(it)).collect();
    distribute(amount(whole), &weights).map(|parts| parts.iter().map(ToString::to_string).collect())
}

#[test]
fn the_last_cent_goes_to_the_largest_remainder() {
    assert_eq!(parts("10.00", &["1", "1", "1"]).expect("parts"), ["3.34", "3.33", "3.33"]);
    assert_eq!(parts("0.05", &["3", "7"]).expect("parts"), ["0.02", "0.03"]);
    assert_eq!(parts("-10.00", &["1", "1", "1"]).expect("parts"), ["-3.34", "-3.33", "-3.33"]);
    assert_eq!(parts("100", &["0", "5", "-3"]).expect("parts"), ["0.00", "100.00", "0.00"]);
    assert_eq!(parts("1", &["0", "-1"]), None);
    assert_eq!(parts("1", &[]), None);
}

fn bill() -> Vec<LineItem<'static>> {
    let tagged = |tags, id, cost| LineItem { tags: Tags::Json(tags), ..line("AmazonS3", id, cost) };
    vec![
        tagged(r#"{"Team":"web"}"#, "base", "60"),
        tagged(r#"{"Team":"web"}"#, "x", "10"),
        tagged(r#"{"Team":"data"}"#, "y", "30"),
        LineItem { charge_category: ChargeCategory::Tax, ..line("AmazonS3", "", "10.00") },
        LineItem { charge_category: ChargeCategory::Credit, ..line("AmazonS3", "", "-25.00") },
    ]
}

fn shared(rule: SharedRule) -> CostReport {
    let mut options = october();
    options.owners.tags = vec!["Team".to_owned()];
    options.sharing.default = rule;
    split(&options, &world(vec![resource("AWS::S3::Bucket", "base")]), &bill())
}

fn totals(report: &CostReport) -> Vec<String> {
    let text = |row: &crate::model::cost::Row| format!("{} {} {}", row.bucket, row.owner, row.total.normalize());
    report.rows.iter().map(text).collect()
}

#[test]
fn each_rule_shares_its_way_and_negative_amounts_like_positive_ones() {
    let proportional = shared(SharedRule::Proportional);
    assert_eq!(totals(&proportional), ["baseline web 51", "non-baseline data 25.5", "non-baseline web 8.5"]);
    assert!(proportional.rows.iter().all(|row| row.method == Method::Allocated));
    assert_eq!(proportional.rows[0].shared_in[&Bucket::Tax], amount("6"));
    assert_eq!(proportional.rows[0].shared_in[&Bucket::Credits], amount("-15"));

    assert_eq!(totals(&shared(SharedRule::Even)), ["baseline web 55", "non-baseline data 25", "non-baseline web 5"]);

    let weights = [("baseline", "3"), ("data", "1")].map(|(name, weight)| (name.to_owned(), amount(weight)));
    let fixed = shared(SharedRule::Fixed(BTreeMap::from(weights)));
    assert_eq!(totals(&fixed), ["baseline web 48.75", "non-baseline data 26.25", "non-baseline web 10"]);

    let kept = shared(SharedRule::Keep);
    assert_eq!(
        totals(&kept),
        ["baseline web 60", "non-baseline data 30", "non-baseline web 10", "tax  10", "credits  -25"]
    );
}

#[test]
fn what_nobody_can_take_stays_in_sight() {
    let mut options = october();
    options.sharing.default = SharedRule::Proportional;
    let support = LineItem { service_code: "AWSSupportBusiness", ..line("x", "", "100") };
    let elsewhere = LineItem { sub_account_id: "210987654321", ..line("AmazonS3", "b", "5") };
    let report = split(&options, &world(Vec::new()), &[support, elsewhere]);
    // Sharing stays within the account, so that every account adds up.
    assert_eq!(sums(&report)["support"], "100");
    assert_eq!((report.pools[0].allocated, report.pools[0].unallocated), (amount("0"), amount("100")));

    // A fixed part of somebody who has nothing stays, too.
    let weights = [("data", "1"), ("ghost", "1")].map(|(name, weight)| (name.to_owned(), amount(weight)));
    let fixed = shared(SharedRule::Fixed(BTreeMap::from(weights)));
    assert_eq!(sums(&fixed)["tax"], "5");
    assert!(fixed.is_reconciled());
}

#[test]
fn shown_cents_add_up() {
    let amounts: Vec<Decimal> = ["0.333", "0.333", "0.334", "-0.004"].map(amount).to_vec();
    let shown = cents(&amounts);
    assert_eq!(shown.iter().sum::<Decimal>(), amount("1.00"));
    assert_eq!(shown.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0.33", "0.33", "0.34", "0.00"]);
}
