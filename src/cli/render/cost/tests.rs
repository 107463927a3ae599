//! Every generated file adds up to the source, and names of strangers do no harm in any of them.

mod focus;

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::cli::ui::{Colour, Level};
use crate::engine::cost::tests::properties::{CASES, Charge, charge, expected, history, options};
use crate::engine::cost::tests::{line, october, resource, split, world};
use crate::engine::cost::{Options, Splitter};
use crate::model::cost::{ChargeCategory, LineItem, SourceUse, Tags};

fn ui() -> Ui {
    Ui::new(Colour::Never, Level::Normal)
}

/// Currency, account and month → sum in units of 10^-18.
type Sums = BTreeMap<(String, String, String), i128>;

fn units(text: &str) -> i128 {
    let amount: Decimal = text.parse().unwrap_or_else(|_| panic!("'{text}' is an amount"));
    amount.mantissa() * 10_i128.pow(18 - amount.scale())
}

fn add(sums: &mut Sums, currency: &str, account: &str, month: &str, amount: &str) {
    *sums.entry((currency.to_owned(), account.to_owned(), month.to_owned())).or_insert(0) += units(amount);
}

fn csv_sums(rows: &Rows, [amount, currency, account, month]: [&str; 4]) -> Sums {
    let text = csv_text(rows).expect("CSV");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let columns = [at(amount), at(currency), at(account), at(month)];
    let mut sums = Sums::new();
    for row in reader.records() {
        let row = row.expect("a row");
        let [amount, currency, account, month] = columns.map(|at| &row[at]);
        add(&mut sums, currency, account, &month[..7], amount);
    }
    sums
}

fn json_sums(cost: &CostReport) -> Sums {
    let text = serde_json::to_string(&data(cost)).expect("JSON");
    let data: Value = serde_json::from_str(&text).expect("JSON");
    let mut sums = Sums::new();
    for row in data["rows"].as_array().expect("rows") {
        let [currency, account, month, total] =
            ["currency", "account", "month", "total"].map(|name| row[name].as_str().expect("a text"));
        add(&mut sums, currency, account, month, total);
    }
    sums
}

/// Cells of the rows of a Markdown table below a heading.
fn markdown_sums(text: &str) -> Sums {
    let (_, table) = text.split_once("## Reconciliation\n").expect("a section");
    let mut sums = Sums::new();
    for line in table.lines().filter(|line| line.starts_with("| 2")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(units(cells[4]), units(cells[5]));
        add(&mut sums, cells[2], cells[1], cells[0], cells[5]);
    }
    sums
}

/// Cells of each row of the tables of a class, and the table's currency.
fn html_rows<'a>(page: &'a str, class: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut rows = Vec::new();
    for table in page.split(&format!("<table class=\"{class}\"")).skip(1) {
        let table = table.split("</table>").next().expect("an end");
        let currency = table.split("data-currency=\"").nth(1).and_then(|rest| rest.split('"').next());
        for row in table.split("<tr>").skip(2) {
            rows.push((currency.unwrap_or_default(), row.split("<td").skip(1).collect()));
        }
    }
    rows
}

fn html_sums(page: &str) -> Sums {
    let mut sums = Sums::new();
    for (_, cells) in html_rows(page, "reconciled") {
        let cells: Vec<&str> = cells.iter().filter_map(|cell| cell.split('>').nth(1)?.split('<').next()).collect();
        add(&mut sums, cells[2], cells[1], cells[0], cells[5]);
    }
    sums
}

/// Currency → sum of the exact totals of all tables of a class, each table counted.
fn html_totals(page: &str, class: &str) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    for (currency, cells) in html_rows(page, class) {
        let exact: Vec<&str> =
            cells.iter().filter_map(|cell| cell.split("title=\"").nth(1)?.split('"').next()).collect();
        assert_eq!(units(exact[0]) + units(exact[1]), units(exact[2]));
        *sums.entry(currency.to_owned()).or_insert(0) += units(exact[2]);
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_file_adds_up_to_the_source(mut charges in prop::collection::vec(charge(), 1..8), options in options()) {
        // A period without charges has no report.
        charges[0].month = "2026-10";
        let lines: Vec<LineItem<'_>> = charges.iter().map(Charge::line).collect();
        let cost = split(&options, &history(None), &lines);
        let source = expected(&charges);
        prop_assert_eq!(csv_sums(&rows(&cost), ["total", "currency", "account", "bill"]), source.clone());
        let columns = ["EffectiveCost", "BillingCurrency", "SubAccountId", "BillingPeriodStart"];
        prop_assert_eq!(csv_sums(&super::focus::rows(&cost), columns), source.clone());
        prop_assert_eq!(json_sums(&cost), source.clone());
        prop_assert_eq!(markdown_sums(&markdown::markdown(&cost)), source.clone());
        let page = html::page(&cost);
        prop_assert_eq!(html_sums(&page), source.clone());
        let mut whole: BTreeMap<String, i128> = BTreeMap::new();
        for ((currency, ..), sum) in &source {
            *whole.entry(currency.clone()).or_insert(0) += sum;
        }
        prop_assert_eq!(html_totals(&page, "buckets"), whole.clone());
        // One table by owner, where there are owners, and one by the keys.
        for (currency, sum) in html_totals(&page, "groups") {
            let owned = cost.rows.iter().any(|row| row.currency == currency && !row.owner.is_empty());
            let keyed = !sums::keys(&cost).is_empty();
            prop_assert_eq!(sum, whole[&currency] * (i128::from(owned) + i128::from(keyed)));
        }
    }
}

const HOSTILE: &str = "=cmd()|x</td><script>alert('1')</script>\"& \u{1b}[31m\u{202e}*b*\n| row";

#[test]
fn hostile_names_are_harmless_in_every_form() {
    let mut options: Options = october();
    options.owners.tags.push("Team".to_owned());
    options.owners.names.insert("x".to_owned(), HOSTILE.to_owned());
    options.budgets.insert(HOSTILE.to_owned(), Decimal::ONE);
    let world = world(vec![resource("AWS::S3::Bucket", "a")]);
    let mut splitter = Splitter::new(&options, &world);
    let now = LineItem { tags: Tags::Json(r#"{"Team":"x"}"#), service_name: HOSTILE, ..line("", HOSTILE, "7") };
    let before = LineItem { billing_month: "2026-09".parse().expect("a month"), ..now };
    let tax =
        LineItem { charge_category: ChargeCategory::Tax, sub_account_id: HOSTILE, billing_currency: HOSTILE, ..now };
    for line in [now, before, LineItem { cost: Decimal::TWO, ..before }, tax] {
        splitter.take(&line).expect("a good line");
    }
    let source =
        SourceUse { name: HOSTILE.to_owned(), format: crate::model::cost::Format::Focus, lines: 1, outside: 0 };
    let cost = splitter.finish(vec![source], None, None, vec![HOSTILE.to_owned()]).expect("a report");
    let report = report(&cost, false, ui());
    let (page, markdown) = (report.html.expect("a page"), report.markdown.expect("Markdown"));
    for form in [&page, &markdown, &report.text] {
        assert!(!form.contains(['\u{1b}', '\u{202e}']), "{form}");
    }
    assert!(!page.contains("<script") && !page.contains("</td><s"), "{page}");
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
    assert!(!markdown.contains("<script") && !markdown.contains("*b*\n"), "{markdown}");
    // Each line of a table is one row with as many cells as its header.
    for block in markdown.split("\n\n").filter(|block| block.starts_with('|')) {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let mut lines = block.lines().map(cells);
        let header = lines.next().expect("a header");
        assert!(lines.all(|count| count == header), "{block}");
    }
    // Nothing is fetched, and nothing runs.
    for word in ["http:", "https:", "src=", "href=", "url(", "<link", "@import", "javascript", "<svg", "<img"] {
        assert!(!page.contains(word), "{word}");
    }
    let csv = csv_text(&report.rows).expect("CSV");
    assert!(csv.contains("'=cmd()") && !csv.contains(",=cmd") && !csv.contains(",\"=cmd"), "{csv}");
}

#[test]
fn the_page_tells_what_the_table_tells() {
    let mut options = october();
    options.sharing.default = crate::model::cost::SharedRule::Proportional;
    options.budgets.insert("baseline".to_owned(), Decimal::TEN);
    let world = world(vec![resource("AWS::S3::Bucket", "a")]);
    let before = LineItem { billing_month: "2026-09".parse().expect("a month"), ..line("AmazonS3", "a", "1000") };
    let lines =
        [line("AmazonS3", "a", "1234.5678"), line("AmazonS3", "b", "411.5226"), line("AmazonVPC", "", "8"), before];
    let cost = split(&options, &world, &lines);
    let page = html::page(&cost);
    for told in [
        "<h1>Cost of 2026-10</h1>",
        "figures: final; data through 2026-10-15",
        "reconciled: yes (diff 0.00, 3 lines)",
        "<b title=\"1654.0904\">1,654.09</b><span>total</span>",
        // 8 shared by 1234.5678 : 411.5226 is 6.00 : 2.00.
        "<td>baseline</td><td class=\"n\" title=\"1234.5678\">1,234.57</td><td class=\"n\" title=\"6.0000\">6.00</td>",
        "+234.57",
        "<span class=\"bad\">exceeded</span>",
        "style=\"width:100.0%\"",
    ] {
        assert!(page.contains(told), "{told}\n{page}");
    }
    insta::assert_snapshot!(markdown::markdown(&cost), @r"
    # Cost of 2026-10, amortized, USD

    * baseline base from 2026-10-01 (b3d1:base)
    * figures: final; data through 2026-10-15
    * **reconciled: yes (diff 0.00, 3 lines)**
    * warning: there is no charge after 2026-10-15: the period may not be complete

    ## USD

    measured 99.5 %, allocated 0.5 %, estimated 0.0 %.

    | bucket | direct | shared in | total | share |
    | --- | ---: | ---: | ---: | ---: |
    | baseline | 1,234.57 | 6.00 | 1,240.57 | 75.0 % |
    | non-baseline | 411.52 | 2.00 | 413.52 | 25.0 % |
    | **all** | | | **1,654.09** | |

    | service | baseline | rest | total | share |
    | --- | ---: | ---: | ---: | ---: |
    | AmazonS3 | 1,240.57 | 413.52 | 1,654.09 | 100.0 % |

    ## Changed most

    | service | bucket | before | now | change | |
    | --- | --- | ---: | ---: | ---: | --- |
    | AmazonS3 | non-baseline | 0.00 | 411.52 | +411.52 | USD |
    | AmazonS3 | baseline | 1,000.00 | 1,234.57 | +234.57 | USD |
    | AmazonVPC | shared | 0.00 | 8.00 | +8.00 | USD |

    ## Budgets

    | budget | spent | planned | | |
    | --- | ---: | ---: | --- | --- |
    | baseline | 1,240.57 | 10.00 | USD | **exceeded** |

    ## Reconciliation

    | month | account | currency | lines | source | rows | difference |
    | --- | --- | --- | ---: | ---: | ---: | ---: |
    | 2026-10 | 123456789012 | USD | 3 | 1654.0904 | 1654.0904 | 0.0000 |
    ");
}
