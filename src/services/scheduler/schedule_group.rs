//! Groups of schedules.

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{ScheduleGroupState, ScheduleGroupSummary};

use super::GONE;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::Scheduler::ScheduleGroup`. One call each, for the tags.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Scheduler::ScheduleGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["scheduler:ListScheduleGroups", "scheduler:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteScheduleGroup",
        actions: &["scheduler:DeleteScheduleGroup"],
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
    let pages = scheduler.list_schedule_groups().max_results(100).into_paginator().items().send();
    let mut groups: Vec<ScheduleGroupSummary> = pages.try_collect().await.at("scheduler:ListScheduleGroups")?;
    groups.retain(|group| cx.wants(group.name().unwrap_or_default()));
    cx.each(groups, |group| describe(&scheduler, group)).await
}

async fn describe(scheduler: &Client, group: ScheduleGroupSummary) -> Result<Option<Draft>, CallError> {
    let name = group.name().unwrap_or_default();
    let tags = scheduler.list_tags_for_resource().set_resource_arn(group.arn.clone()).send().await;
    // A group that was deleted since takes its tags along; the next run does not see it.
    let tags = tags.at("scheduler:ListTagsForResource").absent_if(GONE);
    let tags = tags.map(|answer| answer.and_then(|answer| answer.tags).unwrap_or_default());
    let tags = tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)));
    let draft = Draft::new(name)
        .arn(group.arn())
        .name(name)
        .created(group.creation_date())
        .aws_made(name == "default", "the default group")
        .with("Name", name)
        .observed("lastModificationDate", group.last_modification_date())
        .observed("state", group.state().map(ScheduleGroupState::as_str));
    draft.sub_tags(tags).map(Some)
}

/// Takes the schedules along that are still in it.
async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let scheduler: Client = hands.client();
    let look = scheduler.list_schedule_groups().name_prefix(hands.id()).into_paginator().items().send();
    let groups: Option<Vec<ScheduleGroupSummary>> =
        hands.look("scheduler:ListScheduleGroups", look.try_collect()).await?;
    let now = groups.unwrap_or_default().into_iter().find(|group| group.name() == Some(hands.id()));
    let Some(now) = now else { return Ok(Progress::Done) };
    if now.state() != Some(&ScheduleGroupState::Deleting)
        && hands.call(step, scheduler.delete_schedule_group().name(hands.id()).send()).await?.is_none()
    {
        return Ok(Progress::Done);
    }
    Ok(Progress::Waiting("the group and its schedules are being deleted".to_owned()))
}
