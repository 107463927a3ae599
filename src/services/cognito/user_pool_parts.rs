//! What belongs to a user pool.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types;

use crate::aws::{Absent, Call, CallError, Cx};
use crate::catalog::{Props, each};

type Parts = Result<Vec<Props>, CallError>;

/// The clients, without their secrets.
pub(super) async fn clients(cx: &Cx, cognito: &Client, pool: &str) -> Parts {
    let pages = cognito.list_user_pool_clients().user_pool_id(pool).max_results(60).into_paginator().items().send();
    let clients: Vec<_> = pages.try_collect().await.at("cognito-idp:ListUserPoolClients")?;
    let found = cx.gather(clients, async |client: types::UserPoolClientDescription| {
        let call = cognito.describe_user_pool_client().user_pool_id(pool).set_client_id(client.client_id);
        let answer = call.send().await.at("cognito-idp:DescribeUserPoolClient").absent_if(super::user_pool::GONE)?;
        Ok(answer.and_then(|answer| answer.user_pool_client).as_ref().map(user_pool_client))
    });
    Ok(found.await?.into_iter().flatten().collect())
}

/// The groups, without their members.
pub(super) async fn groups(cognito: &Client, pool: &str) -> Parts {
    let pages = cognito.list_groups().user_pool_id(pool).limit(60).into_paginator().items().send();
    let groups: Vec<_> = pages.try_collect().await.at("cognito-idp:ListGroups")?;
    Ok(each(&groups, group))
}

/// The identity providers.
pub(super) async fn identity_providers(cx: &Cx, cognito: &Client, pool: &str) -> Parts {
    let pages = cognito.list_identity_providers().user_pool_id(pool).max_results(60).into_paginator().items().send();
    let providers: Vec<_> = pages.try_collect().await.at("cognito-idp:ListIdentityProviders")?;
    let found = cx.gather(providers, async |provider: types::ProviderDescription| {
        let call = cognito.describe_identity_provider().user_pool_id(pool).set_provider_name(provider.provider_name);
        let answer = call.send().await.at("cognito-idp:DescribeIdentityProvider").absent_if(super::user_pool::GONE)?;
        Ok(answer.and_then(|answer| answer.identity_provider).as_ref().map(identity_provider))
    });
    Ok(found.await?.into_iter().flatten().collect())
}

/// The resource servers.
pub(super) async fn resource_servers(cognito: &Client, pool: &str) -> Parts {
    let pages = cognito.list_resource_servers().user_pool_id(pool).max_results(50).into_paginator().items().send();
    let servers: Vec<_> = pages.try_collect().await.at("cognito-idp:ListResourceServers")?;
    Ok(each(&servers, resource_server))
}

/// The domain that AWS gives and the one of an own name; a pool has at most one of each.
pub(super) async fn domains(cognito: &Client, pool: &types::UserPoolType) -> Parts {
    let mut found = Vec::new();
    for name in [pool.domain(), pool.custom_domain()].into_iter().flatten() {
        let answer = cognito.describe_user_pool_domain().domain(name).send().await;
        let domain = answer.at("cognito-idp:DescribeUserPoolDomain")?.domain_description;
        found.extend(domain.as_ref().map(domain_description));
    }
    Ok(found)
}

fn user_pool_client(client: &types::UserPoolClientType) -> Props {
    Props::new()
        .with("AccessTokenValidity", client.access_token_validity())
        .with(
            "AllowedOAuthFlows",
            client.allowed_o_auth_flows().iter().map(types::OAuthFlowType::as_str).collect::<Vec<_>>(),
        )
        .with("AllowedOAuthFlowsUserPoolClient", client.allowed_o_auth_flows_user_pool_client())
        .with("AllowedOAuthScopes", client.allowed_o_auth_scopes())
        .with("AnalyticsConfiguration", client.analytics_configuration().map(analytics_configuration))
        .with("AuthSessionValidity", client.auth_session_validity())
        .with("CallbackURLs", client.callback_urls())
        .with("ClientId", client.client_id())
        .with("ClientName", client.client_name())
        .with("DefaultRedirectURI", client.default_redirect_uri())
        .with("EnablePropagateAdditionalUserContextData", client.enable_propagate_additional_user_context_data())
        .with("EnableTokenRevocation", client.enable_token_revocation())
        .with(
            "ExplicitAuthFlows",
            client.explicit_auth_flows().iter().map(types::ExplicitAuthFlowsType::as_str).collect::<Vec<_>>(),
        )
        .with("GenerateSecret", client.client_secret().is_some())
        .with("IdTokenValidity", client.id_token_validity())
        .with("LogoutURLs", client.logout_urls())
        .with(
            "PreventUserExistenceErrors",
            client.prevent_user_existence_errors().map(types::PreventUserExistenceErrorTypes::as_str),
        )
        .with("ReadAttributes", client.read_attributes())
        .with("RefreshTokenRotation", client.refresh_token_rotation().map(refresh_token_rotation))
        .with("RefreshTokenValidity", client.refresh_token_validity())
        .with("SupportedIdentityProviders", client.supported_identity_providers())
        .with("TokenValidityUnits", client.token_validity_units().map(token_validity_units))
        .with("WriteAttributes", client.write_attributes())
}

fn token_validity_units(units: &types::TokenValidityUnitsType) -> Props {
    Props::new()
        .with("AccessToken", units.access_token().map(types::TimeUnitsType::as_str))
        .with("IdToken", units.id_token().map(types::TimeUnitsType::as_str))
        .with("RefreshToken", units.refresh_token().map(types::TimeUnitsType::as_str))
}

fn analytics_configuration(configuration: &types::AnalyticsConfigurationType) -> Props {
    Props::new()
        .with("ApplicationArn", configuration.application_arn())
        .with("ApplicationId", configuration.application_id())
        .with("ExternalId", configuration.external_id())
        .with("RoleArn", configuration.role_arn())
        .with("UserDataShared", configuration.user_data_shared())
}

fn refresh_token_rotation(rotation: &types::RefreshTokenRotationType) -> Props {
    Props::new()
        .with("Feature", rotation.feature().as_str())
        .with("RetryGracePeriodSeconds", rotation.retry_grace_period_seconds())
}

fn domain_description(description: &types::DomainDescriptionType) -> Props {
    Props::new()
        .with("CustomDomainConfig", description.custom_domain_config().map(custom_domain_config))
        .with("Domain", description.domain())
        .with("ManagedLoginVersion", description.managed_login_version())
        .with("Routing", description.routing().map(routing))
}

fn custom_domain_config(config: &types::CustomDomainConfigType) -> Props {
    Props::new()
        .with("CertificateArn", config.certificate_arn())
        .with("SecurityPolicy", config.security_policy().map(types::SecurityPolicyType::as_str))
}

fn routing(routing: &types::RoutingType) -> Props {
    Props::new().with("Failover", routing.failover().map(failover))
}

fn failover(failover: &types::FailoverType) -> Props {
    Props::new()
        .with("PrimaryRoute53HealthCheckId", failover.primary_route53_health_check_id())
        .with("SecondaryRegion", failover.secondary_region())
}

fn group(group: &types::GroupType) -> Props {
    Props::new()
        .with("Description", group.description())
        .with("GroupName", group.group_name())
        .with("Precedence", group.precedence())
        .with("RoleArn", group.role_arn())
}

fn identity_provider(provider: &types::IdentityProviderType) -> Props {
    Props::new()
        .with("acrMapping", provider.acr_mapping())
        .with("AttributeMapping", provider.attribute_mapping())
        .with("IdpIdentifiers", provider.idp_identifiers())
        .with("ProviderDetails", provider.provider_details())
        .with("ProviderName", provider.provider_name())
        .with("ProviderType", provider.provider_type().map(types::IdentityProviderTypeType::as_str))
}

fn resource_server(server: &types::ResourceServerType) -> Props {
    Props::new()
        .with("Identifier", server.identifier())
        .with("Name", server.name())
        .with("Scopes", each(server.scopes(), resource_server_scope))
}

fn resource_server_scope(scope: &types::ResourceServerScopeType) -> Props {
    Props::new().with("ScopeDescription", scope.scope_description()).with("ScopeName", scope.scope_name())
}
