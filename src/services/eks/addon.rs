//! Add-ons of clusters.

use aws_sdk_eks::Client;
use aws_sdk_eks::types::{Addon, AddonNamespaceConfigResponse, AddonStatus};

use super::{GONE, of_cluster, parts, tags};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::Step;

/// `AWS::EKS::Addon`. One call per cluster and one each.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EKS::Addon",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdAt"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "addon.clusterName", why: "the cluster that was asked about" },
        LeftOut { path: "addon.addonName", why: "the name that was asked about" },
        LeftOut { path: "addon.health.*", why: "run state" },
        LeftOut { path: "addon.owner", why: "who publishes it; goes with its name" },
        LeftOut { path: "addon.publisher", why: "who publishes it; goes with its name" },
        LeftOut { path: "addon.marketplaceInformation.*", why: "goes with its name" },
        LeftOut { path: "addon.podIdentityAssociations*", why: "the cluster has them" },
    ],
    unmapped: &[
        Unmapped {
            path: "PodIdentityAssociations",
            why: "answered as ids; the cluster has them as `podIdentityAssociations`",
        },
        Unmapped { path: "PreserveOnDelete", why: "an argument of the deletion" },
        Unmapped { path: "ResolveConflicts", why: "write-only: what an update should do" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[Edge {
        path: "ClusterName",
        to: "AWS::EKS::Cluster",
        target: "{}",
        order: Order::HolderFirst,
        why: "a cluster is named and cannot go while it has parts",
    }],
    read_actions: &["eks:DescribeAddon", "eks:ListAddons", "eks:ListClusters"],
    delete: Delete::Call(Recipe {
        operation: "DeleteAddon",
        actions: &["eks:DeleteAddon"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let eks: Client = cx.client();
    let mut found = parts(cx, |cluster| names(&eks, cluster)).await?;
    found.retain(|(cluster, name)| cx.wants(&id(cluster, name)));
    cx.each(found, |(cluster, name)| describe(&eks, cluster, name)).await
}

async fn names(eks: &Client, cluster: String) -> Result<Vec<String>, CallError> {
    let pages = eks.list_addons().cluster_name(&cluster).max_results(100).into_paginator().items().send();
    of_cluster(eks, &cluster, pages.try_collect().await.at("eks:ListAddons")).await
}

async fn describe(eks: &Client, cluster: String, name: String) -> Result<Option<Draft>, CallError> {
    let answer = eks.describe_addon().cluster_name(&cluster).addon_name(&name).send().await;
    let answer = answer.at("eks:DescribeAddon").absent_if(GONE)?;
    Ok(answer.and_then(|answer| answer.addon).map(|found| map(&cluster, &name, &found)))
}

fn id(cluster: &str, name: &str) -> String {
    format!("{cluster}|{name}")
}

fn map(cluster: &str, name: &str, addon: &Addon) -> Draft {
    Draft::new(id(cluster, name))
        .arn(addon.addon_arn())
        .name(name)
        .created(addon.created_at())
        .tags(tags(addon.tags()))
        .with("AddonName", name)
        .with("AddonVersion", addon.addon_version())
        .with("ClusterName", cluster)
        .with("ConfigurationValues", addon.configuration_values())
        .with("NamespaceConfig", addon.namespace_config().map(addon_namespace_config))
        .with("ServiceAccountRoleArn", addon.service_account_role_arn())
        .observed("modifiedAt", addon.modified_at())
        .observed("status", addon.status().map(AddonStatus::as_str))
}

fn addon_namespace_config(response: &AddonNamespaceConfigResponse) -> Props {
    Props::new().with("Namespace", response.namespace())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let eks: Client = hands.client();
    let (cluster, name) = (hands.part(0), hands.part(1));
    let look = eks.describe_addon().cluster_name(cluster).addon_name(name).send();
    let now = hands.look("eks:DescribeAddon", look).await?;
    match now.as_ref().and_then(|answer| answer.addon()?.status()) {
        None => return Ok(Progress::Done),
        Some(AddonStatus::Deleting) => {}
        Some(_) => {
            if hands.call(step, eks.delete_addon().cluster_name(cluster).addon_name(name).send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the add-on is being deleted".to_owned()))
}
