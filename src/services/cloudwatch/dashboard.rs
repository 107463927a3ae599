//! Dashboards.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{DashboardEntry, Tag};

use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped, json_document,
};
use crate::model::Step;

/// `AWS::CloudWatch::Dashboard`. Dashboards are the account's, not a region's.
///
/// The body is read as the JSON that it is, in `dashboardBody`: the schema knows it as text only.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudWatch::Dashboard",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("CloudWatch reports only the last change"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DashboardEntries[].Size", why: "follows from the body" },
        LeftOut { path: "GetDashboard:DashboardArn", why: "as in ListDashboards" },
        LeftOut { path: "GetDashboard:DashboardName", why: "repeats the request" },
    ],
    unmapped: &[
        Unmapped { path: "DashboardBody", why: "kept in `dashboardBody`, read as JSON" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["cloudwatch:ListDashboards", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDashboards",
        actions: &["cloudwatch:DeleteDashboards"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How `CloudWatch` says that a dashboard was deleted since it was listed, by the protocol of old and of today.
const GONE: &[&str] = &["ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    let pages = client.list_dashboards().into_paginator().items().send();
    let dashboards: Vec<DashboardEntry> = pages.try_collect().await.at("cloudwatch:ListDashboards")?;
    let wanted = dashboards.into_iter().filter(|dashboard| cx.wants(dashboard.dashboard_name().unwrap_or_default()));
    cx.each(wanted.collect(), |dashboard| describe(&client, dashboard)).await
}

async fn describe(client: &Client, dashboard: DashboardEntry) -> Result<Option<Draft>, CallError> {
    let (body, tags) = tokio::join!(
        client.get_dashboard().set_dashboard_name(dashboard.dashboard_name.clone()).send(),
        client.list_tags_for_resource().set_resource_arn(dashboard.dashboard_arn.clone()).send(),
    );
    let Some(body) = body.at("cloudwatch:GetDashboard").absent_if(GONE).transpose() else { return Ok(None) };
    let tags = tags.at("cloudwatch:ListTagsForResource").absent_if(GONE);
    let tags: Result<Vec<Tag>, CallError> =
        tags.map(|answer| answer.and_then(|answer| answer.tags).unwrap_or_default());
    let pairs = tags.map(|tags| tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))));
    let name = dashboard.dashboard_name().unwrap_or_default();
    Draft::new(name)
        .arn(dashboard.dashboard_arn())
        .name(name)
        .with("DashboardName", name)
        .observed("LastModified", dashboard.last_modified())
        .sub("dashboardBody", body.map(|answer| json_document(answer.dashboard_body())))?
        .sub_tags(pairs)
        .map(Some)
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let client: Client = hands.client();
    hands.call(step, client.delete_dashboards().dashboard_names(hands.id()).send()).await?;
    Ok(Progress::Done)
}
