//! Sets of DHCP options.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{AttributeValue, DhcpConfiguration, DhcpOptions};

use super::{account, tags};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EC2::DHCPOptions`. Which VPCs use a set is theirs to say.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::DHCPOptions",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a set of DHCP options was created"),
    sets: &["DomainNameServers", "NetbiosNameServers"],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeDhcpOptions"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDhcpOptions",
        actions: &["ec2:DeleteDhcpOptions"],
        gone: &["InvalidDhcpOptionID.NotFound", "InvalidDhcpOptionsID.NotFound", "InvalidDhcpOptionsId.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 7,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_dhcp_options().max_results(1000).into_paginator().items().send();
    let sets = pages.try_collect().await.at("ec2:DescribeDhcpOptions")?;
    Ok(sets.iter().map(|set| map(cx, set)).collect())
}

fn map(cx: &Cx, set: &DhcpOptions) -> Draft {
    let id = set.dhcp_options_id().unwrap_or_default();
    let all = |key| values(set, key);
    let text = |key| all(key).into_iter().next();
    let number = |key| text(key)?.parse::<i64>().ok();
    Draft::new(id)
        .arn(account::arn(cx, set.owner_id(), &format!("dhcp-options/{id}")).as_str())
        .name(tags::name_tag(set.tags()))
        .tags(tags::pairs(set.tags()))
        .aws_made(is_default(cx, set), "the region's default DHCP options")
        .owner(account::SHARED, account::other_account(cx, set.owner_id()))
        .with("DomainName", text("domain-name"))
        .with("DomainNameServers", all("domain-name-servers"))
        .with("Ipv6AddressPreferredLeaseTime", number("ipv6-address-preferred-lease-time"))
        .with("NetbiosNameServers", all("netbios-name-servers"))
        .with("NetbiosNodeType", number("netbios-node-type"))
        .with("NtpServers", all("ntp-servers"))
}

fn values<'a>(set: &'a DhcpOptions, key: &str) -> Vec<&'a str> {
    let wanted = set.dhcp_configurations().iter().filter(|option| option.key() == Some(key));
    wanted.flat_map(DhcpConfiguration::values).filter_map(AttributeValue::value).collect()
}

/// The set that comes with a region is known by its content alone: Amazon's own names and name servers, no tags.
fn is_default(cx: &Cx, set: &DhcpOptions) -> bool {
    let region = cx.region();
    let domain = if region == "us-east-1" { "ec2.internal".to_owned() } else { format!("{region}.compute.internal") };
    set.tags().is_empty()
        && set.dhcp_configurations().len() == 2
        && values(set, "domain-name") == [domain]
        && values(set, "domain-name-servers") == ["AmazonProvidedDNS"]
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ec2: Client = hands.client();
    hands.call(step, ec2.delete_dhcp_options().dhcp_options_id(hands.id()).send()).await?;
    Ok(Progress::Done)
}
