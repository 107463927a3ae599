//! Snapshots of DB instances: manual ones, those of AWS Backup, and the automated ones, which RDS itself makes and
//! takes away.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbSnapshot, DbSnapshotAttributesResult, StorageEncryptionType};

use super::tag;
use crate::aws::{Call, CallError, Cx, Fate, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::RDS::DBSnapshot`.
///
/// The schema lets one set little more than the name; what else can change about a snapshot, or is referred to, has
/// names of ours: `engineVersion` and `optionGroupName` (by `ModifyDBSnapshot`), `encrypted`, `kmsKeyId`, and
/// `attributes` as `DescribeDBSnapshotAttributes` answers them: whom the attribute `restore` names, the snapshot is shared
/// with; `all` is everybody. The rest of a snapshot never changes and is observed.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::RDS::DBSnapshot",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("SnapshotCreateTime"),
    sets: &["attributes", "attributes.*.AttributeValues"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DBSnapshots[].PercentProgress", why: "run state" },
        LeftOut { path: "DBSnapshots[].BackupRetentionPeriod", why: "of the instance at that time" },
        LeftOut { path: "DBSnapshots[].PreferredBackupWindow", why: "of the instance at that time" },
        LeftOut { path: "DBSnapshots[].SnapshotDatabaseTime", why: "fixed, as SnapshotCreateTime" },
        LeftOut {
            path: "DescribeDBSnapshotAttributes:DBSnapshotAttributesResult.DBSnapshotIdentifier",
            why: "what was asked",
        },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "DBInstanceIdentifier",
        to: "AWS::RDS::DBInstance",
        target: "{}",
        order: Order::None,
        why: "a snapshot outlives its instance",
    }],
    read_actions: &["rds:DescribeDBSnapshots", "rds:DescribeDBSnapshotAttributes"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDBSnapshot",
        actions: &["rds:DeleteDBSnapshot"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// How RDS says that a snapshot does not exist.
const GONE: &[&str] = &["DBSnapshotNotFound"];

async fn list(cx: &Cx) -> Listed {
    let rds: Client = cx.client();
    let pages = rds.describe_db_snapshots().max_records(100).into_paginator().items().send();
    let snapshots = pages.try_collect().await.at("rds:DescribeDBSnapshots")?;
    let snapshots = cx.wanted(snapshots, |snapshot: &DbSnapshot| snapshot.db_snapshot_arn().unwrap_or_default());
    cx.each(snapshots, |snapshot| describe(&rds, snapshot)).await
}

async fn describe(rds: &Client, snapshot: DbSnapshot) -> Result<Option<Draft>, CallError> {
    // Automated snapshots cannot be shared.
    if snapshot.snapshot_type() == Some("automated") {
        return Ok(Some(map(&snapshot)));
    }
    let id = snapshot.db_snapshot_identifier().unwrap_or_default();
    let answer = rds.describe_db_snapshot_attributes().db_snapshot_identifier(id).send().await;
    let answer = answer.at("rds:DescribeDBSnapshotAttributes");
    let again =
        async { rds.describe_db_snapshots().db_snapshot_identifier(id).send().await.at("rds:DescribeDBSnapshots") };
    let Some(answer) = gone_with(answer, GONE, again).await.transpose() else { return Ok(None) };
    let attributes = answer.map(|answer| answer.db_snapshot_attributes_result.as_ref().map(attributes));
    map(&snapshot).sub("attributes", attributes).map(Some)
}

fn attributes(result: &DbSnapshotAttributesResult) -> Vec<Props> {
    each(result.db_snapshot_attributes(), |attribute| {
        Props::new()
            .with("AttributeName", attribute.attribute_name())
            .with("AttributeValues", attribute.attribute_values())
    })
}

fn map(snapshot: &DbSnapshot) -> Draft {
    let features = each(snapshot.processor_features(), |feature| {
        Props::new().with("Name", feature.name()).with("Value", feature.value())
    });
    let volumes = each(snapshot.additional_storage_volumes(), |volume| {
        Props::new()
            .with("VolumeName", volume.volume_name())
            .with("AllocatedStorage", volume.allocated_storage())
            .with("Iops", volume.iops())
            .with("MaxAllocatedStorage", volume.max_allocated_storage())
            .with("StorageThroughput", volume.storage_throughput())
            .with("StorageType", volume.storage_type())
    });
    let kind = snapshot.snapshot_type();
    Draft::new(snapshot.db_snapshot_arn().unwrap_or_default())
        .arn(snapshot.db_snapshot_arn())
        .name(snapshot.db_snapshot_identifier())
        .created(snapshot.snapshot_create_time())
        .tags(snapshot.tag_list().iter().map(tag))
        .with("DBSnapshotIdentifier", snapshot.db_snapshot_identifier())
        .with("DBInstanceIdentifier", snapshot.db_instance_identifier())
        .with("engineVersion", snapshot.engine_version())
        .with("optionGroupName", snapshot.option_group_name())
        .with("encrypted", snapshot.encrypted())
        .with("kmsKeyId", snapshot.kms_key_id())
        .observed("SnapshotType", kind)
        .observed("Status", snapshot.status())
        .observed("Engine", snapshot.engine())
        .observed("AllocatedStorage", snapshot.allocated_storage())
        .observed("FullSnapshotSizeInBytes", snapshot.full_snapshot_size_in_bytes())
        .observed("AdditionalStorageVolumes", volumes)
        .observed("StorageType", snapshot.storage_type())
        .observed("StorageThroughput", snapshot.storage_throughput())
        .observed("StorageEncryptionType", snapshot.storage_encryption_type().map(StorageEncryptionType::as_str))
        .observed("Iops", snapshot.iops())
        .observed("DedicatedLogVolume", snapshot.dedicated_log_volume())
        .observed("AvailabilityZone", snapshot.availability_zone())
        .observed("SnapshotAvailabilityZone", snapshot.snapshot_availability_zone())
        .observed("SnapshotTarget", snapshot.snapshot_target())
        .observed("SourceRegion", snapshot.source_region())
        .observed("SourceDBSnapshotIdentifier", snapshot.source_db_snapshot_identifier())
        .observed("OriginalSnapshotCreateTime", snapshot.original_snapshot_create_time())
        .observed("InstanceCreateTime", snapshot.instance_create_time())
        .observed("DbiResourceId", snapshot.dbi_resource_id())
        .observed("DBSystemId", snapshot.db_system_id())
        .observed("MultiTenant", snapshot.multi_tenant())
        .observed("IAMDatabaseAuthenticationEnabled", snapshot.iam_database_authentication_enabled())
        .observed("LicenseModel", snapshot.license_model())
        .observed("MasterUsername", snapshot.master_username())
        .observed("Port", snapshot.port())
        .observed("ProcessorFeatures", features)
        .observed("TdeCredentialArn", snapshot.tde_credential_arn())
        .observed("Timezone", snapshot.timezone())
        .observed("VpcId", snapshot.vpc_id())
        .aws_made(kind == Some("automated"), "automated snapshot, which RDS makes and takes away")
        .owner("backup", kind.filter(|kind| *kind == "awsbackup"))
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let rds: Client = hands.client();
    let request = async { rds.delete_db_snapshot().db_snapshot_identifier(name(hands)).send().await.at(&step.call) };
    hands.until_gone(step, || fate(hands, &rds), request).await
}

/// The API takes the name of a snapshot of one's own.
fn name(hands: &Hands) -> &str {
    hands.text("DBSnapshotIdentifier").unwrap_or_else(|| hands.id())
}

async fn fate(hands: &Hands, rds: &Client) -> Result<Fate, CallError> {
    let found = rds.describe_db_snapshots().db_snapshot_identifier(name(hands)).send();
    let found = hands.look("rds:DescribeDBSnapshots", found).await?;
    let snapshot = found.and_then(|found| found.db_snapshots?.into_iter().next());
    Ok(match snapshot.map(|snapshot| snapshot.status.unwrap_or_default()).as_deref() {
        None => Fate::Gone,
        Some("deleting") => Fate::going("deleting"),
        Some(_) => Fate::There,
    })
}
