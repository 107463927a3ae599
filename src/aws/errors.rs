//! What an error of AWS means, decided in one place and by error *code*.
//!
//! The SDK's typed variants are not used: many real codes are missing from the service models, and every EC2 and S3
//! code is.

use std::fmt;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::catalog::mask::Masker;

/// What an error means for the one who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The caller lacks a permission, or a policy forbids it.
    Denied,
    /// The service or feature does not exist here, or the account never enabled it.
    NotOffered,
    /// The account has not opted in to the region.
    RegionDisabled,
    /// Too many requests, also after all retries.
    Throttled,
    /// The thing that was asked about does not exist.
    Gone,
    /// Something else must change first.
    Conflict,
    /// The credentials are no longer valid, or never were.
    Expired,
    /// No usable answer: connection refused, reset, timed out, cut off.
    Unreachable,
    /// Anything else.
    Other,
}

/// A call that failed after all retries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// What it means.
    pub class: ErrorClass,
    /// AWS's error code, or ours: `timeout`, `connection`, `bad-answer`, `HTTP 500`.
    pub code: String,
    /// What AWS said, without what looks like a secret.
    pub message: String,
    /// The IAM action of the call: `sqs:ListQueues`.
    pub action: String,
}

impl CallError {
    /// An error from its parts.
    #[must_use]
    pub fn new(class: ErrorClass, code: &str, message: &str, action: &str) -> Self {
        CallError { class, code: code.to_owned(), message: Masker::scrub(message), action: action.to_owned() }
    }

    /// For lists that go on after the last name: the same page came again, and would for ever.
    #[must_use]
    pub fn same_page(action: &str) -> Self {
        CallError::new(ErrorClass::Unreachable, "bad-answer", "AWS answered the same page twice", action)
    }

    /// Reads an SDK error.
    pub fn from_sdk<E>(error: &SdkError<E, Response>, action: &str) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match error {
            SdkError::ServiceError(service) => {
                let metadata = service.err().meta();
                let status = service.raw().status().as_u16();
                let message = metadata.message().unwrap_or_default();
                match metadata.code() {
                    Some(code) => {
                        let class = classify(code, message);
                        // The message of a refusal names the action that is really missing.
                        let missing = if class == ErrorClass::Denied { missing_action(message) } else { None };
                        CallError::new(class, code, message, missing.unwrap_or(action))
                    }
                    None => without_code(status, action),
                }
            }
            SdkError::TimeoutError(_) => {
                CallError::new(ErrorClass::Unreachable, "timeout", "no answer in time", action)
            }
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                CallError::new(ErrorClass::Unreachable, "timeout", &chain(error), action)
            }
            SdkError::DispatchFailure(failure) if failure.is_io() => {
                CallError::new(ErrorClass::Unreachable, "connection", &chain(error), action)
            }
            SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
                let text = chain(error);
                if text.to_ascii_lowercase().contains("credential") {
                    CallError::new(ErrorClass::Expired, "NoCredentials", &text, action)
                } else {
                    CallError::new(ErrorClass::Unreachable, "connection", &text, action)
                }
            }
            SdkError::ResponseError(response) => {
                let status = response.raw().status().as_u16();
                if status >= 400 {
                    without_code(status, action)
                } else {
                    CallError::new(ErrorClass::Unreachable, "bad-answer", &chain(error), action)
                }
            }
            _ => CallError::new(ErrorClass::Other, "unknown", &chain(error), action),
        }
    }
}

fn without_code(status: u16, action: &str) -> CallError {
    let class = match status {
        401 | 403 => ErrorClass::Denied,
        404 => ErrorClass::Gone,
        429 => ErrorClass::Throttled,
        _ => ErrorClass::Other,
    };
    CallError::new(class, &format!("HTTP {status}"), "AWS answered without an error code", action)
}

/// The causes of an error in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let next = cause.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = cause.source();
    }
    text
}

/// Finds `sqs:ListQueues` in "… is not authorized to perform: sqs:ListQueues on resource: …".
fn missing_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("perform: ")?;
    let action = rest.split([' ', ',', '\n']).next()?.trim_end_matches('.');
    let (service, name) = action.split_once(':')?;
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (word(service) && word(name)).then_some(action)
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.action, self.code)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for CallError {}

/// What an error code means. The message decides only where AWS gives one code two meanings.
///
/// Source: the error pages of each service's API reference, and the codes met in practice.
#[must_use]
pub fn classify(code: &str, message: &str) -> ErrorClass {
    // Some services prefix their namespace (`com.amazonaws.sqs#…`) or add a suffix after a colon.
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.split(':').next().unwrap_or(code);
    if let Some(class) = by_message(code, message) {
        return class;
    }
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AccessDeniedError"
        | "AllAccessDisabled"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "Forbidden"
        | "ForbiddenException"
        | "InsufficientPrivilegesException"
        | "KMSAccessDeniedException"
        | "NotAuthorized"
        | "NotAuthorizedException"
        | "OperationNotPermittedException"
        | "UnauthorizedException"
        | "UnauthorizedOperation"
        | "UnmodifiableEntity" => ErrorClass::Denied,

        "ExpiredToken"
        | "ExpiredTokenException"
        | "IncompleteSignature"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "InvalidToken"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "TokenRefreshRequired"
        | "UnrecognizedClientException" => ErrorClass::Expired,

        "OptInRequired" | "RegionDisabledException" => ErrorClass::RegionDisabled,

        "AWSOrganizationsNotInUseException"
        | "DisabledOperationException"
        | "InvalidAction"
        | "MethodNotAllowed"
        | "NotImplemented"
        | "SubscriptionRequiredException"
        | "TypeNotFoundException"
        | "UnknownOperationException"
        | "UnsupportedOperation"
        | "UnsupportedOperationException" => ErrorClass::NotOffered,

        "BandwidthLimitExceeded"
        | "EC2ThrottledException"
        | "PriorRequestNotComplete"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown"
        | "Throttling"
        | "ThrottledException"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "TransactionInProgressException" => ErrorClass::Throttled,

        "ClusterContainsCapacityProviderException"
        | "ClusterContainsContainerInstancesException"
        | "ClusterContainsServicesException"
        | "ClusterContainsTasksException"
        | "ConcurrentModification"
        | "ConcurrentModificationException"
        | "ConflictException"
        | "DeleteConflict"
        | "DeleteConflictException"
        | "DependencyViolation"
        | "EntityTemporarilyUnmodifiable"
        | "IncorrectState"
        | "OperationAborted"
        | "OperationAbortedException"
        | "OperationInProgressException"
        | "ResourceConflict"
        | "ResourceConflictException"
        | "ScalingActivityInProgress"
        | "UpdateInProgressException"
        | "VolumeInUse" => ErrorClass::Conflict,

        "AWS.SimpleQueueService.NonExistentQueue"
        | "NoSuchEntity"
        | "NoSuchEntityException"
        | "NoSuchBucket"
        | "QueueDoesNotExist" => ErrorClass::Gone,

        _ => by_form(code),
    }
}

/// Codes with two meanings.
fn by_message(code: &str, message: &str) -> Option<ErrorClass> {
    let says = |text: &str| message.to_ascii_lowercase().contains(text);
    match code {
        // EC2 and others answer this when a key is wrong *and* when a region is not enabled for the account.
        "AuthFailure" if says("not able to validate the provided access credentials") => Some(ErrorClass::Expired),
        "AuthFailure" => Some(ErrorClass::Denied),
        "UnrecognizedClientException" | "InvalidClientTokenId" if says("region") && says("not enabled") => {
            Some(ErrorClass::RegionDisabled)
        }
        // CloudFormation: no such stack. Auto Scaling: no such group.
        "ValidationError" | "ValidationException" if says("does not exist") || says("not found") => {
            Some(ErrorClass::Gone)
        }
        // A network interface that something holds.
        "InvalidParameterValue" if says("currently in use") => Some(ErrorClass::Conflict),
        // A function at the edge of a distribution that no longer uses it, for some hours.
        "InvalidParameterValueException" if says("replicated function") => Some(ErrorClass::Conflict),
        // The account, not the caller: a service that must be signed up for, or a new account.
        "AccessDeniedException"
        | "BadRequestException"
        | "InvalidAccessException"
        | "OptInRequired"
        | "ValidationException"
            if says("not subscribed")
                || says("needs a subscription")
                || says("account is not enabled")
                || says("macie is not enabled") =>
        {
            Some(ErrorClass::NotOffered)
        }
        // A service that only some regions have answers through a front end that does not know it.
        "InternalFailure" | "UnknownError" if says("unable to determine service") => Some(ErrorClass::NotOffered),
        _ => None,
    }
}

/// The conventions that most codes follow.
fn by_form(code: &str) -> ErrorClass {
    let ends = |endings: &[&str]| endings.iter().any(|ending| code.ends_with(ending));
    if ends(&[".NotFound", "NotFoundException", "NotFoundFault", "NotFoundError", "NotFound", ".Unknown"])
        || code.starts_with("NoSuch")
    {
        ErrorClass::Gone
    } else if ends(&["InUse", "InUseException", "InUseFault", "NotEmpty", "NotEmptyException"])
        || code.starts_with("ResourceInUse")
        || (code.starts_with("Invalid") && code.contains("State"))
    {
        ErrorClass::Conflict
    } else if code.starts_with("Throttl") {
        ErrorClass::Throttled
    } else if code.starts_with("AccessDenied") {
        ErrorClass::Denied
    } else if code.starts_with("ExpiredToken") {
        ErrorClass::Expired
    } else {
        ErrorClass::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_class() {
        for (code, class) in [
            ("AccessDenied", ErrorClass::Denied),
            ("UnauthorizedOperation", ErrorClass::Denied),
            ("com.amazonaws.dynamodb.v20120810#AccessDeniedException", ErrorClass::Denied),
            ("ExpiredTokenException", ErrorClass::Expired),
            ("InvalidClientTokenId", ErrorClass::Expired),
            ("OptInRequired", ErrorClass::RegionDisabled),
            ("UnknownOperationException", ErrorClass::NotOffered),
            ("SubscriptionRequiredException", ErrorClass::NotOffered),
            ("RequestLimitExceeded", ErrorClass::Throttled),
            ("SlowDown", ErrorClass::Throttled),
            ("InvalidVpcID.NotFound", ErrorClass::Gone),
            ("ResourceNotFoundException", ErrorClass::Gone),
            ("DBInstanceNotFound", ErrorClass::Gone),
            ("NoSuchBucketPolicy", ErrorClass::Gone),
            ("DependencyViolation", ErrorClass::Conflict),
            ("InvalidDBInstanceState", ErrorClass::Conflict),
            ("BucketNotEmpty", ErrorClass::Conflict),
            ("ScalingActivityInProgress", ErrorClass::Conflict),
            ("InternalFailure", ErrorClass::Other),
        ] {
            assert_eq!(classify(code, ""), class, "{code}");
        }
    }

    #[test]
    fn a_message_decides_between_two_meanings() {
        let wrong_key = "AWS was not able to validate the provided access credentials";
        assert_eq!(classify("AuthFailure", wrong_key), ErrorClass::Expired);
        assert_eq!(classify("AuthFailure", "not authorized for images"), ErrorClass::Denied);
        assert_eq!(classify("ValidationError", "Stack with id x does not exist"), ErrorClass::Gone);
        assert_eq!(classify("ValidationError", "1 validation error detected"), ErrorClass::Other);
        let in_use = "Network interface 'eni-1' is currently in use.";
        assert_eq!(classify("InvalidParameterValue", in_use), ErrorClass::Conflict);
        assert_eq!(classify("InvalidParameterValue", "Invalid id"), ErrorClass::Other);
        let new_account = "You are not subscribed to this service.";
        assert_eq!(classify("OptInRequired", new_account), ErrorClass::NotOffered);
        assert_eq!(classify("AccessDeniedException", new_account), ErrorClass::NotOffered);
        let no_hub = "Account 123456789012 is not subscribed to AWS Security Hub";
        assert_eq!(classify("InvalidAccessException", no_hub), ErrorClass::NotOffered);
        assert_eq!(classify("AccessDeniedException", "Macie is not enabled."), ErrorClass::NotOffered);
        assert_eq!(classify("AccessDeniedException", "not authorized: logging is not enabled"), ErrorClass::Denied);
    }

    #[test]
    fn the_missing_action_is_read_from_the_refusal() {
        let message =
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: iam:ListRoles on resource: x";
        assert_eq!(missing_action(message), Some("iam:ListRoles"));
        assert_eq!(missing_action("You are not authorized to perform this operation."), None);
        assert_eq!(missing_action("perform: \u{1b}[31mx:y"), None);
    }
}
