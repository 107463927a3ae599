//! DB clusters: Aurora and Multi-AZ.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{
    ActivityStreamMode, ActivityStreamStatus, ClusterScalabilityType, DatabaseInsightsMode, DbCluster,
    LimitlessDatabaseStatus, LocalWriteForwardingStatus, ReplicaMode, StorageEncryptionType, WriteForwardingStatus,
};

use super::{cluster_delete, deletion_protection, is_rds, tag};
use crate::aws::{Call, Cx};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};

/// `AWS::RDS::DBCluster`; clusters of Neptune and `DocumentDB` are left to their own types.
///
/// What the service moves by itself is observed: the members (each instance names its cluster), the storage size of
/// Aurora, the capacity of a serverless cluster. The schema has no place for `activityStream`, `characterSetName`,
/// `internetAccessGatewayEnabled`, `masterUserSecretArn` (read-only there, but a change means that the managed password
/// was switched), `optionGroupNames`, `rdsCustomClusterConfiguration` and `vpcNetworkingEnabled`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::RDS::DBCluster",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("ClusterCreateTime"),
    sets: &[
        "AssociatedRoles",
        "AvailabilityZones",
        "EnableCloudwatchLogsExports",
        "VpcSecurityGroupIds",
        "optionGroupNames",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DBClusters[].EarliestRestorableTime", why: "a clock" },
        LeftOut { path: "DBClusters[].LatestRestorableTime", why: "a clock" },
        LeftOut { path: "DBClusters[].AssociatedRoles[].Status", why: "run state" },
        LeftOut { path: "DBClusters[].AwsBackupRecoveryPointArn", why: "moves with every backup" },
        LeftOut { path: "DBClusters[].BacktrackConsumedChangeRecords", why: "a counter" },
        LeftOut { path: "DBClusters[].CloneGroupId", why: "AWS sets it" },
        LeftOut { path: "DBClusters[].CrossAccountClone", why: "follows from a share of the account's" },
        LeftOut { path: "DBClusters[].DBClusterMembers[].DBClusterParameterGroupStatus", why: "run state" },
        LeftOut { path: "DBClusters[].DBClusterMembers[].PromotionTier", why: "belongs to the instance" },
        LeftOut { path: "DBClusters[].DBClusterOptionGroupMemberships[].Status", why: "run state" },
        LeftOut { path: "DBClusters[].DomainMemberships[].Status", why: "run state" },
        LeftOut { path: "DBClusters[].DomainMemberships[].FQDN", why: "only DB instances can set it" },
        LeftOut { path: "DBClusters[].DomainMemberships[].OU", why: "only DB instances can set it" },
        LeftOut { path: "DBClusters[].DomainMemberships[].AuthSecretArn", why: "only DB instances can set it" },
        LeftOut { path: "DBClusters[].DomainMemberships[].DnsIps*", why: "only DB instances can set it" },
        LeftOut { path: "DBClusters[].HostedZoneId", why: "of the endpoints, the same in the whole region" },
        LeftOut { path: "DBClusters[].IOOptimizedNextAllowedModificationTime", why: "a limit of AWS's" },
        LeftOut { path: "DBClusters[].MasterUserSecret.SecretStatus", why: "run state" },
        LeftOut { path: "DBClusters[].PendingModifiedValues*", why: "not in force yet" },
        LeftOut { path: "DBClusters[].PercentProgress", why: "run state" },
        LeftOut { path: "DBClusters[].ReadReplicaIdentifiers*", why: "the replica names its source" },
        LeftOut { path: "DBClusters[].StatusInfos*", why: "run state" },
        LeftOut { path: "DBClusters[].UpgradeRolloutOrder", why: "AWS sets it for a campaign of upgrades" },
        LeftOut { path: "DBClusters[].VpcSecurityGroups[].Status", why: "run state" },
    ],
    unmapped: &[
        Unmapped { path: "DBInstanceParameterGroupName", why: "an argument of a version upgrade" },
        Unmapped { path: "DeleteAutomatedBackups", why: "an argument of the deletion" },
        Unmapped { path: "MasterUserAuthenticationType", why: "never answered" },
        Unmapped { path: "MasterUserPassword", why: "a secret; never answered" },
        Unmapped { path: "RestoreToTime", why: "what it was restored from is not answered" },
        Unmapped { path: "RestoreType", why: "what it was restored from is not answered" },
        Unmapped { path: "SnapshotIdentifier", why: "what it was restored from is not answered" },
        Unmapped { path: "SourceDBClusterIdentifier", why: "what it was restored from is not answered" },
        Unmapped { path: "SourceDbClusterResourceId", why: "what it was restored from is not answered" },
        Unmapped { path: "SourceRegion", why: "never answered; the ARN of the source says it" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "UseLatestRestorableTime", why: "what it was restored from is not answered" },
    ],
    edges: &[
        Edge {
            path: "DBSubnetGroupName",
            to: "AWS::RDS::DBSubnetGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a subnet group is named and cannot go while it is in use",
        },
        Edge {
            path: "DomainIAMRoleName",
            to: "AWS::IAM::Role",
            target: "{}",
            order: Order::HolderFirst,
            why: "a role is given by its name",
        },
    ],
    read_actions: &["rds:DescribeDBClusters"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDBCluster",
        actions: &[
            "rds:ModifyDBCluster",
            "rds:RemoveFromGlobalCluster",
            "rds:CreateDBClusterSnapshot",
            "rds:DeleteDBCluster",
        ],
        gone: &["DBClusterNotFoundFault"],
        steps: Some(cluster_delete::steps),
        run: |hands, step| Box::pin(cluster_delete::run(hands, step)),
        protection: Some(deletion_protection),
        rank: 3,
        holds_data: true,
        reversible: Some("restore of the final snapshot"),
    }),
};

async fn list(cx: &Cx) -> Listed {
    let rds: Client = cx.client();
    let pages = rds.describe_db_clusters().max_records(100).into_paginator().items().send();
    let clusters = pages.try_collect().await.at("rds:DescribeDBClusters")?;
    Ok(clusters.iter().filter(|cluster| is_rds(cluster.engine())).map(map).collect())
}

fn map(cluster: &DbCluster) -> Draft {
    let draft = Draft::new(cluster.db_cluster_identifier().unwrap_or_default())
        .arn(cluster.db_cluster_arn())
        .name(cluster.db_cluster_identifier())
        .created(cluster.cluster_create_time())
        .tags(cluster.tag_list().iter().map(tag));
    let draft = database(draft, cluster);
    let draft = storage(draft, cluster);
    let draft = access(draft, cluster);
    let draft = operations(draft, cluster);
    observed(draft, cluster)
}

fn database(draft: Draft, cluster: &DbCluster) -> Draft {
    let serverless = cluster.scaling_configuration_info().map(|scaling| {
        Props::new()
            .with("MinCapacity", scaling.min_capacity())
            .with("MaxCapacity", scaling.max_capacity())
            .with("AutoPause", scaling.auto_pause())
            .with("SecondsUntilAutoPause", scaling.seconds_until_auto_pause())
            .with("TimeoutAction", scaling.timeout_action())
            .with("SecondsBeforeTimeout", scaling.seconds_before_timeout())
    });
    let serverless_v2 = cluster.serverless_v2_scaling_configuration().map(|scaling| {
        Props::new()
            .with("MinCapacity", scaling.min_capacity())
            .with("MaxCapacity", scaling.max_capacity())
            .with("SecondsUntilAutoPause", scaling.seconds_until_auto_pause())
    });
    let custom = cluster.rds_custom_cluster_configuration().map(|custom| {
        Props::new()
            .with("InterconnectSubnetId", custom.interconnect_subnet_id())
            .with("TransitGatewayMulticastDomainId", custom.transit_gateway_multicast_domain_id())
            .with("ReplicaMode", custom.replica_mode().map(ReplicaMode::as_str))
    });
    let options = cluster.db_cluster_option_group_memberships();
    let options: Vec<_> = options.iter().map(|group| group.db_cluster_option_group_name()).collect();
    let local_writes = cluster.local_write_forwarding_status().and_then(forwards);
    draft
        .with("DBClusterIdentifier", cluster.db_cluster_identifier())
        .with("DBClusterInstanceClass", cluster.db_cluster_instance_class())
        .with("DBClusterParameterGroupName", cluster.db_cluster_parameter_group())
        .with("DatabaseName", cluster.database_name())
        .with("DBSystemId", cluster.db_system_id())
        .with("Engine", cluster.engine())
        .with("EngineMode", cluster.engine_mode())
        .with("EngineVersion", cluster.engine_version())
        .with("EngineLifecycleSupport", cluster.engine_lifecycle_support())
        .with("ClusterScalabilityType", cluster.cluster_scalability_type().map(ClusterScalabilityType::as_str))
        .with("ScalingConfiguration", serverless)
        .with("ServerlessV2ScalingConfiguration", serverless_v2)
        .with("GlobalClusterIdentifier", cluster.global_cluster_identifier())
        .with("ReplicationSourceIdentifier", cluster.replication_source_identifier())
        .with("EnableGlobalWriteForwarding", cluster.global_write_forwarding_requested())
        .with("EnableLocalWriteForwarding", local_writes)
        .with("EnableHttpEndpoint", cluster.http_endpoint_enabled())
        .with("characterSetName", cluster.character_set_name())
        .with("optionGroupNames", options)
        .with("rdsCustomClusterConfiguration", custom)
}

/// What was asked for; AWS answers only how far it is.
fn forwards(status: &LocalWriteForwardingStatus) -> Option<bool> {
    match status {
        LocalWriteForwardingStatus::Enabled
        | LocalWriteForwardingStatus::Enabling
        | LocalWriteForwardingStatus::Requested => Some(true),
        LocalWriteForwardingStatus::Disabled | LocalWriteForwardingStatus::Disabling => Some(false),
        _ => None,
    }
}

fn storage(draft: Draft, cluster: &DbCluster) -> Draft {
    let aurora = cluster.engine().is_some_and(|engine| engine.starts_with("aurora"));
    let draft = if aurora {
        draft.observed("AllocatedStorage", cluster.allocated_storage())
    } else {
        draft.with("AllocatedStorage", cluster.allocated_storage())
    };
    draft
        .with("StorageType", cluster.storage_type())
        .with("Iops", cluster.iops())
        .with("StorageEncrypted", cluster.storage_encrypted())
        .with("KmsKeyId", cluster.kms_key_id())
        .observed("StorageThroughput", cluster.storage_throughput())
        .observed("StorageEncryptionType", cluster.storage_encryption_type().map(StorageEncryptionType::as_str))
}

fn access(draft: Draft, cluster: &DbCluster) -> Draft {
    let groups: Vec<_> = cluster.vpc_security_groups().iter().map(|group| group.vpc_security_group_id()).collect();
    let roles = each(cluster.associated_roles(), |role| {
        Props::new().with("FeatureName", role.feature_name()).with("RoleArn", role.role_arn())
    });
    let secret = cluster.master_user_secret();
    let domain = cluster.domain_memberships().first();
    draft
        .with("AvailabilityZones", cluster.availability_zones())
        .with("DBSubnetGroupName", cluster.db_subnet_group())
        .with("VpcSecurityGroupIds", groups)
        .with("PubliclyAccessible", cluster.publicly_accessible())
        .with("NetworkType", cluster.network_type())
        .with("Port", cluster.port())
        .with("MasterUsername", cluster.master_username())
        .with("ManageMasterUserPassword", secret.map(|_| true))
        .with("MasterUserSecret", secret.map(|secret| Props::new().with("KmsKeyId", secret.kms_key_id())))
        .with("masterUserSecretArn", secret.and_then(|secret| secret.secret_arn()))
        .with("EnableIAMDatabaseAuthentication", cluster.iam_database_authentication_enabled())
        .with("AssociatedRoles", roles)
        .with("Domain", domain.and_then(|domain| domain.domain()))
        .with("DomainIAMRoleName", domain.and_then(|domain| domain.iam_role_name()))
        .with("vpcNetworkingEnabled", cluster.vpc_networking_enabled())
        .with("internetAccessGatewayEnabled", cluster.internet_access_gateway_enabled())
}

fn operations(draft: Draft, cluster: &DbCluster) -> Draft {
    let activity = Props::new()
        .with("Mode", cluster.activity_stream_mode().map(ActivityStreamMode::as_str))
        .with("KmsKeyId", cluster.activity_stream_kms_key_id())
        .with("KinesisStreamName", cluster.activity_stream_kinesis_stream_name());
    draft
        .with("BackupRetentionPeriod", cluster.backup_retention_period())
        .with("BacktrackWindow", cluster.backtrack_window())
        .with("PreferredBackupWindow", cluster.preferred_backup_window())
        .with("CopyTagsToSnapshot", cluster.copy_tags_to_snapshot())
        .with("PreferredMaintenanceWindow", cluster.preferred_maintenance_window())
        .with("AutoMinorVersionUpgrade", cluster.auto_minor_version_upgrade())
        .with("DeletionProtection", cluster.deletion_protection())
        .with("EnableCloudwatchLogsExports", cluster.enabled_cloudwatch_logs_exports())
        .with("MonitoringInterval", cluster.monitoring_interval())
        .with("MonitoringRoleArn", cluster.monitoring_role_arn())
        .with("DatabaseInsightsMode", cluster.database_insights_mode().map(DatabaseInsightsMode::as_str))
        .with("PerformanceInsightsEnabled", cluster.performance_insights_enabled())
        .with("PerformanceInsightsKmsKeyId", cluster.performance_insights_kms_key_id())
        .with("PerformanceInsightsRetentionPeriod", cluster.performance_insights_retention_period())
        .with("activityStream", activity)
}

fn observed(draft: Draft, cluster: &DbCluster) -> Draft {
    let mut members = cluster.db_cluster_members().to_vec();
    members.sort_by(|a, b| a.db_instance_identifier().cmp(&b.db_instance_identifier()));
    let members = each(&members, |member| {
        Props::new()
            .with("DBInstanceIdentifier", member.db_instance_identifier())
            .with("IsClusterWriter", member.is_cluster_writer())
    });
    let mut endpoints = cluster.custom_endpoints().to_vec();
    endpoints.sort_unstable();
    let limitless = cluster.limitless_database().map(|limitless| {
        Props::new()
            .with("Status", limitless.status().map(LimitlessDatabaseStatus::as_str))
            .with("MinRequiredACU", limitless.min_required_acu())
    });
    let certificate = cluster.certificate_details().map(|certificate| {
        Props::new().with("CAIdentifier", certificate.ca_identifier()).with("ValidTill", certificate.valid_till())
    });
    let global_writes = cluster.global_write_forwarding_status().map(WriteForwardingStatus::as_str);
    let local_writes = cluster.local_write_forwarding_status().map(LocalWriteForwardingStatus::as_str);
    draft
        .observed("Status", cluster.status())
        .observed("DbClusterResourceId", cluster.db_cluster_resource_id())
        .observed("Endpoint", cluster.endpoint())
        .observed("ReaderEndpoint", cluster.reader_endpoint())
        .observed("CustomEndpoints", endpoints)
        .observed("DBClusterMembers", members)
        .observed("MultiAZ", cluster.multi_az())
        .observed("Capacity", cluster.capacity())
        .observed("ServerlessV2PlatformVersion", cluster.serverless_v2_platform_version())
        .observed("LimitlessDatabase", limitless)
        .observed("EarliestBacktrackTime", cluster.earliest_backtrack_time())
        .observed("AutomaticRestartTime", cluster.automatic_restart_time())
        .observed("CertificateDetails", certificate)
        .observed("GlobalWriteForwardingStatus", global_writes)
        .observed("LocalWriteForwardingStatus", local_writes)
        .observed("ActivityStreamStatus", cluster.activity_stream_status().map(ActivityStreamStatus::as_str))
}
