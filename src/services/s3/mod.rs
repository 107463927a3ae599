//! Amazon S3.

pub mod bucket;
mod bucket_access;
mod bucket_delete;
mod bucket_objects;
mod bucket_reports;
mod bucket_web;
mod parts;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&bucket::SPEC];
