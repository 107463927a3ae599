//! Rules of all event buses, each with its targets.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{Rule, RuleState, Target};

use super::{GONE, buses, rule_target};
use crate::aws::{Absent, Call, CallError, Cx, Hands, classify, gone_unless};
use crate::catalog::steps::{EVERY, texts_of};
use crate::catalog::{
    Created, Delete, Draft, Edge, Listed, Made, Order, Progress, Recipe, Scope, TypeSpec, Unmapped, each, json_document,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::Events::Rule`.
///
/// Whether it is switched on (`State`) is configuration. The values of HTTP headers and query parameters are masked,
/// because that is where keys of foreign APIs stand.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Events::Rule",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EventBridge does not report it"),
    sets: &[
        "Targets",
        "Targets.*.EcsParameters.CapacityProviderStrategy",
        "Targets.*.EcsParameters.NetworkConfiguration.AwsVpcConfiguration.SecurityGroups",
        "Targets.*.EcsParameters.NetworkConfiguration.AwsVpcConfiguration.Subnets",
        "Targets.*.EcsParameters.PlacementConstraints",
        "Targets.*.EcsParameters.TagList",
        "Targets.*.RunCommandParameters.RunCommandTargets",
        "Targets.*.RunCommandParameters.RunCommandTargets.*.Values",
        "Targets.*.SageMakerPipelineParameters.PipelineParameterList",
    ],
    secrets: &["Targets.*.HttpParameters.HeaderParameters.*", "Targets.*.HttpParameters.QueryStringParameters.*"],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "EventBusName",
        to: "AWS::Events::EventBus",
        target: "{}",
        order: Order::HolderFirst,
        why: "a rule names its bus, which cannot go while it has rules",
    }],
    read_actions: &[
        "events:ListEventBuses",
        "events:ListRules",
        "events:ListTargetsByRule",
        "events:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteRule",
        actions: &["events:RemoveTargets", "events:DeleteRule"],
        gone: GONE,
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let events: Client = cx.client();
    let names = buses(cx).await?;
    let rules = cx.gather(names.to_vec(), |bus| rules(&events, bus)).await?;
    let rules = cx.wanted(rules.into_iter().flatten().collect(), |rule| rule.arn().unwrap_or_default());
    cx.each(rules, |rule| {
        let events = &events;
        async move {
            let bus = rule.event_bus_name().unwrap_or("default").to_owned();
            let exists = async { Ok(self::rules(events, bus).await?.iter().any(|other| other.arn() == rule.arn())) };
            gone_unless(describe(events, &rule).await, GONE, exists).await
        }
    })
    .await
}

/// The rules of one bus; none when the bus was deleted meanwhile.
async fn rules(events: &Client, bus: String) -> Result<Vec<Rule>, CallError> {
    let mut rules = Vec::new();
    let mut token = None;
    loop {
        let page = events.list_rules().event_bus_name(&bus).limit(100).set_next_token(token).send().await;
        let Some(page) = page.at("events:ListRules").absent_if(GONE)? else { return Ok(Vec::new()) };
        rules.extend(page.rules.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(rules);
        }
    }
}

async fn describe(events: &Client, rule: &Rule) -> Result<Draft, CallError> {
    let (targets, tags) = tokio::join!(
        targets(events, rule),
        events.list_tags_for_resource().resource_arn(rule.arn().unwrap_or_default()).send(),
    );
    let tags = tags.at("events:ListTagsForResource").map(|answer| answer.tags.unwrap_or_default());
    map(rule)
        .sub("Targets", targets.map(|targets| each(&targets, rule_target::map)))?
        .sub_tags(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value))))
}

async fn targets(events: &Client, rule: &Rule) -> Result<Vec<Target>, CallError> {
    let mut targets = Vec::new();
    let mut token = None;
    loop {
        let page = events.list_targets_by_rule().rule(rule.name().unwrap_or_default()).limit(100);
        let page = page.set_event_bus_name(rule.event_bus_name.clone()).set_next_token(token).send().await;
        let page = page.at("events:ListTargetsByRule")?;
        targets.extend(page.targets.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(targets);
        }
    }
}

fn map(rule: &Rule) -> Draft {
    Draft::new(rule.arn().unwrap_or_default())
        .arn(rule.arn())
        .name(rule.name())
        .with("Name", rule.name())
        .with("Description", rule.description())
        .with("EventBusName", rule.event_bus_name())
        .with("EventPattern", json_document(rule.event_pattern()))
        .with("ScheduleExpression", rule.schedule_expression())
        .with("State", rule.state().map(RuleState::as_str))
        .with("RoleArn", rule.role_arn())
        .owner("aws-service", rule.managed_by())
        .owner("events-archive", archive_of(rule))
}

/// The archive whose rule this is: `EventBridge` makes one with each archive, and takes it away with it.
fn archive_of(rule: &Rule) -> Option<&str> {
    let managed = rule.managed_by().is_some_and(|by| by.starts_with("prod.vhs.events"));
    rule.name().filter(|_| managed)?.strip_prefix("Events-Archive-")
}

fn deletion(rule: &Resource, _: &Switches) -> Vec<Step> {
    let targets: Vec<&str> = texts_of(&rule.properties, "Targets", "Id").collect();
    let known = !rule.unreadable.contains_key("Targets");
    let remove = match targets.as_slice() {
        [] if known => None,
        [] => Some(Step::on("events:RemoveTargets", EVERY)),
        ids => Some(Step::on("events:RemoveTargets", ids.join(","))),
    };
    remove.into_iter().chain([Step::on_resource("events:DeleteRule")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let events: Client = hands.client();
    let rule = hands.text("Name").unwrap_or_default();
    let bus = hands.text("EventBusName");
    match step.call.as_str() {
        "events:RemoveTargets" => {
            let ids = match step.target.as_str() {
                EVERY => target_ids(hands, &events).await?,
                // An id has letters, digits, dots, dashes and underscores only.
                ids => ids.split(',').map(str::to_owned).collect(),
            };
            if ids.is_empty() {
                return Ok(Progress::Done);
            }
            let call = events.remove_targets().rule(rule).set_event_bus_name(bus.map(str::to_owned));
            let request = async {
                let answer = call.set_ids(Some(ids)).send().await.at(&step.call)?;
                let Some(failed) = answer.failed_entries().first().filter(|_| answer.failed_entry_count() > 0) else {
                    return Ok(());
                };
                let code = failed.error_code().unwrap_or("FailedEntry");
                let message = failed.error_message().unwrap_or_default();
                Err(CallError::new(classify(code, message), code, message, &step.call))
            };
            hands.call_checked(step, request).await.map(|_| Progress::Done)
        }
        "events:DeleteRule" => {
            let call = events.delete_rule().name(rule).set_event_bus_name(bus.map(str::to_owned));
            hands.at_once(step, call.send()).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// The targets of the rule, where the snapshot could not list them.
async fn target_ids(hands: &Hands, events: &Client) -> Result<Vec<String>, CallError> {
    let bus = hands.text("EventBusName").map(str::to_owned);
    let rule = Rule::builder().set_name(hands.text("Name").map(str::to_owned)).set_event_bus_name(bus).build();
    let targets = targets(events, &rule).await.absent_if(GONE)?.unwrap_or_default();
    Ok(targets.into_iter().map(|target| target.id).collect())
}
