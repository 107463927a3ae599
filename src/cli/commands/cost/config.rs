//! The section `cost` of the configuration file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::engine::cost::{Owners, Sharing, parse_amount};
use crate::model::cost::{Bucket, Granularity, Metric, SharedRule};

/// `cost:` in `.aws-baseline.yaml`. `docs/cost.md` shows all of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CostConfig {
    /// As `--metric`.
    pub metric: Option<Metric>,
    /// As `--granularity`.
    pub granularity: Option<Granularity>,
    /// As `--group-by`.
    pub group_by: Vec<String>,
    /// As `--source`.
    pub source: Vec<String>,
    /// As `--shared`.
    pub shared: Option<RuleWord>,
    /// Rules of single pools.
    pub pools: BTreeMap<Bucket, PoolConfig>,
    /// Who answers for what.
    pub owners: OwnersConfig,
    /// Tags that make a line part of the baseline.
    pub baseline_tags: BTreeMap<String, String>,
    /// Amounts per month: `baseline`, `non-baseline` or an owner.
    pub budgets: BTreeMap<String, Amount>,
    /// As `--max-requests`.
    pub max_requests: Option<usize>,
    /// Weigh Cost Explorer's usage by the resources of the last 14 days.
    pub explorer_resources: bool,
}

/// The rule of a pool.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PoolConfig {
    /// How it is shared out.
    pub rule: RuleWord,
    /// Weights of `fixed`.
    pub shares: BTreeMap<String, Amount>,
}

/// The name of a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RuleWord {
    /// By direct cost
    #[default]
    Proportional,
    /// The same to every owner on either side
    Even,
    /// By the weights in the configuration
    Fixed,
    /// Not at all: a row of its own
    Keep,
}

/// Who answers for what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct OwnersConfig {
    /// Keys of tags whose value is the owner.
    pub tags: Vec<String>,
    /// Value of such a tag → owner.
    pub names: BTreeMap<String, String>,
    /// Account → owner.
    pub accounts: BTreeMap<String, String>,
    /// CSV with the columns `match` and `owner`.
    pub file: Option<PathBuf>,
}

/// An amount in YAML: a number or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                parse_amount(text).map(Amount).ok_or_else(|| E::custom(format!("'{text}' is not an amount")))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Amount, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Amount, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Amount, E> {
                // The shortest text of the number is what stands in the file.
                self.visit_str(&value.to_string())
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl CostConfig {
    /// The rules of all pools; `default` is what was typed.
    pub fn sharing(&self, default: Option<RuleWord>) -> Result<Sharing, CliError> {
        let word = default.or(self.shared).unwrap_or_default();
        let mut pools = BTreeMap::new();
        // What was typed counts for all pools but those with weights, which only the configuration can give.
        for (bucket, pool) in &self.pools {
            if bucket.is_direct() {
                return Err(CliError::usage(format!("'{bucket}' in cost.pools is not shared out: it has resources"))
                    .hint(format!(
                        "pools are: {}",
                        Bucket::POOLS.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
                    )));
            }
            let rule = default.filter(|word| *word != RuleWord::Fixed).unwrap_or(pool.rule);
            pools.insert(*bucket, rule_of(rule, Some(pool), bucket.as_str())?);
        }
        if word == RuleWord::Fixed {
            // Those without weights stay as they are, in sight.
            return Ok(Sharing { default: SharedRule::Keep, pools });
        }
        Ok(Sharing { default: rule_of(word, None, "")?, pools })
    }

    /// Who answers for what, with the mapping file read.
    pub fn owners(&self) -> Result<Owners, CliError> {
        let config = &self.owners;
        let mut owners = Owners {
            tags: config.tags.clone(),
            names: config.names.clone(),
            resources: Vec::new(),
            accounts: config.accounts.clone(),
        };
        if let Some(file) = &config.file {
            read_mapping(file, &mut owners)?;
        }
        Ok(owners)
    }
}

fn rule_of(word: RuleWord, pool: Option<&PoolConfig>, name: &str) -> Result<SharedRule, CliError> {
    Ok(match word {
        RuleWord::Proportional => SharedRule::Proportional,
        RuleWord::Even => SharedRule::Even,
        RuleWord::Keep => SharedRule::Keep,
        RuleWord::Fixed => {
            let shares: BTreeMap<String, Decimal> = pool
                .map(|pool| pool.shares.iter().map(|(name, share)| (name.clone(), share.0)).collect())
                .unwrap_or_default();
            if shares.is_empty() || shares.values().any(Decimal::is_sign_negative) {
                return Err(CliError::usage(format!("the pool {name} has the rule 'fixed' and no weights")).hint(
                    format!(
                        "add weights: `cost: {{pools: {{{name}: {{rule: fixed, shares: {{payments: 60, web: 40}}}}}}}}`"
                    ),
                ));
            }
            SharedRule::Fixed(shares)
        }
    })
}

/// `match,owner`: an account (`account:123456789012`), a tag value (`tag:payments`), or an ARN or id pattern.
fn read_mapping(file: &Path, owners: &mut Owners) -> Result<(), CliError> {
    let failed = |line: u64, what: String| {
        let mut error = CliError::new(Exit::Usage, format!("cannot use the owners' file {}", file.display()));
        error.causes.push(if line == 0 { what } else { format!("line {line}: {what}") });
        error.hint(
            "it is CSV with the columns `match` and `owner`; match is account:ID, tag:VALUE, or an ARN or id pattern",
        )
    };
    let mut reader = csv::Reader::from_path(file).map_err(|error| failed(0, error.to_string()))?;
    let headers = reader.headers().map_err(|error| failed(1, error.to_string()))?.clone();
    if headers.iter().map(str::trim).collect::<Vec<_>>() != ["match", "owner"] {
        return Err(failed(1, "the columns are not `match` and `owner`".to_owned()));
    }
    for record in reader.records() {
        let record =
            record.map_err(|error| failed(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let (pattern, owner) = (record[0].trim(), record[1].trim().to_owned());
        if pattern.is_empty() || owner.is_empty() {
            return Err(failed(line, "a cell is empty".to_owned()));
        }
        if let Some(account) = pattern.strip_prefix("account:") {
            owners.accounts.insert(account.to_owned(), owner);
        } else if let Some(value) = pattern.strip_prefix("tag:") {
            owners.names.insert(value.to_owned(), owner);
        } else {
            let glob = GlobBuilder::new(pattern).literal_separator(false).build();
            let glob = glob.map_err(|error| failed(line, error.to_string()))?;
            owners.resources.push((glob.compile_matcher(), owner));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::yaml;

    #[test]
    fn the_section_is_read() {
        let text = "metric: unblended\npools:\n  tax: {rule: fixed, shares: {payments: 60, web: 39.5}}\n  support: {rule: keep}\n\
                    budgets: {baseline: 1000, payments: '12.50'}\nowners: {tags: [Team]}\n";
        let config: CostConfig = yaml::from_str(text).expect("a section");
        let sharing = config.sharing(None).expect("rules");
        assert_eq!(sharing.rule(Bucket::Support), &SharedRule::Keep);
        assert_eq!(sharing.rule(Bucket::Shared), &SharedRule::Proportional);
        let SharedRule::Fixed(shares) = sharing.rule(Bucket::Tax) else { panic!("not fixed") };
        assert_eq!(shares["web"].to_string(), "39.5");
        assert_eq!(config.budgets["payments"].0.to_string(), "12.50");
        // What was typed counts for all pools.
        assert_eq!(config.sharing(Some(RuleWord::Even)).expect("rules").rule(Bucket::Support), &SharedRule::Even);
    }

    #[test]
    fn wrong_sections_are_refused() {
        for text in ["metric: gross\n", "pools: {nope: {rule: keep}}\n", "unknown: 1\n", "budgets: {a: x}\n"] {
            assert!(yaml::from_str::<CostConfig>(text).is_err(), "{text}");
        }
        let fixed: CostConfig = yaml::from_str("pools: {tax: {rule: fixed}}\n").expect("a section");
        assert!(fixed.sharing(None).is_err());
        let direct: CostConfig = yaml::from_str("pools: {baseline: {rule: keep}}\n").expect("a section");
        assert!(direct.sharing(None).is_err());
    }

    #[test]
    fn owners_come_from_a_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("owners.csv");
        std::fs::write(&file, "match,owner\naccount:123456789012,platform\ntag:pay,payments\narn:aws:s3:::web-*,web\n")
            .expect("written");
        let mut owners = Owners::default();
        read_mapping(&file, &mut owners).expect("a mapping");
        assert_eq!(owners.accounts["123456789012"], "platform");
        assert_eq!(owners.names["pay"], "payments");
        assert!(owners.resources[0].0.is_match("arn:aws:s3:::web-assets"));
        std::fs::write(&file, "owner,match\na,b\n").expect("written");
        assert!(read_mapping(&file, &mut owners).is_err());
    }
}
