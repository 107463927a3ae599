//! Classic load balancers, each with its listeners and policies.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancing::Client;
use aws_sdk_elasticloadbalancing::types::{
    AccessLog, AdditionalAttribute, AppCookieStickinessPolicy, ConnectionDraining, HealthCheck, Instance,
    LbCookieStickinessPolicy, ListenerDescription, LoadBalancerAttributes, LoadBalancerDescription, Policies,
    PolicyAttributeDescription, PolicyDescription, TagDescription,
};

use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::ElasticLoadBalancing::LoadBalancer`. `additionalAttributes` has no place in the schema.
///
/// Instances come and go with Auto Scaling groups, so they are only observed, as `registeredInstances`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ElasticLoadBalancing::LoadBalancer",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedTime"),
    sets: &[
        "AppCookieStickinessPolicy",
        "AvailabilityZones",
        "LBCookieStickinessPolicy",
        "Listeners",
        "Listeners.*.PolicyNames",
        "Policies",
        "Policies.*.Attributes",
        "Policies.*.InstancePorts",
        "Policies.*.LoadBalancerPorts",
        "SecurityGroups",
        "Subnets",
        "additionalAttributes",
    ],
    secrets: &[],
    left_out: &[LeftOut {
        path: "LoadBalancerDescriptions[].Policies.OtherPolicies[]",
        why: "the call for policies says it",
    }],
    unmapped: &[
        Unmapped { path: "Instances", why: "come and go with Auto Scaling groups; observed" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[Edge {
        path: "AccessLoggingPolicy.S3BucketName",
        to: "AWS::S3::Bucket",
        target: "{}",
        order: Order::HolderFirst,
        why: "writes its logs there, by name",
    }],
    read_actions: &[
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancerPolicies",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteLoadBalancer",
        actions: &["elasticloadbalancing:DeleteLoadBalancer"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

/// How the service says that there is no such load balancer.
const GONE: &[&str] = &["LoadBalancerNotFound", "AccessPointNotFound"];

/// Most load balancers that one call for tags takes.
const BATCH: usize = 20;

type Tags = HashMap<String, Vec<(String, String)>>;

async fn list(cx: &Cx) -> Listed {
    let elb: Client = cx.client();
    let pages = elb.describe_load_balancers().page_size(400).into_paginator().items().send();
    let mut balancers: Vec<LoadBalancerDescription> =
        pages.try_collect().await.at("elasticloadbalancing:DescribeLoadBalancers")?;
    balancers.retain(|balancer| cx.wants(balancer.load_balancer_name().unwrap_or_default()));
    let names: Vec<String> = balancers.iter().filter_map(|balancer| balancer.load_balancer_name.clone()).collect();
    let tags = tags(cx, &elb, &names).await;
    cx.each(balancers, async |balancer| {
        let again = elb
            .describe_load_balancers()
            .set_load_balancer_names(balancer.load_balancer_name.clone().map(|name| vec![name]))
            .send();
        let again = async { again.await.at("elasticloadbalancing:DescribeLoadBalancers") };
        gone_with(describe(cx, &elb, &balancer, &tags).await, GONE, again).await
    })
    .await
}

async fn tags(cx: &Cx, elb: &Client, names: &[String]) -> Result<Tags, CallError> {
    let found = cx.in_batches(names, BATCH, GONE, |batch| ask(elb, batch)).await?;
    Ok(found.into_iter().filter_map(|one| Some((one.load_balancer_name.clone()?, pairs(one)))).collect())
}

async fn ask(elb: &Client, names: Vec<String>) -> Result<Vec<TagDescription>, CallError> {
    let answer = elb.describe_tags().set_load_balancer_names(Some(names)).send().await;
    Ok(answer.at("elasticloadbalancing:DescribeTags")?.tag_descriptions.unwrap_or_default())
}

fn pairs(found: TagDescription) -> Vec<(String, String)> {
    let tags = found.tags.unwrap_or_default().into_iter();
    tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}

async fn describe(
    cx: &Cx,
    elb: &Client,
    balancer: &LoadBalancerDescription,
    tags: &Result<Tags, CallError>,
) -> Result<Draft, CallError> {
    let name = balancer.load_balancer_name().unwrap_or_default();
    let (attributes, policies) = tokio::join!(
        elb.describe_load_balancer_attributes().load_balancer_name(name).send(),
        elb.describe_load_balancer_policies().load_balancer_name(name).send(),
    );
    let policies = policies.at("elasticloadbalancing:DescribeLoadBalancerPolicies");
    let policies = policies.map(|answer| of_other_kinds(balancer, answer.policy_descriptions()));
    let draft = map(cx, name, balancer).sub("Policies", policies)?;
    let tags = tags.as_ref().map(|tags| tags.get(name).cloned().unwrap_or_default()).map_err(Clone::clone);
    with_attributes(draft, attributes.at("elasticloadbalancing:DescribeLoadBalancerAttributes"))?.sub_tags(tags)
}

fn with_attributes(
    draft: Draft,
    answer: Result<
        aws_sdk_elasticloadbalancing::operation::describe_load_balancer_attributes::DescribeLoadBalancerAttributesOutput,
        CallError,
    >,
) -> Result<Draft, CallError> {
    let names =
        ["AccessLoggingPolicy", "ConnectionDrainingPolicy", "ConnectionSettings", "CrossZone", "additionalAttributes"];
    match answer {
        Ok(answer) => Ok(match answer.load_balancer_attributes() {
            Some(found) => attributes(draft, found),
            None => draft,
        }),
        Err(error) => names.into_iter().try_fold(draft, |draft, name| draft.sub::<()>(name, Err(error.clone()))),
    }
}

fn map(cx: &Cx, name: &str, balancer: &LoadBalancerDescription) -> Draft {
    let policies = balancer.policies();
    let source = balancer.source_security_group();
    let instances: Vec<&str> = balancer.instances().iter().filter_map(Instance::instance_id).collect();
    Draft::new(name)
        .arn(cx.arn("elasticloadbalancing", &format!("loadbalancer/{name}")).as_str())
        .name(name)
        .created(balancer.created_time())
        .with("AppCookieStickinessPolicy", policies.map(|all| each(all.app_cookie_stickiness_policies(), app_cookie)))
        .with("AvailabilityZones", balancer.availability_zones())
        .with("HealthCheck", balancer.health_check().map(health_check))
        .with(
            "LBCookieStickinessPolicy",
            policies.map(Policies::lb_cookie_stickiness_policies).map(|all| each(all, lb_cookie)),
        )
        .with("Listeners", each(balancer.listener_descriptions(), listener))
        .with("LoadBalancerName", name)
        .with("Scheme", balancer.scheme())
        .with("SecurityGroups", balancer.security_groups())
        .with("Subnets", balancer.subnets())
        .observed("CanonicalHostedZoneName", balancer.canonical_hosted_zone_name())
        .observed("CanonicalHostedZoneNameID", balancer.canonical_hosted_zone_name_id())
        .observed("DNSName", balancer.dns_name())
        .observed(
            "SourceSecurityGroup",
            source.map(|group| {
                Props::new().with("GroupName", group.group_name()).with("OwnerAlias", group.owner_alias())
            }),
        )
        .observed("VPCId", balancer.vpc_id())
        .observed("registeredInstances", instances)
}

/// The schema has ports as text.
fn text(number: i32) -> String {
    number.to_string()
}

fn listener(description: &ListenerDescription) -> Props {
    let listener = description.listener();
    Props::new()
        .with("InstancePort", listener.map(|to| text(to.instance_port())))
        .with("InstanceProtocol", listener.and_then(|to| to.instance_protocol()))
        .with("LoadBalancerPort", listener.map(|to| text(to.load_balancer_port())))
        .with("PolicyNames", description.policy_names())
        .with("Protocol", listener.map(aws_sdk_elasticloadbalancing::types::Listener::protocol))
        .with("SSLCertificateId", listener.and_then(|to| to.ssl_certificate_id()))
}

fn app_cookie(policy: &AppCookieStickinessPolicy) -> Props {
    Props::new().with("CookieName", policy.cookie_name()).with("PolicyName", policy.policy_name())
}

fn lb_cookie(policy: &LbCookieStickinessPolicy) -> Props {
    Props::new()
        .with("CookieExpirationPeriod", policy.cookie_expiration_period().map(|period| period.to_string()))
        .with("PolicyName", policy.policy_name())
}

fn health_check(check: &HealthCheck) -> Props {
    Props::new()
        .with("HealthyThreshold", text(check.healthy_threshold()))
        .with("Interval", text(check.interval()))
        .with("Target", check.target())
        .with("Timeout", text(check.timeout()))
        .with("UnhealthyThreshold", text(check.unhealthy_threshold()))
}

/// The policies beside those of cookies, which have lists of their own.
fn of_other_kinds(balancer: &LoadBalancerDescription, policies: &[PolicyDescription]) -> Vec<Props> {
    let cookies = ["AppCookieStickinessPolicyType", "LBCookieStickinessPolicyType"];
    let others =
        policies.iter().filter(|policy| !policy.policy_type_name().is_some_and(|kind| cookies.contains(&kind)));
    others.map(|other| policy(balancer, other)).collect()
}

fn policy(balancer: &LoadBalancerDescription, policy: &PolicyDescription) -> Props {
    let name = policy.policy_name().unwrap_or_default();
    let servers = balancer.backend_server_descriptions().iter();
    let servers = servers.filter(|server| server.policy_names().iter().any(|used| used == name));
    let instance_ports: Vec<String> = servers
        .filter_map(aws_sdk_elasticloadbalancing::types::BackendServerDescription::instance_port)
        .map(text)
        .collect();
    let listeners = balancer.listener_descriptions().iter();
    let listeners = listeners.filter(|listener| listener.policy_names().iter().any(|used| used == name));
    let ports: Vec<String> =
        listeners.filter_map(|listener| listener.listener()).map(|to| text(to.load_balancer_port())).collect();
    Props::new()
        .with("Attributes", each(policy.policy_attribute_descriptions(), attribute))
        .with("InstancePorts", instance_ports)
        .with("LoadBalancerPorts", ports)
        .with("PolicyName", name)
        .with("PolicyType", policy.policy_type_name())
}

fn attribute(attribute: &PolicyAttributeDescription) -> Props {
    Props::new().with("Name", attribute.attribute_name()).with("Value", attribute.attribute_value())
}

fn attributes(draft: Draft, found: &LoadBalancerAttributes) -> Draft {
    let idle = found.connection_settings().map(aws_sdk_elasticloadbalancing::types::ConnectionSettings::idle_timeout);
    draft
        .with("AccessLoggingPolicy", found.access_log().map(access_log))
        .with("ConnectionDrainingPolicy", found.connection_draining().map(draining))
        .with("ConnectionSettings", Props::new().with("IdleTimeout", idle))
        .with(
            "CrossZone",
            found.cross_zone_load_balancing().map(aws_sdk_elasticloadbalancing::types::CrossZoneLoadBalancing::enabled),
        )
        .with("additionalAttributes", each(found.additional_attributes(), additional))
}

fn access_log(log: &AccessLog) -> Props {
    Props::new()
        .with("EmitInterval", log.emit_interval())
        .with("Enabled", log.enabled())
        .with("S3BucketName", log.s3_bucket_name())
        .with("S3BucketPrefix", log.s3_bucket_prefix())
}

fn draining(draining: &ConnectionDraining) -> Props {
    Props::new().with("Enabled", draining.enabled()).with("Timeout", draining.timeout())
}

fn additional(attribute: &AdditionalAttribute) -> Props {
    Props::new().with("Key", attribute.key()).with("Value", attribute.value())
}

/// The call succeeds also where there is none.
async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let elb: Client = hands.client();
    hands.call(step, elb.delete_load_balancer().load_balancer_name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
