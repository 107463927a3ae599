//! Security groups, each rule of a group as one row.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    Filter, IpPermission, SecurityGroup, SecurityGroupRule, SecurityGroupVpcAssociation,
    SecurityGroupVpcAssociationState as AssociationState, UserIdGroupPair,
};

use super::{account, interfaces, tags};
use crate::aws::{Call, CallError, Cx, Fate, Hands};
use crate::catalog::steps::{each_of, texts_of};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::SecurityGroup`, with `AWS::EC2::SecurityGroupVpcAssociation` folded in as `vpcAssociations`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::SecurityGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a security group was created"),
    sets: &["SecurityGroupIngress", "SecurityGroupEgress", "vpcAssociations"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "SecurityGroups[].IpPermissions[].UserIdGroupPairs[].GroupName", why: OF_THE_PEER },
        LeftOut { path: "SecurityGroups[].IpPermissions[].UserIdGroupPairs[].VpcId", why: OF_THE_PEER },
        LeftOut {
            path: "SecurityGroups[].IpPermissions[].UserIdGroupPairs[].VpcPeeringConnectionId",
            why: OF_THE_PEER,
        },
        LeftOut { path: "SecurityGroups[].IpPermissions[].UserIdGroupPairs[].PeeringStatus", why: "run state" },
        LeftOut { path: "SecurityGroups[].IpPermissionsEgress[].UserIdGroupPairs[].UserId", why: OF_THE_PEER },
        LeftOut { path: "SecurityGroups[].IpPermissionsEgress[].UserIdGroupPairs[].GroupName", why: OF_THE_PEER },
        LeftOut { path: "SecurityGroups[].IpPermissionsEgress[].UserIdGroupPairs[].VpcId", why: OF_THE_PEER },
        LeftOut {
            path: "SecurityGroups[].IpPermissionsEgress[].UserIdGroupPairs[].VpcPeeringConnectionId",
            why: OF_THE_PEER,
        },
        LeftOut { path: "SecurityGroups[].IpPermissionsEgress[].UserIdGroupPairs[].PeeringStatus", why: "run state" },
        LeftOut { path: "SecurityGroupVpcAssociations[].State", why: "progress of an association" },
        LeftOut { path: "SecurityGroupVpcAssociations[].StateReason", why: "progress of an association" },
        LeftOut { path: "SecurityGroupVpcAssociations[].VpcOwnerId", why: "belongs to the VPC" },
        LeftOut { path: "SecurityGroupVpcAssociations[].GroupOwnerId", why: "owner of the group itself" },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped {
            path: "SecurityGroupIngress.*.SourceSecurityGroupName",
            why: "write-only: AWS answers the id of the group",
        },
    ],
    edges: &[],
    read_actions: &["ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupVpcAssociations"],
    delete: Delete::Call(Recipe {
        operation: "DeleteSecurityGroup",
        actions: &[
            interfaces::LOOK,
            "ec2:DescribeSecurityGroupRules",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:DisassociateSecurityGroupVpc",
            "ec2:DeleteSecurityGroup",
        ],
        gone: &["InvalidGroup.NotFound"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

const OF_THE_PEER: &str = "belongs to the other group, which the rule names by id";

/// Associations by group.
type Associations = HashMap<String, Vec<SecurityGroupVpcAssociation>>;

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let groups = ec2.describe_security_groups().max_results(1000).into_paginator().items().send();
    let (groups, associations) = tokio::join!(groups.try_collect(), associations(&ec2));
    let groups: Vec<SecurityGroup> = groups.at("ec2:DescribeSecurityGroups")?;
    groups.iter().map(|group| map(cx, group, &associations)).collect()
}

async fn associations(ec2: &Client) -> Result<Associations, CallError> {
    let pages = ec2.describe_security_group_vpc_associations().max_results(1000).into_paginator().items().send();
    let all: Vec<SecurityGroupVpcAssociation> =
        pages.try_collect().await.at("ec2:DescribeSecurityGroupVpcAssociations")?;
    let mut by_group = Associations::new();
    for association in all {
        // Those that were taken away are listed for a while.
        if !matches!(association.state, Some(AssociationState::Disassociated | AssociationState::AssociationFailed)) {
            by_group.entry(association.group_id.clone().unwrap_or_default()).or_default().push(association);
        }
    }
    Ok(by_group)
}

fn map(cx: &Cx, group: &SecurityGroup, associations: &Result<Associations, CallError>) -> Result<Draft, CallError> {
    let id = group.group_id().unwrap_or_default();
    let of_this = |all: &Associations| all.get(id).map(|own| vpc_associations(own));
    let rows = |permissions: &[IpPermission], way: &Way| {
        permissions.iter().flat_map(|permission| rows(permission, way, group.owner_id())).collect::<Vec<_>>()
    };
    Draft::new(id)
        .arn(group.security_group_arn())
        .name(group.group_name())
        .tags(tags::pairs(group.tags()))
        .aws_made(group.group_name() == Some("default"), "default security group of its VPC")
        .owner(account::SHARED, account::other_account(cx, group.owner_id()))
        .with("GroupName", group.group_name())
        .with("GroupDescription", group.description())
        .with("VpcId", group.vpc_id())
        .with("SecurityGroupIngress", rows(group.ip_permissions(), &INGRESS))
        .with("SecurityGroupEgress", rows(group.ip_permissions_egress(), &EGRESS))
        .sub("vpcAssociations", associations.as_ref().map(of_this).map_err(Clone::clone))
}

fn vpc_associations(associations: &[SecurityGroupVpcAssociation]) -> Vec<Props> {
    associations.iter().map(|association| Props::new().with("VpcId", association.vpc_id())).collect()
}

/// What the schema calls the other side of a rule.
struct Way {
    group: &'static str,
    group_owner: Option<&'static str>,
    prefix_list: &'static str,
}

const INGRESS: Way = Way {
    group: "SourceSecurityGroupId",
    group_owner: Some("SourceSecurityGroupOwnerId"),
    prefix_list: "SourcePrefixListId",
};
const EGRESS: Way =
    Way { group: "DestinationSecurityGroupId", group_owner: None, prefix_list: "DestinationPrefixListId" };

/// One row per other side: EC2 groups rules by protocol and ports, in an order and a grouping that mean nothing.
fn rows(permission: &IpPermission, way: &Way, owner: Option<&str>) -> Vec<Props> {
    let row = |description: Option<&str>| {
        Props::new()
            .with("IpProtocol", permission.ip_protocol())
            .with("FromPort", permission.from_port())
            .with("ToPort", permission.to_port())
            .with("Description", description)
    };
    let ipv4 = permission.ip_ranges().iter().map(|range| row(range.description()).with("CidrIp", range.cidr_ip()));
    let ipv6 =
        permission.ipv6_ranges().iter().map(|range| row(range.description()).with("CidrIpv6", range.cidr_ipv6()));
    let lists = permission
        .prefix_list_ids()
        .iter()
        .map(|list| row(list.description()).with(way.prefix_list, list.prefix_list_id()));
    let groups = permission.user_id_group_pairs().iter().map(|pair| {
        let row = row(pair.description()).with(way.group, pair.group_id());
        way.group_owner.map_or(row.clone(), |name| row.with(name, other_owner(pair, owner)))
    });
    ipv4.chain(ipv6).chain(lists).chain(groups).collect()
}

/// The owner of the other group, where it is not the owner of this one: AWS answers it either way.
fn other_owner<'a>(pair: &'a UserIdGroupPair, owner: Option<&str>) -> Option<&'a str> {
    pair.user_id().filter(|other| Some(*other) != owner)
}

/// Rules that name other groups go first, one step for each of them, because groups may name each other: a planner
/// cuts such a circle with these steps. All other rules go with the group.
fn deletion(group: &Resource, _: &Switches) -> Vec<Step> {
    let others = |list: &str, field: &str| -> BTreeSet<String> {
        texts_of(&group.properties, list, field).filter(|other| *other != group.id).map(str::to_owned).collect()
    };
    let ingress = others("SecurityGroupIngress", INGRESS.group).into_iter();
    let ingress = ingress.map(|other| Step::on("ec2:RevokeSecurityGroupIngress", other));
    let egress = others("SecurityGroupEgress", EGRESS.group).into_iter();
    let egress = egress.map(|other| Step::on("ec2:RevokeSecurityGroupEgress", other));
    ingress
        .chain(egress)
        .chain(each_of("ec2:DisassociateSecurityGroupVpc", texts_of(&group.properties, "vpcAssociations", "VpcId")))
        .chain([Step::on_resource("ec2:DeleteSecurityGroup")])
        .collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let group = hands.id();
    match step.call.as_str() {
        "ec2:RevokeSecurityGroupIngress" => {
            let rules = naming(hands, &ec2, &step.target, false).await?;
            if rules.is_empty() {
                return Ok(Progress::Done);
            }
            let call = ec2.revoke_security_group_ingress().group_id(group).set_security_group_rule_ids(Some(rules));
            hands.call_unless(step, NO_RULE, call.send()).await?;
            Ok(Progress::Done)
        }
        "ec2:RevokeSecurityGroupEgress" => {
            let rules = naming(hands, &ec2, &step.target, true).await?;
            if rules.is_empty() {
                return Ok(Progress::Done);
            }
            let call = ec2.revoke_security_group_egress().group_id(group).set_security_group_rule_ids(Some(rules));
            hands.call_unless(step, NO_RULE, call.send()).await?;
            Ok(Progress::Done)
        }
        "ec2:DisassociateSecurityGroupVpc" => {
            let request = ec2.disassociate_security_group_vpc().group_id(group).vpc_id(&step.target);
            let request = async { request.send().await.at(&step.call) };
            hands.until_gone(step, || association(hands, &ec2, &step.target), request).await
        }
        "ec2:DeleteSecurityGroup" => match interfaces::of_functions(hands, &ec2, "group-id").await? {
            Some(what) => Ok(Progress::Waiting(what)),
            None => hands.at_once(step, ec2.delete_security_group().group_id(group).send()).await,
        },
        _ => Err(hands.unknown(step)),
    }
}

/// A rule that somebody took back meanwhile.
const NO_RULE: &[&str] = &["InvalidSecurityGroupRuleId.NotFound"];

/// The ids of the group's rules, in one direction, that name another group.
async fn naming(hands: &Hands, ec2: &Client, other: &str, egress: bool) -> Result<Vec<String>, CallError> {
    let of_group = Filter::builder().name("group-id").values(hands.id()).build();
    let rules = ec2.describe_security_group_rules().filters(of_group).max_results(1000).into_paginator();
    let rules = hands.look("ec2:DescribeSecurityGroupRules", rules.items().send().try_collect()).await?;
    let names_other = |rule: &SecurityGroupRule| {
        let named = rule.referenced_group_info().and_then(|info| info.group_id());
        rule.is_egress() == Some(egress) && named == Some(other)
    };
    let rules = rules.unwrap_or_default().into_iter().filter(names_other);
    Ok(rules.filter_map(|rule| rule.security_group_rule_id).collect())
}

async fn association(hands: &Hands, ec2: &Client, vpc: &str) -> Result<Fate, CallError> {
    use AssociationState::{Disassociated, Disassociating};
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let call = ec2.describe_security_group_vpc_associations();
    let call = call.filters(filter("group-id", hands.id())).filters(filter("vpc-id", vpc)).send();
    let found = hands.look("ec2:DescribeSecurityGroupVpcAssociations", call).await?;
    let association = found.and_then(|found| found.security_group_vpc_associations?.into_iter().next());
    Ok(match association.map(|association| association.state) {
        None | Some(Some(Disassociated)) => Fate::Gone,
        Some(Some(Disassociating)) => Fate::going("disassociating"),
        Some(_) => Fate::There,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::IpRange;
    use serde_json::json;

    use crate::catalog::IntoProperty;

    #[test]
    fn a_permission_is_one_row_per_other_side() {
        let group = |id: &str, owner: &str| UserIdGroupPair::builder().group_id(id).user_id(owner).build();
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").description("office").build())
            .user_id_group_pairs(group("sg-ours", "111111111111"))
            .user_id_group_pairs(group("sg-theirs", "222222222222"))
            .build();
        let tcp = |more: serde_json::Value| {
            let mut row = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443});
            row.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            row
        };
        assert_eq!(
            rows(&permission, &INGRESS, Some("111111111111")).into_property(),
            Some(json!([
                tcp(json!({"CidrIp": "10.0.0.0/8", "Description": "office"})),
                tcp(json!({"SourceSecurityGroupId": "sg-ours"})),
                tcp(json!({"SourceSecurityGroupId": "sg-theirs", "SourceSecurityGroupOwnerId": "222222222222"})),
            ]))
        );
    }
    #[test]
    fn only_rules_that_name_other_groups_are_taken_back_first() {
        let rules = json!([
            {"SourceSecurityGroupId": "sg-self"},
            {"SourceSecurityGroupId": "sg-b", "FromPort": 1},
            {"SourceSecurityGroupId": "sg-b", "FromPort": 2},
            {"CidrIp": "0.0.0.0/0"},
        ]);
        let group = json!({
            "type": "AWS::EC2::SecurityGroup", "id": "sg-self", "region": "eu-west-1", "hash": "",
            "properties": {
                "SecurityGroupIngress": rules, "SecurityGroupEgress": [{"DestinationSecurityGroupId": "sg-c"}],
            },
        });
        let group: Resource = serde_json::from_value(group).expect("a resource");
        let planned: Vec<_> = deletion(&group, &Switches::default()).iter().map(Step::to_string).collect();
        assert_eq!(
            planned,
            ["ec2:RevokeSecurityGroupIngress sg-b", "ec2:RevokeSecurityGroupEgress sg-c", "ec2:DeleteSecurityGroup",]
        );
    }
}
