use std::fmt;
use std::str::FromStr;

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
///
/// Region and account are empty where the service leaves them out (IAM has no region, S3 neither).
/// Source: AWS General Reference, "Amazon Resource Names (ARNs)".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// The service's namespace, as in IAM actions: `sqs`, `ec2`.
    pub service: String,
    /// A region code, or empty.
    pub region: String,
    /// Twelve digits, or empty.
    pub account: String,
    /// All that follows the fifth colon.
    pub resource: String,
}

/// The text is not an ARN: it does not start with `arn:` or has fewer than six parts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an ARN")]
pub struct ParseArnError(String);

impl FromStr for Arn {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or_else(|| ParseArnError(text.to_owned()));
        if next()? != "arn" {
            return Err(ParseArnError(text.to_owned()));
        }
        let arn = Arn {
            partition: next()?.to_owned(),
            service: next()?.to_owned(),
            region: next()?.to_owned(),
            account: next()?.to_owned(),
            resource: next()?.to_owned(),
        };
        if arn.partition.is_empty() || arn.service.is_empty() || arn.resource.is_empty() {
            return Err(ParseArnError(text.to_owned()));
        }
        Ok(arn)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_colons_of_the_resource_part() {
        let text = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/x:*";
        let arn: Arn = text.parse().expect("a valid ARN");
        assert_eq!(arn.resource, "log-group:/aws/lambda/x:*");
        assert_eq!(arn.to_string(), text);
    }

    #[test]
    fn refuses_what_is_no_arn() {
        for text in ["", "arn", "arn:aws:s3", "urn:aws:s3:::x", "arn::s3:::x", "arn:aws:s3:::"] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}
