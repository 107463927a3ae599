//! Taking a table away, or one replica of a global table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    DeleteReplicationGroupMemberAction, ReplicaDescription, ReplicaStatus, ReplicationGroupUpdate, TableDescription,
    TableStatus,
};

use crate::aws::{Call, CallError, ErrorClass, Fate, Hands};
use crate::catalog::steps::{flag, texts_of};
use crate::catalog::{Made, Progress};
use crate::model::{Resource, Step, Switches};

pub(super) fn protection(table: &Resource) -> Option<String> {
    flag(&table.properties, "DeletionProtectionEnabled").then(|| "DeletionProtectionEnabled".to_owned())
}

/// Each replica is a table of its own and stands in the snapshot of its own region, so it is deleted, or not, for
/// itself: it leaves the others, and they stay.
pub(super) fn steps(table: &Resource, switches: &Switches) -> Vec<Step> {
    let mut steps = Vec::new();
    if switches.disable_protection && protection(table).is_some() {
        steps.push(Step::on("dynamodb:UpdateTable", "DeletionProtectionEnabled=false"));
    }
    if texts_of(&table.properties, "replicas", "Region").any(|region| region != table.region) {
        steps.push(Step::on("dynamodb:DeleteTableReplica", table.region.as_str()));
    }
    steps.push(Step::on_resource("dynamodb:DeleteTable"));
    steps
}

pub(super) async fn run(hands: &Hands, step: &Step) -> Made {
    let dynamodb: Client = hands.client();
    match step.call.as_str() {
        "dynamodb:UpdateTable" => {
            let call = dynamodb.update_table().table_name(hands.id()).deletion_protection_enabled(false);
            let request = async { call.send().await.at(&step.call) };
            hands.until_gone(step, || protected(hands, &dynamodb), request).await
        }
        "dynamodb:DeleteTableReplica" => leave(hands, &dynamodb, step).await,
        "dynamodb:DeleteTable" => {
            let request = async { dynamodb.delete_table().table_name(hands.id()).send().await.at(&step.call) };
            hands.until_gone(step, || fate(hands, &dynamodb), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

async fn described(hands: &Hands, dynamodb: &Client) -> Result<Option<TableDescription>, CallError> {
    let found = hands.look("dynamodb:DescribeTable", dynamodb.describe_table().table_name(hands.id()).send()).await?;
    Ok(found.and_then(|found| found.table))
}

/// A table that is being made or changed cannot be deleted.
async fn fate(hands: &Hands, dynamodb: &Client) -> Result<Fate, CallError> {
    Ok(described(hands, dynamodb).await?.map_or(Fate::Gone, |table| busy(&table).unwrap_or(Fate::There)))
}

fn busy(table: &TableDescription) -> Option<Fate> {
    use TableStatus::{Creating, Deleting, Updating};
    let status = table.table_status().filter(|status| matches!(status, Creating | Deleting | Updating))?;
    Some(Fate::Going(format!("it is {}", status.as_str().to_ascii_lowercase())))
}

async fn protected(hands: &Hands, dynamodb: &Client) -> Result<Fate, CallError> {
    let Some(table) = described(hands, dynamodb).await? else { return Ok(Fate::Gone) };
    Ok(match (busy(&table), table.deletion_protection_enabled()) {
        (Some(busy), _) => busy,
        (None, Some(true)) => Fate::There,
        (None, _) => Fate::Gone,
    })
}

/// Takes this replica out of the global table, which deletes it. One of the others is asked, because a table cannot
/// take itself out; `DynamoDB` changes one replica at a time and refuses the next until it is done.
async fn leave(hands: &Hands, dynamodb: &Client, step: &Step) -> Made {
    let Some(table) = described(hands, dynamodb).await? else { return Ok(Progress::Done) };
    if let Some(Fate::Going(what)) = busy(&table) {
        return Ok(Progress::Waiting(what));
    }
    let other = |replica: &ReplicaDescription| {
        let region = replica.region_name().filter(|region| *region != hands.cx.region())?;
        (replica.replica_status() == Some(&ReplicaStatus::Active)).then(|| region.to_owned())
    };
    let others = table.replicas().iter().filter(|replica| replica.region_name() != Some(hands.cx.region()));
    if others.count() == 0 {
        // The others left before: an ordinary table remains.
        return Ok(Progress::Done);
    }
    if hands.has_taken(step) {
        return Ok(Progress::Waiting("it leaves the global table".to_owned()));
    }
    let Some(region) = table.replicas().iter().find_map(other) else {
        return Ok(Progress::Waiting("no other replica is active".to_owned()));
    };
    let own = DeleteReplicationGroupMemberAction::builder().region_name(hands.cx.region()).build();
    let client: Client = hands.cx.in_region(&region).client();
    let call = client.update_table().table_name(hands.id());
    let request = async {
        let own =
            own.map_err(|error| CallError::new(ErrorClass::Other, "no-region", &error.to_string(), &step.call))?;
        call.replica_updates(ReplicationGroupUpdate::builder().delete(own).build()).send().await.at(&step.call)
    };
    hands.call_checked(step, request).await?;
    Ok(match described(hands, dynamodb).await? {
        None => Progress::Done,
        Some(_) => Progress::Waiting("it leaves the global table".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_replica_leaves_and_takes_no_other_with_it() {
        let table = json!({
            "type": "AWS::DynamoDB::Table", "id": "orders", "region": "eu-west-1", "hash": "",
            "properties": {"replicas": [{"Region": "us-east-1"}, {"Region": "us-west-2"}]},
        });
        let table: Resource = serde_json::from_value(table).expect("a resource");
        let planned: Vec<_> = steps(&table, &Switches::default()).iter().map(Step::to_string).collect();
        assert_eq!(planned, ["dynamodb:DeleteTableReplica eu-west-1", "dynamodb:DeleteTable"]);
    }
}
