//! Snapshots of DB clusters: manual ones, those of AWS Backup, and the automated ones, which RDS itself makes and takes
//! away.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbClusterSnapshot, DbClusterSnapshotAttributesResult, StorageEncryptionType};

use super::{is_rds, tag};
use crate::aws::{Call, CallError, Cx, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Running, Scope, TypeSpec, each,
};

/// `AWS::RDS::DBClusterSnapshot`. `CloudFormation` has no such type, so it follows `AWS::RDS::DBSnapshot`: its ARN is its
/// id, and what can be set or is referred to is a property, of that type's names. `attributes` are as
/// `DescribeDBClusterSnapshotAttributes` answers them: whom the attribute `restore` names, the snapshot is shared with;
/// `all` is everybody. The rest of a snapshot never changes and is observed.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::RDS::DBClusterSnapshot",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("SnapshotCreateTime"),
    sets: &["AvailabilityZones", "attributes", "attributes.*.AttributeValues"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DBClusterSnapshots[].PercentProgress", why: "run state" },
        LeftOut { path: "DBClusterSnapshots[].BackupRetentionPeriod", why: "of the cluster at that time" },
        LeftOut { path: "DBClusterSnapshots[].PreferredBackupWindow", why: "of the cluster at that time" },
        LeftOut {
            path: "DescribeDBClusterSnapshotAttributes:DBClusterSnapshotAttributesResult.DBClusterSnapshotIdentifier",
            why: "what was asked",
        },
    ],
    unmapped: &[],
    edges: &[Edge {
        path: "DBClusterIdentifier",
        to: "AWS::RDS::DBCluster",
        target: "{}",
        order: Order::None,
        why: "a snapshot outlives its cluster",
    }],
    read_actions: &["rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterSnapshotAttributes"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDBClusterSnapshot",
        actions: &["rds:DeleteDBClusterSnapshot"],
        gone: GONE,
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let rds: Client = hands.client();
                let name = hands.text("DBClusterSnapshotIdentifier").unwrap_or_default();
                let request = rds.delete_db_cluster_snapshot().db_cluster_snapshot_identifier(name);
                hands.call(step, request.send()).await.map(|_| Progress::Done)
            })
        },
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// How RDS says that a snapshot does not exist.
const GONE: &[&str] = &["DBClusterSnapshotNotFoundFault"];

async fn list(cx: &Cx) -> Listed {
    let rds: Client = cx.client();
    let pages = rds.describe_db_cluster_snapshots().max_records(100).into_paginator().items().send();
    let mut snapshots: Vec<DbClusterSnapshot> = pages.try_collect().await.at("rds:DescribeDBClusterSnapshots")?;
    snapshots.retain(|snapshot| is_rds(snapshot.engine()));
    snapshots.retain(|snapshot| cx.wants(snapshot.db_cluster_snapshot_arn().unwrap_or_default()));
    cx.each(snapshots, |snapshot| describe(&rds, snapshot)).await
}

async fn describe(rds: &Client, snapshot: DbClusterSnapshot) -> Result<Option<Draft>, CallError> {
    // Automated snapshots cannot be shared.
    if snapshot.snapshot_type() == Some("automated") {
        return Ok(Some(map(&snapshot)));
    }
    let name = snapshot.db_cluster_snapshot_identifier().unwrap_or_default();
    let answer = rds.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(name).send().await;
    let attributes = answer
        .at("rds:DescribeDBClusterSnapshotAttributes")
        .map(|answer| answer.db_cluster_snapshot_attributes_result.as_ref().map(attributes));
    let again = async {
        let request = rds.describe_db_cluster_snapshots().db_cluster_snapshot_identifier(name);
        request.send().await.at("rds:DescribeDBClusterSnapshots")
    };
    let Some(attributes) = gone_with(attributes, GONE, again).await.transpose() else { return Ok(None) };
    map(&snapshot).sub("attributes", attributes).map(Some)
}

fn attributes(result: &DbClusterSnapshotAttributesResult) -> Vec<Props> {
    each(result.db_cluster_snapshot_attributes(), |attribute| {
        Props::new()
            .with("AttributeName", attribute.attribute_name())
            .with("AttributeValues", attribute.attribute_values())
    })
}

fn map(snapshot: &DbClusterSnapshot) -> Draft {
    let kind = snapshot.snapshot_type();
    Draft::new(snapshot.db_cluster_snapshot_arn().unwrap_or_default())
        .arn(snapshot.db_cluster_snapshot_arn())
        .name(snapshot.db_cluster_snapshot_identifier())
        .created(snapshot.snapshot_create_time())
        .tags(snapshot.tag_list().iter().map(tag))
        .with("DBClusterSnapshotIdentifier", snapshot.db_cluster_snapshot_identifier())
        .with("DBClusterIdentifier", snapshot.db_cluster_identifier())
        .with("engineVersion", snapshot.engine_version())
        .with("encrypted", snapshot.storage_encrypted())
        .with("kmsKeyId", snapshot.kms_key_id())
        .observed("SnapshotType", kind)
        .observed("Status", snapshot.status())
        .observed("Engine", snapshot.engine())
        .observed("EngineMode", snapshot.engine_mode())
        .observed("AllocatedStorage", snapshot.allocated_storage())
        .observed("AvailabilityZones", snapshot.availability_zones())
        .observed("StorageType", snapshot.storage_type())
        .observed("StorageThroughput", snapshot.storage_throughput())
        .observed("StorageEncryptionType", snapshot.storage_encryption_type().map(StorageEncryptionType::as_str))
        .observed("SourceDBClusterSnapshotArn", snapshot.source_db_cluster_snapshot_arn())
        .observed("ClusterCreateTime", snapshot.cluster_create_time())
        .observed("DbClusterResourceId", snapshot.db_cluster_resource_id())
        .observed("DBSystemId", snapshot.db_system_id())
        .observed("IAMDatabaseAuthenticationEnabled", snapshot.iam_database_authentication_enabled())
        .observed("LicenseModel", snapshot.license_model())
        .observed("MasterUsername", snapshot.master_username())
        .observed("Port", snapshot.port())
        .observed("VpcId", snapshot.vpc_id())
        .aws_made(kind == Some("automated"), "automated snapshot, which RDS makes and takes away")
        .owner("backup", kind.filter(|kind| *kind == "awsbackup"))
}
