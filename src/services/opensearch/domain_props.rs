//! Options of a domain.

use aws_sdk_opensearch::types::{
    AdvancedSecurityOptions, AimlOptionsOutput, AutomatedSnapshotPauseOptions, ClusterConfig, CognitoOptions,
    ColdStorageOptions, DeploymentStrategyOptions, DomainEndpointOptions, EbsOptions, EncryptionAtRestOptions,
    IamFederationOptionsOutput, IdentityCenterOptions, JwtOptionsOutput, NodeConfig, NodeOption, NodeOptionsNodeType,
    NodeToNodeEncryptionOptions, OffPeakWindow, OffPeakWindowOptions, OpenSearchPartitionInstanceType,
    OpenSearchWarmPartitionInstanceType, RolesKeyIdCOption, S3VectorsEngine, SamlIdp, SamlOptionsOutput,
    ServerlessVectorAcceleration, SnapshotOptions, SoftwareUpdateOptions, SubjectKeyIdCOption, TlsSecurityPolicy,
    VolumeType, VpcDerivedInfo, WindowStartTime, ZoneAwarenessConfig,
};

use crate::catalog::{Props, each};

fn s3_vectors_engine(engine: &S3VectorsEngine) -> Props {
    Props::new().with("Enabled", engine.enabled())
}

fn serverless_vector_acceleration(acceleration: &ServerlessVectorAcceleration) -> Props {
    Props::new().with("Enabled", acceleration.enabled())
}

pub(super) fn aiml_options(options: &AimlOptionsOutput) -> Props {
    Props::new().with("S3VectorsEngine", options.s3_vectors_engine().map(s3_vectors_engine)).with(
        "ServerlessVectorAcceleration",
        options.serverless_vector_acceleration().map(serverless_vector_acceleration),
    )
}

fn iam_federation_options(options: &IamFederationOptionsOutput) -> Props {
    Props::new()
        .with("Enabled", options.enabled())
        .with("RolesKey", options.roles_key())
        .with("SubjectKey", options.subject_key())
}

fn jwt_options(options: &JwtOptionsOutput) -> Props {
    Props::new()
        .with("Enabled", options.enabled())
        .with("PublicKey", options.public_key())
        .with("RolesKey", options.roles_key())
        .with("SubjectKey", options.subject_key())
}

fn saml_idp(idp: &SamlIdp) -> Props {
    Props::new().with("EntityId", idp.entity_id()).with("MetadataContent", idp.metadata_content())
}

fn saml_options(options: &SamlOptionsOutput) -> Props {
    Props::new()
        .with("Enabled", options.enabled())
        .with("Idp", options.idp().map(saml_idp))
        .with("RolesKey", options.roles_key())
        .with("SessionTimeoutMinutes", options.session_timeout_minutes())
        .with("SubjectKey", options.subject_key())
}

pub(super) fn advanced_security_options(options: &AdvancedSecurityOptions) -> Props {
    Props::new()
        .with("AnonymousAuthEnabled", options.anonymous_auth_enabled())
        .with("Enabled", options.enabled())
        .with("IAMFederationOptions", options.iam_federation_options().map(iam_federation_options))
        .with("InternalUserDatabaseEnabled", options.internal_user_database_enabled())
        .with("JWTOptions", options.jwt_options().map(jwt_options))
        .with("SAMLOptions", options.saml_options().map(saml_options))
}

pub(super) fn snapshot_pause_options(options: &AutomatedSnapshotPauseOptions) -> Props {
    Props::new()
        .with("Enabled", options.enabled())
        .with("EndTime", options.end_time())
        .with("StartTime", options.start_time())
}

fn cold_storage_options(options: &ColdStorageOptions) -> Props {
    Props::new().with("Enabled", options.enabled())
}

fn node_config(config: &NodeConfig) -> Props {
    Props::new()
        .with("Count", config.count())
        .with("Enabled", config.enabled())
        .with("Type", config.r#type().map(OpenSearchPartitionInstanceType::as_str))
}

fn node_option(option: &NodeOption) -> Props {
    Props::new()
        .with("NodeConfig", option.node_config().map(node_config))
        .with("NodeType", option.node_type().map(NodeOptionsNodeType::as_str))
}

fn zone_awareness_config(config: &ZoneAwarenessConfig) -> Props {
    Props::new().with("AvailabilityZoneCount", config.availability_zone_count())
}

pub(super) fn cluster_config(config: &ClusterConfig) -> Props {
    Props::new()
        .with("ColdStorageOptions", config.cold_storage_options().map(cold_storage_options))
        .with("DedicatedMasterCount", config.dedicated_master_count())
        .with("DedicatedMasterEnabled", config.dedicated_master_enabled())
        .with("DedicatedMasterType", config.dedicated_master_type().map(OpenSearchPartitionInstanceType::as_str))
        .with("InstanceCount", config.instance_count())
        .with("InstanceType", config.instance_type().map(OpenSearchPartitionInstanceType::as_str))
        .with("MultiAZWithStandbyEnabled", config.multi_az_with_standby_enabled())
        .with("NodeOptions", each(config.node_options(), node_option))
        .with("WarmCount", config.warm_count())
        .with("WarmEnabled", config.warm_enabled())
        .with("WarmType", config.warm_type().map(OpenSearchWarmPartitionInstanceType::as_str))
        .with("ZoneAwarenessConfig", config.zone_awareness_config().map(zone_awareness_config))
        .with("ZoneAwarenessEnabled", config.zone_awareness_enabled())
}

pub(super) fn cognito_options(options: &CognitoOptions) -> Props {
    Props::new()
        .with("Enabled", options.enabled())
        .with("IdentityPoolId", options.identity_pool_id())
        .with("RoleArn", options.role_arn())
        .with("UserPoolId", options.user_pool_id())
}

pub(super) fn deployment_strategy_options(options: &DeploymentStrategyOptions) -> Props {
    Props::new().with("DeploymentStrategy", options.deployment_strategy().as_str())
}

pub(super) fn domain_endpoint_options(options: &DomainEndpointOptions) -> Props {
    Props::new()
        .with("CustomEndpoint", options.custom_endpoint())
        .with("CustomEndpointCertificateArn", options.custom_endpoint_certificate_arn())
        .with("CustomEndpointEnabled", options.custom_endpoint_enabled())
        .with("EnforceHTTPS", options.enforce_https())
        .with("TLSSecurityPolicy", options.tls_security_policy().map(TlsSecurityPolicy::as_str))
}

pub(super) fn ebs_options(options: &EbsOptions) -> Props {
    Props::new()
        .with("EBSEnabled", options.ebs_enabled())
        .with("Iops", options.iops())
        .with("Throughput", options.throughput())
        .with("VolumeSize", options.volume_size())
        .with("VolumeType", options.volume_type().map(VolumeType::as_str))
}

pub(super) fn encryption_at_rest_options(options: &EncryptionAtRestOptions) -> Props {
    Props::new().with("Enabled", options.enabled()).with("KmsKeyId", options.kms_key_id())
}

pub(super) fn identity_center_options(options: &IdentityCenterOptions) -> Props {
    Props::new()
        .with("EnabledAPIAccess", options.enabled_api_access())
        .with("IdentityCenterInstanceARN", options.identity_center_instance_arn())
        .with("RolesKey", options.roles_key().map(RolesKeyIdCOption::as_str))
        .with("SubjectKey", options.subject_key().map(SubjectKeyIdCOption::as_str))
}

pub(super) fn node_to_node_encryption_options(options: &NodeToNodeEncryptionOptions) -> Props {
    Props::new().with("Enabled", options.enabled())
}

fn window_start_time(time: &WindowStartTime) -> Props {
    Props::new().with("Hours", time.hours()).with("Minutes", time.minutes())
}

fn off_peak_window(window: &OffPeakWindow) -> Props {
    Props::new().with("WindowStartTime", window.window_start_time().map(window_start_time))
}

pub(super) fn off_peak_window_options(options: &OffPeakWindowOptions) -> Props {
    Props::new()
        .with("Enabled", options.enabled())
        .with("OffPeakWindow", options.off_peak_window().map(off_peak_window))
}

pub(super) fn snapshot_options(options: &SnapshotOptions) -> Props {
    Props::new().with("AutomatedSnapshotStartHour", options.automated_snapshot_start_hour())
}

pub(super) fn software_update_options(options: &SoftwareUpdateOptions) -> Props {
    Props::new()
        .with("AutoSoftwareUpdateEnabled", options.auto_software_update_enabled())
        .with("UseLatestServiceSoftwareForBlueGreen", options.use_latest_service_software_for_blue_green())
}

pub(super) fn vpc_derived_info(info: &VpcDerivedInfo) -> Props {
    Props::new()
        .with("EgressEnabled", info.egress_enabled())
        .with("SecurityGroupIds", info.security_group_ids())
        .with("SubnetIds", info.subnet_ids())
}
