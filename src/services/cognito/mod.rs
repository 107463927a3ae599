//! Amazon Cognito.

use crate::catalog::TypeSpec;

pub mod user_pool;
mod user_pool_config;
mod user_pool_delete;
mod user_pool_parts;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&user_pool::SPEC];
