//! Resources that an AWS service manages in this account name that service.

use aws_sdk_ec2::types::OperatorResponse;

/// The kind of owner that a managing service is.
pub(super) const KIND: &str = "aws-service";

/// The service that manages a resource, where one does.
pub(super) fn of(operator: Option<&OperatorResponse>) -> Option<&str> {
    let operator = operator.filter(|operator| operator.managed() == Some(true))?;
    operator.principal().or(Some("unknown"))
}
