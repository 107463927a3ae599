//! Application Auto Scaling.

use std::sync::Arc;

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{ScalableTarget, ServiceNamespace};

use crate::aws::{Call, CallError, Cx};
use crate::catalog::TypeSpec;

pub mod scalable_target;
mod scaling_policy;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&scalable_target::SPEC];

/// What is scaled of a namespace, asked once: also types whose numbers are set that way want to know.
pub(super) async fn targets(cx: &Cx, namespace: &ServiceNamespace) -> Result<Arc<Vec<ScalableTarget>>, CallError> {
    let ask = async || {
        let scaling: Client = cx.client();
        let pages = scaling.describe_scalable_targets().service_namespace(namespace.clone());
        let pages = pages.into_paginator().items().send();
        pages.try_collect().await.at("application-autoscaling:DescribeScalableTargets")
    };
    cx.once(&format!("scalable targets {namespace} {}", cx.region()), ask).await
}
