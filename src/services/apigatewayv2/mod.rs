//! Amazon API Gateway: HTTP and `WebSocket` APIs. REST APIs are in `apigateway`.

use crate::aws::Cx;
use crate::catalog::TypeSpec;

pub mod api;
mod api_parts;
pub mod vpc_link;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&api::SPEC, &vpc_link::SPEC];

/// How the service says that something does not exist.
const GONE: &[&str] = &["NotFoundException"];

/// Most items of a page, which this service has as text.
const PAGE: &str = "500";

/// The IAM action of every reading call: this service has one per HTTP method, and the path is the resource.
const READ: &str = "apigateway:GET";

/// The ARN of what lies under a path: it names no account.
fn arn(cx: &Cx, path: &str) -> String {
    format!("arn:{}:apigateway:{}::{path}", cx.partition(), cx.region())
}
