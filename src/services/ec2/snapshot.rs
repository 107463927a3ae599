//! Snapshots of volumes that this account owns, each with its lock and with whom it is shared.

use std::collections::HashMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    CreateVolumePermission, LockState, LockedSnapshotsInfo, PermissionGroup, Snapshot, SnapshotAttributeName,
    SnapshotState, SseType, StorageTier,
};

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, each,
};
use crate::model::Step;

/// `AWS::EC2::Snapshot`. `CloudFormation` has no such type, so its properties are named as the EC2 API names them:
/// `CreateVolumePermissions` is an attribute of the snapshot and `Lock` an element of `DescribeLockedSnapshots`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::Snapshot",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("StartTime"),
    sets: &["CreateVolumePermissions"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Snapshots[].CompletionDurationMinutes", why: "how the copy was made" },
        LeftOut {
            path: "Snapshots[].DataEncryptionKeyId",
            why: "EC2's own, and the same for all snapshots of a volume",
        },
        LeftOut { path: "Snapshots[].OwnerAlias", why: "this account" },
        LeftOut { path: "Snapshots[].OwnerId", why: "this account" },
        LeftOut { path: "Snapshots[].TransferType", why: "how the copy was made" },
        LeftOut { path: "DescribeSnapshotAttribute:ProductCodes*", why: "answered only when asked for" },
        LeftOut { path: "DescribeSnapshotAttribute:SnapshotId", why: "the snapshot itself" },
        LeftOut { path: "DescribeLockedSnapshots:Snapshots[].LockDurationStartTime", why: "a clock" },
        LeftOut { path: "DescribeLockedSnapshots:Snapshots[].CoolOffPeriodExpiresOn", why: "a clock" },
    ],
    unmapped: &[],
    edges: &[Edge {
        path: "VolumeId",
        to: "AWS::EC2::Volume",
        target: "{}",
        order: Order::None,
        why: "a snapshot outlives its volume",
    }],
    read_actions: &["ec2:DescribeSnapshots", "ec2:DescribeSnapshotAttribute", "ec2:DescribeLockedSnapshots"],
    delete: Delete::Call(Recipe {
        operation: "DeleteSnapshot",
        actions: &["ec2:DeleteSnapshot"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: Some("the Recycle Bin, where a retention rule covers it"),
    }),
};

/// How EC2 says that a snapshot was deleted since it was listed.
const GONE: &[&str] = &["InvalidSnapshot.NotFound"];

type Locks = HashMap<String, LockedSnapshotsInfo>;

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_snapshots().owner_ids("self").max_results(1000).into_paginator().items().send();
    let snapshots: Vec<Snapshot> = pages.try_collect().await.at("ec2:DescribeSnapshots")?;
    if snapshots.is_empty() {
        return Ok(Vec::new());
    }
    let snapshots = cx.wanted(snapshots, |snapshot| snapshot.snapshot_id().unwrap_or_default());
    let locks = locks(&ec2).await;
    cx.each(snapshots, |snapshot| describe(cx, &ec2, snapshot, &locks)).await
}

/// All locks in the region; few snapshots have one.
async fn locks(ec2: &Client) -> Result<Locks, CallError> {
    let mut locks = Locks::new();
    let mut token = None;
    loop {
        let page = ec2.describe_locked_snapshots().max_results(1000).set_next_token(token).send();
        let page = page.await.at("ec2:DescribeLockedSnapshots")?;
        let named = page.snapshots().iter().filter_map(|lock| Some((lock.snapshot_id()?.to_owned(), lock.clone())));
        locks.extend(named);
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(locks);
        }
    }
}

async fn describe(
    cx: &Cx,
    ec2: &Client,
    snapshot: Snapshot,
    locks: &Result<Locks, CallError>,
) -> Result<Option<Draft>, CallError> {
    let id = snapshot.snapshot_id().unwrap_or_default();
    let shared = ec2.describe_snapshot_attribute().snapshot_id(id);
    let shared = shared.attribute(SnapshotAttributeName::CreateVolumePermission).send().await;
    let shared = shared.at("ec2:DescribeSnapshotAttribute");
    let again = async { ec2.describe_snapshots().snapshot_ids(id).send().await.at("ec2:DescribeSnapshots") };
    let Some(shared) = gone_with(shared, GONE, again).await.transpose() else { return Ok(None) };
    let shared = shared.map(|answer| each(answer.create_volume_permissions(), permission));
    let locked = locks.as_ref().map(|locks| locks.get(id)).map_err(Clone::clone);
    let expires = locked.as_ref().ok().copied().flatten().and_then(LockedSnapshotsInfo::lock_expires_on);
    let draft = map(cx, &snapshot).observed("LockExpiresOn", expires);
    draft.sub("CreateVolumePermissions", shared)?.sub("Lock", locked.map(|lock| lock.map(map_lock))).map(Some)
}

fn map(cx: &Cx, snapshot: &Snapshot) -> Draft {
    let id = snapshot.snapshot_id().unwrap_or_default();
    // The ARN of a snapshot has no account.
    let arn = format!("arn:{}:ec2:{}::snapshot/{id}", cx.partition(), cx.region());
    Draft::new(id)
        .arn(arn.as_str())
        .name(tags::name_tag(snapshot.tags()))
        .created(snapshot.start_time())
        .tags(tags::pairs(snapshot.tags()))
        .with("AvailabilityZone", snapshot.availability_zone())
        .with("Description", snapshot.description())
        .with("Encrypted", snapshot.encrypted())
        .with("KmsKeyId", snapshot.kms_key_id())
        .with("OutpostArn", snapshot.outpost_arn())
        .with("StorageTier", snapshot.storage_tier().map(StorageTier::as_str))
        .with("VolumeId", snapshot.volume_id())
        .with("VolumeSize", snapshot.volume_size())
        .observed("CompletionTime", snapshot.completion_time())
        .observed("FullSnapshotSizeInBytes", snapshot.full_snapshot_size_in_bytes())
        .observed("Progress", snapshot.progress())
        .observed("RestoreExpiryTime", snapshot.restore_expiry_time())
        .observed("SseType", snapshot.sse_type().map(SseType::as_str))
        .observed("State", snapshot.state().map(SnapshotState::as_str))
        .observed("StateMessage", snapshot.state_message())
}

fn permission(permission: &CreateVolumePermission) -> Props {
    Props::new().with("UserId", permission.user_id()).with("Group", permission.group().map(PermissionGroup::as_str))
}

fn map_lock(lock: &LockedSnapshotsInfo) -> Props {
    Props::new()
        .with("LockState", lock.lock_state().map(LockState::as_str))
        .with("LockDuration", lock.lock_duration())
        .with("CoolOffPeriod", lock.cool_off_period())
        .with("LockCreatedOn", lock.lock_created_on())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    hands.at_once(step, ec2.delete_snapshot().snapshot_id(hands.id()).send()).await
}
