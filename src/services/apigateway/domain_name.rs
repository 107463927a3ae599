//! Custom domain names, each with what its paths lead to.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{
    BasePathMapping, DomainName, DomainNameStatus, EndpointAccessMode, EndpointConfiguration, EndpointType,
    MutualTlsAuthentication, RoutingMode, SecurityPolicy,
};
use aws_sdk_apigatewayv2::Client as ClientV2;
use aws_sdk_apigatewayv2::types::ApiMapping;

use super::rest_api::{endpoint, unescaped};
use super::{GONE, PAGE, READ, arn};
use crate::aws::{Call, CallError, Cx, Hands, pages, vanished};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
    policy_document,
};
use crate::model::Step;

/// `AWS::ApiGateway::DomainName`, with `AWS::ApiGatewayV2::ApiMapping` folded in as `apiMappings` (regional domains)
/// or `AWS::ApiGateway::BasePathMapping` as `basePathMappings` (all others).
///
/// `certificateName`, `regionalCertificateName`, `policy` and `managementPolicy` have no place in the schema. A private
/// domain name may exist more than once, so its id is its ARN.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGateway::DomainName",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("API Gateway reports only when the certificate was uploaded"),
    sets: &["EndpointConfiguration.Types", "apiMappings", "basePathMappings"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "items[].mutualTlsAuthentication.truststoreWarnings[]", why: "remarks on certificates" },
        LeftOut { path: "Items[].ApiMappingId", why: "chosen at random: a mapping is known by its key" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[
        Edge {
            path: "apiMappings.*.ApiId",
            to: "AWS::ApiGateway::RestApi",
            target: "{}",
            order: Order::HolderFirst,
            why: "leads to this API, by id",
        },
        Edge {
            path: "apiMappings.*.ApiId",
            to: "AWS::ApiGatewayV2::Api",
            target: "{}",
            order: Order::HolderFirst,
            why: "leads to this API, by id",
        },
        Edge {
            path: "basePathMappings.*.RestApiId",
            to: "AWS::ApiGateway::RestApi",
            target: "{}",
            order: Order::HolderFirst,
            why: "leads to this API, by id",
        },
    ],
    read_actions: &["apigateway:GET"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDomainName",
        actions: &["apigateway:DELETE"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let gateway: Client = cx.client();
    let pages = gateway.get_domain_names().limit(PAGE).into_paginator().items().send();
    let mut domains: Vec<DomainName> = pages.try_collect().await.at(READ)?;
    domains.retain(|domain| cx.wants(id_of(domain)));
    cx.each(domains, async |domain| describe(cx, &gateway, &domain).await).await
}

fn id_of(domain: &DomainName) -> &str {
    let private = domain.domain_name_id().and(domain.domain_name_arn());
    private.or(domain.domain_name()).unwrap_or_default()
}

async fn describe(cx: &Cx, gateway: &Client, domain: &DomainName) -> Result<Option<Draft>, CallError> {
    let types = domain.endpoint_configuration().map(EndpointConfiguration::types);
    let regional = types.is_some_and(|types| types.contains(&EndpointType::Regional));
    let name = domain.domain_name().unwrap_or_default();
    let (part, mappings) = if regional {
        ("apiMappings", api_mappings(&cx.client(), name).await)
    } else {
        ("basePathMappings", base_path_mappings(gateway, domain).await)
    };
    let again = gateway.get_domain_name().domain_name(name).set_domain_name_id(domain.domain_name_id.clone()).send();
    if vanished([mappings.as_ref().err()], GONE, async { again.await.at(READ) }).await? {
        return Ok(None);
    }
    map(cx, domain).sub(part, mappings).map(Some)
}

/// The newer list has the mappings to APIs of all kinds, but only of regional domain names.
async fn api_mappings(gateway: &ClientV2, domain: &str) -> Result<Vec<Props>, CallError> {
    let found = pages(READ, async |token| {
        let page = gateway.get_api_mappings().domain_name(domain).max_results("500").set_next_token(token).send().await;
        page.at(READ).map(|page| (page.items.unwrap_or_default(), page.next_token))
    });
    Ok(each(&found.await?, api_mapping))
}

fn api_mapping(mapping: &ApiMapping) -> Props {
    Props::new()
        .with("ApiId", mapping.api_id())
        .with("ApiMappingKey", mapping.api_mapping_key())
        .with("Stage", mapping.stage())
}

async fn base_path_mappings(gateway: &Client, domain: &DomainName) -> Result<Vec<Props>, CallError> {
    let call = gateway.get_base_path_mappings().set_domain_name(domain.domain_name.clone());
    let call = call.set_domain_name_id(domain.domain_name_id.clone()).limit(PAGE);
    let found: Vec<_> = call.into_paginator().items().send().try_collect().await.at(READ)?;
    Ok(each(&found, base_path_mapping))
}

fn base_path_mapping(mapping: &BasePathMapping) -> Props {
    Props::new()
        .with("BasePath", mapping.base_path())
        .with("RestApiId", mapping.rest_api_id())
        .with("Stage", mapping.stage())
}

fn map(cx: &Cx, domain: &DomainName) -> Draft {
    let name = domain.domain_name().unwrap_or_default();
    let built = arn(cx, &format!("/domainnames/{name}"));
    Draft::new(id_of(domain))
        .arn(domain.domain_name_arn().unwrap_or(&built))
        .name(name)
        .tags(domain.tags().into_iter().flatten())
        .with("CertificateArn", domain.certificate_arn())
        .with("DomainName", name)
        .with("EndpointAccessMode", domain.endpoint_access_mode().map(EndpointAccessMode::as_str))
        .with("EndpointConfiguration", domain.endpoint_configuration().map(endpoint))
        .with("MutualTlsAuthentication", domain.mutual_tls_authentication().map(mutual_tls))
        .with("OwnershipVerificationCertificateArn", domain.ownership_verification_certificate_arn())
        .with("RegionalCertificateArn", domain.regional_certificate_arn())
        .with("RoutingMode", domain.routing_mode().map(RoutingMode::as_str))
        .with("SecurityPolicy", domain.security_policy().map(SecurityPolicy::as_str))
        .with("certificateName", domain.certificate_name())
        .with("managementPolicy", policy_document(domain.management_policy().map(unescaped).as_deref()))
        .with("policy", policy_document(domain.policy().map(unescaped).as_deref()))
        .with("regionalCertificateName", domain.regional_certificate_name())
        .observed("CertificateUploadDate", domain.certificate_upload_date())
        .observed("DistributionDomainName", domain.distribution_domain_name())
        .observed("DistributionHostedZoneId", domain.distribution_hosted_zone_id())
        .observed("DomainNameId", domain.domain_name_id())
        .observed("DomainNameStatus", domain.domain_name_status().map(DomainNameStatus::as_str))
        .observed("DomainNameStatusMessage", domain.domain_name_status_message())
        .observed("RegionalDomainName", domain.regional_domain_name())
        .observed("RegionalHostedZoneId", domain.regional_hosted_zone_id())
}

fn mutual_tls(tls: &MutualTlsAuthentication) -> Props {
    Props::new().with("TruststoreUri", tls.truststore_uri()).with("TruststoreVersion", tls.truststore_version())
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    let private = hands.resource.observed.get("DomainNameId").and_then(|id| id.as_str()).map(str::to_owned);
    let name = hands.text("DomainName").unwrap_or(hands.id());
    hands.call(step, gateway.delete_domain_name().domain_name(name).set_domain_name_id(private).send()).await?;
    Ok(Progress::Done)
}
