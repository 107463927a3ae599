//! Bills computed by hand. The numbers in the comments are the arithmetic, not the program's output.

use super::*;

/// A Cost and Usage Report with a savings plan, a reservation, an upfront fee, a discount, a credit and a refund.
///
/// ```text
/// line                       unblended        net  amortised              why
/// Usage                       10.0000     9.0000   10.0000                as billed
/// SavingsPlanCoveredUsage      8.0000     7.2000    5.6000 (net 5.0400)   effective cost of the plan
/// SavingsPlanNegation         -8.0000    -7.2000    0                     takes back what the covered line bills
/// SavingsPlanRecurringFee      7.0000     7.0000    1.4000                commitment 7.0 less used 5.6
/// SavingsPlanUpfrontFee      100.0000   100.0000    0                     is in the effective costs
/// DiscountedUsage              0          0         3.0000 (net 2.7000)   effective cost of the reservation
/// RIFee                       36.0000    36.0000    0.5000 (net 0.4500)   unused: upfront 0.2 + recurring 0.3
/// Fee with a reservation     500.0000   500.0000    0                     upfront fee of the reservation
/// Fee without one              2.5000     2.5000    2.5000                as billed
/// EdpDiscount                 -1.0000    -1.0000   -1.0000                lowers the usage beside it
/// Tax                          4.4400     4.4400    4.4400
/// Credit                     -20.0000   -20.0000  -20.0000
/// Refund                      -3.2100    -3.2100   -3.2100
/// sum                        635.7300   634.7300    3.2300 (net 1.3200)
/// ```
const CUR: &str = include_str!("fixtures/cur2.csv");

fn cur(metric: Metric) -> BTreeMap<&'static str, String> {
    let world = world(vec![resource("AWS::EC2::Instance", "i-0123456789abcdef0")]);
    sums(&split_text(CUR, metric, &world).expect("a report"))
}

fn of<const N: usize>(pairs: [(&'static str, &str); N]) -> BTreeMap<&'static str, String> {
    pairs.into_iter().map(|(bucket, sum)| (bucket, sum.to_owned())).collect()
}

#[test]
fn amortised_costs_of_plans_and_reservations() {
    // Baseline: the instance's usage 10 + plan 5.6 - 0 + discount -1; other resource: reservation 3.0.
    let expected = [
        ("baseline", "14.6"),
        ("non-baseline", "3"),
        ("unused-commitment", "1.9"),
        ("marketplace-fees", "2.5"),
        ("tax", "4.44"),
        ("credits", "-23.21"),
    ];
    assert_eq!(cur(Metric::Amortized), of(expected));
}

#[test]
fn net_amortised_costs_are_after_discounts() {
    // 9.0 + 5.04 - 1; 2.7; unused 1.4 + 0.45.
    let expected = [
        ("baseline", "13.04"),
        ("non-baseline", "2.7"),
        ("unused-commitment", "1.85"),
        ("marketplace-fees", "2.5"),
        ("tax", "4.44"),
        ("credits", "-23.21"),
    ];
    assert_eq!(cur(Metric::NetAmortized), of(expected));
}

#[test]
fn unblended_costs_are_those_of_the_invoice() {
    // 10 + 8 - 8 - 1; fees 7 + 100 + 36 + 500 + 2.5.
    let expected = [
        ("baseline", "9"),
        ("non-baseline", "0"),
        ("marketplace-fees", "645.5"),
        ("tax", "4.44"),
        ("credits", "-23.21"),
    ];
    assert_eq!(cur(Metric::Unblended), of(expected));
}

#[test]
fn the_legacy_report_gives_the_same() {
    // The same bill with legacy names: `line_item_unblended_cost` was `lineItem/UnblendedCost`.
    let (header, rows) = CUR.split_once('\n').expect("a header");
    let legacy: Vec<String> = header
        .split(',')
        .map(|column| {
            let prefixes = ["bill_", "line_item_", "product_", "savings_plan_", "reservation_"];
            let prefix = prefixes.iter().find(|prefix| column.starts_with(**prefix)).expect("a known prefix");
            let words = |text: &str| {
                let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
                text.split('_').map(capital).collect::<String>()
            };
            let group = words(prefix.trim_end_matches('_'));
            format!("{}{}/{}", group[..1].to_lowercase(), &group[1..], words(&column[prefix.len()..]))
        })
        .collect();
    assert!(legacy.contains(&"lineItem/UnblendedCost".to_owned()), "{legacy:?}");
    assert!(legacy.contains(&"reservation/ReservationARN".to_owned()), "{legacy:?}");
    let world = world(vec![resource("AWS::EC2::Instance", "i-0123456789abcdef0")]);
    let report = split_text(&format!("{}\n{rows}", legacy.join(",")), Metric::Amortized, &world).expect("a report");
    assert_eq!(sums(&report), cur(Metric::Amortized));
}

/// FOCUS: nulls as text, two currencies, a correction of September in the bill of October, ten decimals, a large credit.
///
/// ```text
/// USD  baseline   1.2345678901 + correction -0.2345678901            =    1
/// USD  rest       0.0000000004
/// USD  credits   -1500
/// EUR  shared     7.5      tax 1.425
/// ```
const FOCUS: &str = include_str!("fixtures/focus.csv");

#[test]
fn corrections_credits_and_currencies() {
    let world = world(vec![resource("AWS::S3::Bucket", "web-assets")]);
    let report = split_text(FOCUS, Metric::Amortized, &world).expect("a report");
    let total = |currency: &str, bucket: Bucket| {
        let total = report.totals.iter().find(|it| it.currency == currency).expect("a currency");
        total.buckets.get(&bucket).map(|it| it.total.normalize().to_string())
    };
    assert_eq!(total("USD", Bucket::Baseline).as_deref(), Some("1"));
    assert_eq!(total("USD", Bucket::NonBaseline).as_deref(), Some("0.0000000004"));
    assert_eq!(total("USD", Bucket::Credits).as_deref(), Some("-1500"));
    assert_eq!(total("EUR", Bucket::Shared).as_deref(), Some("7.5"));
    assert_eq!(total("EUR", Bucket::Tax).as_deref(), Some("1.425"));
    assert_eq!(report.totals.len(), 2);
    assert_eq!(report.header.as_of, Some(day("2026-10-31")));
    // One line has no invoice yet.
    assert_eq!(report.header.estimated, Some(true));
    let proof: Vec<String> = report
        .reconciled
        .iter()
        .map(|it| format!("{} {} {} {}", it.account, it.currency, it.lines, it.difference.normalize()))
        .collect();
    assert_eq!(proof, [format!("{ACCOUNT} EUR 2 0"), format!("{ACCOUNT} USD 4 0")]);
}

#[test]
fn the_period_before_shows_what_moved() {
    let mut options = october();
    options.budgets = BTreeMap::from([("baseline".to_owned(), amount("40"))]);
    let before =
        LineItem { billing_month: month("2026-09"), charge_day: day("2026-09-10"), ..line("AmazonS3", "a", "10") };
    let now = line("AmazonS3", "a", "50");
    let other = LineItem { billing_month: month("2026-08"), ..before };
    let report = split(&options, &world(vec![resource("AWS::S3::Bucket", "a")]), &[before, now, other]);
    assert_eq!(sums(&report), of([("baseline", "50")]));
    assert_eq!(report.movers.len(), 1);
    assert_eq!(
        (report.movers[0].before, report.movers[0].after, report.movers[0].change),
        (amount("10"), amount("50"), amount("40"))
    );
    assert!(report.budgets[0].exceeded);
}

#[test]
fn budgets_are_of_sides_owners_and_snapshots() {
    let mut options = october();
    let budget = |name: &str, limit: &str| (name.to_owned(), amount(limit));
    options.budgets = BTreeMap::from([
        budget("non-baseline", "7"),
        budget("payments", "2.99"),
        budget("snapshot:old", "5"),
        budget("snapshot:new", "40"),
        budget("paymets", "1"),
    ]);
    options.owners.accounts.insert(ACCOUNT.to_owned(), "payments".to_owned());
    options.owners.resources.push((globset::Glob::new("b").expect("a glob").compile_matcher(), "web".to_owned()));
    let held = || vec![resource("AWS::S3::Bucket", "a")];
    let snapshots = [snapshot("old", "2026-09-01", held()), snapshot("new", "2026-10-20", held())];
    let world = World::new(&snapshots, &[(time("2026-09-01"), 0), (time("2026-10-20"), 1)]);
    let on = |day_: &str, id: &'static str, cost: &'static str| LineItem {
        charge_day: day(day_),
        ..line("AmazonS3", id, cost)
    };
    let report = split(
        &options,
        &world,
        &[on("2026-10-05", "a", "5.01"), on("2026-10-25", "a", "40"), on("2026-10-05", "b", "7")],
    );
    let told: Vec<String> =
        report.budgets.iter().map(|it| format!("{} {} of {}: {}", it.name, it.spent, it.limit, it.exceeded)).collect();
    // Owner: 5.01 + 40; the rest: 7, which is just the limit.
    assert_eq!(
        told,
        [
            "non-baseline 7 of 7: false",
            "payments 45.01 of 2.99: true",
            "snapshot:new 40 of 40: false",
            "snapshot:old 5.01 of 5: true"
        ]
    );
    let warnings = report.warnings.join("\n");
    assert!(
        warnings.contains("nothing in the period belongs to the budget 'paymets': is the name right?"),
        "{warnings}"
    );
}
