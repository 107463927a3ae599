//! Event buses, each with its access policy.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_event_bus::DescribeEventBusOutput;
use aws_sdk_eventbridge::types::{IncludeDetail, Level};

use super::{GONE, buses};
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped, policy_document,
};
use crate::model::Step;

/// `AWS::Events::EventBus`. Its `Policy` is all that `AWS::Events::EventBusPolicy` has to say.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Events::EventBus",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListEventBuses:EventBuses[].Arn", why: "as in DescribeEventBus" },
        LeftOut { path: "ListEventBuses:EventBuses[].Description", why: "as in DescribeEventBus" },
        LeftOut { path: "ListEventBuses:EventBuses[].Policy", why: "as in DescribeEventBus" },
        LeftOut { path: "ListEventBuses:EventBuses[].CreationTime", why: "as in DescribeEventBus" },
        LeftOut { path: "ListEventBuses:EventBuses[].LastModifiedTime", why: "as in DescribeEventBus" },
        LeftOut { path: "ListEventBuses:EventBuses[].ManagedBy", why: "as in DescribeEventBus" },
        LeftOut { path: "DescribeEventBus:Name", why: "as in ListEventBuses" },
    ],
    unmapped: &[
        Unmapped { path: "EventSourceName", why: "never answered; a partner's bus has it as its name" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["events:ListEventBuses", "events:DescribeEventBus", "events:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteEventBus",
        actions: &["events:DeleteEventBus"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let events: Client = cx.client();
    let names = buses(cx).await?;
    let names = cx.wanted(names.to_vec(), |name| name);
    cx.each(names, |name| {
        let events = &events;
        async move {
            let again = async { events.describe_event_bus().name(&name).send().await.at("events:DescribeEventBus") };
            gone_with(describe(cx, events, &name).await, GONE, again).await
        }
    })
    .await
}

async fn describe(cx: &Cx, events: &Client, name: &str) -> Result<Draft, CallError> {
    let arn = cx.arn("events", &format!("event-bus/{name}"));
    let (bus, tags) = tokio::join!(
        events.describe_event_bus().name(name).send(),
        events.list_tags_for_resource().resource_arn(&arn).send(),
    );
    let bus = bus.at("events:DescribeEventBus")?;
    let tags = tags.at("events:ListTagsForResource").map(|answer| answer.tags.unwrap_or_default());
    map(name, &bus).sub_tags(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value))))
}

fn map(name: &str, bus: &DescribeEventBusOutput) -> Draft {
    let partner = name.starts_with("aws.partner/");
    let log_config = bus.log_config().map(|log| {
        Props::new()
            .with("IncludeDetail", log.include_detail().map(IncludeDetail::as_str))
            .with("Level", log.level().map(Level::as_str))
    });
    Draft::new(name)
        .arn(bus.arn())
        .name(name)
        .created(bus.creation_time())
        .with("Name", name)
        .with("Description", bus.description())
        .with("KmsKeyIdentifier", bus.kms_key_identifier())
        .with("DeadLetterConfig", bus.dead_letter_config().map(|queue| Props::new().with("Arn", queue.arn())))
        .with("LogConfig", log_config)
        .with("Policy", policy_document(bus.policy()))
        .observed("LastModifiedTime", bus.last_modified_time())
        .aws_made(name == "default", "default event bus")
        .owner("partner-event-source", partner.then_some(name))
        .owner("aws-service", bus.managed_by())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let events: Client = hands.client();
    hands.at_once(step, events.delete_event_bus().name(hands.id()).send()).await
}
