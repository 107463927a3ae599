//! Redshift clusters, each with its logging and the policy of its namespace.

use aws_sdk_redshift::Client;
use aws_sdk_redshift::operation::describe_logging_status::DescribeLoggingStatusOutput;
use aws_sdk_redshift::types::{Cluster, LogDestinationType, S3TablePublishStatus};

use super::cluster_left_out::{LEFT_OUT, UNMAPPED};
use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, Edge, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, policy_document,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::Redshift::Cluster`. Two calls each.
///
/// The schema has no place for `catalogArn`, `customDomain`, `defaultIamRoleArn`, `extraComputeForAutomaticOptimization`,
/// `ipAddressType`, `loggingS3Tables`, `snapshotCopyManualRetentionPeriod` and `snapshotScheduleIdentifier`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Redshift::Cluster",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("ClusterCreateTime"),
    sets: &[
        "ClusterSecurityGroups",
        "IamRoles",
        "LoggingProperties.LogExports",
        "VpcSecurityGroupIds",
        "loggingS3Tables.S3Tables",
    ],
    secrets: &[],
    left_out: LEFT_OUT,
    unmapped: UNMAPPED,
    edges: &[
        Edge {
            path: "ClusterSubnetGroupName",
            to: "AWS::Redshift::ClusterSubnetGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a subnet group is named and cannot go while it is in use",
        },
        Edge {
            path: "ClusterParameterGroupName",
            to: "AWS::Redshift::ClusterParameterGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a parameter group is named and cannot go while it is in use",
        },
        Edge {
            path: "LoggingProperties.BucketName",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "it logs there",
        },
    ],
    read_actions: &["redshift:DescribeClusters", "redshift:DescribeLoggingStatus", "redshift:GetResourcePolicy"],
    delete: Delete::Call(Recipe {
        operation: "DeleteCluster",
        actions: &["redshift:DeleteCluster"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: Some("restore of the final snapshot"),
    }),
};

/// How Redshift says that a cluster was deleted since it was listed.
const GONE: &[&str] = &["ClusterNotFound"];

async fn list(cx: &Cx) -> Listed {
    let redshift: Client = cx.client();
    let pages = redshift.describe_clusters().max_records(100).into_paginator().items().send();
    let mut clusters: Vec<Cluster> = pages.try_collect().await.at("redshift:DescribeClusters")?;
    clusters.retain(|cluster| cx.wants(cluster.cluster_identifier().unwrap_or_default()));
    cx.each(clusters, |cluster| describe(cx, &redshift, cluster)).await
}

async fn describe(cx: &Cx, redshift: &Client, cluster: Cluster) -> Result<Option<Draft>, CallError> {
    let id = cluster.cluster_identifier().unwrap_or_default();
    let namespace = cluster.cluster_namespace_arn();
    let (logging, policy) = tokio::join!(
        redshift.describe_logging_status().cluster_identifier(id).send(),
        resource_policy(redshift, namespace),
    );
    let logging = logging.at("redshift:DescribeLoggingStatus");
    let again = redshift.describe_clusters().cluster_identifier(id).send();
    if vanished([logging.as_ref().err()], GONE, async { again.await.at("redshift:DescribeClusters") }).await? {
        return Ok(None);
    }
    let arn = cx.arn("redshift", &format!("cluster:{id}"));
    let tables = match &logging {
        Ok(answer) => Ok(answer.s3_tables().map(s3_tables)),
        Err(error) => Err(error.clone()),
    };
    map(&cluster)
        .arn(arn.as_str())
        .sub("LoggingProperties", logging.map(|answer| logging_properties(&answer)))?
        .sub("loggingS3Tables", tables)?
        .sub("NamespaceResourcePolicy", policy)
        .map(Some)
}

/// The policy of the namespace, which is what data is shared by.
async fn resource_policy(redshift: &Client, arn: Option<&str>) -> Result<Option<serde_json::Value>, CallError> {
    let Some(arn) = arn else { return Ok(None) };
    let answer = redshift.get_resource_policy().resource_arn(arn).send().await.at("redshift:GetResourcePolicy");
    let answer = answer.absent_if(&["ResourceNotFoundFault"])?;
    Ok(answer.and_then(|answer| policy_document(answer.resource_policy()?.policy())))
}

fn map(cluster: &Cluster) -> Draft {
    let copy = cluster.cluster_snapshot_copy_status();
    let hsm = cluster.hsm_status();
    let cluster_type = match cluster.number_of_nodes() {
        Some(1) => Some("single-node"),
        Some(_) => Some("multi-node"),
        None => None,
    };
    let parameters = cluster.cluster_parameter_groups().first().and_then(|group| group.parameter_group_name());
    let classic: Vec<_> =
        cluster.cluster_security_groups().iter().filter_map(|group| group.cluster_security_group_name()).collect();
    let groups: Vec<_> =
        cluster.vpc_security_groups().iter().filter_map(|group| group.vpc_security_group_id()).collect();
    let roles: Vec<_> = cluster.iam_roles().iter().filter_map(|role| role.iam_role_arn()).collect();
    let relocation = cluster.availability_zone_relocation_status().map(|status| !status.starts_with("disabled"));
    let domain = Props::new()
        .with("Name", cluster.custom_domain_name())
        .with("CertificateArn", cluster.custom_domain_certificate_arn());
    Draft::new(cluster.cluster_identifier().unwrap_or_default())
        .name(cluster.cluster_identifier())
        .created(cluster.cluster_create_time())
        .tags(cluster.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default()))))
        .with("AllowVersionUpgrade", cluster.allow_version_upgrade())
        .with("AutomatedSnapshotRetentionPeriod", cluster.automated_snapshot_retention_period())
        .with("AvailabilityZone", cluster.availability_zone())
        .with("ClusterIdentifier", cluster.cluster_identifier())
        .with("ClusterSubnetGroupName", cluster.cluster_subnet_group_name())
        .with("ClusterVersion", cluster.cluster_version())
        .with("DBName", cluster.db_name())
        .with("Encrypted", cluster.encrypted())
        .with("EnhancedVpcRouting", cluster.enhanced_vpc_routing())
        .with("KmsKeyId", cluster.kms_key_id())
        .with("MaintenanceTrackName", cluster.maintenance_track_name())
        .with("ManualSnapshotRetentionPeriod", cluster.manual_snapshot_retention_period())
        .with("MasterPasswordSecretKmsKeyId", cluster.master_password_secret_kms_key_id())
        .with("MasterUsername", cluster.master_username())
        .with("NodeType", cluster.node_type())
        .with("NumberOfNodes", cluster.number_of_nodes())
        .with("PreferredMaintenanceWindow", cluster.preferred_maintenance_window())
        .with("PubliclyAccessible", cluster.publicly_accessible())
        .with("AvailabilityZoneRelocation", relocation)
        .with("ClusterParameterGroupName", parameters)
        .with("ClusterSecurityGroups", classic)
        .with("ClusterType", cluster_type)
        .with("DestinationRegion", copy.and_then(|copy| copy.destination_region()))
        .with("ElasticIp", cluster.elastic_ip_status().and_then(|status| status.elastic_ip()))
        .with("HsmClientCertificateIdentifier", hsm.and_then(|hsm| hsm.hsm_client_certificate_identifier()))
        .with("HsmConfigurationIdentifier", hsm.and_then(|hsm| hsm.hsm_configuration_identifier()))
        .with("IamRoles", roles)
        .with("MultiAZ", cluster.multi_az().map(|state| state.eq_ignore_ascii_case("enabled")))
        .with("Port", cluster.endpoint().and_then(aws_sdk_redshift::types::Endpoint::port))
        .with("SnapshotCopyGrantName", copy.and_then(|copy| copy.snapshot_copy_grant_name()))
        .with(
            "SnapshotCopyRetentionPeriod",
            copy.and_then(aws_sdk_redshift::types::ClusterSnapshotCopyStatus::retention_period),
        )
        .with("VpcSecurityGroupIds", groups)
        .with("catalogArn", cluster.catalog_arn())
        .with("customDomain", domain)
        .with("defaultIamRoleArn", cluster.default_iam_role_arn())
        .with("extraComputeForAutomaticOptimization", cluster.extra_compute_for_automatic_optimization())
        .with("ipAddressType", cluster.ip_address_type())
        .with(
            "snapshotCopyManualRetentionPeriod",
            copy.and_then(aws_sdk_redshift::types::ClusterSnapshotCopyStatus::manual_snapshot_retention_period),
        )
        .with("snapshotScheduleIdentifier", cluster.snapshot_schedule_identifier())
        .observed("clusterNamespaceArn", cluster.cluster_namespace_arn())
        .observed("endpoint", cluster.endpoint().and_then(|endpoint| endpoint.address()))
        .observed("masterPasswordSecretArn", cluster.master_password_secret_arn())
        .observed("status", cluster.cluster_status())
}

/// Nothing while it is switched off: Redshift remembers where it logged last.
fn logging_properties(status: &DescribeLoggingStatusOutput) -> Option<Props> {
    (status.logging_enabled() == Some(true)).then(|| {
        Props::new()
            .with("BucketName", status.bucket_name())
            .with("LogDestinationType", status.log_destination_type().map(LogDestinationType::as_str))
            .with("LogExports", status.log_exports())
            .with("S3KeyPrefix", status.s3_key_prefix())
    })
}

fn s3_tables(tables: &S3TablePublishStatus) -> Props {
    Props::new()
        .with("EnabledAll", tables.enabled_all())
        .with("S3TableGranularity", tables.s3_table_granularity())
        .with("S3TableNamespace", tables.s3_table_namespace())
        .with("S3Tables", tables.s3_tables())
}

/// The target of the deletion is the final snapshot.
fn steps(cluster: &Resource, switches: &Switches) -> Vec<Step> {
    vec![match final_snapshot(switches, &cluster.id) {
        Some(snapshot) => Step::on("redshift:DeleteCluster", snapshot),
        None => Step::on_resource("redshift:DeleteCluster"),
    }]
}

/// The name of the final snapshot of a cluster; `None` where the user wants none.
///
/// Redshift takes 255 lower-case letters, digits and hyphens, neither two hyphens in a row nor one at the end.
fn final_snapshot(switches: &Switches, id: &str) -> Option<String> {
    const LONGEST: usize = 255;
    let mut name = String::new();
    for letter in format!("{}-{id}", switches.final_snapshot.as_deref()?).chars() {
        let letter = if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        if letter != '-' || !name.ends_with('-') {
            name.push(letter);
        }
    }
    let name = name.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
    Some(name[..name.len().min(LONGEST)].trim_end_matches('-').to_owned())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let redshift: Client = hands.client();
    let look = redshift.describe_clusters().cluster_identifier(hands.id()).send();
    let now = hands.look("redshift:DescribeClusters", look).await?;
    match now.as_ref().and_then(|answer| answer.clusters().first()?.cluster_status()) {
        None => return Ok(Progress::Done),
        Some("deleting" | "final-snapshot") => {}
        Some(_) => {
            let snapshot = Some(step.target.clone()).filter(|name| !name.is_empty());
            let delete = redshift.delete_cluster().cluster_identifier(hands.id());
            let delete = delete.skip_final_cluster_snapshot(snapshot.is_none());
            if hands.call(step, delete.set_final_cluster_snapshot_identifier(snapshot).send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the cluster is being deleted".to_owned()))
}
