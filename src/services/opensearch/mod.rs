//! `OpenSearch` Service.

use crate::catalog::TypeSpec;

mod domain;
mod domain_props;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&domain::SPEC];
