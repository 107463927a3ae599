use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use super::Month;

/// One line of a bill, borrowed from the row that was just read: a bill has millions, and each is looked at once.
///
/// Fields are named after the FOCUS columns that they hold; an empty text stands for null.
#[derive(Debug, Clone, Copy)]
pub struct LineItem<'a> {
    /// Who pays: `BillingAccountId`.
    pub billing_account_id: &'a str,
    /// Who used: `SubAccountId`, twelve digits for AWS.
    pub sub_account_id: &'a str,
    /// The month of the bill: `BillingPeriodStart`. A correction stands in the bill that carries it.
    pub billing_month: Month,
    /// The day of the charge, UTC: `ChargePeriodStart`.
    pub charge_day: NaiveDate,
    /// `ChargeCategory`.
    pub charge_category: ChargeCategory,
    /// Whether it corrects an earlier bill: `ChargeClass` is `Correction`.
    pub correction: bool,
    /// `CommitmentDiscountStatus`.
    pub commitment: Commitment,
    /// Sold by somebody else than the cloud provider.
    pub marketplace: bool,
    /// `ServiceName`: `Amazon Simple Storage Service`.
    pub service_name: &'a str,
    /// `x_ServiceCode`, or CUR's product code: `AmazonS3`.
    pub service_code: &'a str,
    /// `RegionId`.
    pub region_id: &'a str,
    /// `ResourceId`: an ARN as often as a bare id.
    pub resource_id: &'a str,
    /// `Tags`.
    pub tags: Tags<'a>,
    /// The amount of the chosen metric, in `billing_currency`.
    pub cost: Decimal,
    /// `BillingCurrency`, ISO 4217.
    pub billing_currency: &'a str,
    /// Whether the bill is final; `None` when the source does not tell.
    pub invoiced: Option<bool>,
}

/// `ChargeCategory` of FOCUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeCategory {
    /// What was used.
    Usage,
    /// What was bought: upfront and recurring fees.
    Purchase,
    /// Taxes.
    Tax,
    /// What the provider gives.
    Credit,
    /// What the provider changes afterwards: refunds.
    Adjustment,
}

/// `CommitmentDiscountStatus` of FOCUS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Commitment {
    /// No commitment covers it.
    #[default]
    None,
    /// A reservation or savings plan covers it.
    Used,
    /// The part of a reservation or savings plan that nobody used.
    Unused,
}

/// The tags of a line, as the source has them: most runs need few or none of them.
#[derive(Debug, Clone, Copy, Default)]
pub enum Tags<'a> {
    /// None.
    #[default]
    None,
    /// A JSON object, or a list of `{"key": …, "value": …}`.
    Json(&'a str),
    /// One column each: key, value.
    Columns(&'a [(&'a str, &'a str)]),
}

/// Key and value of a tag.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The column of tags holds something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tags are not a JSON object")]
pub struct BadTags;

impl Tags<'_> {
    /// All tags as pairs.
    pub fn pairs(&self) -> Result<Vec<Pair<'_>>, BadTags> {
        match self {
            Tags::None | Tags::Json("" | "{}" | "[]") => Ok(Vec::new()),
            Tags::Columns(columns) => Ok(columns
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| (Cow::Borrowed(*key), Cow::Borrowed(*value)))
                .collect()),
            Tags::Json(text) => json_pairs(text),
        }
    }
}

fn json_pairs(text: &str) -> Result<Vec<Pair<'_>>, BadTags> {
    let plain = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let pair = |key: String, value: Value| plain(value).map(|value| (Cow::Owned(key), Cow::Owned(value)));
    match serde_json::from_str(text).map_err(|_| BadTags)? {
        Value::Object(map) => Ok(map.into_iter().filter_map(|(key, value)| pair(key, value)).collect()),
        Value::Array(items) => items
            .into_iter()
            .map(|item| {
                let text = |name: &str| item.get(name).or_else(|| item.get(capital(name))).cloned().and_then(plain);
                Ok((Cow::Owned(text("key").ok_or(BadTags)?), Cow::Owned(text("value").unwrap_or_default())))
            })
            .collect(),
        Value::Null => Ok(Vec::new()),
        _ => Err(BadTags),
    }
}

fn capital(name: &str) -> &str {
    if name == "key" { "Key" } else { "Value" }
}

/// Whether a tag key of a bill is the one that people mean.
///
/// Bills spell `Team` as `Team`, `user:Team` (FOCUS, legacy CUR) or `user_team` (CUR 2.0).
#[must_use]
pub fn same_tag_key(billed: &str, meant: &str) -> bool {
    if billed == meant {
        return true;
    }
    if let Some(rest) = billed.strip_prefix("user:") {
        return rest == meant;
    }
    // CUR 2.0 writes system tags as `aws_created_by`, those of users as `user_cost_center`.
    let Some(rest) = billed.strip_prefix("user_").or_else(|| billed.starts_with("aws_").then_some(billed)) else {
        return false;
    };
    let mut snake = String::with_capacity(meant.len() + 4);
    let mut low = false;
    for c in meant.chars() {
        if c.is_ascii_uppercase() && low {
            snake.push('_');
        }
        low = c.is_ascii_lowercase() || c.is_ascii_digit();
        snake.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    rest == snake
}

impl Tags<'_> {
    /// Whether two keys mean the same tag; see [`same_tag_key`].
    #[must_use]
    pub fn is_key(billed: &str, meant: &str) -> bool {
        same_tag_key(billed, meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_in_several_forms() {
        let pair = |tags: Tags<'_>| tags.pairs().map(|p| p.into_iter().map(|(k, v)| format!("{k}={v}")).collect());
        let one: Result<Vec<String>, _> = Ok(vec!["Team=a".to_owned()]);
        assert_eq!(pair(Tags::Json(r#"{"Team":"a","none":null}"#)), one);
        assert_eq!(pair(Tags::Json(r#"[{"key":"Team","value":"a"}]"#)), one);
        assert_eq!(pair(Tags::Columns(&[("Team", "a"), ("Empty", "")])), one);
        assert_eq!(pair(Tags::Json("Team=a")), Err(BadTags));
    }

    #[test]
    fn a_tag_key_has_several_spellings() {
        for billed in ["CostCenter", "user:CostCenter", "user_cost_center"] {
            assert!(same_tag_key(billed, "CostCenter"), "{billed}");
        }
        assert!(same_tag_key("aws_created_by", "aws:createdBy"));
        assert!(!same_tag_key("user:costcenter", "CostCenter"));
        assert!(!same_tag_key("xCostCenter", "CostCenter"));
    }
}
