//! Access points of file systems.

use aws_sdk_efs::Client;
use aws_sdk_efs::types::{AccessPointDescription, CreationInfo, LifeCycleState, PosixUser, RootDirectory};

use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EFS::AccessPoint`. One call for all.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EFS::AccessPoint",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EFS does not report when an access point was created"),
    sets: &["PosixUser.SecondaryGids"],
    secrets: &[],
    left_out: &[LeftOut { path: "AccessPoints[].OwnerId", why: "the account" }],
    unmapped: &[Unmapped { path: "AccessPointTags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["elasticfilesystem:DescribeAccessPoints"],
    delete: Delete::Call(Recipe {
        operation: "DeleteAccessPoint",
        actions: &["elasticfilesystem:DeleteAccessPoint"],
        gone: &["AccessPointNotFound"],
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let efs: Client = cx.client();
    let pages = efs.describe_access_points().max_results(1000).into_paginator().items().send();
    let points: Vec<AccessPointDescription> = pages.try_collect().await.at("elasticfilesystem:DescribeAccessPoints")?;
    Ok(points.iter().filter(|point| point.life_cycle_state() != Some(&LifeCycleState::Deleted)).map(map).collect())
}

fn map(point: &AccessPointDescription) -> Draft {
    Draft::new(point.access_point_id().unwrap_or_default())
        .arn(point.access_point_arn())
        .name(point.name().or(point.access_point_id()))
        .tags(point.tags().iter().map(|tag| (tag.key(), tag.value())))
        .with("ClientToken", point.client_token())
        .with("FileSystemId", point.file_system_id())
        .with("PosixUser", point.posix_user().map(posix_user))
        .with("RootDirectory", point.root_directory().map(root_directory))
        .observed("lifeCycleState", point.life_cycle_state().map(LifeCycleState::as_str))
}

fn posix_user(user: &PosixUser) -> Props {
    Props::new()
        .with("Gid", user.gid().to_string())
        .with("SecondaryGids", user.secondary_gids().iter().map(i64::to_string).collect::<Vec<_>>())
        .with("Uid", user.uid().to_string())
}

fn creation_info(info: &CreationInfo) -> Props {
    Props::new()
        .with("OwnerGid", info.owner_gid().to_string())
        .with("OwnerUid", info.owner_uid().to_string())
        .with("Permissions", info.permissions())
}

fn root_directory(directory: &RootDirectory) -> Props {
    Props::new().with("CreationInfo", directory.creation_info().map(creation_info)).with("Path", directory.path())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let efs: Client = hands.client();
    let look = efs.describe_access_points().access_point_id(hands.id()).send();
    let now = hands.look("elasticfilesystem:DescribeAccessPoints", look).await?;
    match now.as_ref().and_then(|answer| answer.access_points().first()?.life_cycle_state()) {
        None | Some(LifeCycleState::Deleted) => return Ok(Progress::Done),
        Some(LifeCycleState::Deleting) => {}
        Some(_) => {
            if hands.call(step, efs.delete_access_point().access_point_id(hands.id()).send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the access point is being deleted".to_owned()))
}
