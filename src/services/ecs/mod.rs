//! ECS.

use std::sync::Arc;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{Failure, Tag};

use crate::aws::{Call, CallError, Cx, ErrorClass};
use crate::catalog::TypeSpec;

mod capacity_provider;
mod cluster;
mod container;
mod instance_requirements;
mod service;
mod service_connect;
mod service_props;
mod task_definition;
mod task_props;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&capacity_provider::SPEC, &cluster::SPEC, &service::SPEC, &task_definition::SPEC];

/// How ECS says that a cluster does not exist (any more).
const CLUSTER_GONE: &[&str] = &["ClusterNotFoundException"];

/// The ARNs of all clusters of the region, asked once per run.
async fn cluster_arns(cx: &Cx) -> Result<Arc<Vec<String>>, CallError> {
    let ask = async || {
        let ecs: Client = cx.client();
        let pages = ecs.list_clusters().max_results(100).into_paginator().items().send();
        pages.try_collect().await.at("ecs:ListClusters")
    };
    cx.once(&format!("ecs clusters {}", cx.region()), ask).await
}

/// The last part of an ARN: the name of a cluster, `family:revision` of a task definition.
fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The failures inside an answer, other than that something does not exist (any more).
fn failure(failures: &[Failure], action: &str) -> Result<(), CallError> {
    match failures.iter().find(|failure| failure.reason() != Some("MISSING")) {
        None => Ok(()),
        Some(failure) => {
            let code = failure.reason().unwrap_or("failure");
            Err(CallError::new(ErrorClass::Other, code, failure.detail().unwrap_or_default(), action))
        }
    }
}

/// `None` where ECS says in a sentence that the thing does not exist; its code for that says nothing.
fn missing<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    const SAYINGS: &[&str] = &["unable to describe", "does not exist", "not found", "could not be found"];
    match answer {
        Err(error) if error.class == ErrorClass::Gone => Ok(None),
        Err(error) if error.code == "ClientException" => {
            let message = error.message.to_ascii_lowercase();
            if SAYINGS.iter().any(|saying| message.contains(saying)) { Ok(None) } else { Err(error) }
        }
        other => other.map(Some),
    }
}

fn tag(tag: &Tag) -> Option<(&str, &str)> {
    Some((tag.key()?, tag.value().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_tells_missing_from_wrong() {
        let error = |message| CallError::new(ErrorClass::Other, "ClientException", message, "ecs:Describe");
        assert_eq!(missing::<()>(Err(error("Unable to describe task definition."))), Ok(None));
        assert_eq!(missing::<()>(Err(error("Too many tags"))), Err(error("Too many tags")));
    }
}
