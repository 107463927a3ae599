//! Scheduled actions of Auto Scaling groups.

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::ScheduledUpdateGroupAction;

use super::delete::delete;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Edge, LeftOut, Listed, Order, Recipe, Running, Scope, TypeSpec};

/// `AWS::AutoScaling::ScheduledAction`.
///
/// `StartTime` of a recurring action moves on to the next run, so it is only shown; without a recurrence it is when the
/// action runs, once.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::AutoScaling::ScheduledAction",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("Auto Scaling does not report it"),
    sets: &[],
    secrets: &[],
    left_out: &[LeftOut { path: "ScheduledUpdateGroupActions[].Time", why: "StartTime under its old name" }],
    unmapped: &[],
    edges: &[Edge {
        path: "AutoScalingGroupName",
        to: "AWS::AutoScaling::AutoScalingGroup",
        target: "{}",
        order: Order::HolderFirst,
        why: "an action belongs to its group and goes with it",
    }],
    read_actions: &["autoscaling:DescribeScheduledActions"],
    delete: Delete::Call(Recipe {
        operation: "DeleteScheduledAction",
        actions: &["autoscaling:DeleteScheduledAction"],
        // Auto Scaling has no code for it; `run` looks.
        gone: &[],
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let autoscaling: Client = hands.client();
                let request = autoscaling
                    .delete_scheduled_action()
                    .scheduled_action_name(hands.part(0))
                    .auto_scaling_group_name(hands.part(1))
                    .send();
                delete(hands, step, request, exists(&autoscaling, hands)).await
            })
        },
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

async fn exists(autoscaling: &Client, hands: &Hands) -> Result<bool, CallError> {
    let answer = autoscaling.describe_scheduled_actions().scheduled_action_names(hands.part(0)).send().await;
    let answer = answer.at("autoscaling:DescribeScheduledActions")?;
    let mut actions = answer.scheduled_update_group_actions().iter();
    Ok(actions.any(|action| action.auto_scaling_group_name() == Some(hands.part(1))))
}

async fn list(cx: &Cx) -> Listed {
    let autoscaling: Client = cx.client();
    let pages = autoscaling.describe_scheduled_actions().max_records(100).into_paginator().items().send();
    let all: Vec<_> = pages.try_collect().await.at("autoscaling:DescribeScheduledActions")?;
    Ok(all.iter().map(map).collect())
}

fn map(action: &ScheduledUpdateGroupAction) -> Draft {
    let name = action.scheduled_action_name().unwrap_or_default();
    let group = action.auto_scaling_group_name().unwrap_or_default();
    let recurrence = action.recurrence().filter(|recurrence| !recurrence.is_empty());
    let once = recurrence.is_none();
    Draft::new(format!("{name}|{group}"))
        .arn(action.scheduled_action_arn())
        .name(name)
        .with("AutoScalingGroupName", group)
        .with("DesiredCapacity", action.desired_capacity())
        .with("EndTime", action.end_time())
        .with("MaxSize", action.max_size())
        .with("MinSize", action.min_size())
        .with("Recurrence", recurrence)
        .with("StartTime", action.start_time().filter(|_| once))
        .with("TimeZone", action.time_zone())
        .observed("StartTime", action.start_time().filter(|_| !once))
}
