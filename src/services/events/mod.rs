//! Amazon `EventBridge`.

pub mod archive;
pub mod connection;
pub mod event_bus;
pub mod rule;
mod rule_target;

use std::sync::Arc;

use aws_sdk_eventbridge::Client;

use crate::aws::{Call, CallError, Cx};
use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&archive::SPEC, &connection::SPEC, &event_bus::SPEC, &rule::SPEC];

/// How `EventBridge` says that a bus or a rule does not exist.
const GONE: &[&str] = &["ResourceNotFoundException"];

/// The names of the region's buses, asked once for buses and rules. The SDK has no paginators for this service.
async fn buses(cx: &Cx) -> Result<Arc<Vec<String>>, CallError> {
    cx.once(&format!("events:ListEventBuses {}", cx.region()), || async {
        let events: Client = cx.client();
        let mut names = Vec::new();
        let mut token = None;
        loop {
            let page = events.list_event_buses().limit(100).set_next_token(token).send().await;
            let page = page.at("events:ListEventBuses")?;
            names.extend(page.event_buses.unwrap_or_default().into_iter().filter_map(|bus| bus.name));
            token = page.next_token;
            if token.is_none() {
                return Ok(names);
            }
        }
    })
    .await
}
