//! A split bill as one page that needs nothing else: no network, no other file, no script.

use askama::Template;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::sums::{self, Group, money, or_nobody, or_none, percent, signed};
use crate::cli::sanitise::terminal;
use crate::model::cost::{Bucket, CostReport, Shares, Total};

/// Rows of a group table; the rest is summed up. JSON and CSV have all.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "cost.html", config = "src/cli/render/askama.toml")]
struct Page {
    title: String,
    metric: String,
    baselines: Vec<[String; 3]>,
    sources: Vec<String>,
    figures: String,
    estimated: bool,
    reconciled: bool,
    verdict: String,
    requests: String,
    warnings: Vec<String>,
    sections: Vec<Section>,
    movers: Vec<Moved>,
    budgets: Vec<Planned>,
    pools: Vec<[String; 7]>,
    proof: Vec<[String; 7]>,
}

/// All of one currency.
struct Section {
    currency: String,
    methods: String,
    cards: Vec<Card>,
    buckets: Vec<Line>,
    tables: Vec<Table>,
}

struct Card {
    label: &'static str,
    amount: Amount,
    share: String,
}

/// Sums by owner, or by the keys that were asked for.
struct Table {
    title: String,
    keys: Vec<String>,
    lines: Vec<Line>,
}

/// One line of a table: three amounts, of which the last one is the sum of the others.
struct Line {
    key: Vec<String>,
    class: &'static str,
    amounts: [Amount; 3],
    share: String,
    /// Widths in percent of the longest bar: baseline or direct, then the rest or what was shared in.
    bars: [String; 2],
}

/// An amount as people read it, and to the last digit.
struct Amount {
    shown: String,
    exact: String,
}

struct Moved {
    service: String,
    bucket: String,
    before: Amount,
    after: Amount,
    change: Amount,
    currency: String,
    more: bool,
    width: String,
}

struct Planned {
    name: String,
    spent: Amount,
    limit: Amount,
    currency: String,
    exceeded: bool,
    width: String,
}

/// The page.
pub fn page(cost: &CostReport) -> String {
    let header = &cost.header;
    let page = Page {
        title: header.period.to_string(),
        metric: header.metric.to_string(),
        baselines: header
            .baselines
            .iter()
            .map(|it| [terminal(&it.name), it.from.to_string(), terminal(&it.digest)])
            .collect(),
        sources: header.sources.iter().map(|it| terminal(&sums::source(it))).collect(),
        figures: sums::figures(cost),
        estimated: header.estimated != Some(false),
        reconciled: cost.is_reconciled(),
        verdict: sums::verdict(cost),
        requests: header
            .requests
            .as_ref()
            .map(|it| format!("{} requests to Cost Explorer, ${}", it.sent, it.price_usd))
            .unwrap_or_default(),
        warnings: cost.warnings.iter().map(|warning| terminal(warning)).collect(),
        sections: cost.totals.iter().map(|total| section(cost, total)).collect(),
        movers: movers(cost),
        budgets: budgets(cost),
        pools: pools(cost),
        proof: proof(cost),
    };
    // The template writes into a string; there is nothing that could fail.
    page.render().unwrap_or_default()
}

fn section(cost: &CostReport, total: &Total) -> Section {
    let rows = sums::rows_of(cost, total);
    let buckets = sums::buckets(total);
    let baseline = total.buckets.get(&Bucket::Baseline).map(|it| it.total).unwrap_or_default();
    let card = |label, amount: Decimal, whole: Decimal| Card {
        label,
        amount: Amount { shown: money(amount), exact: amount.to_string() },
        share: percent(amount, whole).trim().to_owned(),
    };
    let owners = sums::owners(&rows);
    let mut tables = Vec::new();
    if !owners.is_empty() {
        tables.push(table("By owner".to_owned(), vec!["owner".to_owned()], &owners, total, or_nobody));
    }
    let keys: Vec<String> = sums::keys(cost).iter().map(|key| terminal(key)).collect();
    let groups = sums::groups(cost, &rows, SHOWN);
    if !keys.is_empty() {
        tables.push(table(format!("By {}", keys.join(", ")), keys, &groups, total, or_none));
    }
    Section {
        currency: terminal(&total.currency),
        methods: sums::methods(total),
        cards: vec![
            card("total", total.total, Decimal::ZERO),
            card("baseline", baseline, total.total),
            card("rest", total.total - baseline, total.total),
        ],
        buckets: bucket_lines(&buckets, total),
        tables,
    }
}

fn bucket_lines(buckets: &[(Bucket, &Shares, Shares)], total: &Total) -> Vec<Line> {
    let longest = longest(buckets.iter().map(|(_, exact, _)| [exact.direct, exact.shared]));
    let lines = buckets.iter().map(|(bucket, exact, shown)| Line {
        key: vec![bucket.to_string()],
        class: if *bucket == Bucket::Baseline { "baseline" } else { "rest" },
        amounts: [
            Amount { shown: money(shown.direct), exact: exact.direct.to_string() },
            Amount { shown: money(shown.shared), exact: exact.shared.to_string() },
            Amount { shown: money(shown.total), exact: exact.total.to_string() },
        ],
        share: percent(exact.total, total.total).trim().to_owned(),
        bars: [exact.direct, exact.shared].map(|part| width(part, longest)),
    });
    lines.collect()
}

fn table(title: String, keys: Vec<String>, groups: &[Group], total: &Total, none: fn(&str) -> &str) -> Table {
    let longest = longest(groups.iter().map(|group| group.exact));
    let lines = groups.iter().map(|group| Line {
        key: group.key.iter().map(|text| terminal(none(text))).collect(),
        class: "",
        amounts: [
            Amount { shown: money(group.shown[0]), exact: group.exact[0].to_string() },
            Amount { shown: money(group.shown[1]), exact: group.exact[1].to_string() },
            Amount { shown: money(group.shown_total()), exact: group.total().to_string() },
        ],
        share: percent(group.total(), total.total).trim().to_owned(),
        bars: group.exact.map(|part| width(part, longest)),
    });
    Table { title, keys, lines: lines.collect() }
}

/// The length of the longest bar: what lowers the bill has none.
fn longest(parts: impl Iterator<Item = [Decimal; 2]>) -> Decimal {
    parts.map(|[a, b]| a.max(Decimal::ZERO) + b.max(Decimal::ZERO)).max().unwrap_or_default()
}

/// A width in percent, with one decimal.
fn width(part: Decimal, longest: Decimal) -> String {
    let share = part.checked_div(longest).and_then(|share| share.to_f64()).unwrap_or(0.0);
    format!("{:.1}", share.clamp(0.0, 1.0) * 100.0)
}

fn amount(exact: Decimal) -> Amount {
    Amount { shown: money(exact), exact: exact.to_string() }
}

fn movers(cost: &CostReport) -> Vec<Moved> {
    let longest = cost.movers.iter().map(|mover| mover.change.abs()).max().unwrap_or_default();
    let movers = cost.movers.iter().map(|mover| Moved {
        service: terminal(or_none(&mover.service)),
        bucket: mover.bucket.to_string(),
        before: amount(mover.before),
        after: amount(mover.after),
        change: Amount { shown: signed(mover.change), exact: mover.change.to_string() },
        currency: terminal(&mover.currency),
        more: mover.change.is_sign_positive(),
        width: width(mover.change.abs(), longest),
    });
    movers.collect()
}

fn budgets(cost: &CostReport) -> Vec<Planned> {
    let budgets = cost.budgets.iter().map(|budget| Planned {
        name: terminal(&budget.name),
        spent: amount(budget.spent),
        limit: amount(budget.limit),
        currency: terminal(&budget.currency),
        exceeded: budget.exceeded,
        width: width(budget.spent, budget.limit.max(budget.spent)),
    });
    budgets.collect()
}

fn pools(cost: &CostReport) -> Vec<[String; 7]> {
    let pools = cost.pools.iter().map(|pool| {
        [
            pool.bucket.to_string(),
            pool.month.to_string(),
            terminal(&pool.account),
            pool.rule.to_owned(),
            money(pool.allocated),
            money(pool.unallocated),
            terminal(&pool.currency),
        ]
    });
    pools.collect()
}

fn proof(cost: &CostReport) -> Vec<[String; 7]> {
    let proof = cost.reconciled.iter().map(|it| {
        [
            it.month.to_string(),
            terminal(&it.account),
            terminal(&it.currency),
            it.lines.to_string(),
            it.source.to_string(),
            it.rows.to_string(),
            it.difference.to_string(),
        ]
    });
    proof.collect()
}
