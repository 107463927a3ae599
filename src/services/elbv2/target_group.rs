//! Target groups.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types;
use aws_sdk_elasticloadbalancingv2::types::TargetTypeEnum as Kind;

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped, each};
use crate::model::Step;

/// `AWS::ElasticLoadBalancingV2::TargetGroup`.
///
/// A function or a load balancer as target is configuration. Instances and addresses come and go with groups, services
/// and pods, so they are only observed, as `registeredTargets`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ElasticLoadBalancingV2::TargetGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("the API has no such field"),
    sets: &["TargetGroupAttributes", "Targets"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "TargetHealthDescriptions[].HealthCheckPort", why: "follows from the target group" },
        LeftOut { path: "TargetHealthDescriptions[].TargetHealth.Description", why: "says the reason in words" },
        LeftOut { path: "TargetHealthDescriptions[].AnomalyDetection.*", why: "run state" },
        LeftOut { path: "TargetHealthDescriptions[].AdministrativeOverride.*", why: "run state" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &[
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteTargetGroup",
        actions: &["elasticloadbalancing:DeleteTargetGroup"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

/// How the service says that a target group was deleted since it was listed.
const GONE: &[&str] = &["TargetGroupNotFound"];

/// Most target groups that one page may hold.
const PAGE: i32 = 400;

async fn list(cx: &Cx) -> Listed {
    let elb: Client = cx.client();
    let pages = elb.describe_target_groups().page_size(PAGE).into_paginator().items().send();
    let groups: Vec<types::TargetGroup> = pages.try_collect().await.at("elasticloadbalancing:DescribeTargetGroups")?;
    let groups = cx.wanted(groups, |group| group.target_group_arn().unwrap_or_default());
    let arns = groups.iter().filter_map(|group| group.target_group_arn.clone()).collect();
    let tags = tags::read(cx, &elb, arns, GONE).await;
    // One that is deleted meanwhile says so at whichever call comes next.
    cx.each(groups, async |group: types::TargetGroup| {
        let arn = group.target_group_arn.clone().unwrap_or_default();
        let again = async {
            let answer = elb.describe_target_groups().target_group_arns(&arn).send().await;
            answer.at("elasticloadbalancing:DescribeTargetGroups")
        };
        gone_with(describe(&elb, group, &tags).await, GONE, again).await
    })
    .await
}

async fn describe(
    elb: &Client,
    group: types::TargetGroup,
    tags: &Result<tags::Tags, CallError>,
) -> Result<Draft, CallError> {
    let arn = group.target_group_arn().unwrap_or_default();
    let (attributes, health) = tokio::join!(
        elb.describe_target_group_attributes().target_group_arn(arn).send(),
        elb.describe_target_health().target_group_arn(arn).send(),
    );
    let attributes = attributes.at("elasticloadbalancing:DescribeTargetGroupAttributes");
    let attributes = attributes.map(|answer| each(answer.attributes(), attribute));
    let targets = health.at("elasticloadbalancing:DescribeTargetHealth");
    let targets = targets.map(|answer| answer.target_health_descriptions.unwrap_or_default());
    let registered = targets.as_deref().map(|targets| each(targets, registered_target)).unwrap_or_default();
    let is_static = matches!(group.target_type(), Some(Kind::Lambda | Kind::Alb));
    let targets = targets.map(|targets| is_static.then(|| targets.iter().filter_map(target).collect::<Vec<_>>()));
    mapped(&group)
        .observed("registeredTargets", registered)
        .sub("TargetGroupAttributes", attributes)?
        .sub("Targets", targets)?
        .sub_tags(tags::of(tags, arn))
}

fn mapped(group: &types::TargetGroup) -> Draft {
    let matcher = group
        .matcher()
        .map(|matcher| Props::new().with("GrpcCode", matcher.grpc_code()).with("HttpCode", matcher.http_code()));
    Draft::new(group.target_group_arn().unwrap_or_default())
        .arn(group.target_group_arn())
        .name(group.target_group_name())
        .with("HealthCheckEnabled", group.health_check_enabled())
        .with("HealthCheckIntervalSeconds", group.health_check_interval_seconds())
        .with("HealthCheckPath", group.health_check_path())
        .with("HealthCheckPort", group.health_check_port())
        .with("HealthCheckProtocol", group.health_check_protocol().map(types::ProtocolEnum::as_str))
        .with("HealthCheckTimeoutSeconds", group.health_check_timeout_seconds())
        .with("HealthyThresholdCount", group.healthy_threshold_count())
        .with("IpAddressType", group.ip_address_type().map(types::TargetGroupIpAddressTypeEnum::as_str))
        .with("Matcher", matcher)
        .with("Name", group.target_group_name())
        .with("Port", group.port())
        .with("Protocol", group.protocol().map(types::ProtocolEnum::as_str))
        .with("ProtocolVersion", group.protocol_version())
        .with("TargetControlPort", group.target_control_port())
        .with("TargetType", group.target_type().map(Kind::as_str))
        .with("UnhealthyThresholdCount", group.unhealthy_threshold_count())
        .with("VpcId", group.vpc_id())
        .observed("LoadBalancerArns", group.load_balancer_arns())
}

fn attribute(attribute: &types::TargetGroupAttribute) -> Props {
    Props::new().with("Key", attribute.key()).with("Value", attribute.value())
}

fn target(target: &types::TargetHealthDescription) -> Option<Props> {
    let target = target.target()?;
    Some(
        Props::new()
            .with("AvailabilityZone", target.availability_zone())
            .with("Id", target.id())
            .with("Port", target.port())
            .with("QuicServerId", target.quic_server_id()),
    )
}

fn registered_target(description: &types::TargetHealthDescription) -> Props {
    let health = description.target_health();
    Props::new()
        .with("Id", description.target().and_then(types::TargetDescription::id))
        .with("Port", description.target().and_then(types::TargetDescription::port))
        .with("Reason", health.and_then(types::TargetHealth::reason).map(types::TargetHealthReasonEnum::as_str))
        .with("State", health.and_then(types::TargetHealth::state).map(types::TargetHealthStateEnum::as_str))
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let elb: Client = hands.client();
    hands.at_once(step, elb.delete_target_group().target_group_arn(hands.id()).send()).await
}
