use std::collections::BTreeMap;

use globset::GlobMatcher;
use rust_decimal::Decimal;

use crate::model::cost::{Bucket, Granularity, GroupKey, Metric, Period, SharedRule};

/// What to split, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bills of these months; or, when it is not made of whole months, charges of these days.
    pub period: Period,
    /// Which amounts count.
    pub metric: Metric,
    /// Month or day.
    pub granularity: Granularity,
    /// By what rows are told apart.
    pub group_by: Vec<GroupKey>,
    /// How pools are shared out.
    pub sharing: Sharing,
    /// Who answers for what.
    pub owners: Owners,
    /// Tags that make a line part of the baseline: key and value, `*` for any value.
    pub baseline_tags: BTreeMap<String, String>,
    /// What was planned per month: `baseline` or an owner → amount.
    pub budgets: BTreeMap<String, Decimal>,
}

impl Options {
    /// A period with everything else as it is by default.
    #[must_use]
    pub fn new(period: Period) -> Self {
        Options {
            period,
            metric: Metric::default(),
            granularity: Granularity::default(),
            group_by: vec![GroupKey::Service],
            sharing: Sharing::default(),
            owners: Owners::default(),
            baseline_tags: BTreeMap::new(),
            budgets: BTreeMap::new(),
        }
    }

    /// Keys of the tags that somebody looks at, so that a source need not unpack the others.
    #[must_use]
    pub fn tag_keys(&self) -> Vec<String> {
        let groups = self.group_by.iter().filter_map(|key| match key {
            GroupKey::Tag(key) => Some(key.clone()),
            _ => None,
        });
        let mut keys: Vec<String> = groups.collect();
        keys.extend(self.owners.tags.iter().cloned());
        keys.extend(self.baseline_tags.keys().cloned());
        keys.extend(OWNER_TAGS.iter().map(|(key, _)| (*key).to_owned()));
        keys.sort();
        keys.dedup();
        keys
    }
}

/// Tags of a bill that name the owner of a resource, and the kind of owner; the more specific ones first.
pub const OWNER_TAGS: &[(&str, &str)] = &[
    ("aws:ecs:serviceName", "ecs-service"),
    ("aws:autoscaling:groupName", "auto-scaling-group"),
    ("aws:eks:cluster-name", "eks-cluster"),
    ("eks:cluster-name", "eks-cluster"),
    ("aws:ecs:clusterName", "ecs-cluster"),
    ("aws:cloudformation:stack-id", "cloudformation-stack"),
];

/// How each pool is shared out.
#[derive(Debug, Clone, Default)]
pub struct Sharing {
    /// Rule of pools that have none of their own.
    pub default: SharedRule,
    /// Rules of single pools.
    pub pools: BTreeMap<Bucket, SharedRule>,
}

impl Sharing {
    /// The rule of a pool.
    #[must_use]
    pub fn rule(&self, bucket: Bucket) -> &SharedRule {
        self.pools.get(&bucket).unwrap_or(&self.default)
    }
}

/// Who answers for what. The first that says something counts: resource, tag, account.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    /// Keys of tags whose value is the owner, in order.
    pub tags: Vec<String>,
    /// Value of such a tag → owner, where they differ.
    pub names: BTreeMap<String, String>,
    /// ARN or id pattern → owner, in order.
    pub resources: Vec<(GlobMatcher, String)>,
    /// Account → owner.
    pub accounts: BTreeMap<String, String>,
}
