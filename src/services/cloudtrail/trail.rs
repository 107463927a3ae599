//! Trails, each in its home region.

use std::collections::HashMap;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::get_event_configuration::GetEventConfigurationOutput;
use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, AggregationConfiguration, ContextKeySelector, DataResource,
    EventSelector, InsightSelector, InsightType, MaxEventSize, ReadWriteType, SourceEventCategory, Template, Trail,
};

use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::CloudTrail::Trail`.
///
/// A trail of all regions is listed in its home region only. Whether it logs (`IsLogging`) is configuration. The schema
/// has no place for `maxEventSize` and `contextKeySelectors`, with which events are made richer.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudTrail::Trail",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("CloudTrail reports only when logging was last started"),
    sets: &[
        "AdvancedEventSelectors",
        "AdvancedEventSelectors.*.FieldSelectors",
        "AdvancedEventSelectors.*.FieldSelectors.*.EndsWith",
        "AdvancedEventSelectors.*.FieldSelectors.*.Equals",
        "AdvancedEventSelectors.*.FieldSelectors.*.NotEndsWith",
        "AdvancedEventSelectors.*.FieldSelectors.*.NotEquals",
        "AdvancedEventSelectors.*.FieldSelectors.*.NotStartsWith",
        "AdvancedEventSelectors.*.FieldSelectors.*.StartsWith",
        "AggregationConfigurations",
        "AggregationConfigurations.*.Templates",
        "EventSelectors",
        "EventSelectors.*.DataResources",
        "EventSelectors.*.DataResources.*.Values",
        "EventSelectors.*.ExcludeManagementEventSources",
        "InsightSelectors",
        "InsightSelectors.*.EventCategories",
        "contextKeySelectors",
        "contextKeySelectors.*.Equals",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "trailList[].HasCustomEventSelectors", why: "the selectors themselves are kept" },
        LeftOut { path: "trailList[].SnsTopicName", why: "no longer used by AWS; its ARN is kept" },
        LeftOut { path: "GetTrailStatus:LatestDeliveryAttemptSucceeded", why: "activity, in an old form" },
        LeftOut { path: "GetTrailStatus:LatestDeliveryAttemptTime", why: "activity, in an old form" },
        LeftOut { path: "GetTrailStatus:LatestNotificationAttemptSucceeded", why: "activity, in an old form" },
        LeftOut { path: "GetTrailStatus:LatestNotificationAttemptTime", why: "activity, in an old form" },
        LeftOut { path: "GetTrailStatus:LatestDeliveryTime", why: "activity" },
        LeftOut { path: "GetTrailStatus:LatestNotificationTime", why: "activity" },
        LeftOut { path: "GetTrailStatus:LatestCloudWatchLogsDeliveryTime", why: "activity" },
        LeftOut { path: "GetTrailStatus:LatestDigestDeliveryTime", why: "activity" },
        LeftOut { path: "GetTrailStatus:TimeLoggingStarted", why: "an old form of StartLoggingTime" },
        LeftOut { path: "GetTrailStatus:TimeLoggingStopped", why: "an old form of StopLoggingTime" },
        LeftOut { path: "GetEventSelectors:TrailARN", why: "repeats the request" },
        LeftOut { path: "GetInsightSelectors:TrailARN", why: "repeats the request" },
        LeftOut { path: "GetInsightSelectors:EventDataStoreArn", why: "of event data stores" },
        LeftOut { path: "GetInsightSelectors:InsightsDestination", why: "of event data stores" },
        LeftOut { path: "GetEventConfiguration:TrailARN", why: "repeats the request" },
        LeftOut { path: "GetEventConfiguration:EventDataStoreArn", why: "of event data stores" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "S3BucketName",
        to: "AWS::S3::Bucket",
        target: "{}",
        order: Order::HolderFirst,
        why: "a trail names the bucket that it writes to",
    }],
    read_actions: &[
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetEventConfiguration",
        "cloudtrail:ListTags",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteTrail",
        actions: &["cloudtrail:DeleteTrail", "cloudtrail:StopLogging"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: Some(protection),
        rank: 9,
        holds_data: false,
        reversible: None,
    }),
};

/// How `CloudTrail` says that a trail was deleted since it was listed.
const GONE: &[&str] = &["TrailNotFoundException"];

/// Tags of this many trails come with one call.
const TAGS_PER_CALL: usize = 20;

/// Tags by ARN.
type Tags = HashMap<String, Vec<(String, String)>>;

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    // Without shadows: neither copies of a trail in other regions, nor an organization's trail in a member account.
    let answer = client.describe_trails().include_shadow_trails(false).send().await;
    let trails = answer.at("cloudtrail:DescribeTrails")?.trail_list.unwrap_or_default();
    let at_home = |trail: &Trail| trail.home_region().is_none_or(|home| home == cx.region());
    let wanted = trails.into_iter().filter(|trail| at_home(trail) && cx.wants(trail.name().unwrap_or_default()));
    let trails: Vec<Trail> = wanted.collect();
    let tags = tags(&client, &trails).await;
    cx.each(trails, |trail| describe(&client, trail, &tags)).await
}

/// The tags of all trails. A trail that is gone spoils the call for all, which then fails: it is there again, or not at
/// all, when the cell is read the next time.
async fn tags(client: &Client, trails: &[Trail]) -> Result<Tags, CallError> {
    let mut tags = Tags::new();
    let arns: Vec<String> = trails.iter().filter_map(|trail| trail.trail_arn.clone()).collect();
    for some in arns.chunks(TAGS_PER_CALL) {
        let pages = client.list_tags().set_resource_id_list(Some(some.to_vec())).into_paginator().items().send();
        for of_trail in pages.try_collect().await.at("cloudtrail:ListTags")? {
            let pairs = of_trail.tags_list().iter();
            let pairs = pairs.map(|tag| (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned())).collect();
            tags.insert(of_trail.resource_id.unwrap_or_default(), pairs);
        }
    }
    Ok(tags)
}

async fn describe(client: &Client, trail: Trail, tags: &Result<Tags, CallError>) -> Result<Option<Draft>, CallError> {
    let arn = trail.trail_arn().unwrap_or_default();
    let (status, selectors, insights, events) = tokio::join!(
        client.get_trail_status().name(arn).send(),
        client.get_event_selectors().trail_name(arn).send(),
        insight_selectors(client, &trail),
        client.get_event_configuration().trail_name(arn).send(),
    );
    let status = match status.at("cloudtrail:GetTrailStatus").absent_if(GONE) {
        Ok(None) => return Ok(None),
        Ok(Some(status)) => Ok(status),
        Err(error) => Err(error),
    };
    let selectors = selectors.at("cloudtrail:GetEventSelectors");
    let events = events.at("cloudtrail:GetEventConfiguration");
    let mut draft = configured(&trail)
        .sub(
            "IsLogging",
            status
                .as_ref()
                .map(aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput::is_logging)
                .map_err(Clone::clone),
        )?
        .sub("InsightSelectors", insights)?;
    if let Ok(status) = status {
        draft = draft
            .observed("LatestCloudWatchLogsDeliveryError", status.latest_cloud_watch_logs_delivery_error())
            .observed("LatestDeliveryError", status.latest_delivery_error())
            .observed("LatestDigestDeliveryError", status.latest_digest_delivery_error())
            .observed("LatestNotificationError", status.latest_notification_error())
            .observed("StartLoggingTime", status.start_logging_time())
            .observed("StopLoggingTime", status.stop_logging_time());
    }
    draft = match selectors {
        Ok(answer) => with_selectors(draft, &answer),
        Err(error) => {
            draft.sub::<()>("EventSelectors", Err(error.clone()))?.sub::<()>("AdvancedEventSelectors", Err(error))?
        }
    };
    draft = match events {
        Ok(answer) => with_event_configuration(draft, &answer),
        Err(error) => draft.sub::<()>("AggregationConfigurations", Err(error))?,
    };
    let tags = tags.as_ref().map_err(Clone::clone);
    draft.sub_tags(tags.map(|tags| tags.get(arn).cloned().unwrap_or_default())).map(Some)
}

async fn insight_selectors(client: &Client, trail: &Trail) -> Result<Vec<Props>, CallError> {
    if trail.has_insight_selectors() != Some(true) {
        return Ok(Vec::new());
    }
    let answer = client.get_insight_selectors().set_trail_name(trail.trail_arn.clone()).send().await;
    let answer = answer.at("cloudtrail:GetInsightSelectors").absent_if(&["InsightNotEnabledException"])?;
    Ok(answer.map(|answer| each(answer.insight_selectors(), insight_selector)).unwrap_or_default())
}

fn configured(trail: &Trail) -> Draft {
    let name = trail.name().unwrap_or_default();
    Draft::new(name)
        .arn(trail.trail_arn())
        .name(name)
        .with("TrailName", name)
        .with("CloudWatchLogsLogGroupArn", trail.cloud_watch_logs_log_group_arn())
        .with("CloudWatchLogsRoleArn", trail.cloud_watch_logs_role_arn())
        .with("EnableLogFileValidation", trail.log_file_validation_enabled())
        .with("IncludeGlobalServiceEvents", trail.include_global_service_events())
        .with("IsMultiRegionTrail", trail.is_multi_region_trail())
        .with("IsOrganizationTrail", trail.is_organization_trail())
        .with("KMSKeyId", trail.kms_key_id())
        .with("S3BucketName", trail.s3_bucket_name())
        .with("S3KeyPrefix", trail.s3_key_prefix())
        // AWS no longer uses the name alone, and takes an ARN in its place.
        .with("SnsTopicName", trail.sns_topic_arn())
        .observed("RecursiveLogging", trail.recursive_logging())
        .owner("control-tower", Some(name).filter(|name| name.starts_with("aws-controltower-")))
}

fn with_selectors(draft: Draft, answer: &GetEventSelectorsOutput) -> Draft {
    draft
        .with("AdvancedEventSelectors", each(answer.advanced_event_selectors(), advanced_selector))
        .with("EventSelectors", each(answer.event_selectors(), event_selector))
}

fn event_selector(selector: &EventSelector) -> Props {
    let resource =
        |resource: &DataResource| Props::new().with("Type", resource.r#type()).with("Values", resource.values());
    Props::new()
        .with("DataResources", each(selector.data_resources(), resource))
        .with("ExcludeManagementEventSources", selector.exclude_management_event_sources())
        .with("IncludeManagementEvents", selector.include_management_events())
        .with("ReadWriteType", selector.read_write_type().map(ReadWriteType::as_str))
}

fn advanced_selector(selector: &AdvancedEventSelector) -> Props {
    let field = |field: &AdvancedFieldSelector| {
        Props::new()
            .with("EndsWith", field.ends_with())
            .with("Equals", field.equals())
            .with("Field", field.field())
            .with("NotEndsWith", field.not_ends_with())
            .with("NotEquals", field.not_equals())
            .with("NotStartsWith", field.not_starts_with())
            .with("StartsWith", field.starts_with())
    };
    Props::new().with("FieldSelectors", each(selector.field_selectors(), field)).with("Name", selector.name())
}

fn insight_selector(selector: &InsightSelector) -> Props {
    let categories: Vec<&str> = selector.event_categories().iter().map(SourceEventCategory::as_str).collect();
    Props::new()
        .with("EventCategories", categories)
        .with("InsightType", selector.insight_type().map(InsightType::as_str))
}

fn with_event_configuration(draft: Draft, answer: &GetEventConfigurationOutput) -> Draft {
    let aggregation = |aggregation: &AggregationConfiguration| {
        let templates: Vec<&str> = aggregation.templates().iter().map(Template::as_str).collect();
        Props::new().with("EventCategory", aggregation.event_category().as_str()).with("Templates", templates)
    };
    let selector = |selector: &ContextKeySelector| {
        Props::new().with("Equals", selector.equals()).with("Type", selector.r#type().as_str())
    };
    draft
        .with("AggregationConfigurations", each(answer.aggregation_configurations(), aggregation))
        .with("contextKeySelectors", each(answer.context_key_selectors(), selector))
        .with("maxEventSize", answer.max_event_size().map(MaxEventSize::as_str))
}

/// AWS would let it go. A trail that records is not deleted by the way, though.
fn protection(trail: &Resource) -> Option<String> {
    (trail.properties.get("IsLogging")?.as_bool() == Some(true)).then(|| "IsLogging".to_owned())
}

fn steps(trail: &Resource, switches: &Switches) -> Vec<Step> {
    let stop = (switches.disable_protection && protection(trail).is_some()).then_some("cloudtrail:StopLogging");
    stop.into_iter().chain(["cloudtrail:DeleteTrail"]).map(Step::on_resource).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let client: Client = hands.client();
    match step.call.as_str() {
        "cloudtrail:StopLogging" => {
            hands.call(step, client.stop_logging().name(hands.arn()).send()).await?;
        }
        _ => {
            hands.call(step, client.delete_trail().name(hands.arn()).send()).await?;
        }
    }
    Ok(Progress::Done)
}
