//! AWS WAF: regional things in each region, those of `CloudFront` in us-east-1.

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{Scope, Tag};
use serde_json::{Map, Value};

use crate::aws::{Call, CallError, Cx, Hands, pages};
use crate::catalog::{IntoProperty, Props, TypeSpec};

mod acl_config;
mod action;
mod field;
pub mod ip_set;
mod logging;
mod managed;
pub mod rule_group;
mod statement;
pub mod web_acl;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&ip_set::SPEC, &rule_group::SPEC, &web_acl::SPEC];

/// How the service says that something does not exist.
const GONE: &[&str] = &["WAFNonexistentItemException"];

/// Most items of a page.
const PAGE: i32 = 100;

/// The region that has what belongs to `CloudFront`.
const CLOUDFRONT_REGION: &str = "us-east-1";

/// What there is to ask for in a region.
fn scopes(cx: &Cx) -> Vec<Scope> {
    let cloudfront = (cx.region() == CLOUDFRONT_REGION).then_some(Scope::Cloudfront);
    [Scope::Regional].into_iter().chain(cloudfront).collect()
}

/// One entry of a list: what it takes to ask for the rest.
#[derive(Debug, Clone)]
struct Listed {
    name: String,
    id: String,
    arn: String,
    scope: Scope,
}

impl Listed {
    /// The primary identifier of all types here.
    fn key(&self) -> String {
        format!("{}|{}|{}", self.name, self.id, self.scope.as_str())
    }
}

/// The tags of something.
async fn tags(waf: &Client, arn: &str) -> Result<Vec<(String, String)>, CallError> {
    let action = "wafv2:ListTagsForResource";
    let tags = pages(action, async |marker| {
        let page = waf.list_tags_for_resource().resource_arn(arn).limit(PAGE).set_next_marker(marker).send().await;
        let page = page.at(action)?;
        let tags: Option<Vec<Tag>> = page.tag_info_for_resource.and_then(|tags| tags.tag_list);
        Ok((tags.unwrap_or_default(), page.next_marker))
    });
    Ok(tags.await?.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// The scope of a resource that is deleted, from its identifier.
fn scope_of(hands: &Hands) -> Scope {
    Scope::from(hands.part(2))
}

/// `{}`, which says something where it stands.
fn empty() -> Value {
    Value::Object(Map::new())
}

/// An object that says something although it may be empty: an action, a part of the request.
fn kept(props: Props) -> Value {
    props.into_property().unwrap_or_else(empty)
}
