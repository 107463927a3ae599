//! State machines, each with its aliases.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::operation::describe_state_machine_alias::DescribeStateMachineAliasOutput;
use aws_sdk_sfn::types::{
    CloudWatchLogsLogGroup, EncryptionConfiguration, LogDestination, LogLevel, LoggingConfiguration,
    RoutingConfigurationListItem, StateMachineStatus, TracingConfiguration,
};

use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each, json_document,
};
use crate::model::Step;

/// `AWS::StepFunctions::StateMachine`, with `AWS::StepFunctions::StateMachineAlias` folded in as `aliases`. Three calls
/// each, and one per alias.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::StepFunctions::StateMachine",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("creationDate"),
    sets: &["LoggingConfiguration.Destinations", "aliases", "aliases.*.RoutingConfiguration"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListStateMachines:stateMachines*", why: "DescribeStateMachine says it" },
        LeftOut { path: "DescribeStateMachine:stateMachineArn", why: "the machine that was asked about" },
        LeftOut { path: "DescribeStateMachine:variableReferences*", why: "derived from the definition" },
        LeftOut { path: "DescribeStateMachine:revisionId", why: "changes with every update" },
        LeftOut { path: "DescribeStateMachine:label", why: "of a state inside, in answers about its runs" },
        LeftOut { path: "DescribeStateMachine:description", why: "of a version only" },
        LeftOut { path: "ListStateMachineAliases:stateMachineAliases*", why: "the answer about each says it" },
        LeftOut { path: "DescribeStateMachineAlias:creationDate", why: "time of a part" },
        LeftOut { path: "DescribeStateMachineAlias:updateDate", why: "time of a change" },
        LeftOut { path: "DescribeStateMachineAlias:stateMachineAliasArn", why: "the machine's ARN and the name" },
    ],
    unmapped: &[
        Unmapped { path: "DefinitionS3Location", why: "write-only: where the definition came from" },
        Unmapped { path: "DefinitionString", why: "kept parsed, as Definition" },
        Unmapped { path: "DefinitionSubstitutions", why: "write-only: already put into the definition" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &[
        "states:DescribeStateMachine",
        "states:DescribeStateMachineAlias",
        "states:ListStateMachineAliases",
        "states:ListStateMachines",
        "states:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteStateMachine",
        actions: &["states:DeleteStateMachine"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

/// How Step Functions says that a state machine was deleted since it was listed.
const GONE: &[&str] = &["StateMachineDoesNotExist", "ResourceNotFound"];

async fn list(cx: &Cx) -> Listed {
    let sfn: Client = cx.client();
    let pages = sfn.list_state_machines().max_results(1000).into_paginator().items().send();
    let machines: Vec<_> = pages.try_collect().await.at("states:ListStateMachines")?;
    let arns = machines.into_iter().map(|machine| machine.state_machine_arn).filter(|arn| cx.wants(arn)).collect();
    cx.each(arns, |arn| describe(cx, &sfn, arn)).await
}

async fn describe(cx: &Cx, sfn: &Client, arn: String) -> Result<Option<Draft>, CallError> {
    let (machine, tags, aliases) = tokio::join!(
        sfn.describe_state_machine().state_machine_arn(&arn).send(),
        sfn.list_tags_for_resource().resource_arn(&arn).send(),
        aliases(cx, sfn, &arn),
    );
    let Some(machine) = machine.at("states:DescribeStateMachine").absent_if(GONE)? else { return Ok(None) };
    let tags = tags.at("states:ListTagsForResource").map(|answer| answer.tags.unwrap_or_default());
    let again = sfn.describe_state_machine().state_machine_arn(&arn).send();
    let errors = [tags.as_ref().err(), aliases.as_ref().err()];
    if vanished(errors, GONE, async { again.await.at("states:DescribeStateMachine") }).await? {
        return Ok(None);
    }
    let tags = tags.map(|tags| tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))));
    map(&arn, &machine).sub("aliases", aliases)?.sub_tags(tags).map(Some)
}

/// All aliases of a state machine. The SDK has no paginator for this call.
async fn aliases(cx: &Cx, sfn: &Client, machine: &str) -> Result<Vec<Props>, CallError> {
    let mut arns = Vec::new();
    let mut token = None;
    loop {
        let request = sfn.list_state_machine_aliases().state_machine_arn(machine).max_results(1000);
        let answer = request.set_next_token(token).send().await.at("states:ListStateMachineAliases")?;
        arns.extend(answer.state_machine_aliases.into_iter().map(|alias| alias.state_machine_alias_arn));
        token = answer.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    let found = cx.gather(arns, |arn: String| describe_alias(sfn, arn)).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn describe_alias(sfn: &Client, arn: String) -> Result<Option<Props>, CallError> {
    let answer = sfn.describe_state_machine_alias().state_machine_alias_arn(arn).send().await;
    let answer = answer.at("states:DescribeStateMachineAlias").absent_if(&["ResourceNotFound"])?;
    Ok(answer.as_ref().map(alias))
}

fn map(arn: &str, machine: &DescribeStateMachineOutput) -> Draft {
    Draft::new(arn)
        .arn(arn)
        .name(machine.name())
        .created(machine.creation_date())
        .with("EncryptionConfiguration", machine.encryption_configuration().map(encryption_configuration))
        .with("LoggingConfiguration", machine.logging_configuration().map(logging_configuration))
        .with("RoleArn", machine.role_arn())
        .with("StateMachineName", machine.name())
        .with("StateMachineType", machine.r#type().as_str())
        .with("TracingConfiguration", machine.tracing_configuration().map(tracing_configuration))
        .with("Definition", json_document(Some(machine.definition())))
        .observed("status", machine.status().map(StateMachineStatus::as_str))
}

fn encryption_configuration(config: &EncryptionConfiguration) -> Props {
    Props::new()
        .with("KmsDataKeyReusePeriodSeconds", config.kms_data_key_reuse_period_seconds())
        .with("KmsKeyId", config.kms_key_id())
        .with("Type", config.r#type().as_str())
}

fn cloud_watch_logs_log_group(group: &CloudWatchLogsLogGroup) -> Props {
    Props::new().with("LogGroupArn", group.log_group_arn())
}

fn log_destination(destination: &LogDestination) -> Props {
    Props::new()
        .with("CloudWatchLogsLogGroup", destination.cloud_watch_logs_log_group().map(cloud_watch_logs_log_group))
}

fn logging_configuration(config: &LoggingConfiguration) -> Props {
    Props::new()
        .with("Destinations", each(config.destinations(), log_destination))
        .with("IncludeExecutionData", config.include_execution_data())
        .with("Level", config.level().map(LogLevel::as_str))
}

fn tracing_configuration(config: &TracingConfiguration) -> Props {
    Props::new().with("Enabled", config.enabled())
}

fn alias(alias: &DescribeStateMachineAliasOutput) -> Props {
    Props::new()
        .with("Description", alias.description())
        .with("Name", alias.name())
        .with("RoutingConfiguration", each(alias.routing_configuration(), routing_configuration))
}

fn routing_configuration(item: &RoutingConfigurationListItem) -> Props {
    Props::new().with("StateMachineVersionArn", item.state_machine_version_arn()).with("Weight", item.weight())
}

/// Versions and aliases go with it; it is gone when its last execution has ended.
async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let sfn: Client = hands.client();
    let look = sfn.describe_state_machine().state_machine_arn(hands.id()).send();
    let Some(now) = hands.look("states:DescribeStateMachine", look).await? else { return Ok(Progress::Done) };
    if now.status() != Some(&StateMachineStatus::Deleting)
        && hands.call(step, sfn.delete_state_machine().state_machine_arn(hands.id()).send()).await?.is_none()
    {
        return Ok(Progress::Done);
    }
    Ok(Progress::Waiting("its executions are ending".to_owned()))
}
