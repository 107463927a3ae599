//! What `DescribeTable` answers, in the shape of the schema.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndexDescription, GlobalTableSettingsReplicationMode, KeySchemaElement,
    LocalSecondaryIndexDescription, MultiRegionConsistency, OnDemandThroughput, OnDemandThroughputOverride, Projection,
    ProjectionType, ProvisionedThroughputDescription, ProvisionedThroughputOverride, ReplicaDescription,
    ReplicaGlobalSecondaryIndexDescription, SearchSchemaElement, SseDescription, SseStatus, SseType, StreamViewType,
    TableClass, TableDescription, TableStatus, VectorDistanceFunction, VectorIndexDescription,
};

use super::scaling::{Capacity, Scaled};
use crate::aws::CallError;
use crate::catalog::{Draft, Props, each};

/// The billing mode of a table. AWS answers it only once it has been changed.
pub(super) fn billing_mode(table: &TableDescription) -> &str {
    table.billing_mode_summary().and_then(|summary| summary.billing_mode()).map_or("PROVISIONED", |mode| mode.as_str())
}

/// All that is configured, without capacities.
pub(super) fn configured(draft: Draft, table: &TableDescription) -> Draft {
    let class = table.table_class_summary().and_then(|summary| summary.table_class());
    draft
        .arn(table.table_arn())
        .created(table.creation_date_time())
        .with("AttributeDefinitions", each(table.attribute_definitions(), attribute))
        .with("BillingMode", billing_mode(table))
        .with("DeletionProtectionEnabled", table.deletion_protection_enabled())
        .with("KeySchema", key_schema(table.key_schema()))
        .with("LocalSecondaryIndexes", each(table.local_secondary_indexes(), local_index))
        .with("OnDemandThroughput", table.on_demand_throughput().map(on_demand))
        .with("SSESpecification", table.sse_description().map(encryption))
        .with(
            "StreamSpecification",
            table.stream_specification().map(|stream| {
                Props::new().with("StreamViewType", stream.stream_view_type().map(StreamViewType::as_str))
            }),
        )
        // As with the billing mode: answered once it has been changed.
        .with("TableClass", class.map_or("STANDARD", |class| class.as_str()))
        .with("VectorIndexes", each(table.vector_indexes(), vector_index))
        .with("disassociationProtectionEnabled", table.disassociation_protection_enabled())
        .with(
            "globalTableSettingsReplicationMode",
            table.global_table_settings_replication_mode().map(GlobalTableSettingsReplicationMode::as_str),
        )
        .with(
            "globalTableWitnesses",
            each(table.global_table_witnesses(), |witness| Props::new().with("Region", witness.region_name())),
        )
        .with("multiRegionConsistency", table.multi_region_consistency().map(MultiRegionConsistency::as_str))
        .with("replicas", each(table.replicas(), replica))
        .observed("GlobalTableVersion", table.global_table_version())
        .observed("ItemCount", table.item_count())
        .observed("LatestStreamArn", table.latest_stream_arn())
        .observed("TableSizeBytes", table.table_size_bytes())
        .observed("TableStatus", table.table_status().map(TableStatus::as_str))
        .observed(
            "WarmThroughput",
            table.warm_throughput().map(|warm| {
                Props::new()
                    .with("ReadUnitsPerSecond", warm.read_units_per_second())
                    .with("WriteUnitsPerSecond", warm.write_units_per_second())
            }),
        )
}

/// Provisioned capacities, as far as people set them. `scaled` is absent for a table that is billed on demand.
pub(super) fn capacities(
    draft: Draft,
    name: &str,
    table: &TableDescription,
    scaled: Option<Result<&Scaled, CallError>>,
) -> Result<Draft, CallError> {
    let indexes = table.global_secondary_indexes();
    let scaled = match scaled {
        None => return Ok(draft.with("GlobalSecondaryIndexes", each(indexes, |index| global_index(index, None)))),
        Some(Ok(scaled)) => scaled,
        // A capacity of which we cannot know who sets it is unknown as configuration.
        Some(Err(error)) => {
            let draft = draft.sub::<()>("ProvisionedThroughput", Err(error.clone()))?;
            return if indexes.is_empty() { Ok(draft) } else { draft.sub::<()>("GlobalSecondaryIndexes", Err(error)) };
        }
    };
    let capacity = |index: Option<&str>, capacity: Option<&ProvisionedThroughputDescription>| {
        let read = capacity.filter(|_| !scaled.has(name, index, Capacity::Read));
        let write = capacity.filter(|_| !scaled.has(name, index, Capacity::Write));
        Props::new()
            .with("ReadCapacityUnits", read.and_then(ProvisionedThroughputDescription::read_capacity_units))
            .with("WriteCapacityUnits", write.and_then(ProvisionedThroughputDescription::write_capacity_units))
    };
    let index = |index: &GlobalSecondaryIndexDescription| {
        global_index(index, Some(capacity(index.index_name(), index.provisioned_throughput())))
    };
    Ok(draft
        .with("GlobalSecondaryIndexes", each(indexes, index))
        .with("ProvisionedThroughput", capacity(None, table.provisioned_throughput()))
        .observed(
            "ProvisionedThroughput",
            table.provisioned_throughput().map(|now| {
                Props::new()
                    .with("ReadCapacityUnits", now.read_capacity_units())
                    .with("WriteCapacityUnits", now.write_capacity_units())
            }),
        ))
}

fn attribute(attribute: &AttributeDefinition) -> Props {
    Props::new()
        .with("AttributeName", attribute.attribute_name())
        .with("AttributeType", attribute.attribute_type().as_str())
}

/// Partition keys come first, and among several of a kind the order has a meaning.
fn key_schema(elements: &[KeySchemaElement]) -> Vec<Props> {
    each(elements, |element| {
        Props::new().with("AttributeName", element.attribute_name()).with("KeyType", element.key_type().as_str())
    })
}

fn projection(projection: &Projection) -> Props {
    Props::new()
        .with("NonKeyAttributes", projection.non_key_attributes())
        .with("ProjectionType", projection.projection_type().map(ProjectionType::as_str))
}

fn local_index(index: &LocalSecondaryIndexDescription) -> Props {
    Props::new()
        .with("IndexName", index.index_name())
        .with("KeySchema", key_schema(index.key_schema()))
        .with("Projection", index.projection().map(projection))
}

fn global_index(index: &GlobalSecondaryIndexDescription, capacity: Option<Props>) -> Props {
    Props::new()
        .with("IndexName", index.index_name())
        .with("KeySchema", key_schema(index.key_schema()))
        .with("OnDemandThroughput", index.on_demand_throughput().map(on_demand))
        .with("Projection", index.projection().map(projection))
        .with("ProvisionedThroughput", capacity)
}

fn vector_index(index: &VectorIndexDescription) -> Props {
    let search = |element: &SearchSchemaElement| {
        Props::new()
            .with("AttributeName", element.attribute_name())
            .with("SearchSchemaElementType", element.search_schema_element_type().as_str())
    };
    let attribute = index.vector_attribute().map(|vector| Props::new().with("AttributeName", vector.attribute_name()));
    Props::new()
        .with("Dimensions", index.dimensions())
        .with("DistanceFunction", index.distance_function().map(VectorDistanceFunction::as_str))
        .with("IndexName", index.index_name())
        .with("Projection", index.projection().map(projection))
        .with("SearchSchema", each(index.search_schema(), search))
        .with("VectorAttribute", attribute)
}

fn on_demand(limits: &OnDemandThroughput) -> Props {
    Props::new()
        .with("MaxReadRequestUnits", limits.max_read_request_units())
        .with("MaxWriteRequestUnits", limits.max_write_request_units())
}

fn encryption(encryption: &SseDescription) -> Props {
    let on = encryption.status().map(|status| !matches!(status, SseStatus::Disabled | SseStatus::Disabling));
    Props::new()
        .with("KMSMasterKeyId", encryption.kms_master_key_arn())
        .with("SSEEnabled", on)
        .with("SSEType", encryption.sse_type().map(SseType::as_str))
}

/// A replica in another region, in the shape of a replica of `AWS::DynamoDB::GlobalTable`.
fn replica(replica: &ReplicaDescription) -> Props {
    let class = replica.replica_table_class_summary().and_then(|summary| summary.table_class());
    let key = replica.kms_master_key_id().map(|key| Props::new().with("KMSMasterKeyId", key));
    let mode = replica.global_table_settings_replication_mode();
    Props::new()
        .with("GlobalSecondaryIndexes", each(replica.global_secondary_indexes(), replica_index))
        .with("GlobalTableSettingsReplicationMode", mode.map(GlobalTableSettingsReplicationMode::as_str))
        .with("ReadOnDemandThroughputSettings", replica.on_demand_throughput_override().map(read_on_demand))
        .with("ReadProvisionedThroughputSettings", replica.provisioned_throughput_override().map(read_capacity))
        .with("Region", replica.region_name())
        .with("SSESpecification", key)
        .with("TableClass", class.map(TableClass::as_str))
}

fn replica_index(index: &ReplicaGlobalSecondaryIndexDescription) -> Props {
    Props::new()
        .with("IndexName", index.index_name())
        .with("ReadOnDemandThroughputSettings", index.on_demand_throughput_override().map(read_on_demand))
        .with("ReadProvisionedThroughputSettings", index.provisioned_throughput_override().map(read_capacity))
}

fn read_on_demand(limit: &OnDemandThroughputOverride) -> Props {
    Props::new().with("MaxReadRequestUnits", limit.max_read_request_units())
}

fn read_capacity(capacity: &ProvisionedThroughputOverride) -> Props {
    Props::new().with("ReadCapacityUnits", capacity.read_capacity_units())
}
