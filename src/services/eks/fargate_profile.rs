//! Fargate profiles: which pods of a cluster run on Fargate.

use aws_sdk_eks::Client;
use aws_sdk_eks::types::{FargateProfile, FargateProfileSelector, FargateProfileStatus};

use super::{GONE, of_cluster, parts, tags};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::EKS::FargateProfile`. One call per cluster and one each.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EKS::FargateProfile",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdAt"),
    sets: &["Selectors", "Selectors.*.Labels", "Subnets"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "fargateProfile.clusterName", why: "the cluster that was asked about" },
        LeftOut { path: "fargateProfile.fargateProfileName", why: "the name that was asked about" },
        LeftOut { path: "fargateProfile.health.*", why: "run state" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "ClusterName",
        to: "AWS::EKS::Cluster",
        target: "{}",
        order: Order::HolderFirst,
        why: "a cluster is named and cannot go while it has parts",
    }],
    read_actions: &["eks:DescribeFargateProfile", "eks:ListClusters", "eks:ListFargateProfiles"],
    delete: Delete::Call(Recipe {
        operation: "DeleteFargateProfile",
        actions: &["eks:DeleteFargateProfile"],
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
    let pages = eks.list_fargate_profiles().cluster_name(&cluster).max_results(100).into_paginator().items().send();
    of_cluster(eks, &cluster, pages.try_collect().await.at("eks:ListFargateProfiles")).await
}

async fn describe(eks: &Client, cluster: String, name: String) -> Result<Option<Draft>, CallError> {
    let answer = eks.describe_fargate_profile().cluster_name(&cluster).fargate_profile_name(&name).send().await;
    let answer = answer.at("eks:DescribeFargateProfile").absent_if(GONE)?;
    Ok(answer.and_then(|answer| answer.fargate_profile).map(|found| map(&cluster, &name, &found)))
}

fn id(cluster: &str, name: &str) -> String {
    format!("{cluster}|{name}")
}

fn map(cluster: &str, name: &str, profile: &FargateProfile) -> Draft {
    Draft::new(id(cluster, name))
        .arn(profile.fargate_profile_arn())
        .name(name)
        .created(profile.created_at())
        .tags(tags(profile.tags()))
        .with("ClusterName", cluster)
        .with("FargateProfileName", name)
        .with("PodExecutionRoleArn", profile.pod_execution_role_arn())
        .with("Selectors", each(profile.selectors(), fargate_profile_selector))
        .with("Subnets", profile.subnets())
        .observed("status", profile.status().map(FargateProfileStatus::as_str))
}

fn fargate_profile_selector(selector: &FargateProfileSelector) -> Props {
    let labels: Vec<_> = selector
        .labels()
        .into_iter()
        .flatten()
        .map(|(key, value)| Props::new().with("Key", key).with("Value", value))
        .collect();
    Props::new().with("Labels", labels).with("Namespace", selector.namespace())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let eks: Client = hands.client();
    let (cluster, name) = (hands.part(0), hands.part(1));
    let look = eks.describe_fargate_profile().cluster_name(cluster).fargate_profile_name(name).send();
    let now = hands.look("eks:DescribeFargateProfile", look).await?;
    match now.as_ref().and_then(|answer| answer.fargate_profile()?.status()) {
        None => return Ok(Progress::Done),
        Some(FargateProfileStatus::Deleting) => {}
        Some(_) => {
            if hands
                .call(step, eks.delete_fargate_profile().cluster_name(cluster).fargate_profile_name(name).send())
                .await?
                .is_none()
            {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the profile is being deleted; a cluster loses one at a time".to_owned()))
}
