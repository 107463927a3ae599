//! Delivery streams, each with its source and its destination.

use aws_sdk_firehose::Client;
use aws_sdk_firehose::types::{
    DeliveryStreamDescription, DeliveryStreamEncryptionConfiguration, DeliveryStreamEncryptionStatus,
    DeliveryStreamStatus, DestinationDescription, FailureDescription, KeyType, Tag,
};

use super::{destination_s3 as s3, destinations, sources};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::Step;

/// `AWS::KinesisFirehose::DeliveryStream`.
///
/// AWS answers each S3 destination in the extended form, and it is kept in this form alone.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::KinesisFirehose::DeliveryStream",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateTimestamp"),
    sets: &[
        "*.ProcessingConfiguration.Processors.*.Parameters",
        "*.VpcConfiguration.SecurityGroupIds",
        "*.VpcConfiguration.SubnetIds",
        "DatabaseSourceConfiguration.*.Exclude",
        "DatabaseSourceConfiguration.*.Include",
        "HttpEndpointDestinationConfiguration.RequestConfiguration.CommonAttributes",
        "IcebergDestinationConfiguration.DestinationTableConfigurationList",
    ],
    secrets: &[
        "HttpEndpointDestinationConfiguration.EndpointConfiguration.Url",
        "HttpEndpointDestinationConfiguration.RequestConfiguration.CommonAttributes.*.AttributeValue",
        "RedshiftDestinationConfiguration.Username",
        "SplunkDestinationConfiguration.HECToken",
    ],
    left_out: LEFT_OUT,
    unmapped: &[
        Unmapped { path: "DatabaseSourceConfiguration.Digest", why: "never answered" },
        Unmapped { path: "DatabaseSourceConfiguration.PublicCertificate", why: "never answered" },
        Unmapped {
            path: "HttpEndpointDestinationConfiguration.EndpointConfiguration.AccessKey",
            why: "a secret, never answered",
        },
        Unmapped { path: "RedshiftDestinationConfiguration.Password", why: "a secret, never answered" },
        Unmapped { path: "S3DestinationConfiguration", why: "kept as `ExtendedS3DestinationConfiguration`" },
        Unmapped { path: "SnowflakeDestinationConfiguration.KeyPassphrase", why: "a secret, never answered" },
        Unmapped { path: "SnowflakeDestinationConfiguration.PrivateKey", why: "a secret, never answered" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "*.CloudWatchLoggingOptions.LogGroupName",
            to: "AWS::Logs::LogGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a delivery stream names the log group of its errors",
        },
        Edge {
            path: "*.*.CloudWatchLoggingOptions.LogGroupName",
            to: "AWS::Logs::LogGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a delivery stream names the log group of its errors",
        },
        Edge {
            path: "ExtendedS3DestinationConfiguration.DataFormatConversionConfiguration.SchemaConfiguration.DatabaseName",
            to: "AWS::Glue::Database",
            target: "{}",
            order: Order::HolderFirst,
            why: "records are converted by a table of this database",
        },
        Edge {
            path: "IcebergDestinationConfiguration.DestinationTableConfigurationList.*.DestinationDatabaseName",
            to: "AWS::Glue::Database",
            target: "{}",
            order: Order::HolderFirst,
            why: "records go to a table of this database",
        },
    ],
    read_actions: &[
        "firehose:ListDeliveryStreams",
        "firehose:DescribeDeliveryStream",
        "firehose:ListTagsForDeliveryStream",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteDeliveryStream",
        actions: &["firehose:DeleteDeliveryStream"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: false,
        reversible: None,
    }),
};

const LEFT_OUT: &[LeftOut] = &[
    LeftOut { path: "DeliveryStreamDescription.DeliveryStreamName", why: "repeats the request" },
    LeftOut { path: "DeliveryStreamDescription.HasMoreDestinations", why: "a stream has one destination" },
    LeftOut {
        path: "DeliveryStreamDescription.Destinations[].DestinationId",
        why: "a number that AWS gives, of use for updates only",
    },
    LeftOut {
        path: "DeliveryStreamDescription.Destinations[].S3DestinationDescription.*",
        why: "repeats ExtendedS3DestinationDescription",
    },
    LeftOut {
        path: "DeliveryStreamDescription.Destinations[].AmazonopensearchserviceDestinationDescription.VpcConfigurationDescription.VpcId",
        why: "follows from the subnets",
    },
    LeftOut {
        path: "DeliveryStreamDescription.Destinations[].AmazonOpenSearchServerlessDestinationDescription.VpcConfigurationDescription.VpcId",
        why: "follows from the subnets",
    },
    LeftOut {
        path: "DeliveryStreamDescription.Destinations[].ElasticsearchDestinationDescription.VpcConfigurationDescription.VpcId",
        why: "follows from the subnets",
    },
    LeftOut { path: "DeliveryStreamDescription.Source.DatabaseSourceDescription.SnapshotInfo[].*", why: "activity" },
    LeftOut {
        path: "DeliveryStreamDescription.Source.KinesisStreamSourceDescription.DeliveryStartTimestamp",
        why: "activity",
    },
    LeftOut { path: "DeliveryStreamDescription.Source.MSKSourceDescription.DeliveryStartTimestamp", why: "activity" },
];

/// How Firehose says that a stream was deleted since it was listed.
const GONE: &[&str] = &["ResourceNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let firehose: Client = cx.client();
    let names = names(&firehose).await?.into_iter().filter(|name| cx.wants(name));
    cx.each(names.collect(), |name| describe(&firehose, name)).await
}

/// A page begins after the last name of the one before.
async fn names(firehose: &Client) -> Result<Vec<String>, CallError> {
    let mut names: Vec<String> = Vec::new();
    loop {
        let last = names.last().cloned();
        let request = firehose.list_delivery_streams().limit(10_000);
        let page = request.set_exclusive_start_delivery_stream_name(last.clone()).send().await;
        let page = page.at("firehose:ListDeliveryStreams")?;
        names.extend(page.delivery_stream_names);
        if !page.has_more_delivery_streams {
            return Ok(names);
        }
        if names.last() == last.as_ref() {
            return Err(CallError::same_page("firehose:ListDeliveryStreams"));
        }
    }
}

async fn describe(firehose: &Client, name: String) -> Result<Option<Draft>, CallError> {
    let (answer, tags) =
        tokio::join!(firehose.describe_delivery_stream().delivery_stream_name(&name).send(), tags(firehose, &name));
    let Some(answer) = answer.at("firehose:DescribeDeliveryStream").absent_if(GONE)? else { return Ok(None) };
    let stream = answer.delivery_stream_description;
    let Some(stream) = stream.filter(|stream| *stream.delivery_stream_status() != DeliveryStreamStatus::Deleting)
    else {
        return Ok(None);
    };
    let tags = tags.absent_if(GONE).map(Option::unwrap_or_default);
    let pairs = tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
    map(&name, &stream).sub_tags(pairs).map(Some)
}

async fn tags(firehose: &Client, name: &str) -> Result<Vec<Tag>, CallError> {
    let mut tags: Vec<Tag> = Vec::new();
    loop {
        let last = tags.last().map(|tag| tag.key.clone());
        let request = firehose.list_tags_for_delivery_stream().delivery_stream_name(name).limit(50);
        let page = request.set_exclusive_start_tag_key(last.clone()).send().await;
        let page = page.at("firehose:ListTagsForDeliveryStream")?;
        tags.extend(page.tags);
        if !page.has_more_tags {
            return Ok(tags);
        }
        if tags.last().map(|tag| &tag.key) == last.as_ref() {
            return Err(CallError::same_page("firehose:ListTagsForDeliveryStream"));
        }
    }
}

fn map(name: &str, stream: &DeliveryStreamDescription) -> Draft {
    let encryption = stream.delivery_stream_encryption_configuration();
    let draft = Draft::new(name)
        .arn(stream.delivery_stream_arn())
        .name(name)
        .created(stream.create_timestamp())
        .with("DeliveryStreamEncryptionConfigurationInput", encryption.and_then(encryption_input))
        .with("DeliveryStreamName", name)
        .with("DeliveryStreamType", stream.delivery_stream_type().as_str())
        .observed("DeliveryStreamStatus", stream.delivery_stream_status().as_str())
        .observed("EncryptionFailure", encryption.and_then(|it| it.failure_description()).map(failure))
        .observed("EncryptionStatus", encryption.and_then(|it| it.status()).map(DeliveryStreamEncryptionStatus::as_str))
        .observed("FailureDescription", stream.failure_description().map(failure))
        .observed("LastUpdateTimestamp", stream.last_update_timestamp())
        .observed("VersionId", stream.version_id());
    let draft = match stream.source() {
        Some(source) => sources::with_source(draft, source),
        None => draft,
    };
    // The API has room for more, and has never had more.
    match stream.destinations().first() {
        Some(to) => with_destination(draft, to),
        None => draft,
    }
}

/// A destination is of one kind.
fn with_destination(draft: Draft, to: &DestinationDescription) -> Draft {
    // Old streams may lack the extended form.
    let s3 = match to.extended_s3_destination_description() {
        Some(extended) => Some(s3::extended(extended)),
        None => to.s3_destination_description().map(s3::plain),
    };
    draft
        .with(
            "AmazonOpenSearchServerlessDestinationConfiguration",
            to.amazon_open_search_serverless_destination_description().map(destinations::serverless),
        )
        .with(
            "AmazonopensearchserviceDestinationConfiguration",
            to.amazonopensearchservice_destination_description().map(destinations::opensearch),
        )
        .with(
            "ElasticsearchDestinationConfiguration",
            to.elasticsearch_destination_description().map(destinations::elasticsearch),
        )
        .with("ExtendedS3DestinationConfiguration", s3)
        .with(
            "HttpEndpointDestinationConfiguration",
            to.http_endpoint_destination_description().map(destinations::http),
        )
        .with("IcebergDestinationConfiguration", to.iceberg_destination_description().map(destinations::iceberg))
        .with("RedshiftDestinationConfiguration", to.redshift_destination_description().map(destinations::redshift))
        .with("SnowflakeDestinationConfiguration", to.snowflake_destination_description().map(destinations::snowflake))
        .with("SplunkDestinationConfiguration", to.splunk_destination_description().map(destinations::splunk))
}

fn encryption_input(encryption: &DeliveryStreamEncryptionConfiguration) -> Option<Props> {
    use DeliveryStreamEncryptionStatus::{Disabled, Disabling};
    if matches!(encryption.status(), None | Some(Disabled | Disabling)) {
        return None;
    }
    let kind = encryption.key_type().map(KeyType::as_str);
    Some(Props::new().with("KeyARN", encryption.key_arn()).with("KeyType", kind))
}

fn failure(failure: &FailureDescription) -> Props {
    Props::new().with("Details", failure.details()).with("Type", failure.r#type().as_str())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let firehose: Client = hands.client();
    let look = firehose.describe_delivery_stream().delivery_stream_name(hands.id()).send();
    let answer = hands.look("firehose:DescribeDeliveryStream", look).await?;
    let Some(stream) = answer.and_then(|answer| answer.delivery_stream_description) else {
        return Ok(Progress::Done);
    };
    if *stream.delivery_stream_status() != DeliveryStreamStatus::Deleting {
        // Without force, a key that is gone keeps its stream for ever.
        let request = firehose.delete_delivery_stream().delivery_stream_name(hands.id()).allow_force_delete(true);
        if hands.call(step, request.send()).await?.is_none() {
            return Ok(Progress::Done);
        }
    }
    Ok(Progress::Waiting("the delivery stream is being deleted".to_owned()))
}
