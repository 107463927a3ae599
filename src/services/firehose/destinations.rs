//! Destinations other than S3 in the schema's shape.

use aws_sdk_firehose::types::{
    AmazonOpenSearchServerlessDestinationDescription, AmazonOpenSearchServerlessS3BackupMode,
    AmazonopensearchserviceDestinationDescription, AmazonopensearchserviceIndexRotationPeriod,
    AmazonopensearchserviceS3BackupMode, CatalogConfiguration, ContentEncoding, CopyCommand,
    DestinationTableConfiguration, DocumentIdOptions, ElasticsearchDestinationDescription,
    ElasticsearchIndexRotationPeriod, ElasticsearchS3BackupMode, HecEndpointType, HttpEndpointCommonAttribute,
    HttpEndpointDescription, HttpEndpointDestinationDescription, HttpEndpointRequestConfiguration,
    HttpEndpointS3BackupMode, IcebergDestinationDescription, IcebergS3BackupMode, PartitionField, PartitionSpec,
    RedshiftDestinationDescription, RedshiftS3BackupMode, SnowflakeDataLoadingOption, SnowflakeDestinationDescription,
    SnowflakeRoleConfiguration, SnowflakeS3BackupMode, SplunkDestinationDescription, SplunkS3BackupMode,
    VpcConfigurationDescription,
};

use super::destination_s3::{buffering, hints, logging, plain, processing, retry, retry_for, secrets_manager};
use crate::catalog::{Props, each};

pub(super) fn serverless(to: &AmazonOpenSearchServerlessDestinationDescription) -> Props {
    let hints = to.buffering_hints().map(|hints| buffering(hints.size_in_mbs(), hints.interval_in_seconds()));
    let mode = to.s3_backup_mode().map(AmazonOpenSearchServerlessS3BackupMode::as_str);
    Props::new()
        .with("BufferingHints", hints)
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("CollectionEndpoint", to.collection_endpoint())
        .with("IndexName", to.index_name())
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RetryOptions", to.retry_options().map(|options| retry_for(options.duration_in_seconds())))
        .with("RoleARN", to.role_arn())
        .with("S3BackupMode", mode)
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("VpcConfiguration", to.vpc_configuration_description().map(vpc))
}

pub(super) fn opensearch(to: &AmazonopensearchserviceDestinationDescription) -> Props {
    let hints = to.buffering_hints().map(|hints| buffering(hints.size_in_mbs(), hints.interval_in_seconds()));
    let rotation = to.index_rotation_period().map(AmazonopensearchserviceIndexRotationPeriod::as_str);
    let mode = to.s3_backup_mode().map(AmazonopensearchserviceS3BackupMode::as_str);
    Props::new()
        .with("BufferingHints", hints)
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("ClusterEndpoint", to.cluster_endpoint())
        .with("DocumentIdOptions", to.document_id_options().map(document_id))
        .with("DomainARN", to.domain_arn())
        .with("IndexName", to.index_name())
        .with("IndexRotationPeriod", rotation)
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RetryOptions", to.retry_options().map(|options| retry_for(options.duration_in_seconds())))
        .with("RoleARN", to.role_arn())
        .with("S3BackupMode", mode)
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("TypeName", to.type_name())
        .with("VpcConfiguration", to.vpc_configuration_description().map(vpc))
}

pub(super) fn elasticsearch(to: &ElasticsearchDestinationDescription) -> Props {
    let hints = to.buffering_hints().map(|hints| buffering(hints.size_in_mbs(), hints.interval_in_seconds()));
    let rotation = to.index_rotation_period().map(ElasticsearchIndexRotationPeriod::as_str);
    let mode = to.s3_backup_mode().map(ElasticsearchS3BackupMode::as_str);
    Props::new()
        .with("BufferingHints", hints)
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("ClusterEndpoint", to.cluster_endpoint())
        .with("DocumentIdOptions", to.document_id_options().map(document_id))
        .with("DomainARN", to.domain_arn())
        .with("IndexName", to.index_name())
        .with("IndexRotationPeriod", rotation)
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RetryOptions", to.retry_options().map(|options| retry_for(options.duration_in_seconds())))
        .with("RoleARN", to.role_arn())
        .with("S3BackupMode", mode)
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("TypeName", to.type_name())
        .with("VpcConfiguration", to.vpc_configuration_description().map(vpc))
}

fn document_id(options: &DocumentIdOptions) -> Props {
    Props::new().with("DefaultDocumentIdFormat", options.default_document_id_format().as_str())
}

fn vpc(vpc: &VpcConfigurationDescription) -> Props {
    Props::new()
        .with("RoleARN", vpc.role_arn())
        .with("SecurityGroupIds", vpc.security_group_ids())
        .with("SubnetIds", vpc.subnet_ids())
}

pub(super) fn http(to: &HttpEndpointDestinationDescription) -> Props {
    let hints = to.buffering_hints().map(|hints| buffering(hints.size_in_mbs(), hints.interval_in_seconds()));
    let endpoint =
        |endpoint: &HttpEndpointDescription| Props::new().with("Name", endpoint.name()).with("Url", endpoint.url());
    let mode = to.s3_backup_mode().map(HttpEndpointS3BackupMode::as_str);
    Props::new()
        .with("BufferingHints", hints)
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("EndpointConfiguration", to.endpoint_configuration().map(endpoint))
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RequestConfiguration", to.request_configuration().map(http_request))
        .with("RetryOptions", to.retry_options().map(|options| retry_for(options.duration_in_seconds())))
        .with("RoleARN", to.role_arn())
        .with("S3BackupMode", mode)
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("SecretsManagerConfiguration", to.secrets_manager_configuration().map(secrets_manager))
}

fn http_request(request: &HttpEndpointRequestConfiguration) -> Props {
    let attribute = |attribute: &HttpEndpointCommonAttribute| {
        Props::new()
            .with("AttributeName", attribute.attribute_name())
            .with("AttributeValue", attribute.attribute_value())
    };
    Props::new()
        .with("CommonAttributes", each(request.common_attributes(), attribute))
        .with("ContentEncoding", request.content_encoding().map(ContentEncoding::as_str))
}

pub(super) fn iceberg(to: &IcebergDestinationDescription) -> Props {
    let catalog = |catalog: &CatalogConfiguration| {
        Props::new().with("CatalogArn", catalog.catalog_arn()).with("WarehouseLocation", catalog.warehouse_location())
    };
    let tables = each(to.destination_table_configuration_list(), table);
    let evolution = to.schema_evolution_configuration().map(|it| Props::new().with("Enabled", it.enabled()));
    let creation = to.table_creation_configuration().map(|it| Props::new().with("Enabled", it.enabled()));
    Props::new()
        .with("AppendOnly", to.append_only())
        .with("BufferingHints", to.buffering_hints().map(hints))
        .with("CatalogConfiguration", to.catalog_configuration().map(catalog))
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("DestinationTableConfigurationList", tables)
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RetryOptions", to.retry_options().map(retry))
        .with("RoleARN", to.role_arn())
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("SchemaEvolutionConfiguration", evolution)
        .with("TableCreationConfiguration", creation)
        // The schema spells it so.
        .with("s3BackupMode", to.s3_backup_mode().map(IcebergS3BackupMode::as_str))
}

fn table(table: &DestinationTableConfiguration) -> Props {
    let field = |field: &PartitionField| Props::new().with("SourceName", field.source_name());
    let partition = |spec: &PartitionSpec| Props::new().with("Identity", each(spec.identity(), field));
    Props::new()
        .with("DestinationDatabaseName", table.destination_database_name())
        .with("DestinationTableName", table.destination_table_name())
        .with("PartitionSpec", table.partition_spec().map(partition))
        .with("S3ErrorOutputPrefix", table.s3_error_output_prefix())
        .with("UniqueKeys", table.unique_keys())
}

pub(super) fn redshift(to: &RedshiftDestinationDescription) -> Props {
    let copy = |copy: &CopyCommand| {
        Props::new()
            .with("CopyOptions", copy.copy_options())
            .with("DataTableColumns", copy.data_table_columns())
            .with("DataTableName", copy.data_table_name())
    };
    Props::new()
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("ClusterJDBCURL", to.cluster_jdbcurl())
        .with("CopyCommand", to.copy_command().map(copy))
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RetryOptions", to.retry_options().map(|options| retry_for(options.duration_in_seconds())))
        .with("RoleARN", to.role_arn())
        .with("S3BackupConfiguration", to.s3_backup_description().map(plain))
        .with("S3BackupMode", to.s3_backup_mode().map(RedshiftS3BackupMode::as_str))
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("SecretsManagerConfiguration", to.secrets_manager_configuration().map(secrets_manager))
        .with("Username", to.username())
}

pub(super) fn snowflake(to: &SnowflakeDestinationDescription) -> Props {
    let hints = to.buffering_hints().map(|hints| buffering(hints.size_in_mbs(), hints.interval_in_seconds()));
    let role = |role: &SnowflakeRoleConfiguration| {
        Props::new().with("Enabled", role.enabled()).with("SnowflakeRole", role.snowflake_role())
    };
    let vpc = to.snowflake_vpc_configuration();
    let vpc = vpc.map(|vpc| Props::new().with("PrivateLinkVpceId", vpc.private_link_vpce_id()));
    Props::new()
        .with("AccountUrl", to.account_url())
        .with("BufferingHints", hints)
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("ContentColumnName", to.content_column_name())
        .with("DataLoadingOption", to.data_loading_option().map(SnowflakeDataLoadingOption::as_str))
        .with("Database", to.database())
        .with("MetaDataColumnName", to.meta_data_column_name())
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RetryOptions", to.retry_options().map(|options| retry_for(options.duration_in_seconds())))
        .with("RoleARN", to.role_arn())
        .with("S3BackupMode", to.s3_backup_mode().map(SnowflakeS3BackupMode::as_str))
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("Schema", to.schema())
        .with("SecretsManagerConfiguration", to.secrets_manager_configuration().map(secrets_manager))
        .with("SnowflakeRoleConfiguration", to.snowflake_role_configuration().map(role))
        .with("SnowflakeVpcConfiguration", vpc)
        .with("Table", to.table())
        .with("User", to.user())
}

pub(super) fn splunk(to: &SplunkDestinationDescription) -> Props {
    let hints = to.buffering_hints().map(|hints| buffering(hints.size_in_mbs(), hints.interval_in_seconds()));
    Props::new()
        .with("BufferingHints", hints)
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("HECAcknowledgmentTimeoutInSeconds", to.hec_acknowledgment_timeout_in_seconds())
        .with("HECEndpoint", to.hec_endpoint())
        .with("HECEndpointType", to.hec_endpoint_type().map(HecEndpointType::as_str))
        .with("HECToken", to.hec_token())
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RetryOptions", to.retry_options().map(|options| retry_for(options.duration_in_seconds())))
        .with("S3BackupMode", to.s3_backup_mode().map(SplunkS3BackupMode::as_str))
        .with("S3Configuration", to.s3_destination_description().map(plain))
        .with("SecretsManagerConfiguration", to.secrets_manager_configuration().map(secrets_manager))
}
