//! Schedules.

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{ActionAfterCompletion, FlexibleTimeWindow, ScheduleState};

use super::GONE;
use super::target::target;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec};
use crate::model::Step;

/// `AWS::Scheduler::Schedule`. One call for a hundred schedules of all groups, and one each.
///
/// The schema's identifier is the name alone, which is unique only inside a group: outside the default group the id
/// begins with the group. The schema has no place for `actionAfterCompletion`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Scheduler::Schedule",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[
        "Target.EcsParameters.CapacityProviderStrategy",
        "Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",
        "Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration.Subnets",
        "Target.EcsParameters.PlacementConstraints",
        "Target.EcsParameters.PlacementStrategy",
        "Target.EcsParameters.Tags",
        "Target.SageMakerPipelineParameters.PipelineParameterList",
    ],
    secrets: &["Target.Input"],
    left_out: &[
        LeftOut { path: "GetSchedule:GroupName", why: "the group that was asked about" },
        LeftOut { path: "GetSchedule:Name", why: "the name that was asked about" },
        LeftOut { path: "Schedules[].Arn", why: "GetSchedule says it" },
        LeftOut { path: "Schedules[].State", why: "GetSchedule says it" },
        LeftOut { path: "Schedules[].CreationDate", why: "GetSchedule says it" },
        LeftOut { path: "Schedules[].LastModificationDate", why: "GetSchedule says it" },
        LeftOut { path: "Schedules[].Target.*", why: "GetSchedule says it" },
    ],
    unmapped: &[],
    edges: &[Edge {
        path: "GroupName",
        to: "AWS::Scheduler::ScheduleGroup",
        target: "{}",
        order: Order::HolderFirst,
        why: "a group is named; deleting it takes its schedules along",
    }],
    read_actions: &["scheduler:GetSchedule", "scheduler:ListSchedules"],
    delete: Delete::Call(Recipe {
        operation: "DeleteSchedule",
        actions: &["scheduler:DeleteSchedule"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let scheduler: Client = cx.client();
    let pages = scheduler.list_schedules().max_results(100).into_paginator().items().send();
    let schedules: Vec<_> = pages.try_collect().await.at("scheduler:ListSchedules")?;
    let names = schedules.into_iter().filter_map(|schedule| Some((schedule.group_name?, schedule.name?)));
    let names = names.filter(|(group, name)| cx.wants(&id(group, name))).collect();
    cx.each(names, |(group, name)| describe(&scheduler, group, name)).await
}

async fn describe(scheduler: &Client, group: String, name: String) -> Result<Option<Draft>, CallError> {
    let answer = scheduler.get_schedule().group_name(&group).name(&name).send().await;
    Ok(answer.at("scheduler:GetSchedule").absent_if(GONE)?.map(|schedule| map(&group, &name, &schedule)))
}

fn id(group: &str, name: &str) -> String {
    if group == "default" { name.to_owned() } else { format!("{group}|{name}") }
}

fn map(group: &str, name: &str, schedule: &GetScheduleOutput) -> Draft {
    Draft::new(id(group, name))
        .arn(schedule.arn())
        .name(name)
        .created(schedule.creation_date())
        .with("Description", schedule.description())
        .with("EndDate", schedule.end_date())
        .with("FlexibleTimeWindow", schedule.flexible_time_window().map(flexible_time_window))
        .with("GroupName", group)
        .with("KmsKeyArn", schedule.kms_key_arn())
        .with("Name", name)
        .with("ScheduleExpression", schedule.schedule_expression())
        .with("ScheduleExpressionTimezone", schedule.schedule_expression_timezone())
        .with("StartDate", schedule.start_date())
        .with("State", schedule.state().map(ScheduleState::as_str))
        .with("Target", schedule.target().map(target))
        .with("actionAfterCompletion", schedule.action_after_completion().map(ActionAfterCompletion::as_str))
        .observed("lastModificationDate", schedule.last_modification_date())
}

fn flexible_time_window(window: &FlexibleTimeWindow) -> Props {
    Props::new().with("MaximumWindowInMinutes", window.maximum_window_in_minutes()).with("Mode", window.mode().as_str())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let scheduler: Client = hands.client();
    let request = scheduler.delete_schedule();
    let request = request.set_group_name(hands.text("GroupName").map(str::to_owned));
    hands.call(step, request.set_name(hands.text("Name").map(str::to_owned)).send()).await?;
    Ok(Progress::Done)
}
