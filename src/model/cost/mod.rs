//! The bill: line items named after FOCUS, and the report into which they are split.
//!
//! Names and meanings follow the `FinOps` Open Cost and Usage Specification (FOCUS, <https://focus.finops.org>), so that
//! files of any provider that speaks it fit. Money is [`rust_decimal::Decimal`], never a float.

mod line;
mod monthly;
mod period;
mod report;
mod terms;

pub use line::{BadTags, ChargeCategory, Commitment, LineItem, Tags};
pub use monthly::{MonthlyCost, MonthlyCosts, Saving};
pub use period::{BadPeriod, Month, Period};
pub use report::{
    BaselineUse, Budget, CostReport, Header, Mover, Pool, Reconciled, Requests, Row, Shares, SourceUse, Total,
};
pub use terms::{Bucket, Format, Granularity, GroupKey, Method, Metric, Rule, SharedRule};
