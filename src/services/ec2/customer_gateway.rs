//! Customer gateways: what AWS knows of the far ends of VPN connections.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::CustomerGateway;

use super::going::{self, Left};
use super::tags;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Listed, Recipe, Running, Scope, TypeSpec, Unmapped};

/// `AWS::EC2::CustomerGateway`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::CustomerGateway",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report it"),
    sets: &[],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeCustomerGateways"],
    delete: Delete::Call(Recipe {
        operation: "DeleteCustomerGateway",
        actions: &["ec2:DeleteCustomerGateway"],
        gone: &["InvalidCustomerGatewayID.NotFound"],
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let ec2: Client = hands.client();
                let request = ec2.delete_customer_gateway().customer_gateway_id(hands.id()).send();
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
    let request = ec2.describe_customer_gateways().customer_gateway_ids(hands.id()).send();
    let answer = hands.look("ec2:DescribeCustomerGateways", request).await?;
    let gateway = answer.and_then(|answer| answer.customer_gateways?.pop());
    Ok(Left::of(gateway.as_ref().and_then(CustomerGateway::state)))
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    // This call has no pages.
    let answer = ec2.describe_customer_gateways().send().await.at("ec2:DescribeCustomerGateways")?;
    // A deleted gateway is listed for a while.
    let live = answer.customer_gateways().iter().filter(|gateway| gateway.state() != Some("deleted"));
    Ok(live.map(|gateway| map(cx, gateway)).collect())
}

fn map(cx: &Cx, gateway: &CustomerGateway) -> Draft {
    let id = gateway.customer_gateway_id().unwrap_or_default();
    // The API has AS numbers as texts, and the larger ones in a field of their own.
    let number = |text: Option<&str>| text?.parse::<i64>().ok();
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("customer-gateway/{id}")).as_str())
        .name(tags::name_tag(gateway.tags()))
        .tags(tags::pairs(gateway.tags()))
        .with("BgpAsn", number(gateway.bgp_asn()))
        .with("BgpAsnExtended", number(gateway.bgp_asn_extended()))
        .with("CertificateArn", gateway.certificate_arn())
        .with("DeviceName", gateway.device_name())
        .with("IpAddress", gateway.ip_address())
        .with("Type", gateway.r#type())
        .observed("State", gateway.state())
}
