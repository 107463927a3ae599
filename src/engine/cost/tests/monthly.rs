//! What single resources cost in a month.

use super::*;
use crate::engine::cost::Monthly;
use crate::model::ResourceKey;
use crate::model::cost::MonthlyCosts;

fn live() -> Snapshot {
    let mut young = resource("AWS::S3::Bucket", "young");
    young.created_at = Some(time("2026-10-20"));
    let mut after = resource("AWS::S3::Bucket", "after");
    after.created_at = Some(time("2026-11-02"));
    let group = resource("AWS::Logs::LogGroup", "/aws/lambda/f");
    let all = vec![
        resource("AWS::S3::Bucket", "a"),
        resource("AWS::EC2::Instance", "i-0123456789abcdef0"),
        resource("AWS::Lambda::Function", "f"),
        young,
        after,
        group,
    ];
    snapshot("live", "2026-11-05", all).snapshot
}

fn costs(lines: &[LineItem<'_>]) -> Result<MonthlyCosts, CostError> {
    let mut monthly = Monthly::new(&live(), Metric::Amortized, day("2026-11-05"));
    for line in lines {
        monthly.take(line).expect("a good line");
    }
    monthly.finish()
}

fn told(costs: &MonthlyCosts) -> Vec<String> {
    costs.resources.iter().map(|it| format!("{} {} {}", it.id, it.amount, it.covered)).collect()
}

#[test]
fn a_resource_costs_what_its_own_lines_say() {
    let alias = "arn:aws:lambda:eu-west-1:123456789012:function:f:live";
    let plan = LineItem { commitment: Commitment::Used, ..line("AmazonEC2", "i-0123456789abcdef0", "2.25") };
    let found = costs(&[
        line("AmazonS3", "a", "1.10"),
        line("AmazonS3", "arn:aws:s3:::a", "0.15"),
        line("AmazonEC2", "i-0123456789abcdef0", "4"),
        plan,
        line("AWSLambda", alias, "0.5"),
        // Nobody's, somebody else's, and what does not go with the resource.
        line("AmazonS3", "unknown", "9"),
        LineItem { sub_account_id: "210987654321", ..line("AmazonS3", "a", "9") },
        LineItem { charge_category: ChargeCategory::Tax, ..line("AmazonS3", "a", "9") },
        LineItem { charge_category: ChargeCategory::Credit, ..line("AmazonS3", "a", "-9") },
        LineItem { charge_category: ChargeCategory::Purchase, ..line("AmazonS3", "a", "9") },
        LineItem { commitment: Commitment::Unused, ..line("AmazonS3", "a", "9") },
        LineItem { charge_day: day("2026-09-30"), ..line("AmazonS3", "a", "9") },
    ])
    .expect("costs");
    assert_eq!(told(&found), ["i-0123456789abcdef0 6.25 2.25", "f 0.5 0", "a 1.25 0"]);
    assert_eq!((found.month.to_string(), found.currency.as_str()), ("2026-10".to_owned(), "USD"));
    let key = |id| ResourceKey { type_name: "AWS::S3::Bucket", region: "eu-west-1", id };
    assert!(found.of(key("a")).is_some() && found.of(key("young")).is_none());
}

#[test]
fn the_newest_month_that_is_over_counts() {
    let of = |month: &str, day: &str, cost: &'static str| LineItem {
        billing_month: super::month(month),
        charge_day: super::day(day),
        ..line("AmazonS3", "a", cost)
    };
    let lines = [of("2026-09", "2026-09-03", "1"), of("2026-10", "2026-10-03", "2"), of("2026-11", "2026-11-03", "4")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        assert_eq!(told(&costs(&order.map(|at| lines[at])).expect("costs")), ["a 2 0"]);
    }
    let error = costs(&lines[2..]).expect_err("only a month that is not over").to_string();
    assert_eq!(
        error,
        "no charges of account 123456789012 in a month that is over: the sources hold 2026-11 of 123456789012"
    );
    assert!(costs(&[]).expect_err("nothing").to_string().ends_with("the sources hold nothing"));
}

#[test]
fn what_had_the_name_before_is_something_else() {
    let on = |day: &str, id: &'static str| LineItem { charge_day: super::day(day), ..line("AmazonS3", id, "1") };
    let lines = [
        on("2026-10-05", "young"),
        on("2026-10-20", "young"),
        on("2026-10-25", "young"),
        on("2026-10-25", "after"),
        on("2026-10-01", "after"),
    ];
    assert_eq!(told(&costs(&lines).expect("costs")), ["young 2 0"]);
    // A line of an export by the month stands for all of it.
    assert_eq!(told(&costs(&[on("2026-10-01", "young")]).expect("costs")), ["young 1 0"]);
}

#[test]
fn two_currencies_are_no_sum() {
    let euro = LineItem { billing_currency: "EUR", ..line("AmazonS3", "a", "1") };
    let error = costs(&[line("AmazonS3", "a", "1"), euro]).expect_err("no sum").to_string();
    assert_eq!(error, "the resources of 2026-10 are billed in EUR and USD: what they cost cannot be told in one");
    // What is none of the inventory's does not matter.
    let other = LineItem { billing_currency: "EUR", ..line("AmazonS3", "unknown", "1") };
    assert!(costs(&[line("AmazonS3", "a", "1"), other]).is_ok());
}
