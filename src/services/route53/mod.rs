//! Amazon Route 53.

use std::sync::Arc;

use aws_sdk_route53::Client;
use aws_sdk_route53::types::HostedZone;

use crate::aws::{Call, CallError, Cx};
use crate::catalog::TypeSpec;

pub mod hosted_zone;
pub mod record_set;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&hosted_zone::SPEC, &record_set::SPEC];

/// How the service says that there is no such zone.
const GONE: &[&str] = &["NoSuchHostedZone"];

/// The kind of owner of zones and records that another AWS service looks after.
const SERVICE: &str = "aws-service";

/// All hosted zones, asked once for both types.
async fn zones(cx: &Cx) -> Result<Arc<Vec<HostedZone>>, CallError> {
    cx.once("route53 zones", async || {
        let dns: Client = cx.client();
        let pages = dns.list_hosted_zones().max_items(100).into_paginator().items().send();
        pages.try_collect().await.at("route53:ListHostedZones")
    })
    .await
}

/// The bare id of a zone, which the service answers as `/hostedzone/Z…`.
fn id_of(zone: &HostedZone) -> &str {
    zone.id().rsplit('/').next().unwrap_or_default()
}

/// The service that looks after a zone, Cloud Map for one.
fn service_of(zone: &HostedZone) -> Option<&str> {
    zone.linked_service().map(|service| service.service_principal().unwrap_or("unnamed"))
}
