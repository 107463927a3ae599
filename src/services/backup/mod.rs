//! AWS Backup.

pub mod backup_plan;
pub mod backup_selection;
pub mod backup_vault;

use std::sync::Arc;

use aws_sdk_backup::Client;
use aws_sdk_backup::types::BackupPlansListMember;

use crate::aws::{Call, CallError, Cx, ErrorClass};
use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&backup_plan::SPEC, &backup_selection::SPEC, &backup_vault::SPEC];

/// How AWS Backup says that something does not exist, be it a vault or the policy of one.
const GONE: &[&str] = &["ResourceNotFoundException"];

/// The plans of a region, asked once for plans and selections.
async fn plans(cx: &Cx) -> Result<Arc<Vec<BackupPlansListMember>>, CallError> {
    cx.once(&format!("backup:ListBackupPlans {}", cx.region()), || async {
        let backup: Client = cx.client();
        let pages = backup.list_backup_plans().max_results(1000).into_paginator().items().send();
        pages.try_collect().await.at("backup:ListBackupPlans")
    })
    .await
}

/// What a list that lacks something says of it.
fn not_listed(action: &str) -> CallError {
    CallError::new(ErrorClass::Gone, "ResourceNotFoundException", "no longer listed", action)
}

/// Plans that AWS keeps for EFS, and plans that come from a backup policy of the organization.
fn made_by(plan_id: &str) -> (bool, Option<&str>) {
    (plan_id.starts_with("aws/"), Some(plan_id).filter(|id| id.starts_with("orgs/")))
}
