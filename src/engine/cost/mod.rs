//! Splitting the bill into baseline and the rest.

pub mod amount;
mod error;
pub mod intern;
pub mod source;

pub use error::{CostError, Place};
