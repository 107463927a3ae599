//! VPC endpoints.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    DnsOptions, DnsRecordIpType, IpAddressType, PayerResponsibilityEntry, PayerResponsibilityScope,
    PayerResponsibilityType, State, SubnetIpPrefixes, VpcEndpoint, VpcEndpointType,
};

use super::{account, all_done, tags};
use crate::aws::{Call, CallError, Cx, Fate, Hands};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped, each, policy_document,
};
use crate::model::Step;

/// `AWS::EC2::VPCEndpoint`, with who pays for what as `payerResponsibilities`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::VPCEndpoint",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTimestamp"),
    sets: &[
        "DnsEntries",
        "DnsOptions.PrivateDnsSpecifiedDomains",
        "Ipv4Prefixes",
        "Ipv6Prefixes",
        "NetworkInterfaceIds",
        "RouteTableIds",
        "SecurityGroupIds",
        "SubnetIds",
        "payerResponsibilities",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "VpcEndpoints[].Groups[].GroupName", why: "belongs to the group" },
        LeftOut { path: "VpcEndpoints[].DnsEntries[].HostedZoneId", why: "zone of AWS behind the name" },
        LeftOut { path: "VpcEndpoints[].LastError.*", why: "text about a state" },
        LeftOut { path: "VpcEndpoints[].FailureReason", why: "text about a state" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeVpcEndpoints"],
    delete: Delete::Call(Recipe {
        operation: "DeleteVpcEndpoints",
        actions: &["ec2:DeleteVpcEndpoints"],
        gone: &["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let pages = cx.client::<Client>().describe_vpc_endpoints().max_results(1000).into_paginator().items().send();
    let endpoints: Vec<VpcEndpoint> = pages.try_collect().await.at("ec2:DescribeVpcEndpoints")?;
    // AWS writes `deleted`, its model says `Deleted`.
    let gone = |endpoint: &VpcEndpoint| endpoint.state().is_some_and(|at| at.as_str().eq_ignore_ascii_case("deleted"));
    Ok(endpoints.iter().filter(|endpoint| !gone(endpoint)).map(|endpoint| map(cx, endpoint)).collect())
}

fn map(cx: &Cx, endpoint: &VpcEndpoint) -> Draft {
    let id = endpoint.vpc_endpoint_id().unwrap_or_default();
    let names: Vec<String> =
        endpoint.dns_entries().iter().filter_map(|entry| entry.dns_name()).map(str::to_owned).collect();
    let groups: Vec<String> =
        endpoint.groups().iter().filter_map(|group| group.group_id()).map(str::to_owned).collect();
    Draft::new(id)
        .arn(account::arn(cx, endpoint.owner_id(), &format!("vpc-endpoint/{id}")).as_str())
        .name(tags::name_tag(endpoint.tags()))
        .tags(tags::pairs(endpoint.tags()))
        .created(endpoint.creation_timestamp())
        .aws_made(endpoint.requester_managed() == Some(true), "made and managed by an AWS service")
        .owner(account::SHARED, account::other_account(cx, endpoint.owner_id()))
        .with("VpcEndpointType", endpoint.vpc_endpoint_type().map(VpcEndpointType::as_str))
        .with("VpcId", endpoint.vpc_id())
        .with("ServiceName", endpoint.service_name())
        .with("ServiceRegion", endpoint.service_region())
        .with("ServiceNetworkArn", endpoint.service_network_arn())
        .with("ResourceConfigurationArn", endpoint.resource_configuration_arn())
        .with("PolicyDocument", policy_document(endpoint.policy_document()))
        .with("RouteTableIds", endpoint.route_table_ids())
        .with("SubnetIds", endpoint.subnet_ids())
        .with("SecurityGroupIds", groups)
        .with("IpAddressType", endpoint.ip_address_type().map(IpAddressType::as_str))
        .with("PrivateDnsEnabled", endpoint.private_dns_enabled())
        .with("DnsOptions", endpoint.dns_options().map(dns_options))
        .with("payerResponsibilities", each(endpoint.payer_responsibilities(), payer))
        .observed("State", endpoint.state().map(State::as_str))
        .observed("DnsEntries", names)
        .observed("NetworkInterfaceIds", endpoint.network_interface_ids())
        .observed("Ipv4Prefixes", each(endpoint.ipv4_prefixes(), prefixes))
        .observed("Ipv6Prefixes", each(endpoint.ipv6_prefixes(), prefixes))
}

fn dns_options(options: &DnsOptions) -> Props {
    // A yes or no in the API, words in the schema.
    let only_inbound = options.private_dns_only_for_inbound_resolver_endpoint();
    Props::new()
        .with("DnsRecordIpType", options.dns_record_ip_type().map(DnsRecordIpType::as_str))
        .with(
            "PrivateDnsOnlyForInboundResolverEndpoint",
            only_inbound.map(|only| if only { "OnlyInboundResolver" } else { "AllResolvers" }),
        )
        .with("PrivateDnsPreference", options.private_dns_preference())
        .with("PrivateDnsSpecifiedDomains", options.private_dns_specified_domains())
}

fn payer(entry: &PayerResponsibilityEntry) -> Props {
    Props::new()
        .with("Scope", entry.scope().map(PayerResponsibilityScope::as_str))
        .with("PayerResponsibilityType", entry.payer_responsibility_type().map(PayerResponsibilityType::as_str))
}

fn prefixes(prefixes: &SubnetIpPrefixes) -> Props {
    Props::new().with("SubnetId", prefixes.subnet_id()).with("IpPrefixes", prefixes.ip_prefixes())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let request = async {
        let answer = ec2.delete_vpc_endpoints().vpc_endpoint_ids(hands.id()).send().await.at(&step.call)?;
        all_done(answer.unsuccessful(), &step.call)
    };
    hands.until_gone(step, || fate(hands, &ec2), request).await
}

/// Until it is gone, its interfaces hold its subnets and security groups.
async fn fate(hands: &Hands, ec2: &Client) -> Result<Fate, CallError> {
    let found = ec2.describe_vpc_endpoints().vpc_endpoint_ids(hands.id()).send();
    let found = hands.look("ec2:DescribeVpcEndpoints", found).await?;
    let endpoint = found.and_then(|found| found.vpc_endpoints?.into_iter().next());
    let Some(endpoint) = endpoint else { return Ok(Fate::Gone) };
    // AWS writes small letters, its model says `Deleted`.
    let state = endpoint.state().map(|state| state.as_str().to_ascii_lowercase());
    Ok(match state.as_deref() {
        Some("deleted") => Fate::Gone,
        Some("deleting") => Fate::going("deleting"),
        _ => Fate::There,
    })
}
