//! Texts of the command line that several commands read: dates, `K=V` pairs, type selectors.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::error::CliError;
use crate::catalog::{self, TypeSpec};

/// A day, which is its first moment in UTC, or a moment (RFC 3339).
pub fn parse_date(text: &str) -> Result<DateTime<Utc>, CliError> {
    let text = text.trim();
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        && let Some(start) = day.and_hms_opt(0, 0, 0)
    {
        return Ok(start.and_utc());
    }
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| {
        CliError::usage(format!("'{text}' is not a date")).hint("write 2026-01-31 or 2026-01-31T12:00:00Z (UTC)")
    })
}

/// `K=V` texts as a map.
pub fn pairs(texts: &[String], option: &str) -> Result<BTreeMap<String, String>, CliError> {
    let mut pairs = BTreeMap::new();
    for text in texts {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(CliError::usage(format!("'{text}' is not K=V")).hint(format!("write {option} Team=payments")));
        };
        if pairs.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(CliError::usage(format!("'{key}' is given twice to {option}")));
        }
    }
    Ok(pairs)
}

/// The types that the selectors name, without the excluded ones.
pub fn selected_types(include: &[String], exclude: &[String]) -> Result<Vec<&'static TypeSpec>, CliError> {
    let all = catalog::all();
    let mut types: Vec<&'static TypeSpec> = Vec::new();
    if include.is_empty() {
        types.clone_from(&all);
    }
    for selector in include {
        types.extend(catalog::select(&all, selector)?);
    }
    for selector in exclude {
        let out = catalog::select(&all, selector)?;
        types.retain(|spec| !out.iter().any(|excluded| excluded.name == spec.name));
    }
    types.sort_by_key(|spec| spec.name);
    types.dedup_by_key(|spec| spec.name);
    if types.is_empty() {
        return Err(CliError::usage("no resource type is left")
            .hint("--exclude-types takes away all that --resource-types names"));
    }
    Ok(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_or_moments_in_utc() {
        let shown = |text| parse_date(text).map(|at| at.to_rfc3339()).ok();
        assert_eq!(shown("2026-01-31").as_deref(), Some("2026-01-31T00:00:00+00:00"));
        assert_eq!(shown("2026-01-31T12:00:00+02:00").as_deref(), Some("2026-01-31T10:00:00+00:00"));
        for bad in ["", "yesterday", "2026-02-30", "31.01.2026", "2026-01-31T12:00:00"] {
            assert_eq!(shown(bad), None, "{bad}");
        }
    }

    #[test]
    fn pairs_keep_further_equals_signs() {
        let pairs =
            |texts: &[&str]| pairs(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), "--metadata");
        assert_eq!(pairs(&["a=b=c"]).expect("a pair")["a"], "b=c");
        assert!(pairs(&["a"]).is_err() && pairs(&["=b"]).is_err() && pairs(&["a=1", "a=2"]).is_err());
    }
}
