//! VPCs, each with its further address blocks, its DHCP options and its DNS attributes.

use std::sync::Arc;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_vpc_attribute::DescribeVpcAttributeOutput;
use aws_sdk_ec2::types::{
    BlockPublicAccessMode, IpSource, Ipv6AddressAttribute, Tenancy, Vpc, VpcAttributeName, VpcCidrBlockState,
    VpcCidrBlockStateCode, VpcEncryptionControl, VpcEncryptionControlExclusion, VpcEncryptionControlExclusionState,
    VpcEncryptionControlMode, VpcEncryptionControlState, VpcState,
};

use super::{account, tags};
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EC2::VPC`, with `AWS::EC2::VPCCidrBlock` folded in as `cidrBlocks`, `AWS::EC2::VPCDHCPOptionsAssociation` as
/// `dhcpOptionsAssociation`, and the blocking of public access as `blockPublicAccess`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::VPC",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a VPC was created"),
    sets: &["cidrBlocks"],
    secrets: &[],
    left_out: &[
        LeftOut {
            path: "Vpcs[].CidrBlockAssociationSet[].AssociationId",
            why: "id of a part that its block identifies",
        },
        LeftOut { path: "Vpcs[].CidrBlockAssociationSet[].CidrBlockState.*", why: "progress of an association" },
        LeftOut {
            path: "Vpcs[].Ipv6CidrBlockAssociationSet[].AssociationId",
            why: "id of a part that its block identifies",
        },
        LeftOut {
            path: "Vpcs[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState.*",
            why: "progress of an association",
        },
        LeftOut { path: "Vpcs[].EncryptionControl.VpcId", why: "the VPC itself" },
        LeftOut { path: "Vpcs[].EncryptionControl.StateMessage", why: "text about a state" },
        LeftOut {
            path: "Vpcs[].EncryptionControl.ResourceExclusions.*",
            why: "only on and off are settings, not the progress",
        },
        LeftOut {
            path: "Vpcs[].EncryptionControl.Tags[].*",
            why: "tags of the control, for which the VPC has no place",
        },
        LeftOut { path: "VpcId", why: "the VPC that was asked about" },
        LeftOut {
            path: "DescribeVpcAttribute:EnableNetworkAddressUsageMetrics.Value",
            why: "a switch of metrics, not worth a third call per VPC",
        },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "Ipv4IpamPoolId", why: "write-only: where the block was taken from" },
        Unmapped { path: "Ipv4NetmaskLength", why: "write-only: `CidrBlock` says it" },
    ],
    edges: &[],
    read_actions: &["ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"],
    delete: Delete::Call(Recipe {
        operation: "DeleteVpc",
        actions: &["ec2:DeleteVpc"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 7,
        holds_data: false,
        reversible: None,
    }),
};

/// How EC2 says that a VPC was deleted since it was listed.
const GONE: &[&str] = &["InvalidVpcID.NotFound"];

/// All VPCs of the region, asked once per run.
pub(super) async fn all(cx: &Cx) -> Result<Arc<Vec<Vpc>>, CallError> {
    cx.once(&format!("ec2:DescribeVpcs {}", cx.region()), || async {
        let pages = cx.client::<Client>().describe_vpcs().max_results(1000).into_paginator().items().send();
        pages.try_collect().await.at("ec2:DescribeVpcs")
    })
    .await
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let vpcs = all(cx).await?;
    let vpcs = cx.wanted(vpcs.to_vec(), |vpc| vpc.vpc_id().unwrap_or_default());
    cx.each(vpcs, |vpc| {
        let ec2 = &ec2;
        async move {
            let id = vpc.vpc_id().unwrap_or_default();
            let again = async { ec2.describe_vpcs().vpc_ids(id).send().await.at("ec2:DescribeVpcs") };
            gone_with(describe(cx, ec2, &vpc).await, GONE, again).await
        }
    })
    .await
}

async fn describe(cx: &Cx, ec2: &Client, vpc: &Vpc) -> Result<Draft, CallError> {
    let draft = map(cx, vpc);
    // The attributes are for the owner account to read.
    if account::other_account(cx, vpc.owner_id()).is_some() {
        return Ok(draft);
    }
    let (support, hostnames) = tokio::join!(
        attribute(ec2, vpc, VpcAttributeName::EnableDnsSupport),
        attribute(ec2, vpc, VpcAttributeName::EnableDnsHostnames),
    );
    draft
        .sub("EnableDnsSupport", support.map(|answer| answer.enable_dns_support?.value))?
        .sub("EnableDnsHostnames", hostnames.map(|answer| answer.enable_dns_hostnames?.value))
}

async fn attribute(ec2: &Client, vpc: &Vpc, name: VpcAttributeName) -> Result<DescribeVpcAttributeOutput, CallError> {
    let answer = ec2.describe_vpc_attribute().set_vpc_id(vpc.vpc_id.clone()).attribute(name).send().await;
    answer.at("ec2:DescribeVpcAttribute")
}

fn map(cx: &Cx, vpc: &Vpc) -> Draft {
    let id = vpc.vpc_id().unwrap_or_default();
    let public_access = vpc.block_public_access_states().and_then(|states| states.internet_gateway_block_mode());
    let control = vpc.encryption_control();
    Draft::new(id)
        .arn(account::arn(cx, vpc.owner_id(), &format!("vpc/{id}")).as_str())
        .name(tags::name_tag(vpc.tags()))
        .tags(tags::pairs(vpc.tags()))
        .aws_made(vpc.is_default() == Some(true), "default VPC")
        .owner(account::SHARED, account::other_account(cx, vpc.owner_id()))
        .with("CidrBlock", vpc.cidr_block())
        .with("InstanceTenancy", vpc.instance_tenancy().map(Tenancy::as_str))
        .with("VpcEncryptionControl", control.map(encryption_control))
        .with("cidrBlocks", cidr_blocks(vpc))
        .with("dhcpOptionsAssociation", Props::new().with("DhcpOptionsId", vpc.dhcp_options_id()))
        .with(
            "blockPublicAccess",
            Props::new().with("InternetGatewayBlockMode", public_access.map(BlockPublicAccessMode::as_str)),
        )
        .observed("State", vpc.state().map(VpcState::as_str))
        .observed("VpcEncryptionControlId", control.and_then(VpcEncryptionControl::vpc_encryption_control_id))
        .observed(
            "VpcEncryptionControlState",
            control.and_then(VpcEncryptionControl::state).map(VpcEncryptionControlState::as_str),
        )
}

/// The blocks beyond the first IPv4 block, which is the VPC's own `CidrBlock`.
fn cidr_blocks(vpc: &Vpc) -> Vec<Props> {
    let ipv4 = vpc
        .cidr_block_association_set()
        .iter()
        .filter(|block| block.cidr_block() != vpc.cidr_block() && is_associated(block.cidr_block_state()))
        .map(|block| Props::new().with("CidrBlock", block.cidr_block()));
    let ipv6 =
        vpc.ipv6_cidr_block_association_set().iter().filter(|block| is_associated(block.ipv6_cidr_block_state())).map(
            |block| {
                Props::new()
                    .with("Ipv6CidrBlock", block.ipv6_cidr_block())
                    .with("Ipv6Pool", block.ipv6_pool())
                    .with("Ipv6CidrBlockNetworkBorderGroup", block.network_border_group())
                    .with("Ipv6AddressAttribute", block.ipv6_address_attribute().map(Ipv6AddressAttribute::as_str))
                    .with("IpSource", block.ip_source().map(IpSource::as_str))
            },
        );
    ipv4.chain(ipv6).collect()
}

/// Whether a block is in use; those that were taken away are listed for a while.
fn is_associated(state: Option<&VpcCidrBlockState>) -> bool {
    use VpcCidrBlockStateCode::{Disassociated, Disassociating, Failed, Failing};
    let code = state.and_then(VpcCidrBlockState::state);
    !matches!(code, Some(Disassociated | Disassociating | Failed | Failing))
}

fn encryption_control(control: &VpcEncryptionControl) -> Props {
    let except = control.resource_exclusions();
    let props = Props::new().with("Mode", control.mode().map(VpcEncryptionControlMode::as_str));
    let Some(except) = except else { return props };
    props
        .with("InternetGatewayExclusion", except.internet_gateway().and_then(exclusion))
        .with("EgressOnlyInternetGatewayExclusion", except.egress_only_internet_gateway().and_then(exclusion))
        .with("NatGatewayExclusion", except.nat_gateway().and_then(exclusion))
        .with("VirtualPrivateGatewayExclusion", except.virtual_private_gateway().and_then(exclusion))
        .with("VpcPeeringExclusion", except.vpc_peering().and_then(exclusion))
        .with("LambdaExclusion", except.lambda().and_then(exclusion))
        .with("VpcLatticeExclusion", except.vpc_lattice().and_then(exclusion))
        .with("ElasticFileSystemExclusion", except.elastic_file_system().and_then(exclusion))
}

/// The setting that leads to a state: the API takes `enable` and answers `enabled` or `enabling`.
fn exclusion(exclusion: &VpcEncryptionControlExclusion) -> Option<&str> {
    use VpcEncryptionControlExclusionState::{Disabled, Disabling, Enabled, Enabling};
    match exclusion.state()? {
        Enabled | Enabling => Some("enable"),
        Disabled | Disabling => Some("disable"),
        other => Some(other.as_str()),
    }
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    hands.at_once(step, ec2.delete_vpc().vpc_id(hands.id()).send()).await
}
