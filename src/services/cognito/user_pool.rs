//! User pools, each with its clients, groups, identity providers, resource servers and domains. Never its users.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput;
use aws_sdk_cognitoidentityprovider::types;
use aws_sdk_cognitoidentityprovider::types::{UserPoolDescriptionType, UserPoolType};

use super::user_pool_config as config;
use super::{user_pool_delete, user_pool_parts as parts};
use crate::aws::{Absent, Call, CallError, Cx};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Recipe, Scope, TypeSpec, Unmapped, each, keyed};

/// `AWS::Cognito::UserPool`, with what `UserPoolClient`, `UserPoolGroup`, `UserPoolIdentityProvider`,
/// `UserPoolResourceServer` and `UserPoolDomain` hold as `clients`, `groups`, `identityProviders`, `resourceServers` and
/// `domains`. `acrConfiguration` has no place in the schema.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Cognito::UserPool",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[
        "AccountRecoverySetting.RecoveryMechanisms",
        "AliasAttributes",
        "AutoVerifiedAttributes",
        "EnabledMfas",
        "Policies.SignInPolicy.AllowedFirstAuthFactors",
        "Schema",
        "UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate",
        "UsernameAttributes",
        "clients",
        "clients.*.AllowedOAuthFlows",
        "clients.*.AllowedOAuthScopes",
        "clients.*.CallbackURLs",
        "clients.*.ExplicitAuthFlows",
        "clients.*.LogoutURLs",
        "clients.*.ReadAttributes",
        "clients.*.SupportedIdentityProviders",
        "clients.*.WriteAttributes",
        "domains",
        "groups",
        "identityProviders",
        "identityProviders.*.IdpIdentifiers",
        "resourceServers",
        "resourceServers.*.Scopes",
    ],
    // The external ids are what keeps others from using the role.
    secrets: &[
        "SmsConfiguration.EumsSms.ExternalId",
        "SmsConfiguration.ExternalId",
        "clients.*.AnalyticsConfiguration.ExternalId",
        "identityProviders.*.ProviderDetails.MetadataFile",
        "identityProviders.*.ProviderDetails.client_secret",
        "identityProviders.*.ProviderDetails.private_key",
    ],
    left_out: &[
        LeftOut { path: "ListUserPools:UserPools[].*", why: "the description says it" },
        LeftOut { path: "UserPool.Id", why: "what was asked about" },
        LeftOut { path: "UserPool.MfaConfiguration", why: "the call for MFA says it" },
        LeftOut { path: "UserPool.UserPoolTags.*", why: "kept in `tags`" },
        LeftOut { path: "IdentityProvider.CreationDate", why: "of a part" },
        LeftOut { path: "IdentityProvider.LastModifiedDate", why: "no configuration" },
        LeftOut { path: "IdentityProvider.UserPoolId", why: "the pool itself" },
        LeftOut { path: "UserPool.CustomDomain", why: "the description of the domain says it" },
        LeftOut { path: "UserPool.Domain", why: "the description of the domain says it" },
        LeftOut { path: "UserPoolClient.ClientSecret", why: "the secret itself; only whether there is one is kept" },
        LeftOut { path: "UserPoolClient.CreationDate", why: "of a part" },
        LeftOut { path: "UserPoolClient.LastModifiedDate", why: "no configuration" },
        LeftOut { path: "UserPoolClient.UserPoolId", why: "the pool itself" },
        LeftOut { path: "DomainDescription.AWSAccountId", why: "the account itself" },
        LeftOut { path: "DomainDescription.CloudFrontDistribution", why: "Cognito's own" },
        LeftOut { path: "DomainDescription.S3Bucket", why: "Cognito's own" },
        LeftOut { path: "DomainDescription.Status", why: "progress of a domain" },
        LeftOut { path: "DomainDescription.UserPoolId", why: "the pool itself" },
        LeftOut { path: "DomainDescription.Version", why: "names a version" },
        LeftOut { path: "Groups[].CreationDate", why: "of a part" },
        LeftOut { path: "Groups[].LastModifiedDate", why: "no configuration" },
        LeftOut { path: "Groups[].UserPoolId", why: "the pool itself" },
        LeftOut { path: "Providers[].CreationDate", why: "of a part" },
        LeftOut { path: "Providers[].LastModifiedDate", why: "no configuration" },
        LeftOut { path: "Providers[].ProviderName", why: "the description says it" },
        LeftOut { path: "Providers[].ProviderType", why: "the description says it" },
        LeftOut { path: "ResourceServers[].UserPoolId", why: "the pool itself" },
        LeftOut { path: "UserPoolClients[].ClientId", why: "the description says it" },
        LeftOut { path: "UserPoolClients[].ClientName", why: "the description says it" },
        LeftOut { path: "UserPoolClients[].UserPoolId", why: "the pool itself" },
        LeftOut { path: "SmsMfaConfiguration.*", why: "the description says it" },
    ],
    unmapped: &[Unmapped { path: "UserPoolTags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &[
        "cognito-idp:DescribeIdentityProvider",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:DescribeUserPoolDomain",
        "cognito-idp:GetUserPoolMfaConfig",
        "cognito-idp:ListGroups",
        "cognito-idp:ListIdentityProviders",
        "cognito-idp:ListResourceServers",
        "cognito-idp:ListUserPoolClients",
        "cognito-idp:ListUserPools",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteUserPool",
        actions: &["cognito-idp:DeleteUserPool", "cognito-idp:DeleteUserPoolDomain", "cognito-idp:UpdateUserPool"],
        gone: GONE,
        steps: Some(user_pool_delete::steps),
        run: |hands, step| Box::pin(user_pool_delete::run(hands, step)),
        protection: Some(user_pool_delete::protection),
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// How the service says that there is no such pool, or nothing in it of that name.
pub(super) const GONE: &[&str] = &["ResourceNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let cognito: Client = cx.client();
    let pages = cognito.list_user_pools().max_results(60).into_paginator().items().send();
    let mut pools: Vec<UserPoolDescriptionType> = pages.try_collect().await.at("cognito-idp:ListUserPools")?;
    pools.retain(|pool| cx.wants(pool.id().unwrap_or_default()));
    let ids = pools.into_iter().filter_map(|pool| pool.id).collect();
    cx.each(ids, async |id: String| describe(cx, &cognito, &id).await).await
}

async fn describe(cx: &Cx, cognito: &Client, id: &str) -> Result<Option<Draft>, CallError> {
    let answer = cognito.describe_user_pool().user_pool_id(id).send().await;
    let answer = answer.at("cognito-idp:DescribeUserPool").absent_if(GONE)?;
    let Some(pool) = answer.and_then(|answer| answer.user_pool) else { return Ok(None) };
    let (mfa, clients, groups, providers, servers, domains) = tokio::join!(
        cognito.get_user_pool_mfa_config().user_pool_id(id).send(),
        parts::clients(cx, cognito, id),
        parts::groups(cognito, id),
        parts::identity_providers(cx, cognito, id),
        parts::resource_servers(cognito, id),
        parts::domains(cognito, &pool),
    );
    let draft = messages(map(id, &pool), &pool)
        .sub("clients", clients)?
        .sub("groups", groups)?
        .sub("identityProviders", providers)?
        .sub("resourceServers", servers)?
        .sub("domains", domains)?;
    with_mfa(draft, mfa.at("cognito-idp:GetUserPoolMfaConfig")).map(Some)
}

fn map(id: &str, pool: &UserPoolType) -> Draft {
    let tier = pool.user_pool_tier();
    let protection = pool.deletion_protection();
    Draft::new(id)
        .arn(pool.arn())
        .name(pool.name())
        .created(pool.creation_date())
        .tags(pool.user_pool_tags().into_iter().flatten())
        .with("AccountRecoverySetting", pool.account_recovery_setting().map(config::account_recovery_setting))
        .with("AdminCreateUserConfig", pool.admin_create_user_config().map(config::admin_create_user_config))
        .with("AliasAttributes", texts(pool.alias_attributes(), types::AliasAttributeType::as_str))
        .with("AutoVerifiedAttributes", texts(pool.auto_verified_attributes(), types::VerifiedAttributeType::as_str))
        .with("DeletionProtection", protection.map(types::DeletionProtectionType::as_str))
        .with("DeviceConfiguration", pool.device_configuration().map(config::device_configuration))
        .with("EmailConfiguration", pool.email_configuration().map(config::email_configuration))
        .with("IssuerConfiguration", pool.issuer_configuration().map(config::issuer_configuration))
        .with("KeyConfiguration", pool.key_configuration().map(config::key_configuration))
        .with("LambdaConfig", pool.lambda_config().map(config::lambda_config))
        .with("Policies", pool.policies().map(config::user_pool_policy))
        .with("Schema", each(pool.schema_attributes(), config::schema_attribute))
        .with("SmsConfiguration", pool.sms_configuration().map(config::sms_configuration))
        .with("UserPoolAddOns", pool.user_pool_add_ons().map(config::user_pool_add_ons))
        .with("UserPoolName", pool.name())
        .with("UserPoolTier", tier.map(types::UserPoolTierType::as_str))
        .with("UsernameAttributes", texts(pool.username_attributes(), types::UsernameAttributeType::as_str))
        .with("UsernameConfiguration", pool.username_configuration().map(config::username_configuration))
        .with("acrConfiguration", keyed(pool.acr_configuration(), config::acr_level_config))
        .observed("EmailConfigurationFailure", pool.email_configuration_failure())
        .observed("EstimatedNumberOfUsers", pool.estimated_number_of_users())
        .observed("LastModifiedDate", pool.last_modified_date())
        .observed("SmsConfigurationFailure", pool.sms_configuration_failure())
        .observed("Status", status(pool))
}

#[expect(deprecated, reason = "old pools still have one")]
fn status(pool: &UserPoolType) -> Option<&str> {
    pool.status().map(types::StatusType::as_str)
}

/// What users are written, and when.
fn messages(draft: Draft, pool: &UserPoolType) -> Draft {
    let updates = pool.user_attribute_update_settings();
    let template = pool.verification_message_template();
    draft
        .with("EmailVerificationMessage", pool.email_verification_message())
        .with("EmailVerificationSubject", pool.email_verification_subject())
        .with("SmsAuthenticationMessage", pool.sms_authentication_message())
        .with("SmsVerificationMessage", pool.sms_verification_message())
        .with("UserAttributeUpdateSettings", updates.map(config::user_attribute_update_settings))
        .with("VerificationMessageTemplate", template.map(config::verification_message_template))
}

fn texts<T>(items: &[T], text: impl Fn(&T) -> &str) -> Vec<&str> {
    items.iter().map(text).collect()
}

fn with_mfa(draft: Draft, answer: Result<GetUserPoolMfaConfigOutput, CallError>) -> Result<Draft, CallError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let parts = ["EnabledMfas", "MfaConfiguration", "EmailAuthenticationMessage", "EmailAuthenticationSubject"];
            let more = ["WebAuthnFactorConfiguration", "WebAuthnRelyingPartyID", "WebAuthnUserVerification"];
            let mut parts = parts.into_iter().chain(more);
            return parts.try_fold(draft, |draft, part| draft.sub::<()>(part, Err(error.clone())));
        }
    };
    let email = answer.email_mfa_configuration();
    let web = answer.web_authn_configuration();
    let sms = answer.sms_mfa_configuration();
    let app = answer
        .software_token_mfa_configuration()
        .is_some_and(aws_sdk_cognitoidentityprovider::types::SoftwareTokenMfaConfigType::enabled);
    let enabled = [
        ("EMAIL_OTP", email.is_some()),
        ("SMS_MFA", sms.is_some_and(|sms| sms.sms_configuration().is_some())),
        ("SOFTWARE_TOKEN_MFA", app),
    ];
    let enabled: Vec<&str> = enabled.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
    let factor = web.and_then(|web| web.factor_configuration());
    let verification = web.and_then(|web| web.user_verification());
    Ok(draft
        .with("EmailAuthenticationMessage", email.and_then(|email| email.message()))
        .with("EmailAuthenticationSubject", email.and_then(|email| email.subject()))
        .with("EnabledMfas", enabled)
        .with("MfaConfiguration", answer.mfa_configuration().map(types::UserPoolMfaType::as_str))
        .with("WebAuthnFactorConfiguration", factor.map(types::WebAuthnFactorConfigurationType::as_str))
        .with("WebAuthnRelyingPartyID", web.and_then(|web| web.relying_party_id()))
        .with("WebAuthnUserVerification", verification.map(types::UserVerificationType::as_str)))
}
