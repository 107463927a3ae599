//! EKS.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_eks::Client;

use crate::aws::{Call, CallError, Cx};
use crate::catalog::TypeSpec;

mod access;
mod addon;
mod cluster;
mod cluster_props;
mod fargate_profile;
mod nodegroup;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&addon::SPEC, &cluster::SPEC, &fargate_profile::SPEC, &nodegroup::SPEC];

/// How EKS says that a cluster or a part of one was deleted since it was listed.
const GONE: &[&str] = &["ResourceNotFoundException"];

/// The names of all clusters of the region, asked once per run.
async fn cluster_names(cx: &Cx) -> Result<Arc<Vec<String>>, CallError> {
    cx.once(&format!("eks clusters {}", cx.region()), async || list_clusters(&cx.client()).await).await
}

async fn list_clusters(eks: &Client) -> Result<Vec<String>, CallError> {
    let pages = eks.list_clusters().max_results(100).into_paginator().items().send();
    pages.try_collect().await.at("eks:ListClusters")
}

/// The parts of a cluster; none when it was deleted since it was listed.
async fn of_cluster(
    eks: &Client,
    cluster: &str,
    parts: Result<Vec<String>, CallError>,
) -> Result<Vec<String>, CallError> {
    let is_gone = matches!(&parts, Err(error) if GONE.contains(&error.code.as_str()));
    if is_gone && !list_clusters(eks).await?.iter().any(|name| name == cluster) {
        return Ok(Vec::new());
    }
    parts
}

/// Parts of all clusters, as (cluster, name).
async fn parts<F, Fut>(cx: &Cx, of_cluster: F) -> Result<Vec<(String, String)>, CallError>
where
    F: Fn(String) -> Fut,
    Fut: Future<Output = Result<Vec<String>, CallError>>,
{
    let found = cx.gather(cluster_names(cx).await?.to_vec(), async |cluster: String| {
        let names = of_cluster(cluster.clone()).await?;
        Ok(names.into_iter().map(|name| (cluster.clone(), name)).collect::<Vec<_>>())
    });
    Ok(found.await?.into_iter().flatten().collect())
}

fn tags(tags: Option<&HashMap<String, String>>) -> Vec<(String, String)> {
    tags.map(|tags| tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()).unwrap_or_default()
}
