//! Splitting the bill into baseline and the rest.
//!
//! ```text
//! files | Cost Explorer -> LineItem -> Splitter (one bucket each, with the rule) -> share (pools by rule) -> CostReport
//! snapshots, activations -> World (which resource belongs to the baseline of which day) --^
//! ```
//!
//! Nothing is printed, nothing asks the clock, and the rows add up to the source to the last digit.

mod amount;
mod error;
pub mod explorer;
mod facts;
mod intern;
mod known;
mod monthly;
mod names;
mod options;
mod report;
mod share;
pub mod source;
mod split;
mod timeline;

pub use amount::parse as parse_amount;
pub use error::{CostError, Place};
pub use known::Dated;
pub use monthly::Monthly;
pub use options::{Options, Owners, Sharing};
pub use share::{cents, distribute};
pub use split::Splitter;
pub use timeline::World;

#[cfg(test)]
pub(crate) mod tests;
