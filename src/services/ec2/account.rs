//! Whose a resource is: VPCs, subnets and gateways of other accounts are listed where they are shared.

use crate::aws::Cx;

/// The kind of owner for what another account shares with ours.
pub(super) const SHARED: &str = "aws-account";

/// The account that owns a resource, unless it is ours.
pub(super) fn other_account<'a>(cx: &Cx, owner: Option<&'a str>) -> Option<&'a str> {
    owner.filter(|owner| *owner != cx.account())
}

/// The ARN of a resource that may be another account's.
pub(super) fn arn(cx: &Cx, owner: Option<&str>, resource: &str) -> String {
    let account = owner.unwrap_or(cx.account());
    format!("arn:{}:ec2:{}:{account}:{resource}", cx.partition(), cx.region())
}
