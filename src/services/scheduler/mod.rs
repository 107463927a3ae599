//! `EventBridge` Scheduler.

use crate::catalog::TypeSpec;

mod schedule;
mod schedule_group;
mod target;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&schedule::SPEC, &schedule_group::SPEC];

/// How Scheduler says that a schedule or a group was deleted since it was listed.
const GONE: &[&str] = &["ResourceNotFoundException"];
