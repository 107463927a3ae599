//! Who may do what in a cluster: access entries of principals, and roles of its pods.

use aws_sdk_eks::Client;
use aws_sdk_eks::types::{AccessEntry, AccessScope, AccessScopeType, AssociatedAccessPolicy, PodIdentityAssociation};

use super::GONE;
use crate::aws::{Absent, Call, CallError, Cx};
use crate::catalog::{Props, each, policy_document};

/// The access entries of a cluster, as `AWS::EKS::AccessEntry`. Two calls each.
pub(super) async fn entries(cx: &Cx, eks: &Client, cluster: &str) -> Result<Vec<Props>, CallError> {
    let pages = eks.list_access_entries().cluster_name(cluster).max_results(100).into_paginator().items().send();
    let principals: Vec<String> = pages.try_collect().await.at("eks:ListAccessEntries")?;
    let entries = cx.gather(principals, |principal| entry(eks, cluster, principal)).await?;
    Ok(entries.into_iter().flatten().collect())
}

async fn entry(eks: &Client, cluster: &str, principal: String) -> Result<Option<Props>, CallError> {
    let policies = eks.list_associated_access_policies().cluster_name(cluster).principal_arn(&principal);
    let policies = policies.max_results(100).into_paginator().items().send();
    let (entry, policies) = tokio::join!(
        eks.describe_access_entry().cluster_name(cluster).principal_arn(&principal).send(),
        policies.try_collect(),
    );
    let Some(entry) = entry.at("eks:DescribeAccessEntry").absent_if(GONE)? else { return Ok(None) };
    let Some(policies) = policies.at("eks:ListAssociatedAccessPolicies").absent_if(GONE)? else { return Ok(None) };
    Ok(entry.access_entry().map(|entry| access_entry(entry, &policies)))
}

fn access_entry(entry: &AccessEntry, policies: &[AssociatedAccessPolicy]) -> Props {
    Props::new()
        .with("AccessPolicies", each(policies, access_policy))
        .with("KubernetesGroups", entry.kubernetes_groups())
        .with("PrincipalArn", entry.principal_arn())
        .with("Type", entry.r#type())
        .with("Username", entry.username())
}

fn access_policy(policy: &AssociatedAccessPolicy) -> Props {
    Props::new().with("AccessScope", policy.access_scope().map(access_scope)).with("PolicyArn", policy.policy_arn())
}

fn access_scope(scope: &AccessScope) -> Props {
    Props::new().with("Namespaces", scope.namespaces()).with("Type", scope.r#type().map(AccessScopeType::as_str))
}

/// The roles of the pods of a cluster, as `AWS::EKS::PodIdentityAssociation`. One call each.
pub(super) async fn pod_identities(cx: &Cx, eks: &Client, cluster: &str) -> Result<Vec<Props>, CallError> {
    let pages = eks.list_pod_identity_associations().cluster_name(cluster).max_results(100);
    let found: Vec<_> =
        pages.into_paginator().items().send().try_collect().await.at("eks:ListPodIdentityAssociations")?;
    let ids = found.into_iter().filter_map(|summary| summary.association_id).collect();
    let found = cx.gather(ids, |id: String| pod_identity(eks, cluster, id)).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn pod_identity(eks: &Client, cluster: &str, id: String) -> Result<Option<Props>, CallError> {
    let answer = eks.describe_pod_identity_association().cluster_name(cluster).association_id(id).send().await;
    let answer = answer.at("eks:DescribePodIdentityAssociation").absent_if(GONE)?;
    Ok(answer.and_then(|answer| answer.association).as_ref().map(association))
}

fn association(association: &PodIdentityAssociation) -> Props {
    Props::new()
        .with("DisableSessionTags", association.disable_session_tags())
        .with("Namespace", association.namespace())
        .with("Policy", policy_document(association.policy()))
        .with("RoleArn", association.role_arn())
        .with("ServiceAccount", association.service_account())
        .with("TargetRoleArn", association.target_role_arn())
        .with("ownerArn", association.owner_arn())
}
