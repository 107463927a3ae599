//! A split bill as a table, as data, as rows, as FOCUS, as Markdown, as a page.

mod focus;
mod html;
mod markdown;
mod saving;
mod sums;
mod text;

#[cfg(test)]
mod tests;

pub use saving::{about, cost_of_added, monthly_saving};

use serde_json::{Value, json};

use super::{Report, Rows, csv_text};
use crate::cli::ui::Ui;
use crate::model::cost::{Bucket, CostReport, GroupKey};

/// The whole report. As FOCUS, the rows are one line per amount in FOCUS columns.
#[must_use]
pub fn report(cost: &CostReport, as_focus: bool, ui: Ui) -> Report {
    let rows = if as_focus { focus::rows(cost) } else { rows(cost) };
    // FOCUS has no form for people.
    let text = if as_focus { csv_text(&rows).unwrap_or_default() } else { text::text(cost, ui) };
    Report { text, data: data(cost), rows, markdown: Some(markdown::markdown(cost)), html: Some(html::page(cost)) }
}

fn data(cost: &CostReport) -> Value {
    let mut data = json!(cost);
    data["schema"] = json!(1);
    data["is_reconciled"] = json!(cost.is_reconciled());
    data["difference"] = json!(cost.difference());
    data
}

/// One line per row, with the columns that finance teams pass on. They only ever become more.
fn rows(cost: &CostReport) -> Rows {
    let header = &cost.header;
    let tags = header.group_by.iter().filter(|key| matches!(key, GroupKey::Tag(_))).map(ToString::to_string);
    let tags: Vec<String> = tags.collect();
    let mut columns: Vec<String> =
        ["period", "payer", "account", "bucket", "rule", "owner", "service", "region", "type", "resource_id"]
            .map(str::to_owned)
            .to_vec();
    columns.extend(tags);
    columns.push("direct".to_owned());
    columns.extend(Bucket::POOLS.iter().map(|pool| format!("from_{}", pool.as_str().replace('-', "_"))));
    columns.extend(
        [
            "total",
            "currency",
            "metric",
            "method",
            "lines",
            "baseline",
            "baseline_digest",
            "source",
            "as_of",
            "estimated",
            "bill",
        ]
        .map(str::to_owned),
    );
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut rows = Rows::verbatim(&columns);
    let sources: Vec<&str> = header.sources.iter().map(|source| source.name.as_str()).collect();
    let source = match sources.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{} files", many.len()),
    };
    for row in &cost.rows {
        let digest = header.baselines.iter().find(|it| it.name == row.baseline).map_or("", |it| it.digest.as_str());
        let mut cells = vec![
            row.day.map_or_else(|| row.month.to_string(), |day| day.to_string()),
            row.payer.clone(),
            row.account.clone(),
            row.bucket.to_string(),
            row.rule.to_string(),
            row.owner.clone(),
            row.service.clone(),
            row.region.clone(),
            row.type_name.clone(),
            row.resource.clone(),
        ];
        cells.extend(row.tags.iter().cloned());
        cells.push(row.direct.to_string());
        cells.extend(
            Bucket::POOLS
                .iter()
                .map(|pool| row.shared_in.get(pool).map_or_else(|| "0".to_owned(), ToString::to_string)),
        );
        cells.extend([
            row.total.to_string(),
            row.currency.clone(),
            header.metric.to_string(),
            row.method.to_string(),
            row.lines.to_string(),
            row.baseline.clone(),
            digest.to_owned(),
            source.clone(),
            header.as_of.map(|day| day.to_string()).unwrap_or_default(),
            header.estimated.map_or("unknown", |it| if it { "yes" } else { "no" }).to_owned(),
            // With daily rows the bill is not that of the day: corrections stand in a later one.
            row.month.to_string(),
        ]);
        rows.push(cells);
    }
    rows
}
