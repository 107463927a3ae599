//! Load balancers, each with its listeners and their rules.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum as Kind;

use super::{listener, tags};
use crate::aws::{Call, CallError, Cx, Fate, Hands, gone_with};
use crate::catalog::steps::elements;
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::ElasticLoadBalancingV2::LoadBalancer`, with `AWS::ElasticLoadBalancingV2::Listener` folded in as `listeners`.
///
/// A listener has its further certificates as `certificates` and its rules, without the default one, as `rules`, in the
/// shapes of `ListenerCertificate` and `ListenerRule`. `customerOwnedIpv4Pool` has no place in the schema.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ElasticLoadBalancingV2::LoadBalancer",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedTime"),
    sets: &[
        "LoadBalancerAttributes",
        "SecurityGroups",
        "SubnetMappings",
        "Subnets",
        "listeners",
        "listeners.*.Certificates",
        "listeners.*.DefaultActions.*.ForwardConfig.TargetGroups",
        "listeners.*.DefaultActions.*.JwtValidationConfig.AdditionalClaims",
        "listeners.*.DefaultActions.*.JwtValidationConfig.AdditionalClaims.*.Values",
        "listeners.*.ListenerAttributes",
        "listeners.*.certificates",
        "listeners.*.rules",
        "listeners.*.rules.*.Actions.*.ForwardConfig.TargetGroups",
        "listeners.*.rules.*.Actions.*.JwtValidationConfig.AdditionalClaims",
        "listeners.*.rules.*.Actions.*.JwtValidationConfig.AdditionalClaims.*.Values",
        "listeners.*.rules.*.Conditions",
        "listeners.*.rules.*.Conditions.*.HostHeaderConfig.RegexValues",
        "listeners.*.rules.*.Conditions.*.HostHeaderConfig.Values",
        "listeners.*.rules.*.Conditions.*.HttpHeaderConfig.RegexValues",
        "listeners.*.rules.*.Conditions.*.HttpHeaderConfig.Values",
        "listeners.*.rules.*.Conditions.*.HttpRequestMethodConfig.Values",
        "listeners.*.rules.*.Conditions.*.PathPatternConfig.RegexValues",
        "listeners.*.rules.*.Conditions.*.PathPatternConfig.Values",
        "listeners.*.rules.*.Conditions.*.QueryStringConfig.Values",
        "listeners.*.rules.*.Conditions.*.RegexValues",
        "listeners.*.rules.*.Conditions.*.SourceIpConfig.Values",
        "listeners.*.rules.*.Conditions.*.Values",
        "listeners.*.rules.*.Transforms",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "LoadBalancers[].AvailabilityZones[].ZoneName", why: "follows from the subnet" },
        LeftOut { path: "LoadBalancers[].AvailabilityZones[].OutpostId", why: "follows from the subnet" },
        LeftOut { path: "DescribeCapacityReservation:CapacityReservationState*", why: "provisioning state" },
        LeftOut { path: "DescribeCapacityReservation:DecreaseRequestsRemaining", why: "a counter of the day" },
        LeftOut { path: "DescribeCapacityReservation:LastModifiedTime", why: "no configuration" },
        LeftOut { path: "Listeners[].LoadBalancerArn", why: "the load balancer itself" },
        LeftOut { path: "Listeners[].Certificates[].IsDefault", why: "the default certificate is the only one here" },
        LeftOut { path: "Listeners[].MutualAuthentication.TrustStoreAssociationStatus", why: "state" },
        LeftOut {
            path: "Listeners[].DefaultActions[].AuthenticateOidcConfig.ClientSecret",
            why: "a secret; AWS does not answer it",
        },
        LeftOut {
            path: "Listeners[].DefaultActions[].AuthenticateOidcConfig.UseExistingClientSecret",
            why: "how a request is meant",
        },
        LeftOut { path: "Rules[].RuleArn", why: "an id of no meaning: a rule is known by listener and priority" },
        LeftOut {
            path: "Rules[].Actions[].AuthenticateOidcConfig.ClientSecret",
            why: "a secret; AWS does not answer it",
        },
        LeftOut {
            path: "Rules[].Actions[].AuthenticateOidcConfig.UseExistingClientSecret",
            why: "how a request is meant",
        },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped {
            path: "EnableCapacityReservationProvisionStabilize",
            why: "tells CloudFormation to wait; never answered",
        },
    ],
    edges: &[Edge {
        path: "LoadBalancerAttributes.*.Value",
        to: "AWS::S3::Bucket",
        target: "{}",
        order: Order::HolderFirst,
        why: "writes its logs there, by name",
    }],
    read_actions: &[
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListenerCertificates",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteLoadBalancer",
        actions: &["elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:DeleteLoadBalancer"],
        gone: GONE,
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: Some(protection),
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

/// How the service says that a load balancer was deleted since it was listed.
const GONE: &[&str] = &["LoadBalancerNotFound"];

/// Most load balancers, listeners or rules that one page may hold.
pub(super) const PAGE: i32 = 400;

async fn list(cx: &Cx) -> Listed {
    let elb: Client = cx.client();
    let pages = elb.describe_load_balancers().page_size(PAGE).into_paginator().items().send();
    let balancers: Vec<types::LoadBalancer> =
        pages.try_collect().await.at("elasticloadbalancing:DescribeLoadBalancers")?;
    let balancers = cx.wanted(balancers, |balancer| balancer.load_balancer_arn().unwrap_or_default());
    let arns = balancers.iter().filter_map(|balancer| balancer.load_balancer_arn.clone()).collect();
    let tags = tags::read(cx, &elb, arns, GONE).await;
    // One that is deleted meanwhile says so at whichever call comes next.
    cx.each(balancers, async |balancer: types::LoadBalancer| {
        let arn = balancer.load_balancer_arn.clone().unwrap_or_default();
        let again = async {
            let answer = elb.describe_load_balancers().load_balancer_arns(&arn).send().await;
            answer.at("elasticloadbalancing:DescribeLoadBalancers")
        };
        gone_with(describe(cx, &elb, balancer, &tags).await, GONE, again).await
    })
    .await
}

async fn describe(
    cx: &Cx,
    elb: &Client,
    balancer: types::LoadBalancer,
    tags: &Result<tags::Tags, CallError>,
) -> Result<Draft, CallError> {
    let arn = balancer.load_balancer_arn().unwrap_or_default();
    let (attributes, capacity, listeners) = tokio::join!(
        elb.describe_load_balancer_attributes().load_balancer_arn(arn).send(),
        capacity(elb, &balancer),
        Box::pin(listener::read(cx, elb, arn, balancer.r#type() == Some(&Kind::Application))),
    );
    let attributes = attributes.at("elasticloadbalancing:DescribeLoadBalancerAttributes");
    let attributes = attributes.map(|answer| each(answer.attributes(), attribute));
    let (listeners, listener_arns) = match listeners {
        Ok(found) => {
            let (props, arns): (Vec<_>, Vec<_>) = found.into_iter().unzip();
            (Ok(props), arns)
        }
        Err(error) => (Err(error), Vec::new()),
    };
    mapped(&balancer)
        .observed("listenerArns", listener_arns)
        .sub("LoadBalancerAttributes", attributes)?
        .sub("MinimumLoadBalancerCapacity", capacity)?
        .sub("listeners", listeners)?
        .sub_tags(tags::of(tags, arn))
}

/// The capacity that is reserved, which gateway load balancers do not have.
async fn capacity(elb: &Client, balancer: &types::LoadBalancer) -> Result<Option<Props>, CallError> {
    if balancer.r#type() == Some(&Kind::Gateway) {
        return Ok(None);
    }
    let call = elb.describe_capacity_reservation().set_load_balancer_arn(balancer.load_balancer_arn.clone());
    let answer = call.send().await.at("elasticloadbalancing:DescribeCapacityReservation")?;
    let least = answer.minimum_load_balancer_capacity();
    Ok(least.map(|least| Props::new().with("CapacityUnits", least.capacity_units())))
}

fn mapped(balancer: &types::LoadBalancer) -> Draft {
    let name = balancer.load_balancer_name();
    let prefix_for_nat = balancer.enable_prefix_for_ipv6_source_nat();
    let draft = Draft::new(balancer.load_balancer_arn().unwrap_or_default())
        .arn(balancer.load_balancer_arn())
        .name(name)
        .created(balancer.created_time())
        .with("EnablePrefixForIpv6SourceNat", prefix_for_nat.map(types::EnablePrefixForIpv6SourceNatEnum::as_str))
        .with(
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
            balancer.enforce_security_group_inbound_rules_on_private_link_traffic(),
        )
        .with("IpAddressType", balancer.ip_address_type().map(types::IpAddressType::as_str))
        .with("Ipv4IpamPoolId", balancer.ipam_pools().and_then(types::IpamPools::ipv4_ipam_pool_id))
        .with("Name", name)
        .with("Scheme", balancer.scheme().map(types::LoadBalancerSchemeEnum::as_str))
        .with("SecurityGroups", balancer.security_groups())
        .with("Type", balancer.r#type().map(Kind::as_str))
        .with("customerOwnedIpv4Pool", balancer.customer_owned_ipv4_pool())
        .observed("CanonicalHostedZoneID", balancer.canonical_hosted_zone_id())
        .observed("DNSName", balancer.dns_name())
        .observed("State", balancer.state().map(state))
        .observed("VpcId", balancer.vpc_id())
        .observed("ipAddresses", addresses(balancer));
    let zones = balancer.availability_zones();
    let subnets: Vec<&str> = zones.iter().filter_map(types::AvailabilityZone::subnet_id).collect();
    let draft = draft.with("Subnets", subnets);
    // Where addresses were chosen, they stand beside their subnets once more.
    if zones.iter().any(has_choices) { draft.with("SubnetMappings", each(zones, subnet_mapping)) } else { draft }
}

fn has_choices(zone: &types::AvailabilityZone) -> bool {
    !zone.source_nat_ipv6_prefixes().is_empty()
        || zone.load_balancer_addresses().iter().any(|address| {
            address.allocation_id.is_some() || address.private_ipv4_address.is_some() || address.ipv6_address.is_some()
        })
}

fn subnet_mapping(zone: &types::AvailabilityZone) -> Props {
    let addresses = zone.load_balancer_addresses();
    Props::new()
        .with("AllocationId", addresses.iter().find_map(types::LoadBalancerAddress::allocation_id))
        .with("IPv6Address", addresses.iter().find_map(types::LoadBalancerAddress::ipv6_address))
        .with("PrivateIPv4Address", addresses.iter().find_map(types::LoadBalancerAddress::private_ipv4_address))
        .with("SourceNatIpv6Prefix", zone.source_nat_ipv6_prefixes().first())
        .with("SubnetId", zone.subnet_id())
}

fn addresses(balancer: &types::LoadBalancer) -> Vec<&str> {
    let zones = balancer.availability_zones().iter();
    let mut addresses: Vec<&str> = zones
        .flat_map(types::AvailabilityZone::load_balancer_addresses)
        .filter_map(types::LoadBalancerAddress::ip_address)
        .collect();
    addresses.sort_unstable();
    addresses
}

fn state(state: &types::LoadBalancerState) -> Props {
    Props::new().with("Code", state.code().map(types::LoadBalancerStateEnum::as_str)).with("Reason", state.reason())
}

fn attribute(attribute: &types::LoadBalancerAttribute) -> Props {
    Props::new().with("Key", attribute.key()).with("Value", attribute.value())
}

/// The attribute that keeps a load balancer from being deleted.
const PROTECTION: &str = "deletion_protection.enabled";

fn protection(balancer: &Resource) -> Option<String> {
    let is = |one: &serde_json::Value, name: &str, text: &str| one.get(name).and_then(|it| it.as_str()) == Some(text);
    let on = |one: &serde_json::Value| is(one, "Key", PROTECTION) && is(one, "Value", "true");
    elements(&balancer.properties, "LoadBalancerAttributes").any(on).then(|| PROTECTION.to_owned())
}

fn deletion(balancer: &Resource, switches: &Switches) -> Vec<Step> {
    let unprotect = switches.disable_protection && protection(balancer).is_some();
    let unprotect =
        unprotect.then(|| Step::on("elasticloadbalancing:ModifyLoadBalancerAttributes", format!("{PROTECTION}=false")));
    unprotect.into_iter().chain([Step::on_resource("elasticloadbalancing:DeleteLoadBalancer")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let elb: Client = hands.client();
    let arn = hands.id();
    match step.call.as_str() {
        "elasticloadbalancing:ModifyLoadBalancerAttributes" => {
            let off = types::LoadBalancerAttribute::builder().key(PROTECTION).value("false").build();
            hands
                .at_once(step, elb.modify_load_balancer_attributes().load_balancer_arn(arn).attributes(off).send())
                .await
        }
        "elasticloadbalancing:DeleteLoadBalancer" => {
            let request = async { elb.delete_load_balancer().load_balancer_arn(arn).send().await.at(&step.call) };
            hands.until_gone(step, || fate(hands, &elb), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

async fn fate(hands: &Hands, elb: &Client) -> Result<Fate, CallError> {
    let found = elb.describe_load_balancers().load_balancer_arns(hands.id()).send();
    let found = hands.look("elasticloadbalancing:DescribeLoadBalancers", found).await?;
    let there = found.is_some_and(|found| !found.load_balancers().is_empty());
    Ok(if there { Fate::There } else { Fate::Gone })
}
