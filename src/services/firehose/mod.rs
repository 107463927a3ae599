//! Amazon Data Firehose.

pub mod delivery_stream;
mod destination_s3;
mod destinations;
mod sources;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&delivery_stream::SPEC];
