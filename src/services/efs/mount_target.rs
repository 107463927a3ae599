//! Mount targets: where a file system is reached in a subnet.

use aws_sdk_efs::Client;
use aws_sdk_efs::types::{LifeCycleState, MountTargetDescription};

use super::{GONE as FILE_SYSTEM_GONE, file_systems};
use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EFS::MountTarget`. One call per file system and one each.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EFS::MountTarget",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EFS does not report when a mount target was created"),
    sets: &["SecurityGroups"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DescribeMountTargets:Marker", why: "the page that was asked for" },
        LeftOut { path: "FileSystems*", why: "belongs to the file system" },
        LeftOut { path: "MountTargets[].OwnerId", why: "the account" },
        LeftOut { path: "MountTargets[].AvailabilityZoneId", why: "its subnet says it" },
        LeftOut { path: "MountTargets[].AvailabilityZoneName", why: "its subnet says it" },
        LeftOut { path: "MountTargets[].VpcId", why: "its subnet says it" },
    ],
    unmapped: &[Unmapped { path: "IpAddressType", why: "never answered; the addresses say it" }],
    edges: &[],
    read_actions: &[
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargetSecurityGroups",
        "elasticfilesystem:DescribeMountTargets",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteMountTarget",
        actions: &["elasticfilesystem:DeleteMountTarget"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: false,
        reversible: None,
    }),
};

/// How EFS says that a mount target was deleted since it was listed.
const GONE: &[&str] = &["MountTargetNotFound"];

async fn list(cx: &Cx) -> Listed {
    let efs: Client = cx.client();
    let systems: Vec<String> = file_systems(cx)
        .await?
        .iter()
        .filter(|fs| fs.number_of_mount_targets() > 0)
        .map(|fs| fs.file_system_id().to_owned())
        .collect();
    let targets = cx.gather(systems, |id| of_file_system(&efs, id)).await?;
    let targets = targets.into_iter().flatten().filter(|target| cx.wants(target.mount_target_id()));
    let targets = targets.filter(|target| target.life_cycle_state() != &LifeCycleState::Deleted).collect();
    cx.each(targets, |target| describe(&efs, target)).await
}

async fn of_file_system(efs: &Client, id: String) -> Result<Vec<MountTargetDescription>, CallError> {
    let pages = efs.describe_mount_targets().file_system_id(id).max_items(100).into_paginator().items().send();
    let targets = pages.try_collect().await.at("elasticfilesystem:DescribeMountTargets");
    Ok(targets.absent_if(FILE_SYSTEM_GONE)?.unwrap_or_default())
}

async fn describe(efs: &Client, target: MountTargetDescription) -> Result<Option<Draft>, CallError> {
    let id = target.mount_target_id();
    let groups = efs.describe_mount_target_security_groups().mount_target_id(id).send().await;
    let groups = groups.at("elasticfilesystem:DescribeMountTargetSecurityGroups");
    let again = efs.describe_mount_targets().mount_target_id(id).send();
    if vanished([groups.as_ref().err()], GONE, async { again.await.at("elasticfilesystem:DescribeMountTargets") })
        .await?
    {
        return Ok(None);
    }
    let draft = Draft::new(id)
        .name(id)
        .with("FileSystemId", target.file_system_id())
        .with("IpAddress", target.ip_address())
        .with("Ipv6Address", target.ipv6_address())
        .with("SubnetId", target.subnet_id())
        .observed("lifeCycleState", target.life_cycle_state().as_str())
        .observed("networkInterfaceId", target.network_interface_id());
    draft.sub("SecurityGroups", groups.map(|answer| answer.security_groups)).map(Some)
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let efs: Client = hands.client();
    let look = efs.describe_mount_targets().mount_target_id(hands.id()).send();
    let now = hands.look("elasticfilesystem:DescribeMountTargets", look).await?;
    match now.as_ref().and_then(|answer| Some(answer.mount_targets().first()?.life_cycle_state())) {
        None | Some(LifeCycleState::Deleted) => return Ok(Progress::Done),
        Some(LifeCycleState::Deleting) => {}
        Some(_) => {
            if hands.call(step, efs.delete_mount_target().mount_target_id(hands.id()).send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the mount target and its network interface are being deleted".to_owned()))
}
