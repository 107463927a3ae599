//! Volumes, each with its attachments.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{SseType, Volume, VolumeAttachment, VolumeAttachmentState, VolumeState, VolumeType};

use super::{operator, tags};
use crate::aws::{Call, CallError, Cx, Fate, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::EC2::Volume`, with `AWS::EC2::VolumeAttachment` folded in as `attachments`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::Volume",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateTime"),
    sets: &["attachments"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Volumes[].Attachments[].AttachTime", why: "changes with every attachment" },
        LeftOut {
            path: "Volumes[].Attachments[].DeleteOnTermination",
            why: "kept in `BlockDeviceMappings` of the instance",
        },
        LeftOut { path: "Volumes[].Attachments[].VolumeId", why: "the volume itself" },
        LeftOut { path: "Volumes[].Operator.HiddenByDefault", why: "a matter of display" },
        LeftOut { path: "Volumes[].OwnerId", why: "this account" },
        LeftOut { path: "Volumes[].VolumeArn", why: "follows from the id" },
    ],
    unmapped: &[
        Unmapped { path: "AutoEnableIO", why: "would take one more call for every volume" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "attachments.*.InstanceId",
            to: "AWS::EC2::Instance",
            target: "{}",
            order: Order::TargetFirst,
            why: "a volume is in use until its instance is gone",
        },
        Edge {
            path: "SnapshotId",
            to: "AWS::EC2::Snapshot",
            target: "{}",
            order: Order::None,
            why: "a volume does not need the snapshot it was made from any more",
        },
        Edge {
            path: "SourceVolumeId",
            to: "AWS::EC2::Volume",
            target: "{}",
            order: Order::None,
            why: "a volume does not need the volume it was copied from any more",
        },
    ],
    read_actions: &["ec2:DescribeVolumes"],
    delete: Delete::Call(Recipe {
        operation: "DeleteVolume",
        actions: &["ec2:DeleteVolume"],
        gone: &["InvalidVolume.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: Some("CreateSnapshot first"),
    }),
};

async fn list(cx: &Cx) -> Listed {
    let pages = cx.client::<Client>().describe_volumes().max_results(1000).into_paginator().items().send();
    let volumes: Vec<Volume> = pages.try_collect().await.at("ec2:DescribeVolumes")?;
    let live = volumes.iter().filter(|volume| volume.state() != Some(&VolumeState::Deleted));
    Ok(live.map(|volume| map(cx, volume)).collect())
}

fn map(cx: &Cx, volume: &Volume) -> Draft {
    let id = volume.volume_id().unwrap_or_default();
    let states = volume.attachments().iter().filter_map(|attachment| Some(attachment.state()?.as_str().to_owned()));
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("volume/{id}")).as_str())
        .name(tags::name_tag(volume.tags()))
        .created(volume.create_time())
        .tags(tags::pairs(volume.tags()))
        .owner(operator::KIND, operator::of(volume.operator()))
        .with("AvailabilityZone", volume.availability_zone())
        .with("AvailabilityZoneId", volume.availability_zone_id())
        .with("Encrypted", volume.encrypted())
        .with("Iops", volume.iops())
        .with("KmsKeyId", volume.kms_key_id())
        .with("MultiAttachEnabled", volume.multi_attach_enabled())
        .with("OutpostArn", volume.outpost_arn())
        .with("Size", volume.size())
        // EC2 answers an empty id for a volume that was made empty.
        .with("SnapshotId", volume.snapshot_id().filter(|id| !id.is_empty()))
        .with("SourceVolumeId", volume.source_volume_id().filter(|id| !id.is_empty()))
        .with("Throughput", volume.throughput())
        .with("VolumeInitializationRate", volume.volume_initialization_rate())
        .with("VolumeType", volume.volume_type().map(VolumeType::as_str))
        .with("attachments", attachments(volume))
        .observed("AttachmentStates", states.collect::<Vec<_>>())
        .observed("FastRestored", volume.fast_restored())
        .observed("SseType", volume.sse_type().map(SseType::as_str))
        .observed("State", volume.state().map(VolumeState::as_str))
}

fn attachments(volume: &Volume) -> Vec<Props> {
    let attached: Vec<VolumeAttachment> =
        volume.attachments().iter().filter(|a| a.state() != Some(&VolumeAttachmentState::Detached)).cloned().collect();
    each(&attached, |attachment| {
        Props::new()
            .with("InstanceId", attachment.instance_id())
            .with("Device", attachment.device())
            .with("EbsCardIndex", attachment.ebs_card_index())
            // What services attach to their own instances has these two in place of an instance.
            .with("associatedResource", attachment.associated_resource())
            .with("instanceOwningService", attachment.instance_owning_service())
    })
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let request = async { ec2.delete_volume().volume_id(hands.id()).send().await.at(&step.call) };
    hands.until_gone(step, || fate(hands, &ec2), request).await
}

async fn fate(hands: &Hands, ec2: &Client) -> Result<Fate, CallError> {
    let found = ec2.describe_volumes().volume_ids(hands.id()).send();
    let found = hands.look("ec2:DescribeVolumes", found).await?;
    let volume = found.and_then(|found| found.volumes?.into_iter().next());
    Ok(match volume.map(|volume| volume.state) {
        None | Some(Some(VolumeState::Deleted)) => Fate::Gone,
        Some(Some(VolumeState::Deleting)) => Fate::going("deleting"),
        Some(_) => Fate::There,
    })
}
