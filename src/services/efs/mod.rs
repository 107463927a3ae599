//! EFS.

use std::sync::Arc;

use aws_sdk_efs::Client;
use aws_sdk_efs::types::FileSystemDescription;

use crate::aws::{Call, CallError, Cx};
use crate::catalog::TypeSpec;

mod access_point;
mod file_system;
mod mount_target;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&access_point::SPEC, &file_system::SPEC, &mount_target::SPEC];

/// How EFS says that a file system was deleted since it was listed.
const GONE: &[&str] = &["FileSystemNotFound"];

/// All file systems of the region, asked once per run.
async fn file_systems(cx: &Cx) -> Result<Arc<Vec<FileSystemDescription>>, CallError> {
    let ask = async || {
        let efs: Client = cx.client();
        let pages = efs.describe_file_systems().max_items(100).into_paginator().items().send();
        pages.try_collect().await.at("elasticfilesystem:DescribeFileSystems")
    };
    cx.once(&format!("efs file systems {}", cx.region()), ask).await
}
