//! OIDC identity providers that roles can trust.

use aws_sdk_iam::Client;

use super::details::{self, GONE};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Listed, Made, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::IAM::OIDCProvider`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::OIDCProvider",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateDate"),
    sets: &["ClientIdList", "ThumbprintList"],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider"],
    delete: Delete::Call(Recipe {
        operation: "DeleteOpenIDConnectProvider",
        actions: &["iam:DeleteOpenIDConnectProvider"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let iam: Client = cx.client();
    let answer = iam.list_open_id_connect_providers().send().await.at("iam:ListOpenIDConnectProviders")?;
    let providers = answer.open_id_connect_provider_list.unwrap_or_default();
    let arns = providers.into_iter().filter_map(|provider| provider.arn).collect();
    let arns = cx.wanted(arns, |arn| arn);
    cx.each(arns, |arn| describe(&iam, arn)).await
}

async fn describe(iam: &Client, arn: String) -> Result<Option<Draft>, CallError> {
    let answer = iam.get_open_id_connect_provider().open_id_connect_provider_arn(&arn).send().await;
    let Some(provider) = answer.at("iam:GetOpenIDConnectProvider").absent_if(GONE)? else { return Ok(None) };
    let draft = Draft::new(&arn)
        .arn(arn.as_str())
        .name(provider.url())
        .created(provider.create_date())
        .tags(details::pairs(provider.tags()))
        .with("Url", provider.url())
        .with("ClientIdList", provider.client_id_list())
        .with("ThumbprintList", provider.thumbprint_list());
    Ok(Some(draft))
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let iam: Client = hands.client();
    hands.at_once(step, iam.delete_open_id_connect_provider().open_id_connect_provider_arn(hands.id()).send()).await
}
