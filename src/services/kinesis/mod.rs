//! Amazon Kinesis Data Streams.

pub mod stream;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&stream::SPEC];
