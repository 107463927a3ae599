//! Backup selections: what the plans back up.

use aws_sdk_backup::Client;
use aws_sdk_backup::operation::get_backup_selection::GetBackupSelectionOutput;
use aws_sdk_backup::types::{
    BackupSelection, BackupSelectionsListMember, Condition, ConditionParameter, ConditionType, Conditions,
};

use super::{GONE, made_by, not_listed, plans};
use crate::aws::{Absent, Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, each,
};
use crate::model::Step;

/// `AWS::Backup::BackupSelection`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Backup::BackupSelection",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[
        "BackupSelection.Conditions.StringEquals",
        "BackupSelection.Conditions.StringLike",
        "BackupSelection.Conditions.StringNotEquals",
        "BackupSelection.Conditions.StringNotLike",
        "BackupSelection.ListOfTags",
        "BackupSelection.NotResources",
        "BackupSelection.Resources",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListBackupPlans:BackupPlansList[].*", why: "tells of the plan" },
        LeftOut { path: "BackupSelectionsList[].BackupPlanId", why: "repeats the request" },
        LeftOut { path: "BackupSelectionsList[].CreationDate", why: "as in GetBackupSelection" },
        LeftOut { path: "BackupSelectionsList[].CreatorRequestId", why: "makes a request safe to repeat" },
        LeftOut { path: "BackupSelectionsList[].IamRoleArn", why: "as in GetBackupSelection" },
        LeftOut { path: "BackupSelectionsList[].SelectionName", why: "as in GetBackupSelection" },
        LeftOut { path: "GetBackupSelection:BackupPlanId", why: "repeats the request" },
        LeftOut { path: "GetBackupSelection:SelectionId", why: "repeats the request" },
        LeftOut { path: "GetBackupSelection:CreatorRequestId", why: "makes a request safe to repeat" },
    ],
    unmapped: &[],
    edges: &[Edge {
        path: "BackupPlanId",
        to: "AWS::Backup::BackupPlan",
        target: "{}",
        order: Order::HolderFirst,
        why: "a plan cannot go while it has selections",
    }],
    read_actions: &["backup:ListBackupPlans", "backup:ListBackupSelections", "backup:GetBackupSelection"],
    delete: Delete::Call(Recipe {
        operation: "DeleteBackupSelection",
        actions: &["backup:DeleteBackupSelection"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

/// The primary identifier, as Cloud Control has it.
fn id(plan: &str, selection: &str) -> String {
    format!("{selection}_{plan}")
}

async fn list(cx: &Cx) -> Listed {
    let backup: Client = cx.client();
    let plans = plans(cx).await?;
    let plans = plans.iter().filter_map(|plan| plan.backup_plan_id.clone()).collect();
    let selections = cx.gather(plans, |plan| selections(&backup, plan)).await?;
    let wanted = selections.into_iter().flatten().filter(|(plan, selection)| cx.wants(&id(plan, selection)));
    cx.each(wanted.collect(), |(plan, selection)| describe(&backup, plan, selection)).await
}

/// The ids of the plan and its selections; none when the plan was deleted meanwhile.
async fn selections(backup: &Client, plan: String) -> Result<Vec<(String, String)>, CallError> {
    let pages = backup.list_backup_selections().backup_plan_id(&plan).max_results(1000).into_paginator().items().send();
    let found: Result<Vec<BackupSelectionsListMember>, _> = pages.try_collect().await.at("backup:ListBackupSelections");
    let found = found.absent_if(GONE)?.unwrap_or_default();
    Ok(found.into_iter().filter_map(|selection| Some((plan.clone(), selection.selection_id?))).collect())
}

/// Whether the selection is still there.
async fn listed(backup: &Client, plan: &str, selection: &str) -> Result<(), CallError> {
    let found = selections(backup, plan.to_owned()).await?;
    let there = found.iter().any(|(_, id)| id == selection);
    there.then_some(()).ok_or_else(|| not_listed("backup:ListBackupSelections"))
}

async fn describe(backup: &Client, plan: String, selection: String) -> Result<Option<Draft>, CallError> {
    let answer = backup.get_backup_selection().backup_plan_id(&plan).selection_id(&selection).send().await;
    let answer = answer.at("backup:GetBackupSelection");
    let answer = gone_with(answer, GONE, listed(backup, &plan, &selection)).await?;
    Ok(answer.map(|answer| map(&plan, &selection, &answer)))
}

fn map(plan: &str, selection: &str, answer: &GetBackupSelectionOutput) -> Draft {
    let document = answer.backup_selection();
    let (aws_made, of_organization) = made_by(plan);
    Draft::new(id(plan, selection))
        .name(document.map(BackupSelection::selection_name))
        .created(answer.creation_date())
        .with("BackupPlanId", plan)
        .with("BackupSelection", document.map(selected))
        .observed("SelectionId", selection)
        .aws_made(aws_made, "selection of EFS's automatic backups")
        .owner("organizations-policy", of_organization)
}

fn selected(selection: &BackupSelection) -> Props {
    Props::new()
        .with("Conditions", selection.conditions().map(conditions))
        .with("IamRoleArn", selection.iam_role_arn())
        .with("ListOfTags", each(selection.list_of_tags(), condition))
        .with("NotResources", selection.not_resources())
        .with("Resources", selection.resources())
        .with("SelectionName", selection.selection_name())
}

fn condition(condition: &Condition) -> Props {
    Props::new()
        .with("ConditionKey", condition.condition_key())
        .with("ConditionType", ConditionType::as_str(condition.condition_type()))
        .with("ConditionValue", condition.condition_value())
}

fn conditions(conditions: &Conditions) -> Props {
    let parameter = |parameter: &ConditionParameter| {
        Props::new().with("ConditionKey", parameter.condition_key()).with("ConditionValue", parameter.condition_value())
    };
    Props::new()
        .with("StringEquals", each(conditions.string_equals(), parameter))
        .with("StringLike", each(conditions.string_like(), parameter))
        .with("StringNotEquals", each(conditions.string_not_equals(), parameter))
        .with("StringNotLike", each(conditions.string_not_like(), parameter))
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    // An id of another form leaves one part empty, which the request refuses.
    let (selection, plan) = hands.id().split_once('_').unwrap_or_default();
    let backup: Client = hands.client();
    let request = backup.delete_backup_selection().backup_plan_id(plan).selection_id(selection);
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
