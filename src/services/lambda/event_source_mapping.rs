//! Event source mappings: what Lambda polls for a function.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{
    AmazonManagedKafkaEventSourceConfig, DestinationConfig, DocumentDbEventSourceConfig, EndPointType,
    EventSourceMappingConfiguration, EventSourceMappingMetric, EventSourceMappingMetricsConfig,
    EventSourceMappingSystemLogLevel, EventSourcePosition, Filter, FilterCriteria, FullDocument, FunctionResponseType,
    KafkaEventSourceMappingConsumptionMode, KafkaSchemaRegistryAuthType, KafkaSchemaRegistryConfig,
    KafkaSchemaValidationAttribute, ProvisionedPollerConfig, ScalingConfig, SchemaRegistryEventRecordFormat,
    SelfManagedEventSource, SelfManagedKafkaEventSourceConfig, SourceAccessConfiguration, SourceAccessType,
};

use super::{GONE, with_or_error};
use crate::aws::{Call, CallError, Cx, Fate, Hands, gone_unless};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped, each};
use crate::model::Step;

/// `AWS::Lambda::EventSourceMapping`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Lambda::EventSourceMapping",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("Lambda reports only when a mapping was last modified"),
    sets: &[
        "AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig.AccessConfigs",
        "AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig.SchemaValidationConfigs",
        "FilterCriteria.Filters",
        "FunctionResponseTypes",
        "MetricsConfig.Metrics",
        "Queues",
        "SelfManagedEventSource.Endpoints.KafkaBootstrapServers",
        "SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig.AccessConfigs",
        "SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig.SchemaValidationConfigs",
        "SourceAccessConfigurations",
        "Topics",
    ],
    secrets: &[],
    left_out: &[
        LeftOut {
            path: "EventSourceMappings[].FilterCriteriaError.*",
            why: "stands in place of the criteria, which are then marked unreadable",
        },
        LeftOut {
            path: "EventSourceMappings[].DestinationConfig.OnSuccess.*",
            why: "of functions only: a mapping has a destination for failures",
        },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["lambda:ListEventSourceMappings", "lambda:ListTags"],
    delete: Delete::Call(Recipe {
        operation: "DeleteEventSourceMapping",
        actions: &["lambda:GetEventSourceMapping", "lambda:DeleteEventSourceMapping"],
        gone: GONE,
        steps: Some(|_, _| vec![Step::on_resource("lambda:DeleteEventSourceMapping")]),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let lambda: Client = cx.client();
    let mappings = cx.wanted(all(&lambda).await?, |mapping| mapping.uuid().unwrap_or_default());
    cx.each(mappings, |mapping| describe(&lambda, mapping)).await
}

async fn all(lambda: &Client) -> Result<Vec<EventSourceMappingConfiguration>, CallError> {
    let pages = lambda.list_event_source_mappings().max_items(100).into_paginator().items().send();
    let mut mappings: Vec<_> = pages.try_collect().await.at("lambda:ListEventSourceMappings")?;
    mappings.retain(|mapping: &EventSourceMappingConfiguration| mapping.state() != Some("Deleting"));
    Ok(mappings)
}

async fn describe(lambda: &Client, mapping: EventSourceMappingConfiguration) -> Result<Option<Draft>, CallError> {
    let tags = lambda.list_tags().set_resource(mapping.event_source_mapping_arn.clone()).send().await;
    let tags = tags.at("lambda:ListTags").map(|answer| answer.tags.unwrap_or_default());
    let exists = async { Ok(all(lambda).await?.iter().any(|other| other.uuid() == mapping.uuid())) };
    let Some(tags) = gone_unless(tags, GONE, exists).await.transpose() else { return Ok(None) };
    let draft = enabled(kafka(map(&mapping), &mapping), mapping.state());
    let criteria = mapping.filter_criteria().map(filter_criteria);
    let error = mapping.filter_criteria_error().and_then(|error| error.error_code());
    with_or_error(draft, "FilterCriteria", criteria, error).sub_tags(tags).map(Some)
}

/// While a mapping changes, its state does not say whether it will be enabled.
fn enabled(draft: Draft, state: Option<&str>) -> Draft {
    match state {
        Some("Enabled" | "Enabling") => draft.with("Enabled", true),
        Some("Disabled" | "Disabling") => draft.with("Enabled", false),
        other => draft.unreadable("Enabled", other.unwrap_or("no state")),
    }
}

fn map(mapping: &EventSourceMappingConfiguration) -> Draft {
    let types: Vec<_> = mapping.function_response_types().iter().map(FunctionResponseType::as_str).collect();
    let metrics = mapping.metrics_config().map(EventSourceMappingMetricsConfig::metrics).unwrap_or_default();
    let metrics: Vec<_> = metrics.iter().map(EventSourceMappingMetric::as_str).collect();
    let log_level = mapping.logging_config().and_then(|logging| logging.system_log_level());
    let concurrency = mapping.scaling_config().and_then(ScalingConfig::maximum_concurrency);
    let from = mapping.starting_position_timestamp().map(aws_smithy_types::DateTime::as_secs_f64);
    Draft::new(mapping.uuid().unwrap_or_default())
        .arn(mapping.event_source_mapping_arn())
        .with("FunctionName", mapping.function_arn())
        .with("EventSourceArn", mapping.event_source_arn())
        .with("StartingPosition", mapping.starting_position().map(EventSourcePosition::as_str))
        .with("StartingPositionTimestamp", from)
        .with("BatchSize", mapping.batch_size())
        .with("MaximumBatchingWindowInSeconds", mapping.maximum_batching_window_in_seconds())
        .with("ParallelizationFactor", mapping.parallelization_factor())
        .with("MaximumRecordAgeInSeconds", mapping.maximum_record_age_in_seconds())
        .with("BisectBatchOnFunctionError", mapping.bisect_batch_on_function_error())
        .with("MaximumRetryAttempts", mapping.maximum_retry_attempts())
        .with("TumblingWindowInSeconds", mapping.tumbling_window_in_seconds())
        .with("FunctionResponseTypes", types)
        .with("DestinationConfig", mapping.destination_config().map(destinations))
        .with("KmsKeyArn", mapping.kms_key_arn())
        .with(
            "LoggingConfig",
            Props::new().with("SystemLogLevel", log_level.map(EventSourceMappingSystemLogLevel::as_str)),
        )
        .with("MetricsConfig", Props::new().with("Metrics", metrics))
        .with("ScalingConfig", Props::new().with("MaximumConcurrency", concurrency))
        .with("ProvisionedPollerConfig", mapping.provisioned_poller_config().map(pollers))
        .with("SourceAccessConfigurations", each(mapping.source_access_configurations(), source_access))
        .with("Queues", mapping.queues())
        .with("Topics", mapping.topics())
        .with("DocumentDBEventSourceConfig", mapping.document_db_event_source_config().map(document_db))
        .observed("State", mapping.state())
        .observed("StateTransitionReason", mapping.state_transition_reason())
        .observed("LastProcessingResult", mapping.last_processing_result())
        .observed("LastModified", mapping.last_modified())
}

fn kafka(draft: Draft, mapping: &EventSourceMappingConfiguration) -> Draft {
    draft
        .with("SelfManagedEventSource", mapping.self_managed_event_source().map(self_managed))
        .with(
            "AmazonManagedKafkaEventSourceConfig",
            mapping.amazon_managed_kafka_event_source_config().map(managed_kafka),
        )
        .with(
            "SelfManagedKafkaEventSourceConfig",
            mapping.self_managed_kafka_event_source_config().map(self_managed_kafka),
        )
}

fn filter_criteria(criteria: &FilterCriteria) -> Props {
    let filter = |filter: &Filter| Props::new().with("Pattern", filter.pattern());
    Props::new().with("Filters", each(criteria.filters(), filter))
}

fn destinations(destinations: &DestinationConfig) -> Props {
    let failure = destinations.on_failure().and_then(|failure| failure.destination());
    Props::new().with("OnFailure", Props::new().with("Destination", failure))
}

fn pollers(pollers: &ProvisionedPollerConfig) -> Props {
    Props::new()
        .with("MinimumPollers", pollers.minimum_pollers())
        .with("MaximumPollers", pollers.maximum_pollers())
        .with("PollerGroupName", pollers.poller_group_name())
}

fn source_access(access: &SourceAccessConfiguration) -> Props {
    Props::new().with("Type", access.r#type().map(SourceAccessType::as_str)).with("URI", access.uri())
}

fn document_db(config: &DocumentDbEventSourceConfig) -> Props {
    Props::new()
        .with("DatabaseName", config.database_name())
        .with("CollectionName", config.collection_name())
        .with("FullDocument", config.full_document().map(FullDocument::as_str))
}

fn self_managed(source: &SelfManagedEventSource) -> Props {
    let servers = source.endpoints().and_then(|endpoints| endpoints.get(&EndPointType::KafkaBootstrapServers));
    Props::new().with("Endpoints", Props::new().with("KafkaBootstrapServers", servers))
}

fn managed_kafka(config: &AmazonManagedKafkaEventSourceConfig) -> Props {
    Props::new()
        .with("ConsumerGroupId", config.consumer_group_id())
        .with("SchemaRegistryConfig", config.schema_registry_config().map(schema_registry))
}

fn self_managed_kafka(config: &SelfManagedKafkaEventSourceConfig) -> Props {
    Props::new()
        .with("ConsumerGroupId", config.consumer_group_id())
        .with("ConsumptionMode", config.consumption_mode().map(KafkaEventSourceMappingConsumptionMode::as_str))
        .with("SchemaRegistryConfig", config.schema_registry_config().map(schema_registry))
}

fn schema_registry(registry: &KafkaSchemaRegistryConfig) -> Props {
    let access = each(registry.access_configs(), |access| {
        let kind = access.r#type().map(KafkaSchemaRegistryAuthType::as_str);
        Props::new().with("Type", kind).with("URI", access.uri())
    });
    let validation = each(registry.schema_validation_configs(), |validation| {
        Props::new().with("Attribute", validation.attribute().map(KafkaSchemaValidationAttribute::as_str))
    });
    let format = registry.event_record_format().map(SchemaRegistryEventRecordFormat::as_str);
    Props::new()
        .with("SchemaRegistryURI", registry.schema_registry_uri())
        .with("EventRecordFormat", format)
        .with("AccessConfigs", access)
        .with("SchemaValidationConfigs", validation)
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    if step.call != "lambda:DeleteEventSourceMapping" {
        return Err(hands.unknown(step));
    }
    let lambda: Client = hands.client();
    let request = async { lambda.delete_event_source_mapping().uuid(hands.id()).send().await.at(&step.call) };
    hands.until_gone(step, || fate(hands, &lambda), request).await
}

/// While a mapping changes its state it cannot be deleted.
async fn fate(hands: &Hands, lambda: &Client) -> Result<Fate, CallError> {
    let found = lambda.get_event_source_mapping().uuid(hands.id()).send();
    let Some(found) = hands.look("lambda:GetEventSourceMapping", found).await? else { return Ok(Fate::Gone) };
    Ok(match found.state() {
        Some(state) if state.ends_with("ing") => Fate::Going(format!("it is {}", state.to_ascii_lowercase())),
        _ => Fate::There,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::mask::Masker;

    #[test]
    fn a_mapping_that_changes_does_not_say_whether_it_will_be_enabled() {
        let of = |state| enabled(Draft::new("m"), Some(state)).finish(&SPEC, "eu-west-1", &Masker::new([0; 32]));
        assert_eq!(of("Enabling").hash, of("Enabled").hash);
        assert_ne!(of("Disabling").hash, of("Enabled").hash);
        assert_eq!(of("Updating").unreadable["Enabled"], "Updating");
    }
}
