//! Site-to-site VPN connections, each with its static routes.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    CloudWatchLogOptions, GatewayAssociationState, GatewayType, TunnelInsideIpVersion, TunnelOption, VgwTelemetry,
    VpnConnection, VpnConnectionOptions, VpnState, VpnStaticRoute, VpnTunnelBandwidth,
};

use super::going::{self, Left};
use super::tags;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, IntoProperty, LeftOut, Listed, Props, Recipe, Running, Scope, TypeSpec, Unmapped, each,
};

/// `AWS::EC2::VPNConnection`, with `AWS::EC2::VPNConnectionRoute` folded in as `routes`. What the schema has no place for
/// is the attachment to a core network (`coreNetworkArn`, `coreNetworkAttachmentArn`), the secret that keeps the
/// pre-shared keys (`preSharedKeyArn`), and the private certificates of the tunnels (`tunnelCertificateArns`).
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::VPNConnection",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report it"),
    sets: &[
        "VpnTunnelOptionsSpecifications",
        "VpnTunnelOptionsSpecifications.*.IKEVersions",
        "VpnTunnelOptionsSpecifications.*.Phase1DHGroupNumbers",
        "VpnTunnelOptionsSpecifications.*.Phase1EncryptionAlgorithms",
        "VpnTunnelOptionsSpecifications.*.Phase1IntegrityAlgorithms",
        "VpnTunnelOptionsSpecifications.*.Phase2DHGroupNumbers",
        "VpnTunnelOptionsSpecifications.*.Phase2EncryptionAlgorithms",
        "VpnTunnelOptionsSpecifications.*.Phase2IntegrityAlgorithms",
        "routes",
        "tunnelCertificateArns",
        "OutsideIpAddresses",
    ],
    secrets: &["VpnTunnelOptionsSpecifications.*.PreSharedKey"],
    left_out: &[
        LeftOut { path: "VpnConnections[].Category", why: "always VPN" },
        LeftOut {
            path: "VpnConnections[].CustomerGatewayConfiguration",
            why: "instructions for the far end, with the pre-shared keys",
        },
        LeftOut { path: "VpnConnections[].Routes[].Source", why: "always Static" },
        LeftOut { path: "VpnConnections[].Routes[].State", why: "run state" },
        LeftOut { path: "VpnConnections[].VgwTelemetry[].AcceptedRouteCount", why: "a counter" },
        LeftOut { path: "VpnConnections[].VgwTelemetry[].LastStatusChange", why: "a clock" },
        LeftOut { path: "VpnConnections[].VgwTelemetry[].OutsideIpAddress", why: "the tunnel options say it" },
        LeftOut { path: "VpnConnections[].VgwTelemetry[].Status", why: "run state" },
        LeftOut { path: "VpnConnections[].VgwTelemetry[].StatusMessage", why: "run state" },
    ],
    unmapped: &[
        Unmapped { path: "PreSharedKeyStorage", why: "write-only; `preSharedKeyArn` tells where the keys are" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["ec2:DescribeVpnConnections"],
    delete: Delete::Call(Recipe {
        operation: "DeleteVpnConnection",
        actions: &["ec2:DeleteVpnConnection"],
        gone: &["InvalidVpnConnectionID.NotFound"],
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let ec2: Client = hands.client();
                let request = ec2.delete_vpn_connection().vpn_connection_id(hands.id()).send();
                going::delete(hands, step, left(&ec2, hands), request).await
            })
        },
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

async fn left(ec2: &Client, hands: &Hands) -> Result<Left, CallError> {
    let request = ec2.describe_vpn_connections().vpn_connection_ids(hands.id()).send();
    let answer = hands.look("ec2:DescribeVpnConnections", request).await?;
    let connection = answer.and_then(|answer| answer.vpn_connections?.pop());
    Ok(Left::of(connection.as_ref().and_then(VpnConnection::state).map(VpnState::as_str)))
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    // This call has no pages.
    let answer = ec2.describe_vpn_connections().send().await.at("ec2:DescribeVpnConnections")?;
    // A deleted connection is listed for a while.
    let live = answer.vpn_connections().iter().filter(|connection| connection.state() != Some(&VpnState::Deleted));
    Ok(live.map(|connection| map(cx, connection)).collect())
}

fn map(cx: &Cx, connection: &VpnConnection) -> Draft {
    let id = connection.vpn_connection_id().unwrap_or_default();
    let routes = connection.routes().iter().filter(|route| !matches!(route.state(), Some(VpnState::Deleted)));
    let routes: Vec<_> = routes.map(route).collect();
    let certificates: Vec<_> = connection.vgw_telemetry().iter().filter_map(VgwTelemetry::certificate_arn).collect();
    let state = connection.gateway_association_state().map(GatewayAssociationState::as_str);
    let draft = Draft::new(id)
        .arn(cx.arn("ec2", &format!("vpn-connection/{id}")).as_str())
        .name(tags::name_tag(connection.tags()))
        .tags(tags::pairs(connection.tags()))
        .with("CustomerGatewayId", connection.customer_gateway_id())
        .with("TransitGatewayId", connection.transit_gateway_id())
        .with("Type", connection.r#type().map(GatewayType::as_str))
        .with("VpnConcentratorId", connection.vpn_concentrator_id())
        .with("VpnGatewayId", connection.vpn_gateway_id())
        .with("coreNetworkArn", connection.core_network_arn())
        .with("coreNetworkAttachmentArn", connection.core_network_attachment_arn())
        .with("preSharedKeyArn", connection.pre_shared_key_arn())
        .with("routes", routes)
        .with("tunnelCertificateArns", certificates)
        .observed("GatewayAssociationState", state)
        .observed("State", connection.state().map(VpnState::as_str));
    match connection.options() {
        Some(options) => map_options(draft, options),
        None => draft,
    }
}

fn route(route: &VpnStaticRoute) -> Props {
    Props::new().with("DestinationCidrBlock", route.destination_cidr_block())
}

fn map_options(draft: Draft, options: &VpnConnectionOptions) -> Draft {
    let outside: Vec<_> = options.tunnel_options().iter().filter_map(TunnelOption::outside_ip_address).collect();
    let transport = options.transport_transit_gateway_attachment_id();
    draft
        .with("EnableAcceleration", options.enable_acceleration())
        .with("LocalIpv4NetworkCidr", options.local_ipv4_network_cidr())
        .with("LocalIpv6NetworkCidr", options.local_ipv6_network_cidr())
        .with("OutsideIpAddressType", options.outside_ip_address_type())
        .with("RemoteIpv4NetworkCidr", options.remote_ipv4_network_cidr())
        .with("RemoteIpv6NetworkCidr", options.remote_ipv6_network_cidr())
        .with("StaticRoutesOnly", options.static_routes_only())
        .with("TransportTransitGatewayAttachmentId", transport)
        .with("TunnelBandwidth", options.tunnel_bandwidth().map(VpnTunnelBandwidth::as_str))
        .with("TunnelInsideIpVersion", options.tunnel_inside_ip_version().map(TunnelInsideIpVersion::as_str))
        .with("VpnTunnelOptionsSpecifications", each(options.tunnel_options(), tunnel))
        .observed("OutsideIpAddresses", outside)
}

fn tunnel(tunnel: &TunnelOption) -> Props {
    let log = tunnel.log_options().and_then(|log| log.cloud_watch_log_options());
    Props::new()
        .with("DPDTimeoutAction", tunnel.dpd_timeout_action())
        .with("DPDTimeoutSeconds", tunnel.dpd_timeout_seconds())
        .with("EnableTunnelLifecycleControl", tunnel.enable_tunnel_lifecycle_control())
        .with("IKEVersions", values(tunnel.ike_versions(), |version| version.value()))
        .with("LogOptions", Props::new().with("CloudwatchLogOptions", log.map(logging)))
        .with(
            "Phase1DHGroupNumbers",
            values(tunnel.phase1_dh_group_numbers(), aws_sdk_ec2::types::Phase1DhGroupNumbersListValue::value),
        )
        .with("Phase1EncryptionAlgorithms", values(tunnel.phase1_encryption_algorithms(), |name| name.value()))
        .with("Phase1IntegrityAlgorithms", values(tunnel.phase1_integrity_algorithms(), |name| name.value()))
        .with("Phase1LifetimeSeconds", tunnel.phase1_lifetime_seconds())
        .with(
            "Phase2DHGroupNumbers",
            values(tunnel.phase2_dh_group_numbers(), aws_sdk_ec2::types::Phase2DhGroupNumbersListValue::value),
        )
        .with("Phase2EncryptionAlgorithms", values(tunnel.phase2_encryption_algorithms(), |name| name.value()))
        .with("Phase2IntegrityAlgorithms", values(tunnel.phase2_integrity_algorithms(), |name| name.value()))
        .with("Phase2LifetimeSeconds", tunnel.phase2_lifetime_seconds())
        .with("PreSharedKey", tunnel.pre_shared_key())
        .with("RekeyFuzzPercentage", tunnel.rekey_fuzz_percentage())
        .with("RekeyMarginTimeSeconds", tunnel.rekey_margin_time_seconds())
        .with("ReplayWindowSize", tunnel.replay_window_size())
        .with("StartupAction", tunnel.startup_action())
        .with("TunnelInsideCidr", tunnel.tunnel_inside_cidr())
        .with("TunnelInsideIpv6Cidr", tunnel.tunnel_inside_ipv6_cidr())
}

/// Lists of objects that hold one value, as both the API and the schema have them.
fn values<'a, T, V: IntoProperty>(items: &'a [T], value: impl Fn(&'a T) -> V) -> Vec<Props> {
    items.iter().map(|item| Props::new().with("Value", value(item))).collect()
}

fn logging(log: &CloudWatchLogOptions) -> Props {
    Props::new()
        .with("BgpLogEnabled", log.bgp_log_enabled())
        .with("BgpLogGroupArn", log.bgp_log_group_arn())
        .with("BgpLogOutputFormat", log.bgp_log_output_format())
        .with("LogEnabled", log.log_enabled())
        .with("LogGroupArn", log.log_group_arn())
        .with("LogOutputFormat", log.log_output_format())
}
