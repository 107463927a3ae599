//! The listeners of a load balancer.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types;
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum as Protocol;

use super::action::{self, Timeout};
use super::load_balancer::PAGE;
use super::rule;
use crate::aws::{Call, CallError, Cx, gone_with};
use crate::catalog::{Props, each};

/// How the service says that a listener was deleted since it was listed.
const GONE: &[&str] = &["ListenerNotFound"];

/// Reads the listeners of a load balancer, each with its ARN. Only an application load balancer has rules.
pub(super) async fn read(
    cx: &Cx,
    elb: &Client,
    balancer: &str,
    has_rules: bool,
) -> Result<Vec<(Props, String)>, CallError> {
    let pages = elb.describe_listeners().load_balancer_arn(balancer).page_size(PAGE).into_paginator().items();
    let listeners = pages.send().try_collect().await.at("elasticloadbalancing:DescribeListeners")?;
    let read = cx.gather(listeners, async |listener: types::Listener| {
        let arn = listener.listener_arn.clone().unwrap_or_default();
        let again = async {
            let answer = elb.describe_listeners().listener_arns(&arn).send().await;
            answer.at("elasticloadbalancing:DescribeListeners")
        };
        gone_with(describe(elb, listener, has_rules).await, GONE, again).await
    });
    Ok(read.await?.into_iter().flatten().collect())
}

async fn describe(elb: &Client, listener: types::Listener, has_rules: bool) -> Result<(Props, String), CallError> {
    let arn = listener.listener_arn().unwrap_or_default();
    let encrypted = matches!(listener.protocol(), Some(Protocol::Https | Protocol::Tls));
    let (attributes, certificates, rules) = tokio::join!(
        elb.describe_listener_attributes().listener_arn(arn).send(),
        async { if encrypted { further_certificates(elb, arn).await } else { Ok(Vec::new()) } },
        async { if has_rules { rule::read(elb, arn).await } else { Ok(Vec::new()) } },
    );
    let attributes = attributes.at("elasticloadbalancing:DescribeListenerAttributes")?;
    let props = mapped(&listener)
        .with("ListenerAttributes", each(attributes.attributes(), attribute))
        .with("certificates", certificates?)
        .with("rules", rules?);
    Ok((props, arn.to_owned()))
}

/// Certificates beside the default one, which the listener itself names.
async fn further_certificates(elb: &Client, listener: &str) -> Result<Vec<Props>, CallError> {
    let pages = elb.describe_listener_certificates().listener_arn(listener).page_size(PAGE).into_paginator().items();
    let certificates = pages.send().try_collect().await.at("elasticloadbalancing:DescribeListenerCertificates")?;
    let further = certificates.iter().filter(|certificate| certificate.is_default() != Some(true));
    Ok(further.map(certificate).collect())
}

fn mapped(listener: &types::Listener) -> Props {
    Props::new()
        .with("AlpnPolicy", listener.alpn_policy())
        .with("Certificates", each(listener.certificates(), certificate))
        .with("DefaultActions", action::all(listener.default_actions(), Timeout::Text))
        .with("MutualAuthentication", listener.mutual_authentication().map(mutual_authentication))
        .with("Port", listener.port())
        .with("Protocol", listener.protocol().map(Protocol::as_str))
        .with("SslPolicy", listener.ssl_policy())
}

fn certificate(certificate: &types::Certificate) -> Props {
    Props::new().with("CertificateArn", certificate.certificate_arn())
}

fn mutual_authentication(mutual: &types::MutualAuthenticationAttributes) -> Props {
    let advertise = mutual.advertise_trust_store_ca_names();
    Props::new()
        .with("AdvertiseTrustStoreCaNames", advertise.map(types::AdvertiseTrustStoreCaNamesEnum::as_str))
        .with("IgnoreClientCertificateExpiry", mutual.ignore_client_certificate_expiry())
        .with("Mode", mutual.mode())
        .with("TrustStoreArn", mutual.trust_store_arn())
}

fn attribute(attribute: &types::ListenerAttribute) -> Props {
    Props::new().with("Key", attribute.key()).with("Value", attribute.value())
}
