//! Endpoint services: what this account offers to others through endpoints, each with who may use it.

use std::collections::BTreeMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AllowedPrincipal, PayerResponsibility, ServiceConfiguration, ServiceConnectivityType, ServiceState, State,
    SupportedRegionDetail, VpcEndpointConnection,
};
use serde_json::Value;

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Running, Scope, TypeSpec, Unmapped,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::VPCEndpointService`, with the principals of `AWS::EC2::VPCEndpointServicePermissions` folded in as
/// `allowedPrincipals`. The endpoints of others that are connected are shown as `endpointConnections`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::VPCEndpointService",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report it"),
    sets: &[
        "GatewayLoadBalancerArns",
        "NetworkLoadBalancerArns",
        "SupportedIpAddressTypes",
        "SupportedRegions",
        "allowedPrincipals",
        "AvailabilityZones",
        "endpointConnections",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ServiceConfigurations[].AvailabilityZoneIds[]", why: "AvailabilityZones says it" },
        LeftOut { path: "ServiceConfigurations[].BaseEndpointDnsNames[]", why: "follows from the id" },
        LeftOut { path: "ServiceConfigurations[].ManagesVpcEndpoints", why: "set by AWS services only" },
        LeftOut { path: "ServiceConfigurations[].PrivateDnsNameConfiguration.*", why: "of the proof of ownership" },
        LeftOut { path: "ServiceConfigurations[].RemoteAccessEnabled", why: "SupportedRegions says it" },
        LeftOut { path: "ServiceConfigurations[].ServiceType[].ServiceType", why: "the load balancers say it" },
        LeftOut { path: "ServiceConfigurations[].SupportedRegions[].ServiceState", why: "run state" },
        LeftOut { path: "AllowedPrincipals[].PrincipalType", why: "the principal says it" },
        LeftOut { path: "AllowedPrincipals[].ServiceId", why: "the service that was asked about" },
        LeftOut { path: "AllowedPrincipals[].ServicePermissionId", why: "an id of AWS's" },
        LeftOut { path: "AllowedPrincipals[].Tags*", why: "tags of a part, which CloudFormation has no place for" },
        LeftOut {
            path: "VpcEndpointConnections[].*",
            why: "belongs to the other side's endpoint, but for id and state",
        },
    ],
    unmapped: &[
        Unmapped { path: "ContributorInsightsEnabled", why: "write-only" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &[
        "ec2:DescribeVpcEndpointConnections",
        "ec2:DescribeVpcEndpointServiceConfigurations",
        "ec2:DescribeVpcEndpointServicePermissions",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteVpcEndpointServiceConfigurations",
        actions: &["ec2:RejectVpcEndpointConnections", "ec2:DeleteVpcEndpointServiceConfigurations"],
        gone: GONE,
        // A service cannot go while endpoints are connected.
        steps: Some(steps),
        run: |hands, step| -> Running<'_> { Box::pin(run(hands, step)) },
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

/// How EC2 says that an endpoint service does not exist.
const GONE: &[&str] = &["InvalidVpcEndpointServiceId.NotFound", "InvalidVpcEndpointService.NotFound"];

const REJECT: &str = "ec2:RejectVpcEndpointConnections";

/// The states in which a connection holds the service.
const CONNECTED: &[&str] = &["pendingAcceptance", "pending", "available", "PendingAcceptance", "Pending", "Available"];

fn steps(resource: &Resource, _: &Switches) -> Vec<Step> {
    let connections = resource.observed.get("endpointConnections").and_then(Value::as_array).into_iter().flatten();
    let connected = connections.filter(|one| one["State"].as_str().is_some_and(|state| CONNECTED.contains(&state)));
    let endpoints = connected.filter_map(|one| one["VpcEndpointId"].as_str());
    let mut steps: Vec<_> = endpoints.map(|endpoint| Step::on(REJECT, endpoint)).collect();
    steps.push(Step::on_resource("ec2:DeleteVpcEndpointServiceConfigurations"));
    steps
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ec2: Client = hands.client();
    let failed = if step.call == REJECT {
        let request = ec2.reject_vpc_endpoint_connections().service_id(hands.id()).vpc_endpoint_ids(&step.target);
        let call = async { unsuccessful(request.send().await.at(&step.call)?.unsuccessful(), &step.call) };
        hands.call_checked(step, call).await
    } else {
        let request = ec2.delete_vpc_endpoint_service_configurations().service_ids(hands.id());
        let call = async { unsuccessful(request.send().await.at(&step.call)?.unsuccessful(), &step.call) };
        hands.call_checked(step, call).await
    };
    failed.map(|_| Progress::Done)
}

/// EC2 answers 200 with what failed inside.
fn unsuccessful(failed: &[aws_sdk_ec2::types::UnsuccessfulItem], action: &str) -> Result<(), CallError> {
    let Some(error) = failed.first().and_then(|item| item.error()) else { return Ok(()) };
    let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
    Err(CallError::new(crate::aws::classify(code, message), code, message, action))
}

/// The connections of the region by service.
type Connections = BTreeMap<String, Vec<Props>>;

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_vpc_endpoint_service_configurations().max_results(1000).into_paginator().items().send();
    let mut services: Vec<ServiceConfiguration> =
        pages.try_collect().await.at("ec2:DescribeVpcEndpointServiceConfigurations")?;
    services.retain(|service| service.service_state() != Some(&ServiceState::Deleted));
    let services = cx.wanted(services, |service| service.service_id().unwrap_or_default());
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let connections = connections(&ec2).await;
    cx.each(services, |service| {
        let (ec2, connections) = (&ec2, &connections);
        async move {
            let id = service.service_id().unwrap_or_default();
            let again = async {
                let answer = ec2.describe_vpc_endpoint_service_configurations().service_ids(id).send().await;
                answer.at("ec2:DescribeVpcEndpointServiceConfigurations")
            };
            gone_with(describe(cx, ec2, &service, connections).await, GONE, again).await
        }
    })
    .await
}

async fn connections(ec2: &Client) -> Result<Connections, CallError> {
    let pages = ec2.describe_vpc_endpoint_connections().max_results(1000).into_paginator().items().send();
    let all: Vec<VpcEndpointConnection> = pages.try_collect().await.at("ec2:DescribeVpcEndpointConnections")?;
    let mut by_service = Connections::new();
    for one in &all {
        let props = Props::new()
            .with("State", one.vpc_endpoint_state().map(State::as_str))
            .with("VpcEndpointId", one.vpc_endpoint_id());
        by_service.entry(one.service_id().unwrap_or_default().to_owned()).or_default().push(props);
    }
    Ok(by_service)
}

async fn describe(
    cx: &Cx,
    ec2: &Client,
    service: &ServiceConfiguration,
    connections: &Result<Connections, CallError>,
) -> Result<Draft, CallError> {
    let id = service.service_id().unwrap_or_default();
    let pages = ec2.describe_vpc_endpoint_service_permissions().service_id(id).max_results(1000).into_paginator();
    let allowed = pages.items().send().try_collect().await.at("ec2:DescribeVpcEndpointServicePermissions");
    let principal = |one: &AllowedPrincipal| one.principal().map(str::to_owned);
    let allowed = allowed.map(|all: Vec<_>| all.iter().filter_map(principal).collect::<Vec<_>>());
    // What is only shown can be missing, but not in silence.
    let (shown, unread) = match connections {
        Ok(connections) => (connections.get(id).cloned(), Ok(())),
        Err(error) => (None, Err(error.clone())),
    };
    map(cx, service)
        .observed("endpointConnections", shown)
        .sub("endpointConnections", unread)?
        .sub("allowedPrincipals", allowed)
}

fn map(cx: &Cx, service: &ServiceConfiguration) -> Draft {
    let id = service.service_id().unwrap_or_default();
    let addresses: Vec<_> = service.supported_ip_address_types().iter().map(ServiceConnectivityType::as_str).collect();
    let regions: Vec<_> = service.supported_regions().iter().filter_map(SupportedRegionDetail::region).collect();
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("vpc-endpoint-service/{id}")).as_str())
        .name(tags::name_tag(service.tags()))
        .tags(tags::pairs(service.tags()))
        .with("AcceptanceRequired", service.acceptance_required())
        .with("GatewayLoadBalancerArns", service.gateway_load_balancer_arns())
        .with("NetworkLoadBalancerArns", service.network_load_balancer_arns())
        .with("PayerResponsibility", service.payer_responsibility().map(PayerResponsibility::as_str))
        .with("PrivateDnsName", service.private_dns_name())
        .with("SupportedIpAddressTypes", addresses)
        .with("SupportedRegions", regions)
        .observed("AvailabilityZones", service.availability_zones())
        .observed("ServiceName", service.service_name())
        .observed("ServiceState", service.service_state().map(ServiceState::as_str))
}
