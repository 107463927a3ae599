//! Names of keys.

use std::sync::Arc;

use aws_sdk_kms::Client;
use aws_sdk_kms::types::AliasListEntry;

use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Edge, Listed, Made, Order, Recipe, Scope, TypeSpec};
use crate::model::Step;

/// `AWS::KMS::Alias`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::KMS::Alias",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[],
    secrets: &[],
    left_out: &[],
    unmapped: &[],
    edges: &[Edge {
        path: "TargetKeyId",
        to: "AWS::KMS::Key",
        target: "{}",
        order: Order::HolderFirst,
        why: "a bare key id, which has no prefix to know it by",
    }],
    read_actions: &["kms:ListAliases"],
    delete: Delete::Call(Recipe {
        operation: "DeleteAlias",
        actions: &["kms:DeleteAlias"],
        gone: &["NotFoundException"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let aliases = listed(cx).await?;
    // AWS reserves `alias/aws/…` names before the service makes its key; until then they name nothing.
    Ok(aliases.iter().filter(|alias| alias.target_key_id.is_some()).map(draft).collect())
}

/// Every alias of the region, asked once for aliases and keys.
pub(super) async fn listed(cx: &Cx) -> Result<Arc<Vec<AliasListEntry>>, CallError> {
    let ask = async || {
        let kms: Client = cx.client();
        kms.list_aliases().limit(100).into_paginator().items().send().try_collect().await.at("kms:ListAliases")
    };
    cx.once(&format!("kms:ListAliases {}", cx.region()), ask).await
}

fn draft(alias: &AliasListEntry) -> Draft {
    let name = alias.alias_name().unwrap_or_default();
    Draft::new(name)
        .arn(alias.alias_arn())
        .name(name)
        .created(alias.creation_date())
        .aws_made(name.starts_with("alias/aws/"), "alias of an AWS managed key")
        .with("AliasName", name)
        .with("TargetKeyId", alias.target_key_id())
        .observed("LastUpdatedDate", alias.last_updated_date())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let kms: Client = hands.client();
    hands.at_once(step, kms.delete_alias().alias_name(hands.id()).send()).await
}
