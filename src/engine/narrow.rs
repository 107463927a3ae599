//! Shows a part of a delta: by kind of change, by tag, by creation time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::model::{Delta, Kind, Resource};

/// Which differences are shown. What does not pass is not drift of this report.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    /// Kinds of differences; `None` takes all.
    pub kinds: Option<BTreeSet<Kind>>,
    /// Whether unknown cells are shown.
    pub unknown: bool,
    /// Tags that the newer side carries, all of them.
    pub tags: BTreeMap<String, String>,
    /// Of what was added or replaced: only what was created then or later, or at a time that nobody knows.
    pub since: Option<DateTime<Utc>>,
}

impl Narrow {
    /// Takes out what does not pass, and says how many differences that are.
    pub fn apply(&self, delta: &mut Delta) -> usize {
        let count =
            |delta: &Delta| delta.added.len() + delta.deleted.len() + delta.modified.len() + delta.replaced.len();
        let all = count(delta);
        let kind = |kind: Kind| self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind));
        let tagged = |r: &Resource| self.tags.iter().all(|(key, value)| r.tags.get(key) == Some(value));
        let recent = |r: &Resource| match (self.since, r.created_at) {
            (Some(since), Some(at)) => at >= since,
            _ => true,
        };
        delta.added.retain(|r| kind(Kind::Added) && tagged(r) && recent(r));
        delta.deleted.retain(|r| kind(Kind::Deleted) && tagged(r));
        delta.modified.retain(|m| kind(Kind::Modified) && (tagged(&m.after) || tagged(&m.before)));
        delta.replaced.retain(|r| kind(Kind::Replaced) && (tagged(&r.after) || tagged(&r.before)) && recent(&r.after));
        delta.settled.retain(|s| kind(s.kind) && tagged(&s.resource));
        delta.ignored.retain(|i| kind(i.kind) && tagged(&i.resource));
        if !self.unknown {
            delta.unknown.clear();
        }
        all - count(delta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Draft;
    use crate::catalog::mask::Masker;
    use crate::services::sqs::queue;

    fn resource(id: &str, created: Option<&str>, team: &str) -> Resource {
        let draft = Draft::new(id).created_text(created).tags([("Team", team)]);
        draft.finish(&queue::SPEC, "eu-west-1", &Masker::new([0; 32]))
    }

    fn delta() -> Delta {
        Delta {
            added: vec![
                resource("old", Some("2026-01-01T00:00:00Z"), "a"),
                resource("new", Some("2026-02-01T00:00:00Z"), "b"),
                resource("undated", None, "b"),
            ],
            deleted: vec![resource("gone", None, "a")],
            ..Delta::default()
        }
    }

    fn left(narrow: &Narrow) -> Vec<String> {
        let mut delta = delta();
        narrow.apply(&mut delta);
        delta.added.iter().chain(&delta.deleted).map(|resource| resource.id.clone()).collect()
    }

    #[test]
    fn each_condition_narrows() {
        assert_eq!(left(&Narrow::default()), ["old", "new", "undated", "gone"]);
        let kinds = Some(BTreeSet::from([Kind::Deleted]));
        assert_eq!(left(&Narrow { kinds, ..Narrow::default() }), ["gone"]);
        let tags = BTreeMap::from([("Team".to_owned(), "b".to_owned())]);
        assert_eq!(left(&Narrow { tags, ..Narrow::default() }), ["new", "undated"]);
        let since = Some("2026-01-15T00:00:00Z".parse().expect("a date"));
        assert_eq!(left(&Narrow { since, ..Narrow::default() }), ["new", "undated", "gone"]);
    }
}
