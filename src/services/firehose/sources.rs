//! The sources of delivery streams in the schema's shape.

use aws_sdk_firehose::types::{
    AuthenticationConfiguration, DatabaseSourceDescription, DatabaseSourceVpcConfiguration, DatabaseType,
    KinesisStreamSourceDescription, MskSourceDescription, SourceDescription, SslMode,
};

use super::destination_s3::secrets_manager;
use crate::catalog::{Draft, Props};

/// A stream has one source, of one kind; one that is only put to says little of it.
pub(super) fn with_source(draft: Draft, source: &SourceDescription) -> Draft {
    let put = source.direct_put_source_description();
    let put = put.map(|put| Props::new().with("ThroughputHintInMBs", put.throughput_hint_in_mbs()));
    draft
        .with("DatabaseSourceConfiguration", source.database_source_description().map(database))
        .with("DirectPutSourceConfiguration", put)
        .with("KinesisStreamSourceConfiguration", source.kinesis_stream_source_description().map(kinesis))
        .with("MSKSourceConfiguration", source.msk_source_description().map(msk))
}

fn kinesis(source: &KinesisStreamSourceDescription) -> Props {
    Props::new().with("KinesisStreamARN", source.kinesis_stream_arn()).with("RoleARN", source.role_arn())
}

fn msk(source: &MskSourceDescription) -> Props {
    let authentication = |authentication: &AuthenticationConfiguration| {
        Props::new()
            .with("Connectivity", authentication.connectivity().as_str())
            .with("RoleARN", authentication.role_arn())
    };
    Props::new()
        .with("AuthenticationConfiguration", source.authentication_configuration().map(authentication))
        .with("MSKClusterARN", source.msk_cluster_arn())
        .with("ReadFromTimestamp", source.read_from_timestamp())
        .with("TopicName", source.topic_name())
}

fn database(source: &DatabaseSourceDescription) -> Props {
    let authentication = source.database_source_authentication_configuration();
    let secret = authentication.and_then(|authentication| authentication.secrets_manager_configuration());
    let secret = secret.map(|secret| Props::new().with("SecretsManagerConfiguration", secrets_manager(secret)));
    let vpc = |vpc: &DatabaseSourceVpcConfiguration| {
        Props::new().with("VpcEndpointServiceName", vpc.vpc_endpoint_service_name())
    };
    Props::new()
        .with("Columns", source.columns().map(|columns| chosen(columns.include(), columns.exclude())))
        .with("DatabaseSourceAuthenticationConfiguration", secret)
        .with("DatabaseSourceVPCConfiguration", source.database_source_vpc_configuration().map(vpc))
        .with("Databases", source.databases().map(|databases| chosen(databases.include(), databases.exclude())))
        .with("Endpoint", source.endpoint())
        .with("Port", source.port())
        .with("SSLMode", source.ssl_mode().map(SslMode::as_str))
        .with("SnapshotWatermarkTable", source.snapshot_watermark_table())
        .with("SurrogateKeys", source.surrogate_keys())
        .with("Tables", source.tables().map(|tables| chosen(tables.include(), tables.exclude())))
        .with("Type", source.r#type().map(DatabaseType::as_str))
}

fn chosen(include: &[String], exclude: &[String]) -> Props {
    Props::new().with("Exclude", exclude).with("Include", include)
}
