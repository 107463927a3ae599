//! Destinations in S3, and what all destinations have in common, in the schema's shape.

use aws_sdk_firehose::types::{
    BufferingHints, CloudWatchLoggingOptions, DataFormatConversionConfiguration, Deserializer,
    DynamicPartitioningConfiguration, EncryptionConfiguration, ExtendedS3DestinationDescription, HiveJsonSerDe,
    KmsEncryptionConfig, NoEncryptionConfig, OpenXJsonSerDe, OrcCompression, OrcFormatVersion, OrcSerDe,
    ParquetCompression, ParquetSerDe, ParquetWriterVersion, ProcessingConfiguration, Processor, ProcessorParameter,
    RetryOptions, S3BackupMode, S3DestinationDescription, SchemaConfiguration, SecretsManagerConfiguration, Serializer,
};

use crate::catalog::{Props, each};

/// A destination or a backup in S3.
pub(super) fn plain(to: &S3DestinationDescription) -> Props {
    Props::new()
        .with("BucketARN", to.bucket_arn())
        .with("BufferingHints", to.buffering_hints().map(hints))
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("CompressionFormat", to.compression_format().as_str())
        .with("EncryptionConfiguration", to.encryption_configuration().map(encryption))
        .with("ErrorOutputPrefix", to.error_output_prefix())
        .with("Prefix", to.prefix())
        .with("RoleARN", to.role_arn())
}

pub(super) fn extended(to: &ExtendedS3DestinationDescription) -> Props {
    let conversion = to.data_format_conversion_configuration().map(conversion);
    Props::new()
        .with("BucketARN", to.bucket_arn())
        .with("BufferingHints", to.buffering_hints().map(hints))
        .with("CloudWatchLoggingOptions", to.cloud_watch_logging_options().map(logging))
        .with("CompressionFormat", to.compression_format().as_str())
        .with("CustomTimeZone", to.custom_time_zone())
        .with("DataFormatConversionConfiguration", conversion)
        .with("DynamicPartitioningConfiguration", to.dynamic_partitioning_configuration().map(partitioning))
        .with("EncryptionConfiguration", to.encryption_configuration().map(encryption))
        .with("ErrorOutputPrefix", to.error_output_prefix())
        .with("FileExtension", to.file_extension())
        .with("Prefix", to.prefix())
        .with("ProcessingConfiguration", to.processing_configuration().map(processing))
        .with("RoleARN", to.role_arn())
        .with("S3BackupConfiguration", to.s3_backup_description().map(plain))
        .with("S3BackupMode", to.s3_backup_mode().map(S3BackupMode::as_str))
}

pub(super) fn hints(hints: &BufferingHints) -> Props {
    buffering(hints.size_in_mbs(), hints.interval_in_seconds())
}

/// Every destination has a type of its own for these two numbers.
pub(super) fn buffering(size: Option<i32>, interval: Option<i32>) -> Props {
    Props::new().with("IntervalInSeconds", interval).with("SizeInMBs", size)
}

pub(super) fn retry(options: &RetryOptions) -> Props {
    retry_for(options.duration_in_seconds())
}

/// As [`buffering`], for how long a delivery is tried again.
pub(super) fn retry_for(seconds: Option<i32>) -> Props {
    Props::new().with("DurationInSeconds", seconds)
}

pub(super) fn logging(options: &CloudWatchLoggingOptions) -> Props {
    Props::new()
        .with("Enabled", options.enabled())
        .with("LogGroupName", options.log_group_name())
        .with("LogStreamName", options.log_stream_name())
}

pub(super) fn secrets_manager(configuration: &SecretsManagerConfiguration) -> Props {
    Props::new()
        .with("Enabled", configuration.enabled())
        .with("RoleARN", configuration.role_arn())
        .with("SecretARN", configuration.secret_arn())
}

pub(super) fn processing(configuration: &ProcessingConfiguration) -> Props {
    let parameter = |parameter: &ProcessorParameter| {
        Props::new()
            .with("ParameterName", parameter.parameter_name().as_str())
            .with("ParameterValue", parameter.parameter_value())
    };
    let processor = |processor: &Processor| {
        Props::new()
            .with("Parameters", each(processor.parameters(), parameter))
            .with("Type", processor.r#type().as_str())
    };
    Props::new()
        .with("Enabled", configuration.enabled())
        .with("Processors", each(configuration.processors(), processor))
}

fn encryption(configuration: &EncryptionConfiguration) -> Props {
    let kms = |kms: &KmsEncryptionConfig| Props::new().with("AWSKMSKeyARN", kms.awskms_key_arn());
    Props::new()
        .with("KMSEncryptionConfig", configuration.kms_encryption_config().map(kms))
        .with("NoEncryptionConfig", configuration.no_encryption_config().map(NoEncryptionConfig::as_str))
}

fn partitioning(configuration: &DynamicPartitioningConfiguration) -> Props {
    Props::new().with("Enabled", configuration.enabled()).with("RetryOptions", configuration.retry_options().map(retry))
}

fn conversion(configuration: &DataFormatConversionConfiguration) -> Props {
    let input = configuration.input_format_configuration().and_then(|input| input.deserializer());
    let input = input.map(|input| Props::new().with("Deserializer", deserializer(input)));
    let output = configuration.output_format_configuration().and_then(|output| output.serializer());
    let output = output.map(|output| Props::new().with("Serializer", serializer(output)));
    Props::new()
        .with("Enabled", configuration.enabled())
        .with("InputFormatConfiguration", input)
        .with("OutputFormatConfiguration", output)
        .with("SchemaConfiguration", configuration.schema_configuration().map(schema))
}

fn schema(schema: &SchemaConfiguration) -> Props {
    Props::new()
        .with("CatalogId", schema.catalog_id())
        .with("DatabaseName", schema.database_name())
        .with("Region", schema.region())
        .with("RoleARN", schema.role_arn())
        .with("TableName", schema.table_name())
        .with("VersionId", schema.version_id())
}

fn deserializer(deserializer: &Deserializer) -> Props {
    let hive = |hive: &HiveJsonSerDe| Props::new().with("TimestampFormats", hive.timestamp_formats());
    let open_x = |open_x: &OpenXJsonSerDe| {
        Props::new()
            .with("CaseInsensitive", open_x.case_insensitive())
            .with("ColumnToJsonKeyMappings", open_x.column_to_json_key_mappings())
            .with("ConvertDotsInJsonKeysToUnderscores", open_x.convert_dots_in_json_keys_to_underscores())
    };
    Props::new()
        .with("HiveJsonSerDe", deserializer.hive_json_ser_de().map(hive))
        .with("OpenXJsonSerDe", deserializer.open_x_json_ser_de().map(open_x))
}

fn serializer(serializer: &Serializer) -> Props {
    Props::new()
        .with("OrcSerDe", serializer.orc_ser_de().map(orc))
        .with("ParquetSerDe", serializer.parquet_ser_de().map(parquet))
}

fn orc(orc: &OrcSerDe) -> Props {
    Props::new()
        .with("BlockSizeBytes", orc.block_size_bytes())
        .with("BloomFilterColumns", orc.bloom_filter_columns())
        .with("BloomFilterFalsePositiveProbability", orc.bloom_filter_false_positive_probability())
        .with("Compression", orc.compression().map(OrcCompression::as_str))
        .with("DictionaryKeyThreshold", orc.dictionary_key_threshold())
        .with("EnablePadding", orc.enable_padding())
        .with("FormatVersion", orc.format_version().map(OrcFormatVersion::as_str))
        .with("PaddingTolerance", orc.padding_tolerance())
        .with("RowIndexStride", orc.row_index_stride())
        .with("StripeSizeBytes", orc.stripe_size_bytes())
}

fn parquet(parquet: &ParquetSerDe) -> Props {
    Props::new()
        .with("BlockSizeBytes", parquet.block_size_bytes())
        .with("Compression", parquet.compression().map(ParquetCompression::as_str))
        .with("EnableDictionaryCompression", parquet.enable_dictionary_compression())
        .with("MaxPaddingBytes", parquet.max_padding_bytes())
        .with("PageSizeBytes", parquet.page_size_bytes())
        .with("WriterVersion", parquet.writer_version().map(ParquetWriterVersion::as_str))
}
