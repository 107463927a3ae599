//! Date and tag filters of a snapshot.

use chrono::{DateTime, Utc};

use crate::model::{Filters, Resource};

/// What a filter says about a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It belongs.
    Keep,
    /// It does not.
    Drop,
    /// A date decides, and AWS reports none: kept, and never drift.
    Undetermined,
}

/// Whether a resource passes the filters.
#[must_use]
pub fn verdict(filters: &Filters, resource: &Resource) -> Verdict {
    let tagged = filters.tags.iter().all(|(key, value)| resource.tags.get(key) == Some(value));
    if !tagged {
        return Verdict::Drop;
    }
    if !filters.by_date() {
        return Verdict::Keep;
    }
    match resource.created_at {
        None => Verdict::Undetermined,
        Some(at) if within(filters, at) => Verdict::Keep,
        Some(_) => Verdict::Drop,
    }
}

fn within(filters: &Filters, at: DateTime<Utc>) -> bool {
    filters.created_from.is_none_or(|from| at >= from) && filters.created_before.is_none_or(|before| at < before)
}

/// Drops what does not pass and marks what cannot be decided.
pub fn apply(filters: &Filters, resources: &mut Vec<Resource>) {
    resources.retain_mut(|resource| match verdict(filters, resource) {
        Verdict::Keep => true,
        Verdict::Drop => false,
        Verdict::Undetermined => {
            resource.undetermined = true;
            true
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Draft;
    use crate::catalog::mask::Masker;
    use crate::services::sqs::queue;

    fn created(at: Option<&str>) -> Resource {
        let draft = Draft::new("q").created_text(at).tags([("Team", "payments"), ("Stage", "prod")]);
        draft.finish(&queue::SPEC, "eu-west-1", &Masker::new([0; 32]))
    }

    fn day(day: &str) -> DateTime<Utc> {
        format!("{day}T00:00:00Z").parse().expect("a date")
    }

    #[test]
    fn from_is_inclusive_and_before_is_not() {
        let filters = Filters {
            created_from: Some(day("2026-01-05")),
            created_before: Some(day("2026-01-06")),
            ..Filters::default()
        };
        let verdict = |at| verdict(&filters, &created(Some(at)));
        assert_eq!(verdict("2026-01-05T00:00:00Z"), Verdict::Keep);
        assert_eq!(verdict("2026-01-06T00:00:00Z"), Verdict::Drop);
        assert_eq!(verdict("2026-01-04T23:59:59Z"), Verdict::Drop);
    }

    #[test]
    fn without_a_creation_time_a_date_decides_nothing() {
        let filters = Filters { created_before: Some(day("2026-01-06")), ..Filters::default() };
        let mut resources = vec![created(None)];
        apply(&filters, &mut resources);
        assert!(resources[0].undetermined);
        let mut resources = vec![created(None)];
        apply(&Filters::default(), &mut resources);
        assert!(!resources[0].undetermined);
    }

    #[test]
    fn all_tags_must_match() {
        let tags = |pairs: &[(&str, &str)]| Filters {
            tags: pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..Filters::default()
        };
        assert_eq!(verdict(&tags(&[("Team", "payments"), ("Stage", "prod")]), &created(None)), Verdict::Keep);
        assert_eq!(verdict(&tags(&[("Team", "payments"), ("Stage", "test")]), &created(None)), Verdict::Drop);
        assert_eq!(verdict(&tags(&[("team", "payments")]), &created(None)), Verdict::Drop);
    }
}
