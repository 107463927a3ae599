//! Tables.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::describe_kinesis_streaming_destination::DescribeKinesisStreamingDestinationOutput;
use aws_sdk_dynamodb::types::{
    ApproximateCreationDateTimePrecision, ContributorInsightsMode, ContributorInsightsStatus,
    ContributorInsightsSummary, DestinationStatus, KinesisDataStreamDestination, PointInTimeRecoveryDescription,
    PointInTimeRecoveryStatus, Tag, TimeToLiveDescription, TimeToLiveStatus,
};
use serde_json::Value;

use super::scaling::Scaled;
use super::table_config::{billing_mode, capacities, configured};
use super::table_delete;
use crate::aws::{Absent, Call, CallError, Cx, gone_with};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Props, Recipe, Scope, TypeSpec, Unmapped, each, policy_document,
};

/// `AWS::DynamoDB::Table`. The schema of a table has no place for
///
/// * what `AWS::DynamoDB::GlobalTable` says of it: `replicas`, `globalTableWitnesses`, `multiRegionConsistency`,
///   `globalTableSettingsReplicationMode`, and the region's own `disassociationProtectionEnabled`;
/// * `kinesisStreams`, the further streams where there are more than one.
///
/// Two things come with calls of their own and would, where the schema has them, take their neighbours along when they
/// may not be read: `streamPolicy` and `indexContributorInsights`.
///
/// A capacity that Application Auto Scaling sets is observed, not configured.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::DynamoDB::Table",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDateTime"),
    sets: &[
        "AttributeDefinitions",
        "GlobalSecondaryIndexes",
        "GlobalSecondaryIndexes.*.Projection.NonKeyAttributes",
        "LocalSecondaryIndexes",
        "LocalSecondaryIndexes.*.Projection.NonKeyAttributes",
        "VectorIndexes",
        "VectorIndexes.*.Projection.NonKeyAttributes",
        "VectorIndexes.*.SearchSchema",
        "globalTableWitnesses",
        "indexContributorInsights",
        "kinesisStreams",
        "replicas",
        "replicas.*.GlobalSecondaryIndexes",
    ],
    secrets: &[],
    left_out: LEFT_OUT,
    unmapped: &[
        Unmapped {
            path: "GlobalSecondaryIndexes.*.ContributorInsightsSpecification",
            why: "kept in `indexContributorInsights`",
        },
        Unmapped { path: "GlobalSecondaryIndexes.*.WarmThroughput", why: "AWS raises it with the traffic" },
        Unmapped { path: "ImportSourceSpecification", why: "an option of the creation, not kept by AWS" },
        Unmapped { path: "StreamSpecification.ResourcePolicy", why: "kept in `streamPolicy`" },
        Unmapped { path: "StreamSpecification.Tags", why: "tags of the stream, one more call for each table" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "WarmThroughput", why: "AWS raises it with the traffic; observed" },
    ],
    edges: &[],
    read_actions: &[
        "cloudwatch:DescribeAlarms",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeKinesisStreamingDestination",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:GetResourcePolicy",
        "dynamodb:ListContributorInsights",
        "dynamodb:ListTables",
        "dynamodb:ListTagsOfResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteTable",
        actions: &["dynamodb:UpdateTable", "dynamodb:DeleteTableReplica", "dynamodb:DeleteTable"],
        gone: GONE,
        steps: Some(table_delete::steps),
        run: |hands, step| Box::pin(table_delete::run(hands, step)),
        protection: Some(table_delete::protection),
        rank: 3,
        holds_data: true,
        reversible: Some("RestoreTableFromBackup, for 35 days, where point-in-time recovery was on"),
    }),
};

const LEFT_OUT: &[LeftOut] = &[
    LeftOut { path: "Table.TableName", why: "as ListTables answers it" },
    LeftOut { path: "Table.TableId", why: "name and creation time identify a table" },
    LeftOut { path: "Table.ArchivalSummary*", why: "state" },
    LeftOut { path: "Table.BillingModeSummary.LastUpdateToPayPerRequestDateTime", why: "time of a change" },
    LeftOut { path: "Table.LatestStreamLabel", why: "the end of LatestStreamArn" },
    LeftOut { path: "Table.ProvisionedThroughput.LastDecreaseDateTime", why: "time of a change" },
    LeftOut { path: "Table.ProvisionedThroughput.LastIncreaseDateTime", why: "time of a change" },
    LeftOut { path: "Table.ProvisionedThroughput.NumberOfDecreasesToday", why: "counter" },
    LeftOut { path: "Table.RestoreSummary*", why: "how the table came about" },
    LeftOut { path: "Table.SSEDescription.InaccessibleEncryptionDateTime", why: "state" },
    LeftOut { path: "Table.StreamSpecification.StreamEnabled", why: "true wherever there is a StreamSpecification" },
    LeftOut { path: "Table.TableClassSummary.LastUpdateDateTime", why: "time of a change" },
    LeftOut { path: "Table.WarmThroughput.Status", why: "state" },
    LeftOut { path: "Table.GlobalSecondaryIndexes[].Backfilling", why: "state" },
    LeftOut { path: "Table.GlobalSecondaryIndexes[].IndexArn", why: "derived from the names" },
    LeftOut { path: "Table.GlobalSecondaryIndexes[].IndexSizeBytes", why: "counter" },
    LeftOut { path: "Table.GlobalSecondaryIndexes[].IndexStatus", why: "state" },
    LeftOut { path: "Table.GlobalSecondaryIndexes[].ItemCount", why: "counter" },
    LeftOut {
        path: "Table.GlobalSecondaryIndexes[].ProvisionedThroughput.LastDecreaseDateTime",
        why: "time of a change",
    },
    LeftOut {
        path: "Table.GlobalSecondaryIndexes[].ProvisionedThroughput.LastIncreaseDateTime",
        why: "time of a change",
    },
    LeftOut { path: "Table.GlobalSecondaryIndexes[].ProvisionedThroughput.NumberOfDecreasesToday", why: "counter" },
    LeftOut { path: "Table.GlobalSecondaryIndexes[].WarmThroughput*", why: "AWS raises it with the traffic" },
    LeftOut { path: "Table.LocalSecondaryIndexes[].IndexArn", why: "derived from the names" },
    LeftOut { path: "Table.LocalSecondaryIndexes[].IndexSizeBytes", why: "counter" },
    LeftOut { path: "Table.LocalSecondaryIndexes[].ItemCount", why: "counter" },
    LeftOut { path: "Table.VectorIndexes[].Backfilling", why: "state" },
    LeftOut { path: "Table.VectorIndexes[].IndexArn", why: "derived from the names" },
    LeftOut { path: "Table.VectorIndexes[].IndexSizeBytes", why: "counter" },
    LeftOut { path: "Table.VectorIndexes[].IndexStatus", why: "state" },
    LeftOut { path: "Table.VectorIndexes[].ItemCount", why: "counter" },
    LeftOut { path: "Table.GlobalTableWitnesses[].WitnessStatus", why: "state" },
    LeftOut {
        path: "Table.Replicas[].GlobalSecondaryIndexes[].WarmThroughput*",
        why: "AWS raises it with the traffic",
    },
    LeftOut { path: "Table.Replicas[].ReplicaArn", why: "derived from name and region" },
    LeftOut { path: "Table.Replicas[].ReplicaInaccessibleDateTime", why: "state" },
    LeftOut { path: "Table.Replicas[].ReplicaStatus", why: "state" },
    LeftOut { path: "Table.Replicas[].ReplicaStatusDescription", why: "state" },
    LeftOut { path: "Table.Replicas[].ReplicaStatusPercentProgress", why: "state" },
    LeftOut { path: "Table.Replicas[].ReplicaTableClassSummary.LastUpdateDateTime", why: "time of a change" },
    LeftOut { path: "Table.Replicas[].WarmThroughput*", why: "AWS raises it with the traffic" },
    LeftOut { path: "ContinuousBackupsDescription.ContinuousBackupsStatus", why: "on for every table" },
    LeftOut {
        path: "ContinuousBackupsDescription.PointInTimeRecoveryDescription.EarliestRestorableDateTime",
        why: "moves with time",
    },
    LeftOut {
        path: "ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime",
        why: "moves with time",
    },
    LeftOut { path: "KinesisDataStreamDestinations[].DestinationStatusDescription", why: "state" },
    LeftOut { path: "DescribeKinesisStreamingDestination:TableName", why: "repeats the request" },
    LeftOut { path: "GetResourcePolicy:RevisionId", why: "changes with every write of the policy" },
];

/// How `DynamoDB` says that a table was deleted since it was listed.
const GONE: &[&str] = &["ResourceNotFoundException", "TableNotFoundException"];

/// What is switched on, by table.
type Insights = BTreeMap<String, Vec<ContributorInsightsSummary>>;

async fn list(cx: &Cx) -> Listed {
    let dynamodb: Client = cx.client();
    let names = dynamodb.list_tables().limit(100).into_paginator().items().send();
    let names: Vec<String> = names.try_collect().await.at("dynamodb:ListTables")?;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let names = cx.wanted(names, |name| name);
    let insights = insights(&dynamodb).await;
    cx.each(names, |name| {
        let (dynamodb, insights) = (&dynamodb, &insights);
        async move {
            let again = async { dynamodb.describe_table().table_name(&name).send().await.at("dynamodb:DescribeTable") };
            let table = Box::pin(describe(cx, dynamodb, &name, insights)).await;
            gone_with(table, GONE, again).await.map(Option::flatten)
        }
    })
    .await
}

/// Contributor Insights of all tables and indexes with one call.
async fn insights(dynamodb: &Client) -> Result<Insights, CallError> {
    let pages = dynamodb.list_contributor_insights().max_results(100).into_paginator().send();
    let pages: Vec<_> = pages.try_collect().await.at("dynamodb:ListContributorInsights")?;
    let mut insights = Insights::new();
    let off = |summary: &ContributorInsightsSummary| {
        use ContributorInsightsStatus::{Disabled, Disabling};
        matches!(summary.contributor_insights_status(), Some(Disabled | Disabling))
    };
    let all = pages.into_iter().flat_map(|page| page.contributor_insights_summaries.unwrap_or_default());
    for summary in all.filter(|summary| !off(summary)) {
        insights.entry(summary.table_name().unwrap_or_default().to_owned()).or_default().push(summary);
    }
    Ok(insights)
}

async fn describe(
    cx: &Cx,
    dynamodb: &Client,
    name: &str,
    insights: &Result<Insights, CallError>,
) -> Result<Option<Draft>, CallError> {
    let arn = cx.arn("dynamodb", &format!("table/{name}"));
    let (table, backups, expiry, streams, policy, tags) = tokio::join!(
        dynamodb.describe_table().table_name(name).send(),
        dynamodb.describe_continuous_backups().table_name(name).send(),
        dynamodb.describe_time_to_live().table_name(name).send(),
        dynamodb.describe_kinesis_streaming_destination().table_name(name).send(),
        resource_policy(dynamodb, &arn),
        tags(dynamodb, &arn),
    );
    let Some(table) = table.at("dynamodb:DescribeTable")?.table else { return Ok(None) };
    let backups = backups.at("dynamodb:DescribeContinuousBackups").map(|answer| {
        let backups = answer.continuous_backups_description;
        backups.and_then(|backups| backups.point_in_time_recovery_description).as_ref().map(recovery)
    });
    let expiry = expiry.at("dynamodb:DescribeTimeToLive");
    let expiry = expiry.map(|answer| answer.time_to_live_description().map(time_to_live));
    let policy = policy.map(|policy| policy.map(|policy| Props::new().with("PolicyDocument", policy)));
    let (insights, indexes) = insights_of(name, insights);

    let draft = Draft::new(name).name(name).with("TableName", name);
    let draft = configured(draft, &table)
        .sub("ContributorInsightsSpecification", insights)?
        .sub("PointInTimeRecoverySpecification", backups)?
        .sub("ResourcePolicy", policy)?
        .sub("TimeToLiveSpecification", expiry)?
        .sub("indexContributorInsights", indexes)?
        .sub_tags(tags)?;
    let draft = kinesis(draft, streams.at("dynamodb:DescribeKinesisStreamingDestination"))?;
    let draft = match table.latest_stream_arn().filter(|_| table.stream_specification().is_some()) {
        Some(stream) => {
            // A stream that was switched off meanwhile takes its policy with it, not the table.
            let policy = resource_policy(dynamodb, stream).await.absent_if(GONE);
            draft.sub("streamPolicy", policy.map(Option::flatten))?
        }
        None => draft,
    };
    if billing_mode(&table) == "PAY_PER_REQUEST" {
        return capacities(draft, name, &table, None).map(Some);
    }
    let scaled = Scaled::of_region(cx).await;
    let scaled = scaled.as_deref().map_err(Clone::clone);
    capacities(draft, name, &table, Some(scaled)).map(Some)
}

/// The policy of a table or stream.
async fn resource_policy(dynamodb: &Client, arn: &str) -> Result<Option<Value>, CallError> {
    let answer = dynamodb.get_resource_policy().resource_arn(arn).send().await;
    let answer = answer.at("dynamodb:GetResourcePolicy").absent_if(&["PolicyNotFoundException"])?;
    Ok(answer.and_then(|answer| policy_document(answer.policy())))
}

async fn tags(dynamodb: &Client, arn: &str) -> Result<Vec<(String, String)>, CallError> {
    let mut tags = Vec::new();
    let mut token = None;
    loop {
        let request = dynamodb.list_tags_of_resource().resource_arn(arn).set_next_token(token);
        let page = request.send().await.at("dynamodb:ListTagsOfResource")?;
        tags.extend(page.tags.unwrap_or_default().into_iter().map(|Tag { key, value, .. }| (key, value)));
        token = page.next_token;
        if token.is_none() {
            return Ok(tags);
        }
    }
}

fn recovery(recovery: &PointInTimeRecoveryDescription) -> Props {
    let on = recovery.point_in_time_recovery_status() == Some(&PointInTimeRecoveryStatus::Enabled);
    Props::new().with("PointInTimeRecoveryEnabled", on).with("RecoveryPeriodInDays", recovery.recovery_period_in_days())
}

fn time_to_live(expiry: &TimeToLiveDescription) -> Props {
    let on = matches!(expiry.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling));
    Props::new().with("AttributeName", expiry.attribute_name()).with("Enabled", on)
}

/// Contributor Insights of the table and of its indexes, where switched on.
fn insights_of(
    name: &str,
    insights: &Result<Insights, CallError>,
) -> (Result<Option<Props>, CallError>, Result<Vec<Props>, CallError>) {
    let insights = match insights {
        Ok(insights) => insights.get(name).map(Vec::as_slice).unwrap_or_default(),
        Err(error) => return (Err(error.clone()), Err(error.clone())),
    };
    let specification = |summary: &ContributorInsightsSummary| {
        let mode = summary.contributor_insights_mode().map(ContributorInsightsMode::as_str);
        Props::new().with("Enabled", true).with("Mode", mode)
    };
    let of_table = insights.iter().find(|summary| summary.index_name().is_none()).map(specification);
    let of_indexes = insights.iter().filter(|summary| summary.index_name().is_some());
    let of_indexes = of_indexes.map(|summary| specification(summary).with("IndexName", summary.index_name()));
    (Ok(of_table), Ok(of_indexes.collect()))
}

/// The schema has room for one stream. Streams that are switched off stay in the answer as history.
fn kinesis(
    draft: Draft,
    answer: Result<DescribeKinesisStreamingDestinationOutput, CallError>,
) -> Result<Draft, CallError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            return draft
                .sub::<()>("KinesisStreamSpecification", Err(error.clone()))?
                .sub::<()>("kinesisStreams", Err(error));
        }
    };
    let mut streams = answer.kinesis_data_stream_destinations.unwrap_or_default();
    streams.retain(|stream| {
        !matches!(stream.destination_status(), Some(DestinationStatus::Disabled | DestinationStatus::Disabling))
    });
    streams.sort_by(|a, b| a.stream_arn().cmp(&b.stream_arn()));
    let specification = |stream: &KinesisDataStreamDestination| {
        let precision = stream.approximate_creation_date_time_precision();
        Props::new()
            .with("ApproximateCreationDateTimePrecision", precision.map(ApproximateCreationDateTimePrecision::as_str))
            .with("StreamArn", stream.stream_arn())
    };
    Ok(draft
        .with("KinesisStreamSpecification", streams.first().map(specification))
        .with("kinesisStreams", each(streams.get(1..).unwrap_or_default(), specification)))
}
