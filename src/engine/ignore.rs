//! Rules of the user that leave differences out of a delta. What they leave out is counted and can be shown.

use chrono::NaiveDate;
use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use super::diff::impact;
use crate::model::{Delta, FieldChange, Ignored, Kind, Modified, Resource};

/// One rule as it stands in the configuration. All conditions that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct IgnoreRule {
    /// A type, a service or a glob, as on the command line.
    #[serde(rename = "type")]
    pub type_selector: Option<String>,
    /// Glob on the ARN; on the id where a type has no ARN.
    pub arn: Option<String>,
    /// Glob on the path of a changed property, without list elements: `properties.Policies.PolicyDocument`,
    /// `tags.*`. With it, only such changes are left out.
    pub path: Option<String>,
    /// `Key=Value`, or `Key` for any value.
    pub tag: Option<String>,
    /// Why; it is shown with what is left out.
    pub reason: String,
    /// The last day on which the rule holds.
    pub until: Option<NaiveDate>,
}

/// Why a rule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// It names nothing.
    #[error("ignore rule {0} names no type, arn, path or tag: it would leave everything out")]
    Empty(usize),
    /// It gives no reason.
    #[error("ignore rule {0} has no reason")]
    NoReason(usize),
    /// A glob is malformed.
    #[error("ignore rule {rule}: '{glob}' is not a glob")]
    Glob {
        /// Position of the rule, from 1.
        rule: usize,
        /// What was written.
        glob: String,
    },
    /// The type selector matches nothing.
    #[error("ignore rule {rule}: {error}")]
    Type {
        /// Position of the rule, from 1.
        rule: usize,
        /// What is wrong with it.
        error: String,
    },
}

/// Rules that are ready to be applied.
#[derive(Debug, Clone, Default)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
    /// Positions, from 1, and last days of rules that have run out: they are not applied.
    pub expired: Vec<(usize, NaiveDate)>,
}

#[derive(Debug, Clone)]
struct Rule {
    position: usize,
    types: Option<Vec<&'static str>>,
    arn: Option<GlobMatcher>,
    path: Option<GlobMatcher>,
    tag: Option<(String, Option<String>)>,
    reason: String,
    until: Option<NaiveDate>,
}

impl IgnoreRules {
    /// Checks rules. Those that ended before `today` are only remembered as expired.
    pub fn new(rules: &[IgnoreRule], today: NaiveDate) -> Result<Self, InvalidRule> {
        let mut ready = IgnoreRules::default();
        for (position, rule) in (1..).zip(rules) {
            let checked = Rule::new(position, rule)?;
            match rule.until {
                Some(until) if until < today => ready.expired.push((position, until)),
                _ => ready.rules.push(checked),
            }
        }
        Ok(ready)
    }

    /// Moves what the rules cover from the drift to [`Delta::ignored`].
    pub fn apply(&self, delta: &mut Delta) {
        if self.rules.is_empty() {
            return;
        }
        let mut ignored = Vec::new();
        let mut whole = |kind: Kind, resource: &Resource| {
            let Some(rule) = self.rules.iter().find(|rule| rule.path.is_none() && rule.covers(resource)) else {
                return true;
            };
            ignored.push(rule.ignored(kind, resource, Vec::new()));
            false
        };
        delta.added.retain(|resource| whole(Kind::Added, resource));
        delta.deleted.retain(|resource| whole(Kind::Deleted, resource));
        delta.replaced.retain(|replaced| whole(Kind::Replaced, &replaced.after));
        delta.modified.retain(|modified| whole(Kind::Modified, &modified.after));
        for modified in &mut delta.modified {
            self.take_changes(modified, &mut ignored);
        }
        // A resource all of whose changes are left out is as good as unchanged.
        let before = delta.modified.len();
        delta.modified.retain(|modified| !modified.changes.is_empty());
        delta.unchanged += before - delta.modified.len();
        ignored.sort_by(|a, b| (a.rule, a.resource.key()).cmp(&(b.rule, b.resource.key())));
        delta.ignored = ignored;
    }

    fn take_changes(&self, modified: &mut Modified, ignored: &mut Vec<Ignored>) {
        for rule in self.rules.iter().filter(|rule| rule.covers(&modified.after)) {
            let Some(path) = &rule.path else { continue };
            let covered = |change: &FieldChange| path.is_match(without_elements(&change.path));
            let (out, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut modified.changes).into_iter().partition(covered);
            modified.changes = stay;
            if !out.is_empty() {
                ignored.push(rule.ignored(Kind::Modified, &modified.after, out));
                modified.impact = impact::of(&modified.after.type_name, &mut modified.changes);
            }
        }
    }
}

impl Rule {
    fn new(position: usize, rule: &IgnoreRule) -> Result<Self, InvalidRule> {
        if rule.type_selector.is_none() && rule.arn.is_none() && rule.path.is_none() && rule.tag.is_none() {
            return Err(InvalidRule::Empty(position));
        }
        if rule.reason.trim().is_empty() {
            return Err(InvalidRule::NoReason(position));
        }
        let glob = |text: &Option<String>| {
            let matcher = text.as_deref().map(|text| {
                let glob = GlobBuilder::new(text).literal_separator(false).build();
                glob.map(|glob| glob.compile_matcher())
                    .map_err(|_| InvalidRule::Glob { rule: position, glob: text.to_owned() })
            });
            matcher.transpose()
        };
        let types = rule.type_selector.as_deref().map(|selector| {
            let all = crate::catalog::all();
            let found = crate::catalog::select(&all, selector)
                .map_err(|error| InvalidRule::Type { rule: position, error: error.to_string() })?;
            Ok(found.into_iter().map(|spec| spec.name).collect())
        });
        let tag = rule.tag.as_deref().map(|tag| match tag.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (tag.to_owned(), None),
        });
        Ok(Rule {
            position,
            types: types.transpose()?,
            arn: glob(&rule.arn)?,
            path: glob(&rule.path)?,
            tag,
            reason: rule.reason.clone(),
            until: rule.until,
        })
    }

    fn covers(&self, resource: &Resource) -> bool {
        let arn = resource.arn.as_deref().unwrap_or(&resource.id);
        self.types.as_ref().is_none_or(|types| types.contains(&resource.type_name.as_str()))
            && self.arn.as_ref().is_none_or(|glob| glob.is_match(arn))
            && self.tag.as_ref().is_none_or(|(key, value)| {
                let found = resource.tags.get(key);
                found.is_some() && value.as_ref().is_none_or(|value| found == Some(value))
            })
    }

    fn ignored(&self, kind: Kind, resource: &Resource, changes: Vec<FieldChange>) -> Ignored {
        let (reason, until) = (self.reason.clone(), self.until);
        Ignored { kind, resource: resource.clone(), changes, rule: self.position, reason, until }
    }
}

/// `properties.Policies[a].PolicyDocument` is covered by what is written about `properties.Policies.PolicyDocument`.
fn without_elements(path: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Draft;
    use crate::catalog::mask::Masker;
    use crate::model::Change;
    use crate::services::sqs::queue;

    fn resource(id: &str) -> Resource {
        let draft = Draft::new(id)
            .arn(Some(format!("arn:aws:sqs:eu-west-1:123456789012:{id}").as_str()))
            .tags([("Team", "lab")]);
        draft.finish(&queue::SPEC, "eu-west-1", &Masker::new([0; 32]))
    }

    fn modified(paths: &[&str]) -> Modified {
        let changes = paths.iter().map(|path| FieldChange {
            path: (*path).to_owned(),
            change: Change::Changed,
            before: None,
            after: None,
            replacement: false,
            security: None,
        });
        Modified {
            before: resource("q"),
            after: resource("q"),
            impact: crate::model::Impact::default(),
            changes: changes.collect(),
        }
    }

    fn apply(rule: IgnoreRule, delta: &mut Delta) {
        let rule = IgnoreRule { reason: "because".to_owned(), ..rule };
        let today = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date");
        IgnoreRules::new(&[rule], today).expect("valid").apply(delta);
    }

    #[test]
    fn each_condition_narrows() {
        let cases = [
            (IgnoreRule { type_selector: Some("sqs".into()), ..IgnoreRule::default() }, 0),
            (IgnoreRule { type_selector: Some("AWS::SNS::*".into()), ..IgnoreRule::default() }, 2),
            (IgnoreRule { arn: Some("arn:aws:sqs:*:*:a".into()), ..IgnoreRule::default() }, 1),
            (IgnoreRule { tag: Some("Team".into()), ..IgnoreRule::default() }, 0),
            (IgnoreRule { tag: Some("Team=prod".into()), ..IgnoreRule::default() }, 2),
            (IgnoreRule { tag: Some("Team=lab".into()), arn: Some("*:b".into()), ..IgnoreRule::default() }, 1),
        ];
        for (rule, left) in cases {
            let mut delta = Delta { added: vec![resource("a"), resource("b")], ..Delta::default() };
            apply(rule.clone(), &mut delta);
            assert_eq!(delta.added.len(), left, "{rule:?}");
            assert_eq!(delta.ignored.len(), 2 - left, "{rule:?}");
        }
    }

    #[test]
    fn a_path_takes_changes_and_leaves_the_rest() {
        let rule = IgnoreRule { path: Some("tags.*".into()), ..IgnoreRule::default() };
        let mut delta = Delta {
            added: vec![resource("a")],
            modified: vec![modified(&["properties.DelaySeconds", "tags.Seen"]), modified(&["tags.Seen"])],
            ..Delta::default()
        };
        apply(rule, &mut delta);
        assert_eq!((delta.added.len(), delta.modified.len(), delta.unchanged, delta.ignored.len()), (1, 1, 1, 2));
        assert_eq!(delta.modified[0].changes[0].path, "properties.DelaySeconds");
    }

    #[test]
    fn paths_are_written_without_elements() {
        let rule = IgnoreRule { path: Some("properties.Policies.PolicyDocument".into()), ..IgnoreRule::default() };
        let mut delta =
            Delta { modified: vec![modified(&["properties.Policies[a].PolicyDocument"])], ..Delta::default() };
        apply(rule, &mut delta);
        assert!(!delta.has_drift());
    }

    #[test]
    fn a_rule_that_has_run_out_is_not_applied() {
        let today = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date");
        let until = |until: NaiveDate| {
            let rule = IgnoreRule {
                tag: Some("Team".into()),
                reason: "r".into(),
                until: Some(until),
                ..IgnoreRule::default()
            };
            let rules = IgnoreRules::new(&[rule], today).expect("valid");
            let mut delta = Delta { added: vec![resource("a")], ..Delta::default() };
            rules.apply(&mut delta);
            (delta.added.len(), rules.expired.len())
        };
        assert_eq!(until(today), (0, 0));
        assert_eq!(until(today.pred_opt().expect("a date")), (1, 1));
    }

    #[test]
    fn rules_that_say_nothing_are_refused() {
        let today = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date");
        let refused = |rule: IgnoreRule| IgnoreRules::new(&[rule], today).expect_err("refused");
        assert_eq!(refused(IgnoreRule { reason: "r".into(), ..IgnoreRule::default() }), InvalidRule::Empty(1));
        assert_eq!(refused(IgnoreRule { tag: Some("a".into()), ..IgnoreRule::default() }), InvalidRule::NoReason(1));
        let glob = IgnoreRule { arn: Some("a[".into()), reason: "r".into(), ..IgnoreRule::default() };
        assert!(matches!(refused(glob), InvalidRule::Glob { .. }));
        let kind = IgnoreRule { type_selector: Some("sqz".into()), reason: "r".into(), ..IgnoreRule::default() };
        assert!(matches!(refused(kind), InvalidRule::Type { .. }));
    }
}
