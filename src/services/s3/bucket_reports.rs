//! What a bucket tells about itself: access logs, metrics, analytics, inventory and metadata tables.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use aws_sdk_s3::types::{AnalyticsFilter, MetricsFilter};
use serde_json::json;

use super::bucket_access::grantee;
use super::parts::{Part, part, tag_filters};
use crate::aws::{Absent, Call, CallError};
use crate::catalog::{Props, each};

/// Asks what a bucket tells about itself.
pub(super) async fn read(s3: &Client, bucket: &str) -> Vec<Part> {
    let (logging, metadata, metrics, analytics, inventory) = tokio::join!(
        s3.get_bucket_logging().bucket(bucket).send(),
        s3.get_bucket_metadata_configuration().bucket(bucket).send(),
        metrics(s3, bucket),
        analytics(s3, bucket),
        inventories(s3, bucket),
    );
    let logging = logging.at("s3:GetBucketLogging").map(Some);
    let metadata = metadata.at("s3:GetBucketMetadataTableConfiguration").absent_if(&["MetadataConfigurationNotFound"]);
    let (metrics, analytics, inventory) = (metrics.map(Some), analytics.map(Some), inventory.map(Some));
    vec![
        part("LoggingConfiguration", &logging, |answer| answer.logging_enabled().map(access_log)),
        part("loggingGrants", &logging, |answer| {
            answer.logging_enabled().map(|log| each(log.target_grants(), target_grant))
        }),
        part("MetadataConfiguration", &metadata, |answer| {
            let result = answer.get_bucket_metadata_configuration_result()?;
            result.metadata_configuration_result().map(metadata_configuration)
        }),
        part("MetricsConfigurations", &metrics, |found| each(found, metrics_configuration)),
        part("AnalyticsConfigurations", &analytics, |found| each(found, analytics_configuration)),
        part("InventoryConfigurations", &inventory, |found| each(found, inventory_configuration)),
        part("inventoryEncryption", &inventory, |found| {
            found.iter().filter_map(inventory_encryption).collect::<Vec<_>>()
        }),
    ]
}

async fn metrics(s3: &Client, bucket: &str) -> Result<Vec<types::MetricsConfiguration>, CallError> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let call = s3.list_bucket_metrics_configurations().bucket(bucket).set_continuation_token(token);
        let page = call.send().await.at("s3:GetMetricsConfiguration")?;
        found.extend(page.metrics_configuration_list.unwrap_or_default());
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

async fn analytics(s3: &Client, bucket: &str) -> Result<Vec<types::AnalyticsConfiguration>, CallError> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let call = s3.list_bucket_analytics_configurations().bucket(bucket).set_continuation_token(token);
        let page = call.send().await.at("s3:GetAnalyticsConfiguration")?;
        found.extend(page.analytics_configuration_list.unwrap_or_default());
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

async fn inventories(s3: &Client, bucket: &str) -> Result<Vec<types::InventoryConfiguration>, CallError> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let call = s3.list_bucket_inventory_configurations().bucket(bucket).set_continuation_token(token);
        let page = call.send().await.at("s3:GetInventoryConfiguration")?;
        found.extend(page.inventory_configuration_list.unwrap_or_default());
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

fn access_log(log: &types::LoggingEnabled) -> Props {
    let format = log.target_object_key_format().map(|format| {
        let source = |prefix: &types::PartitionedPrefix| {
            let source = prefix.partition_date_source().map(types::PartitionDateSource::as_str);
            Props::new().with("PartitionDateSource", source)
        };
        Props::new()
            .with("PartitionedPrefix", format.partitioned_prefix().map(source))
            .with("SimplePrefix", format.simple_prefix().map(|_| json!({})))
    });
    Props::new()
        .with("DestinationBucketName", log.target_bucket())
        .with("LogFilePrefix", log.target_prefix())
        .with("TargetObjectKeyFormat", format)
}

fn target_grant(grant: &types::TargetGrant) -> Props {
    Props::new()
        .with("Grantee", grant.grantee().map(grantee))
        .with("Permission", grant.permission().map(types::BucketLogsPermission::as_str))
}

/// The tables themselves are AWS's; only what was chosen about them is configuration.
fn metadata_configuration(metadata: &types::MetadataConfigurationResult) -> Props {
    let journal = metadata.journal_table_configuration_result().map(|table| {
        let expiration = table.record_expiration().map(|expiration| {
            Props::new().with("Days", expiration.days()).with("Expiration", expiration.expiration().as_str())
        });
        Props::new().with("RecordExpiration", expiration)
    });
    let inventory = metadata
        .inventory_table_configuration_result()
        .map(|table| Props::new().with("ConfigurationState", table.configuration_state().as_str()));
    let annotation = metadata.annotation_table_configuration_result().map(|table| {
        Props::new().with("ConfigurationState", table.configuration_state().as_str()).with("Role", table.role())
    });
    Props::new()
        .with("AnnotationTableConfiguration", annotation)
        .with("InventoryTableConfiguration", inventory)
        .with("JournalTableConfiguration", journal)
}

fn metrics_configuration(metrics: &types::MetricsConfiguration) -> Props {
    let props = Props::new().with("Id", metrics.id());
    match metrics.filter() {
        Some(MetricsFilter::AccessPointArn(arn)) => props.with("AccessPointArn", arn),
        Some(MetricsFilter::Prefix(prefix)) => props.with("Prefix", prefix),
        Some(MetricsFilter::Tag(tag)) => props.with("TagFilters", tag_filters([tag])),
        Some(MetricsFilter::And(and)) => props
            .with("AccessPointArn", and.access_point_arn())
            .with("Prefix", and.prefix())
            .with("TagFilters", tag_filters(and.tags())),
        _ => props,
    }
}

fn analytics_configuration(analytics: &types::AnalyticsConfiguration) -> Props {
    let props = Props::new().with("Id", analytics.id());
    let props = match analytics.filter() {
        Some(AnalyticsFilter::Prefix(prefix)) => props.with("Prefix", prefix),
        Some(AnalyticsFilter::Tag(tag)) => props.with("TagFilters", tag_filters([tag])),
        Some(AnalyticsFilter::And(and)) => {
            props.with("Prefix", and.prefix()).with("TagFilters", tag_filters(and.tags()))
        }
        _ => props,
    };
    let export = analytics.storage_class_analysis().and_then(types::StorageClassAnalysis::data_export);
    let export = export.map(|export| {
        let to = export.destination().and_then(types::AnalyticsExportDestination::s3_bucket_destination).map(|to| {
            Props::new()
                .with("BucketAccountId", to.bucket_account_id())
                .with("BucketArn", to.bucket())
                .with("Format", to.format().as_str())
                .with("Prefix", to.prefix())
        });
        Props::new().with("Destination", to).with("OutputSchemaVersion", export.output_schema_version().as_str())
    });
    props.with("StorageClassAnalysis", Props::new().with("DataExport", export))
}

fn inventory_configuration(inventory: &types::InventoryConfiguration) -> Props {
    let to = inventory.destination().and_then(types::InventoryDestination::s3_bucket_destination).map(|to| {
        Props::new()
            .with("BucketAccountId", to.account_id())
            .with("BucketArn", to.bucket())
            .with("Format", to.format().as_str())
            .with("Prefix", to.prefix())
    });
    let fields: Vec<&str> = inventory.optional_fields().iter().map(types::InventoryOptionalField::as_str).collect();
    Props::new()
        .with("Destination", to)
        .with("Enabled", inventory.is_enabled())
        .with("Id", inventory.id())
        .with("IncludedObjectVersions", inventory.included_object_versions().as_str())
        .with("OptionalFields", fields)
        .with("Prefix", inventory.filter().map(types::InventoryFilter::prefix))
        .with("ScheduleFrequency", inventory.schedule().map(|schedule| schedule.frequency().as_str()))
}

/// How an inventory's reports are encrypted, for which the schema has no place.
fn inventory_encryption(inventory: &types::InventoryConfiguration) -> Option<Props> {
    let to = inventory.destination()?.s3_bucket_destination()?;
    let encryption = to.encryption()?;
    let key = encryption.ssekms().map(|kms| Props::new().with("KeyId", kms.key_id()));
    Some(
        Props::new()
            .with("Id", inventory.id())
            .with("SSEKMS", key)
            .with("SSES3", encryption.sses3().map(|_| json!({}))),
    )
}
