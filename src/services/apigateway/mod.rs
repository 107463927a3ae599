//! Amazon API Gateway: REST APIs. HTTP and `WebSocket` APIs are in `apigatewayv2`.

use std::sync::Arc;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{ApiKey, RestApi};

use crate::aws::{Call, CallError, Cx};
use crate::catalog::TypeSpec;

pub mod api_key;
pub mod domain_name;
pub mod rest_api;
mod rest_api_parts;
pub mod stage;
pub mod usage_plan;
pub mod vpc_link;

/// The types of this service.
pub const TYPES: &[&TypeSpec] =
    &[&api_key::SPEC, &domain_name::SPEC, &rest_api::SPEC, &stage::SPEC, &usage_plan::SPEC, &vpc_link::SPEC];

/// How the service says that something does not exist.
const GONE: &[&str] = &["NotFoundException"];

/// Most items of a page.
const PAGE: i32 = 500;

/// The IAM action of every reading call: this service has one per HTTP method, and the path is the resource.
const READ: &str = "apigateway:GET";

/// The ARN of what lies under a path: it names no account.
fn arn(cx: &Cx, path: &str) -> String {
    format!("arn:{}:apigateway:{}::{path}", cx.partition(), cx.region())
}

/// All REST APIs of the region, asked once for all types that need them.
async fn apis(cx: &Cx) -> Result<Arc<Vec<RestApi>>, CallError> {
    let key = format!("apigateway APIs {}", cx.region());
    cx.once(&key, async || {
        let gateway: Client = cx.client();
        gateway.get_rest_apis().limit(PAGE).into_paginator().items().send().try_collect().await.at(READ)
    })
    .await
}

/// All API keys of the region, without their values.
async fn api_keys(cx: &Cx) -> Result<Arc<Vec<ApiKey>>, CallError> {
    let key = format!("apigateway keys {}", cx.region());
    cx.once(&key, async || {
        let gateway: Client = cx.client();
        let pages = gateway.get_api_keys().include_values(false).limit(PAGE).into_paginator().items().send();
        pages.try_collect().await.at(READ)
    })
    .await
}
