//! Taking a DB cluster away, when its members are gone.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbCluster;

use super::{deletion_protection, final_snapshot};
use crate::aws::{Call, CallError, Fate, Hands};
use crate::catalog::Made;
use crate::catalog::steps::text;
use crate::model::{Resource, Step, Switches};

/// The last step names the final snapshot; without a name none is taken.
pub(super) fn steps(cluster: &Resource, switches: &Switches) -> Vec<Step> {
    let mut steps = Vec::new();
    if switches.disable_protection && deletion_protection(cluster).is_some() {
        steps.push(Step::on("rds:ModifyDBCluster", "DeletionProtection=false"));
    }
    if let Some(global) = text(&cluster.properties, "GlobalClusterIdentifier").filter(|global| !global.is_empty()) {
        steps.push(Step::on("rds:RemoveFromGlobalCluster", global));
    }
    // The data of a replica is its source's.
    let source = text(&cluster.properties, "ReplicationSourceIdentifier").filter(|source| !source.is_empty());
    let snapshot = final_snapshot(switches, &cluster.id).filter(|_| source.is_none());
    steps.push(Step::on("rds:DeleteDBCluster", snapshot.unwrap_or_default()));
    steps
}

pub(super) async fn run(hands: &Hands, step: &Step) -> Made {
    let rds: Client = hands.client();
    let id = hands.id();
    match step.call.as_str() {
        "rds:ModifyDBCluster" => {
            let call = rds.modify_db_cluster().db_cluster_identifier(id);
            let call = call.deletion_protection(false).apply_immediately(true);
            let request = async { call.send().await.at(&step.call) };
            hands.until_gone(step, || protected(hands, &rds), request).await
        }
        "rds:RemoveFromGlobalCluster" => {
            let call = rds.remove_from_global_cluster().global_cluster_identifier(&step.target);
            let request = async { call.db_cluster_identifier(hands.arn()).send().await.at(&step.call) };
            hands.until_gone(step, || member(hands, &rds), request).await
        }
        "rds:DeleteDBCluster" => {
            let call = rds.delete_db_cluster().db_cluster_identifier(id);
            let call = match step.target.as_str() {
                "" => call.skip_final_snapshot(true),
                snapshot => call.skip_final_snapshot(false).final_db_snapshot_identifier(snapshot),
            };
            let request = async { call.send().await.at(&step.call) };
            hands.until_gone(step, || fate(hands, &rds), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

async fn described(hands: &Hands, rds: &Client) -> Result<Option<DbCluster>, CallError> {
    let found = rds.describe_db_clusters().db_cluster_identifier(hands.id()).send();
    let found = hands.look("rds:DescribeDBClusters", found).await?;
    Ok(found.and_then(|found| found.db_clusters?.into_iter().next()))
}

async fn protected(hands: &Hands, rds: &Client) -> Result<Fate, CallError> {
    let cluster = described(hands, rds).await?;
    Ok(if cluster.and_then(|it| it.deletion_protection) == Some(true) { Fate::There } else { Fate::Gone })
}

/// Whether the cluster is still a member of a global one.
async fn member(hands: &Hands, rds: &Client) -> Result<Fate, CallError> {
    let global = described(hands, rds).await?.and_then(|cluster| cluster.global_cluster_identifier);
    Ok(if global.is_some_and(|global| !global.is_empty()) { Fate::There } else { Fate::Gone })
}

async fn fate(hands: &Hands, rds: &Client) -> Result<Fate, CallError> {
    let cluster = described(hands, rds).await?;
    Ok(match cluster.map(|cluster| cluster.status.unwrap_or_default()).as_deref() {
        None => Fate::Gone,
        Some("deleting") => Fate::going("deleting"),
        Some(_) => Fate::There,
    })
}
