//! EFS file systems, each with its policies and its replication.

use std::sync::Arc;

use aws_sdk_efs::Client;
use aws_sdk_efs::types::{
    Destination, FileSystemDescription, FileSystemProtectionDescription, LifeCycleState, LifecyclePolicy,
    ReplicationConfigurationDescription, ReplicationOverwriteProtection, Status, ThroughputMode,
    TransitionToArchiveRules, TransitionToIaRules, TransitionToPrimaryStorageClassRules,
};

use super::{GONE, file_systems};
use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each, policy_document,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EFS::FileSystem`. Three calls each, and two for all.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EFS::FileSystem",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &["LifecyclePolicies", "ReplicationConfiguration.Destinations"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DescribeFileSystems:Marker", why: "the page that was asked for" },
        LeftOut { path: "FileSystems[].OwnerId", why: "the account" },
        LeftOut { path: "FileSystems[].CreationToken", why: "made a repeated call harmless" },
        LeftOut { path: "FileSystems[].AvailabilityZoneId", why: "AvailabilityZoneName says it" },
        LeftOut { path: "FileSystems[].SizeInBytes.Timestamp", why: "a clock" },
        LeftOut { path: "FileSystems[].SizeInBytes.ValueInIA", why: "part of the size" },
        LeftOut { path: "FileSystems[].SizeInBytes.ValueInStandard", why: "part of the size" },
        LeftOut { path: "FileSystems[].SizeInBytes.ValueInArchive", why: "part of the size" },
        LeftOut { path: "DescribeFileSystemPolicy:FileSystemId", why: "the file system that was asked about" },
        LeftOut { path: "Replications*", why: "run state, and what the source and its file system say" },
    ],
    unmapped: &[
        Unmapped { path: "BypassPolicyLockoutSafetyCheck", why: "write-only: what an update should do" },
        Unmapped { path: "FileSystemTags", why: "kept in `tags`" },
        Unmapped { path: "ReplicationConfiguration.Destinations.*.AvailabilityZoneName", why: "never answered" },
        Unmapped { path: "ReplicationConfiguration.Destinations.*.KmsKeyId", why: "never answered" },
    ],
    edges: &[],
    read_actions: &[
        "elasticfilesystem:DescribeBackupPolicy",
        "elasticfilesystem:DescribeFileSystemPolicy",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeLifecycleConfiguration",
        "elasticfilesystem:DescribeReplicationConfigurations",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteFileSystem",
        actions: &["elasticfilesystem:DeleteFileSystem", "elasticfilesystem:DeleteReplicationConfiguration"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// The replications of all file systems of the region.
type Replications = Result<Vec<ReplicationConfigurationDescription>, CallError>;

async fn list(cx: &Cx) -> Listed {
    let efs: Client = cx.client();
    let systems: Vec<_> = file_systems(cx).await?.iter().filter(|fs| cx.wants(fs.file_system_id())).cloned().collect();
    let systems: Vec<_> = systems.into_iter().filter(|fs| fs.life_cycle_state() != &LifeCycleState::Deleted).collect();
    if systems.is_empty() {
        return Ok(Vec::new());
    }
    let pages = efs.describe_replication_configurations().max_results(100).into_paginator().items().send();
    let replications = pages.try_collect().await.at("elasticfilesystem:DescribeReplicationConfigurations");
    // Without a single one, EFS answers with an error.
    let replications: Replications = replications.absent_if(&["ReplicationNotFound"]).map(Option::unwrap_or_default);
    let replications = Arc::new(replications);
    cx.each(systems, |fs| describe(&efs, fs, replications.clone())).await
}

async fn describe(
    efs: &Client,
    fs: FileSystemDescription,
    replications: Arc<Replications>,
) -> Result<Option<Draft>, CallError> {
    let id = fs.file_system_id();
    let (policy, backup, lifecycle) = tokio::join!(
        efs.describe_file_system_policy().file_system_id(id).send(),
        efs.describe_backup_policy().file_system_id(id).send(),
        efs.describe_lifecycle_configuration().file_system_id(id).send(),
    );
    let policy = policy.at("elasticfilesystem:DescribeFileSystemPolicy").absent_if(&["PolicyNotFound"]);
    let backup = backup.at("elasticfilesystem:DescribeBackupPolicy").absent_if(&["PolicyNotFound"]);
    let lifecycle = lifecycle.at("elasticfilesystem:DescribeLifecycleConfiguration");
    let again = efs.describe_file_systems().file_system_id(id).send();
    let errors = [policy.as_ref().err(), backup.as_ref().err(), lifecycle.as_ref().err()];
    if vanished(errors, GONE, async { again.await.at("elasticfilesystem:DescribeFileSystems") }).await? {
        return Ok(None);
    }
    let backup = backup.map(|answer| answer.and_then(|answer| Some(backup_policy(answer.backup_policy()?.status()))));
    let draft = map(&fs)
        .sub("FileSystemPolicy", policy.map(|answer| answer.and_then(|answer| policy_document(answer.policy()))))?
        .sub("BackupPolicy", backup)?
        .sub("LifecyclePolicies", lifecycle.map(|answer| each(answer.lifecycle_policies(), lifecycle_policy)))?;
    let replication = match replications.as_ref() {
        Ok(all) => Ok(all.iter().find(|one| one.source_file_system_id() == id).map(replication)),
        Err(error) => Err(error.clone()),
    };
    draft.sub("ReplicationConfiguration", replication).map(Some)
}

fn map(fs: &FileSystemDescription) -> Draft {
    Draft::new(fs.file_system_id())
        .arn(fs.file_system_arn())
        .name(fs.name())
        .created(fs.creation_time())
        .tags(fs.tags().iter().map(|tag| (tag.key(), tag.value())))
        .with("AvailabilityZoneName", fs.availability_zone_name())
        .with("Encrypted", fs.encrypted())
        .with("FileSystemProtection", fs.file_system_protection().map(protection))
        .with("KmsKeyId", fs.kms_key_id())
        .with("PerformanceMode", fs.performance_mode().as_str())
        .with("ProvisionedThroughputInMibps", fs.provisioned_throughput_in_mibps())
        .with("ThroughputMode", fs.throughput_mode().map(ThroughputMode::as_str))
        .observed("lifeCycleState", fs.life_cycle_state().as_str())
        .observed("numberOfMountTargets", fs.number_of_mount_targets())
        .observed("sizeInBytes", fs.size_in_bytes().map(aws_sdk_efs::types::FileSystemSize::value))
}

fn protection(description: &FileSystemProtectionDescription) -> Props {
    Props::new().with(
        "ReplicationOverwriteProtection",
        description.replication_overwrite_protection().map(ReplicationOverwriteProtection::as_str),
    )
}

/// What was asked for, not how far it is.
fn backup_policy(status: &Status) -> Props {
    let status = match status {
        Status::Enabling => Status::Enabled.as_str(),
        Status::Disabling => Status::Disabled.as_str(),
        other => other.as_str(),
    };
    Props::new().with("Status", status)
}

fn lifecycle_policy(policy: &LifecyclePolicy) -> Props {
    Props::new()
        .with("TransitionToArchive", policy.transition_to_archive().map(TransitionToArchiveRules::as_str))
        .with("TransitionToIA", policy.transition_to_ia().map(TransitionToIaRules::as_str))
        .with(
            "TransitionToPrimaryStorageClass",
            policy.transition_to_primary_storage_class().map(TransitionToPrimaryStorageClassRules::as_str),
        )
}

fn replication(replication: &ReplicationConfigurationDescription) -> Props {
    Props::new().with("Destinations", each(replication.destinations(), destination))
}

fn destination(destination: &Destination) -> Props {
    Props::new()
        .with("FileSystemId", destination.file_system_id())
        .with("Region", destination.region())
        .with("RoleArn", destination.role_arn())
}

/// A file system that is being replicated cannot go.
fn steps(fs: &Resource, _: &Switches) -> Vec<Step> {
    let mut steps = Vec::new();
    if fs.properties.contains_key("ReplicationConfiguration") {
        steps.push(Step::on_resource("elasticfilesystem:DeleteReplicationConfiguration"));
    }
    steps.push(Step::on_resource("elasticfilesystem:DeleteFileSystem"));
    steps
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let efs: Client = hands.client();
    if step.call == "elasticfilesystem:DeleteReplicationConfiguration" {
        let look = efs.describe_replication_configurations().file_system_id(hands.id()).send().await;
        let look = look.at("elasticfilesystem:DescribeReplicationConfigurations");
        let Some(now) = look.absent_if(&["ReplicationNotFound", "FileSystemNotFound"])? else {
            return Ok(Progress::Done);
        };
        let deleting = |destination: &Destination| destination.status().as_str() == "DELETING";
        if !now.replications().iter().flat_map(ReplicationConfigurationDescription::destinations).any(deleting) {
            let delete = efs.delete_replication_configuration().source_file_system_id(hands.id()).send();
            let delete = async { delete.await.at(&step.call).absent_if(&["ReplicationNotFound"]) };
            hands.call_checked(step, delete).await?;
        }
        return Ok(Progress::Waiting("its replication is being deleted".to_owned()));
    }
    let look = efs.describe_file_systems().file_system_id(hands.id()).send();
    let now = hands.look("elasticfilesystem:DescribeFileSystems", look).await?;
    match now.as_ref().and_then(|answer| Some(answer.file_systems().first()?.life_cycle_state())) {
        None | Some(LifeCycleState::Deleted) => return Ok(Progress::Done),
        Some(LifeCycleState::Deleting) => {}
        Some(_) => {
            if hands.call(step, efs.delete_file_system().file_system_id(hands.id()).send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the file system is being deleted".to_owned()))
}
