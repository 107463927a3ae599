use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Implements `as_str`, `Display` and `Serialize` for an enum of plain words.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),* $(,)? }) => {
        impl $name {
            /// Every value, in the order in which reports show them.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The word in files, flags and tables.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                $name::ALL.iter().copied().find(|it| it.as_str() == text).ok_or_else(|| {
                    let known: Vec<&str> = $name::ALL.iter().map(|it| it.as_str()).collect();
                    format!("'{text}' is not one of {}", known.join(", "))
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Which of the amounts of a line counts.
///
/// Source: AWS Cost Management user guide, "Understanding your costs"; FOCUS `BilledCost` and `EffectiveCost`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// The economic view: upfront fees spread over the time that they pay for. FOCUS `EffectiveCost`.
    #[default]
    Amortized,
    /// The invoice view. FOCUS `BilledCost`.
    Unblended,
    /// [`Metric::Amortized`] after negotiated discounts.
    NetAmortized,
    /// [`Metric::Unblended`] after negotiated discounts.
    NetUnblended,
}

words!(Metric {
    Amortized => "amortized",
    Unblended => "unblended",
    NetAmortized => "net-amortized",
    NetUnblended => "net-unblended",
});

impl Metric {
    /// Whether upfront fees are spread over the time that they pay for.
    #[must_use]
    pub fn is_amortized(self) -> bool {
        matches!(self, Metric::Amortized | Metric::NetAmortized)
    }

    /// Whether negotiated discounts are taken off.
    #[must_use]
    pub fn is_net(self) -> bool {
        matches!(self, Metric::NetAmortized | Metric::NetUnblended)
    }

    /// The name that Cost Explorer gives it: `AmortizedCost`.
    #[must_use]
    pub fn explorer_name(self) -> &'static str {
        match self {
            Metric::Amortized => "AmortizedCost",
            Metric::Unblended => "UnblendedCost",
            Metric::NetAmortized => "NetAmortizedCost",
            Metric::NetUnblended => "NetUnblendedCost",
        }
    }
}

/// Where a line item ends: each in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// A resource of the baseline, or a part of one.
    Baseline,
    /// A resource that is not in the baseline.
    NonBaseline,
    /// A resource that an older snapshot knows and the baseline no longer does.
    Gone,
    /// Usage without a resource.
    Shared,
    /// Taxes.
    Tax,
    /// The support plan.
    Support,
    /// Credits and refunds.
    Credits,
    /// The part of reservations and savings plans that nobody used.
    UnusedCommitment,
    /// AWS Marketplace, and one-off, recurring or upfront fees that belong to no resource.
    MarketplaceFees,
}

words!(Bucket {
    Baseline => "baseline",
    NonBaseline => "non-baseline",
    Gone => "gone",
    Shared => "shared",
    Tax => "tax",
    Support => "support",
    Credits => "credits",
    UnusedCommitment => "unused-commitment",
    MarketplaceFees => "marketplace-fees",
});

impl Bucket {
    /// The buckets that no resource stands behind: they can be shared out.
    pub const POOLS: &'static [Bucket] = &[
        Bucket::Shared,
        Bucket::Tax,
        Bucket::Support,
        Bucket::Credits,
        Bucket::UnusedCommitment,
        Bucket::MarketplaceFees,
    ];

    /// Whether a resource stands behind the lines of this bucket.
    #[must_use]
    pub fn is_direct(self) -> bool {
        matches!(self, Bucket::Baseline | Bucket::NonBaseline | Bucket::Gone)
    }

    /// The side of the split on which a direct bucket counts: what is not baseline is the rest.
    #[must_use]
    pub fn side(self) -> &'static str {
        if self == Bucket::Baseline { "baseline" } else { "non-baseline" }
    }
}

/// What put a line item into its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Its `ResourceId` is the ARN of a resource.
    Arn,
    /// Its `ResourceId` is the bare id of a resource: `i-0abc`.
    Id,
    /// Its `ResourceId` is the name of a resource of its service: a bucket, a function.
    Name,
    /// The resource is a part of another: a volume, interface or snapshot of an instance, a log group of a function.
    Parent,
    /// A controller owns the resource: a group, a stack, a cluster.
    Owner,
    /// A tag that the configuration counts as baseline.
    TagRule,
    /// The snapshot could not look at the type in that region, so absence says nothing.
    NotLookedAt,
    /// No snapshot knows the resource.
    Unmatched,
    /// The account is not the snapshot's.
    OtherAccount,
    /// The line has no `ResourceId`.
    NoResource,
    /// `ChargeCategory` is `Tax`.
    Tax,
    /// The service is AWS Support.
    Support,
    /// `ChargeCategory` is `Credit`.
    Credit,
    /// An adjustment without a resource.
    Refund,
    /// `CommitmentDiscountStatus` is `Unused`.
    Unused,
    /// `ChargeCategory` is `Purchase`.
    Purchase,
    /// Sold by somebody else than AWS.
    Marketplace,
    /// Split by weights, because the source has no resource ids.
    Weights,
}

words!(Rule {
    Arn => "arn",
    Id => "id",
    Name => "name",
    Parent => "parent",
    Owner => "owner",
    TagRule => "tag-rule",
    NotLookedAt => "not-looked-at",
    Unmatched => "unmatched",
    OtherAccount => "other-account",
    NoResource => "no-resource",
    Tax => "tax",
    Support => "support",
    Credit => "credit",
    Refund => "refund",
    Unused => "unused",
    Purchase => "purchase",
    Marketplace => "marketplace",
    Weights => "weights",
});

/// How an amount came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// The source says so.
    Measured,
    /// A part of it was shared out by a rule.
    Allocated,
    /// A part of it was split by weights, for lack of resource ids.
    Estimated,
}

words!(Method { Measured => "measured", Allocated => "allocated", Estimated => "estimated" });

/// How long the time of one row is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Granularity {
    /// The month of the bill.
    #[default]
    Monthly,
    /// The day of the charge.
    Daily,
}

words!(Granularity { Monthly => "monthly", Daily => "daily" });

/// The form of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// FOCUS 1.0 or later.
    Focus,
    /// AWS Cost and Usage Report 2.0 (Data Exports).
    Cur2,
    /// The legacy AWS Cost and Usage Report.
    Cur1,
    /// AWS Cost Explorer.
    Explorer,
}

words!(Format { Focus => "focus", Cur2 => "cur-2.0", Cur1 => "cur-legacy", Explorer => "cost-explorer" });

/// By what rows are told apart, beside period, account, bucket and owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroupKey {
    /// The service.
    Service,
    /// The region.
    Region,
    /// The `CloudFormation` type of the resource, where a snapshot knows it.
    Type,
    /// The resource.
    Resource,
    /// The account; rows are always kept apart by it, so this only orders the table.
    Account,
    /// The value of a tag.
    Tag(String),
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupKey::Service => f.write_str("service"),
            GroupKey::Region => f.write_str("region"),
            GroupKey::Type => f.write_str("type"),
            GroupKey::Resource => f.write_str("resource"),
            GroupKey::Account => f.write_str("account"),
            GroupKey::Tag(key) => write!(f, "tag:{key}"),
        }
    }
}

impl FromStr for GroupKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "service" => GroupKey::Service,
            "region" => GroupKey::Region,
            "type" => GroupKey::Type,
            "resource" => GroupKey::Resource,
            "account" => GroupKey::Account,
            _ => match text.strip_prefix("tag:") {
                Some(key) if !key.is_empty() => GroupKey::Tag(key.to_owned()),
                _ => {
                    return Err(format!("'{text}' is not one of service, region, type, resource, account, tag:KEY"));
                }
            },
        })
    }
}

impl Serialize for GroupKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How a pool is shared out. The names are those of AWS cost categories' split charge rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharedRule {
    /// By direct cost.
    #[default]
    Proportional,
    /// The same to everyone who has direct cost.
    Even,
    /// By these weights, of owners or of `baseline` and `non-baseline`.
    Fixed(BTreeMap<String, Decimal>),
    /// Not at all: it stays a line of its own.
    Keep,
}

impl SharedRule {
    /// The word in files, flags and tables.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            SharedRule::Proportional => "proportional",
            SharedRule::Even => "even",
            SharedRule::Fixed(_) => "fixed",
            SharedRule::Keep => "keep",
        }
    }
}
