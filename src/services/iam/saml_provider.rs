//! SAML identity providers that roles can trust.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_saml_provider::GetSamlProviderOutput;
use aws_sdk_iam::types::{AssertionEncryptionModeType, SamlPrivateKey};

use super::details::{self, GONE};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::IAM::SAMLProvider`. Of the metadata document only a digest is kept: it is long, and all or nothing.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::SAMLProvider",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateDate"),
    sets: &["PrivateKeyList"],
    secrets: &["SamlMetadataDocument"],
    left_out: &[
        LeftOut { path: "SAMLProviderList[].CreateDate", why: "as in GetSAMLProvider" },
        LeftOut { path: "SAMLProviderList[].ValidUntil", why: "as in GetSAMLProvider" },
    ],
    unmapped: &[
        Unmapped { path: "AddPrivateKey", why: "an option of the update; a secret, never answered" },
        Unmapped { path: "RemovePrivateKey", why: "an option of the update" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["iam:ListSAMLProviders", "iam:GetSAMLProvider"],
    delete: Delete::Call(Recipe {
        operation: "DeleteSAMLProvider",
        actions: &["iam:DeleteSAMLProvider"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let iam: Client = cx.client();
    let answer = iam.list_saml_providers().send().await.at("iam:ListSAMLProviders")?;
    let providers = answer.saml_provider_list.unwrap_or_default();
    let arns = providers.into_iter().filter_map(|provider| provider.arn).filter(|arn| cx.wants(arn)).collect();
    cx.each(arns, |arn| describe(&iam, arn)).await
}

async fn describe(iam: &Client, arn: String) -> Result<Option<Draft>, CallError> {
    let answer = iam.get_saml_provider().saml_provider_arn(&arn).send().await;
    let answer = answer.at("iam:GetSAMLProvider").absent_if(GONE)?;
    Ok(answer.map(|provider| map(&arn, &provider)))
}

fn map(arn: &str, provider: &GetSamlProviderOutput) -> Draft {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let of_identity_center = name.starts_with("AWSSSO_").then_some(name);
    let key = |key: &SamlPrivateKey| Props::new().with("KeyId", key.key_id()).with("Timestamp", key.timestamp());
    let encryption = provider.assertion_encryption_mode().map(AssertionEncryptionModeType::as_str);
    Draft::new(arn)
        .arn(arn)
        .name(name)
        .created(provider.create_date())
        .tags(details::pairs(provider.tags()))
        .with("AssertionEncryptionMode", encryption)
        .with("Name", name)
        .with("PrivateKeyList", each(provider.private_key_list(), key))
        .with("SamlMetadataDocument", provider.saml_metadata_document())
        .observed("SamlProviderUUID", provider.saml_provider_uuid())
        .observed("ValidUntil", provider.valid_until())
        .owner("identity-center", of_identity_center)
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let iam: Client = hands.client();
    hands.call(step, iam.delete_saml_provider().saml_provider_arn(hands.id()).send()).await?;
    Ok(Progress::Done)
}
