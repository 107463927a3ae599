//! DB instances of RDS and Aurora.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{
    ActivityStreamMode, ActivityStreamPolicyStatus, ActivityStreamStatus, AdditionalStorageVolumeOutput,
    AutomationMode, DatabaseInsightsMode, DbInstance, DomainMembership, Endpoint, ReplicaMode, StorageEncryptionType,
};

use super::{deletion_protection, instance_delete, is_rds, tag};
use crate::aws::{Call, Cx};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};

/// `AWS::RDS::DBInstance`; instances of Neptune and `DocumentDB` are left to their own types.
///
/// What the service moves by itself is observed: the storage size where storage autoscaling is on, the zone of a
/// Multi-AZ instance. The schema has no place for `activityStream`, `automationMode`, `capacityReservation`,
/// `customerOwnedIpEnabled`, `masterUserSecretArn` (read-only there, but a change means that the managed password was
/// switched) and `multiTenant`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::RDS::DBInstance",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("InstanceCreateTime"),
    sets: &[
        "AdditionalStorageVolumes",
        "AssociatedRoles",
        "DBSecurityGroups",
        "EnableCloudwatchLogsExports",
        "ProcessorFeatures",
        "VPCSecurityGroups",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DBInstances[].LatestRestorableTime", why: "a clock" },
        LeftOut { path: "DBInstances[].AssociatedRoles[].Status", why: "run state" },
        LeftOut { path: "DBInstances[].AwsBackupRecoveryPointArn", why: "moves with every backup" },
        LeftOut { path: "DBInstances[].DBParameterGroups[].ParameterApplyStatus", why: "run state" },
        LeftOut { path: "DBInstances[].DBSecurityGroups[].Status", why: "run state" },
        LeftOut { path: "DBInstances[].DBSubnetGroup.DBSubnetGroupDescription", why: "belongs to the subnet group" },
        LeftOut { path: "DBInstances[].DBSubnetGroup.VpcId", why: "belongs to the subnet group" },
        LeftOut { path: "DBInstances[].DBSubnetGroup.SubnetGroupStatus", why: "belongs to the subnet group" },
        LeftOut { path: "DBInstances[].DBSubnetGroup.Subnets*", why: "belongs to the subnet group" },
        LeftOut { path: "DBInstances[].DBSubnetGroup.DBSubnetGroupArn", why: "belongs to the subnet group" },
        LeftOut { path: "DBInstances[].DBSubnetGroup.SupportedNetworkTypes*", why: "belongs to the subnet group" },
        LeftOut { path: "DBInstances[].DbInstancePort", why: "0 in most answers; Endpoint.Port is the port" },
        LeftOut { path: "DBInstances[].DomainMemberships[].Status", why: "run state" },
        LeftOut { path: "DBInstances[].IsStorageConfigUpgradeAvailable", why: "an offer of AWS" },
        LeftOut { path: "DBInstances[].MasterUserSecret.SecretStatus", why: "run state" },
        LeftOut { path: "DBInstances[].OptionGroupMemberships[].Status", why: "run state" },
        LeftOut { path: "DBInstances[].PendingModifiedValues*", why: "not in force yet" },
        LeftOut { path: "DBInstances[].PercentProgress", why: "run state" },
        LeftOut { path: "DBInstances[].ReadReplicaDBClusterIdentifiers*", why: "the replica names its source" },
        LeftOut { path: "DBInstances[].ReadReplicaDBInstanceIdentifiers*", why: "the replica names its source" },
        LeftOut { path: "DBInstances[].StatusInfos*", why: "run state" },
        LeftOut { path: "DBInstances[].StorageOperationPercentProgress", why: "run state" },
        LeftOut { path: "DBInstances[].StorageOperationStatus", why: "run state" },
        LeftOut { path: "DBInstances[].StorageVolumeStatus", why: "run state" },
        LeftOut { path: "DBInstances[].AdditionalStorageVolumes[].StorageOperationPercentProgress", why: "run state" },
        LeftOut { path: "DBInstances[].AdditionalStorageVolumes[].StorageOperationStatus", why: "run state" },
        LeftOut { path: "DBInstances[].AdditionalStorageVolumes[].StorageVolumeStatus", why: "run state" },
        LeftOut { path: "DBInstances[].UpgradeRolloutOrder", why: "AWS sets it for a campaign of upgrades" },
        LeftOut { path: "DBInstances[].VpcSecurityGroups[].Status", why: "run state" },
    ],
    unmapped: &[
        Unmapped { path: "AllowMajorVersionUpgrade", why: "an argument of a change" },
        Unmapped { path: "ApplyImmediately", why: "an argument of a change" },
        Unmapped { path: "AutomaticBackupReplicationKmsKeyId", why: "only the other region answers it" },
        Unmapped { path: "AutomaticBackupReplicationRetentionPeriod", why: "only the other region answers it" },
        Unmapped { path: "CertificateRotationRestart", why: "an argument of a change" },
        Unmapped { path: "DBClusterSnapshotIdentifier", why: "what it was restored from is not answered" },
        Unmapped { path: "DBSnapshotIdentifier", why: "what it was restored from is not answered" },
        Unmapped { path: "DeleteAutomatedBackups", why: "an argument of the deletion" },
        Unmapped { path: "MasterUserAuthenticationType", why: "never answered" },
        Unmapped { path: "MasterUserPassword", why: "a secret; never answered" },
        Unmapped { path: "RestoreTime", why: "what it was restored from is not answered" },
        Unmapped { path: "SourceDBInstanceAutomatedBackupsArn", why: "what it was restored from is not answered" },
        Unmapped { path: "SourceDbiResourceId", why: "what it was restored from is not answered" },
        Unmapped { path: "SourceRegion", why: "never answered; the ARN of the source says it" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "TdeCredentialPassword", why: "a secret; never answered" },
        Unmapped { path: "UseDefaultProcessorFeatures", why: "an argument of a change" },
        Unmapped { path: "UseLatestRestorableTime", why: "what it was restored from is not answered" },
    ],
    edges: &[
        Edge {
            path: "DBClusterIdentifier",
            to: "AWS::RDS::DBCluster",
            target: "{}",
            order: Order::HolderFirst,
            why: "a cluster cannot go while it has members",
        },
        Edge {
            path: "DBSubnetGroupName",
            to: "AWS::RDS::DBSubnetGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a subnet group is named and cannot go while it is in use",
        },
        Edge {
            path: "SourceDBInstanceIdentifier",
            to: "AWS::RDS::DBInstance",
            target: "{}",
            order: Order::HolderFirst,
            why: "a read replica names its source and goes before it",
        },
        Edge {
            path: "SourceDBClusterIdentifier",
            to: "AWS::RDS::DBCluster",
            target: "{}",
            order: Order::HolderFirst,
            why: "a read replica names its source and goes before it",
        },
        Edge {
            path: "DomainIAMRoleName",
            to: "AWS::IAM::Role",
            target: "{}",
            order: Order::HolderFirst,
            why: "a role is given by its name",
        },
        Edge {
            path: "CustomIAMInstanceProfile",
            to: "AWS::IAM::InstanceProfile",
            target: "{}",
            order: Order::HolderFirst,
            why: "an instance profile is given by its name",
        },
    ],
    read_actions: &["rds:DescribeDBInstances"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDBInstance",
        actions: &["rds:ModifyDBInstance", "rds:CreateDBSnapshot", "rds:DeleteDBInstance"],
        gone: &["DBInstanceNotFound"],
        steps: Some(instance_delete::steps),
        run: |hands, step| Box::pin(instance_delete::run(hands, step)),
        protection: Some(deletion_protection),
        rank: 3,
        holds_data: true,
        reversible: Some("restore of the final snapshot"),
    }),
};

async fn list(cx: &Cx) -> Listed {
    let rds: Client = cx.client();
    let pages = rds.describe_db_instances().max_records(100).into_paginator().items().send();
    let instances = pages.try_collect().await.at("rds:DescribeDBInstances")?;
    Ok(instances.iter().filter(|instance| is_rds(instance.engine())).map(map).collect())
}

fn map(instance: &DbInstance) -> Draft {
    let draft = Draft::new(instance.db_instance_identifier().unwrap_or_default())
        .arn(instance.db_instance_arn())
        .name(instance.db_instance_identifier())
        .created(instance.instance_create_time())
        .tags(instance.tag_list().iter().map(tag));
    let draft = controllers(draft, instance);
    let draft = database(draft, instance);
    let draft = storage(draft, instance);
    let draft = network(draft, instance);
    let draft = access(draft, instance);
    let draft = operations(draft, instance);
    observed(draft, instance)
}

/// Instances that something else makes and takes away.
fn controllers(draft: Draft, instance: &DbInstance) -> Draft {
    let cluster = instance.db_cluster_identifier();
    let aurora = instance.engine().is_some_and(|engine| engine.starts_with("aurora"));
    let autoscaled = instance.db_instance_identifier().is_some_and(|name| name.starts_with("application-autoscaling-"));
    match cluster {
        // The instances of a Multi-AZ DB cluster come and go with it; those of Aurora are the user's own.
        Some(_) if !aurora => draft.owner("rds-cluster", cluster),
        Some(_) if autoscaled => draft.owner("application-autoscaling", cluster),
        _ => draft,
    }
}

fn database(draft: Draft, instance: &DbInstance) -> Draft {
    let features = each(instance.processor_features(), |feature| {
        Props::new().with("Name", feature.name()).with("Value", feature.value())
    });
    draft
        .with("DBInstanceIdentifier", instance.db_instance_identifier())
        .with("DBInstanceClass", instance.db_instance_class())
        .with("Engine", instance.engine())
        .with("EngineVersion", instance.engine_version())
        .with("EngineLifecycleSupport", instance.engine_lifecycle_support())
        .with("LicenseModel", instance.license_model())
        .with("DBName", instance.db_name())
        .with("DBSystemId", instance.db_system_id())
        .with("CharacterSetName", instance.character_set_name())
        .with("NcharCharacterSetName", instance.nchar_character_set_name())
        .with("Timezone", instance.timezone())
        .with("DBClusterIdentifier", instance.db_cluster_identifier())
        .with("PromotionTier", instance.promotion_tier())
        .with("SourceDBInstanceIdentifier", instance.read_replica_source_db_instance_identifier())
        .with("SourceDBClusterIdentifier", instance.read_replica_source_db_cluster_identifier())
        .with("ReplicaMode", instance.replica_mode().map(ReplicaMode::as_str))
        .with(
            "DBParameterGroupName",
            instance.db_parameter_groups().first().and_then(|group| group.db_parameter_group_name()),
        )
        .with(
            "OptionGroupName",
            instance.option_group_memberships().first().and_then(|group| group.option_group_name()),
        )
        .with("ProcessorFeatures", features)
        .with("multiTenant", instance.multi_tenant())
        .with("automationMode", instance.automation_mode().map(AutomationMode::as_str))
        .with("capacityReservation", instance.db_capacity_reservation_identifier())
}

fn storage(draft: Draft, instance: &DbInstance) -> Draft {
    let size = instance.allocated_storage().map(|size| size.to_string());
    let draft = match instance.max_allocated_storage() {
        Some(_) => draft.observed("AllocatedStorage", size),
        None => draft.with("AllocatedStorage", size),
    };
    draft
        .with("MaxAllocatedStorage", instance.max_allocated_storage())
        .with("StorageType", instance.storage_type())
        .with("Iops", instance.iops())
        .with("StorageThroughput", instance.storage_throughput())
        .with("StorageEncrypted", instance.storage_encrypted())
        .with("KmsKeyId", instance.kms_key_id())
        .with("DedicatedLogVolume", instance.dedicated_log_volume())
        .with("AdditionalStorageVolumes", each(instance.additional_storage_volumes(), volume))
        .observed("AdditionalStorageVolumes", each(instance.additional_storage_volumes(), volume_size))
        .observed("StorageEncryptionType", instance.storage_encryption_type().map(StorageEncryptionType::as_str))
}

fn volume(volume: &AdditionalStorageVolumeOutput) -> Props {
    let fixed_size = volume.allocated_storage().filter(|_| volume.max_allocated_storage().is_none());
    Props::new()
        .with("VolumeName", volume.volume_name())
        .with("AllocatedStorage", fixed_size.map(|size| size.to_string()))
        .with("MaxAllocatedStorage", volume.max_allocated_storage())
        .with("StorageType", volume.storage_type())
        .with("Iops", volume.iops())
        .with("StorageThroughput", volume.storage_throughput())
}

fn volume_size(volume: &AdditionalStorageVolumeOutput) -> Props {
    let size = volume.allocated_storage().map(|size| size.to_string());
    Props::new().with("VolumeName", volume.volume_name()).with("AllocatedStorage", size)
}

fn network(draft: Draft, instance: &DbInstance) -> Draft {
    let groups: Vec<_> = instance.vpc_security_groups().iter().map(|group| group.vpc_security_group_id()).collect();
    let classic: Vec<_> = instance.db_security_groups().iter().map(|group| group.db_security_group_name()).collect();
    let port = instance.endpoint().and_then(Endpoint::port).map(|port| port.to_string());
    // After a failover a Multi-AZ instance runs in its other zone.
    let draft = match instance.multi_az() {
        Some(true) => draft.observed("AvailabilityZone", instance.availability_zone()),
        _ => draft.with("AvailabilityZone", instance.availability_zone()),
    };
    draft
        .with("MultiAZ", instance.multi_az())
        .with("DBSubnetGroupName", instance.db_subnet_group().and_then(|group| group.db_subnet_group_name()))
        .with("VPCSecurityGroups", groups)
        .with("DBSecurityGroups", classic)
        .with("PubliclyAccessible", instance.publicly_accessible())
        .with("NetworkType", instance.network_type())
        .with("Port", port)
        .with("CACertificateIdentifier", instance.ca_certificate_identifier())
        .with("customerOwnedIpEnabled", instance.customer_owned_ip_enabled())
}

fn access(draft: Draft, instance: &DbInstance) -> Draft {
    let roles = each(instance.associated_roles(), |role| {
        Props::new().with("FeatureName", role.feature_name()).with("RoleArn", role.role_arn())
    });
    let secret = instance.master_user_secret();
    let domain = instance.domain_memberships().first();
    draft
        .with("MasterUsername", instance.master_username())
        .with("ManageMasterUserPassword", secret.map(|_| true))
        .with("MasterUserSecret", secret.map(|secret| Props::new().with("KmsKeyId", secret.kms_key_id())))
        .with("masterUserSecretArn", secret.and_then(|secret| secret.secret_arn()))
        .with("EnableIAMDatabaseAuthentication", instance.iam_database_authentication_enabled())
        .with("AssociatedRoles", roles)
        .with("CustomIAMInstanceProfile", instance.custom_iam_instance_profile())
        .with("TdeCredentialArn", instance.tde_credential_arn())
        .with("Domain", domain.and_then(|domain| domain.domain()))
        .with("DomainFqdn", domain.and_then(|domain| domain.fqdn()))
        .with("DomainIAMRoleName", domain.and_then(|domain| domain.iam_role_name()))
        .with("DomainOu", domain.and_then(|domain| domain.ou()))
        .with("DomainAuthSecretArn", domain.and_then(|domain| domain.auth_secret_arn()))
        .with("DomainDnsIps", domain.map(DomainMembership::dns_ips))
}

fn operations(draft: Draft, instance: &DbInstance) -> Draft {
    let activity = Props::new()
        .with("Mode", instance.activity_stream_mode().map(ActivityStreamMode::as_str))
        .with("KmsKeyId", instance.activity_stream_kms_key_id())
        .with("KinesisStreamName", instance.activity_stream_kinesis_stream_name())
        .with("EngineNativeAuditFieldsIncluded", instance.activity_stream_engine_native_audit_fields_included());
    let copies = instance.db_instance_automated_backups_replications();
    let mut copies: Vec<_> = copies.iter().filter_map(|copy| copy.db_instance_automated_backups_arn()).collect();
    copies.sort_unstable();
    draft
        .with("BackupRetentionPeriod", instance.backup_retention_period())
        .with("BackupTarget", instance.backup_target())
        .with("PreferredBackupWindow", instance.preferred_backup_window())
        .with("CopyTagsToSnapshot", instance.copy_tags_to_snapshot())
        .with("AutomaticBackupReplicationRegion", copies.first().and_then(|arn| arn.split(':').nth(3)))
        .with("PreferredMaintenanceWindow", instance.preferred_maintenance_window())
        .with("AutoMinorVersionUpgrade", instance.auto_minor_version_upgrade())
        .with("DeletionProtection", instance.deletion_protection())
        .with("EnableCloudwatchLogsExports", instance.enabled_cloudwatch_logs_exports())
        .with("MonitoringInterval", instance.monitoring_interval())
        .with("MonitoringRoleArn", instance.monitoring_role_arn())
        .with("DatabaseInsightsMode", instance.database_insights_mode().map(DatabaseInsightsMode::as_str))
        .with("EnablePerformanceInsights", instance.performance_insights_enabled())
        .with("PerformanceInsightsKMSKeyId", instance.performance_insights_kms_key_id())
        .with("PerformanceInsightsRetentionPeriod", instance.performance_insights_retention_period())
        .with("activityStream", activity)
        .observed("DBInstanceAutomatedBackupsReplications", copies)
}

fn observed(draft: Draft, instance: &DbInstance) -> Draft {
    let certificate = instance.certificate_details().map(|certificate| {
        Props::new().with("CAIdentifier", certificate.ca_identifier()).with("ValidTill", certificate.valid_till())
    });
    draft
        .observed("DBInstanceStatus", instance.db_instance_status())
        .observed("DbiResourceId", instance.dbi_resource_id())
        .observed("Endpoint", instance.endpoint().map(endpoint))
        .observed("ListenerEndpoint", instance.listener_endpoint().map(endpoint))
        .observed("SecondaryAvailabilityZone", instance.secondary_availability_zone())
        .observed("AutomaticRestartTime", instance.automatic_restart_time())
        .observed("ResumeFullAutomationModeTime", instance.resume_full_automation_mode_time())
        .observed("CertificateDetails", certificate)
        .observed("EnhancedMonitoringResourceArn", instance.enhanced_monitoring_resource_arn())
        .observed("ActivityStreamStatus", instance.activity_stream_status().map(ActivityStreamStatus::as_str))
        .observed(
            "ActivityStreamPolicyStatus",
            instance.activity_stream_policy_status().map(ActivityStreamPolicyStatus::as_str),
        )
}

fn endpoint(endpoint: &Endpoint) -> Props {
    Props::new()
        .with("Address", endpoint.address())
        .with("Port", endpoint.port())
        .with("HostedZoneId", endpoint.hosted_zone_id())
}
