//! Taking a DB instance away.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance;

use super::{deletion_protection, final_snapshot};
use crate::aws::{Call, CallError, Fate, Hands};
use crate::catalog::Made;
use crate::catalog::steps::text;
use crate::model::{Resource, Step, Switches};

/// The last step names the final snapshot; without a name none is taken.
pub(super) fn steps(instance: &Resource, switches: &Switches) -> Vec<Step> {
    let mut steps = Vec::new();
    if switches.disable_protection && deletion_protection(instance).is_some() {
        steps.push(Step::on("rds:ModifyDBInstance", "DeletionProtection=false"));
    }
    let snapshot = final_snapshot(switches, &instance.id).filter(|_| has_own_data(instance));
    steps.push(Step::on("rds:DeleteDBInstance", snapshot.unwrap_or_default()));
    steps
}

/// The data of a cluster's member is the cluster's, that of a read replica its source's. RDS refuses a final snapshot
/// of both, and of RDS Custom.
fn has_own_data(instance: &Resource) -> bool {
    let has = |name: &str| text(&instance.properties, name).is_some();
    let custom = text(&instance.properties, "Engine").is_some_and(|engine| engine.starts_with("custom-"));
    !is_member(instance) && !has("SourceDBInstanceIdentifier") && !has("SourceDBClusterIdentifier") && !custom
}

fn is_member(instance: &Resource) -> bool {
    text(&instance.properties, "DBClusterIdentifier").is_some()
}

pub(super) async fn run(hands: &Hands, step: &Step) -> Made {
    let rds: Client = hands.client();
    let id = hands.id();
    match step.call.as_str() {
        "rds:ModifyDBInstance" => {
            let call = rds.modify_db_instance().db_instance_identifier(id);
            let call = call.deletion_protection(false).apply_immediately(true);
            let request = async { call.send().await.at(&step.call) };
            hands.until_gone(step, || protected(hands, &rds), request).await
        }
        "rds:DeleteDBInstance" => {
            let call = rds.delete_db_instance().db_instance_identifier(id);
            let call = match step.target.as_str() {
                // Whether to take a snapshot is asked of the cluster.
                "" if is_member(&hands.resource) => call,
                "" => call.skip_final_snapshot(true),
                snapshot => call.skip_final_snapshot(false).final_db_snapshot_identifier(snapshot),
            };
            let request = async { call.send().await.at(&step.call) };
            hands.until_gone(step, || fate(hands, &rds), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

async fn described(hands: &Hands, rds: &Client) -> Result<Option<DbInstance>, CallError> {
    let found = rds.describe_db_instances().db_instance_identifier(hands.id()).send();
    let found = hands.look("rds:DescribeDBInstances", found).await?;
    Ok(found.and_then(|found| found.db_instances?.into_iter().next()))
}

async fn protected(hands: &Hands, rds: &Client) -> Result<Fate, CallError> {
    let instance = described(hands, rds).await?;
    Ok(if instance.and_then(|it| it.deletion_protection) == Some(true) { Fate::There } else { Fate::Gone })
}

async fn fate(hands: &Hands, rds: &Client) -> Result<Fate, CallError> {
    let instance = described(hands, rds).await?;
    Ok(match instance.map(|instance| instance.db_instance_status.unwrap_or_default()).as_deref() {
        None => Fate::Gone,
        Some("deleting") => Fate::going("deleting"),
        Some(_) => Fate::There,
    })
}
