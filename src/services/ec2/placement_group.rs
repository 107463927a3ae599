//! Placement groups.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{PlacementGroup, PlacementGroupState, PlacementStrategy, SpreadLevel};

use super::going::{self, Left};
use super::{operator, tags};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Recipe, Running, Scope, TypeSpec, Unmapped};

/// `AWS::EC2::PlacementGroup`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::PlacementGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report it"),
    sets: &[],
    secrets: &[],
    left_out: &[LeftOut { path: "PlacementGroups[].Operator.HiddenByDefault", why: "how the console shows it" }],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribePlacementGroups"],
    delete: Delete::Call(Recipe {
        operation: "DeletePlacementGroup",
        actions: &["ec2:DeletePlacementGroup"],
        gone: &["InvalidPlacementGroup.Unknown"],
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let ec2: Client = hands.client();
                let request = ec2.delete_placement_group().group_name(hands.id()).send();
                going::delete(hands, step, left(&ec2, hands), request).await
            })
        },
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

async fn left(ec2: &Client, hands: &Hands) -> Result<Left, CallError> {
    let request = ec2.describe_placement_groups().group_names(hands.id()).send();
    let answer = hands.look("ec2:DescribePlacementGroups", request).await?;
    let group = answer.and_then(|answer| answer.placement_groups?.pop());
    Ok(Left::of(group.as_ref().and_then(PlacementGroup::state).map(PlacementGroupState::as_str)))
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    // This call has no pages.
    let answer = ec2.describe_placement_groups().send().await.at("ec2:DescribePlacementGroups")?;
    let live = answer.placement_groups().iter().filter(|group| group.state() != Some(&PlacementGroupState::Deleted));
    Ok(live.map(map).collect())
}

fn map(group: &PlacementGroup) -> Draft {
    let name = group.group_name().unwrap_or_default();
    Draft::new(name)
        .arn(group.group_arn())
        .name(name)
        .tags(tags::pairs(group.tags()))
        .owner(operator::KIND, operator::of(group.operator()))
        .with("ParentGroupId", group.parent_group_id())
        .with("PartitionCount", group.partition_count())
        .with("SpreadLevel", group.spread_level().map(SpreadLevel::as_str))
        .with("Strategy", group.strategy().map(PlacementStrategy::as_str))
        .with("linkedGroupId", group.linked_group_id())
        .observed("GroupId", group.group_id())
        .observed("State", group.state().map(PlacementGroupState::as_str))
}
