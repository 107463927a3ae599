use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Bucket, Format, Granularity, GroupKey, Method, Metric, Month, Period, Rule};

/// A bill, split. The rows add up to the source, to the last digit, and `reconciled` says so.
#[derive(Debug, Clone, Serialize)]
pub struct CostReport {
    /// What was asked, and how good the answer is.
    pub header: Header,
    /// Sorted by period, account, bucket and so on: the same bill gives the same bytes.
    pub rows: Vec<Row>,
    /// What was shared out, and what could not be.
    pub pools: Vec<Pool>,
    /// One per currency.
    pub totals: Vec<Total>,
    /// One per month, account and currency.
    pub reconciled: Vec<Reconciled>,
    /// The largest changes against the period before, where the source has it.
    pub movers: Vec<Mover>,
    /// One per configured budget.
    pub budgets: Vec<Budget>,
    /// What a reader must know before using the figures.
    pub warnings: Vec<String>,
}

/// What was asked, and how good the answer is.
#[derive(Debug, Clone, Serialize)]
pub struct Header {
    /// First day, and first day that is not in it.
    pub period: Period,
    /// Which amounts count.
    pub metric: Metric,
    /// Month or day.
    pub granularity: Granularity,
    /// By what rows are told apart, in order.
    pub group_by: Vec<GroupKey>,
    /// Where the lines came from.
    pub sources: Vec<SourceUse>,
    /// The baselines that were active, each from its first day in the period.
    pub baselines: Vec<BaselineUse>,
    /// Last day for which the source has charges.
    pub as_of: Option<NaiveDate>,
    /// Whether the bill can still change; `None` when the source does not tell.
    pub estimated: Option<bool>,
    /// Requests to Cost Explorer and their price.
    pub requests: Option<Requests>,
}

/// A source that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceUse {
    /// File name, `-` for stdin, or `cost-explorer`.
    pub name: String,
    /// What it is.
    pub format: Format,
    /// Lines read.
    pub lines: u64,
    /// Lines of other periods, left aside.
    pub outside: u64,
}

/// A baseline that was active in the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BaselineUse {
    /// The snapshot's name.
    pub name: String,
    /// The snapshot's digest.
    pub digest: String,
    /// First day in the period.
    pub from: NaiveDate,
}

/// Requests to Cost Explorer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// Sent, each a page.
    pub sent: usize,
    /// Answered from the cache on disk.
    pub cached: usize,
    /// US dollars: each request costs 0.01.
    pub price_usd: Decimal,
}

/// One row: what one owner has in one bucket of one account in one month (or day), by the keys asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Month of the bill.
    pub month: Month,
    /// Day of the charge, with daily granularity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// Who pays.
    pub payer: String,
    /// Who used.
    pub account: String,
    /// Where the lines ended.
    pub bucket: Bucket,
    /// What put them there.
    pub rule: Rule,
    /// Who answers for it; empty when nobody is known to.
    pub owner: String,
    /// The service, when grouped by it.
    pub service: String,
    /// The region, when grouped by it.
    pub region: String,
    /// The type of the resource, when grouped by it.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The resource, when grouped by it.
    pub resource: String,
    /// Values of the tags that rows are grouped by, in that order.
    pub tags: Vec<String>,
    /// ISO 4217.
    pub currency: String,
    /// What the lines add up to. Of a pool: what was not shared out.
    pub direct: Decimal,
    /// What was shared out to this row, by pool.
    pub shared_in: BTreeMap<Bucket, Decimal>,
    /// `direct` and all of `shared_in`.
    pub total: Decimal,
    /// The least certain part of it.
    pub method: Method,
    /// The baseline that was active.
    pub baseline: String,
    /// Lines of the source.
    pub lines: u64,
}

/// A pool of costs that no resource stands behind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pool {
    /// Which one.
    pub bucket: Bucket,
    /// Month of the bill.
    pub month: Month,
    /// Account.
    pub account: String,
    /// ISO 4217.
    pub currency: String,
    /// The rule: `proportional`, `even`, `fixed`, `keep`.
    pub rule: &'static str,
    /// What was in it.
    pub amount: Decimal,
    /// What was shared out.
    pub allocated: Decimal,
    /// What stays a row of its own: kept by rule, or nobody to give it to.
    pub unallocated: Decimal,
}

/// What a currency adds up to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Total {
    /// ISO 4217.
    pub currency: String,
    /// Everything.
    pub total: Decimal,
    /// By bucket: lines, what was shared in, and both.
    pub buckets: BTreeMap<Bucket, Shares>,
    /// By method.
    pub methods: BTreeMap<Method, Decimal>,
}

/// The parts of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Shares {
    /// Its own lines.
    pub direct: Decimal,
    /// Shared in from pools.
    pub shared: Decimal,
    /// Both.
    pub total: Decimal,
}

/// The proof that nothing was lost or counted twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Month of the bill.
    pub month: Month,
    /// Account.
    pub account: String,
    /// ISO 4217.
    pub currency: String,
    /// Lines of the source.
    pub lines: u64,
    /// Their sum, taken while they were read.
    pub source: Decimal,
    /// Sum of the rows, taken when all was done.
    pub rows: Decimal,
    /// `rows` less `source`: zero.
    pub difference: Decimal,
}

/// Something that changed against the period before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mover {
    /// Bucket of the lines.
    pub bucket: Bucket,
    /// Service.
    pub service: String,
    /// ISO 4217.
    pub currency: String,
    /// Then.
    pub before: Decimal,
    /// Now.
    pub after: Decimal,
    /// `after` less `before`.
    pub change: Decimal,
}

/// A budget and what was spent of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// `baseline`, or the owner.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// What was planned, per month.
    pub limit: Decimal,
    /// What was spent.
    pub spent: Decimal,
    /// Whether more was spent than planned.
    pub exceeded: bool,
}

impl CostReport {
    /// Whether the rows add up to the source everywhere.
    #[must_use]
    pub fn is_reconciled(&self) -> bool {
        self.reconciled.iter().all(|it| it.difference.is_zero())
    }

    /// The largest difference between rows and source: zero, or a bug.
    #[must_use]
    pub fn difference(&self) -> Decimal {
        self.reconciled.iter().map(|it| it.difference).max_by_key(Decimal::abs).unwrap_or_default()
    }
}
