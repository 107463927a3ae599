//! The user's filters and protections, ready to be asked.

use globset::{GlobBuilder, GlobMatcher};

use crate::model::{Delta, Options, ProtectRule, Resource, TagRule};

/// A rule holds something that is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{glob}' is not a glob: {message}")]
pub struct BadGlob {
    /// What was written.
    pub glob: String,
    /// What is wrong with it.
    pub message: String,
}

/// Text that is meant literally or as a glob, whichever fits.
struct Pattern {
    text: String,
    glob: GlobMatcher,
}

impl Pattern {
    fn new(text: &str) -> Result<Self, BadGlob> {
        let glob = GlobBuilder::new(text).backslash_escape(true).build();
        let glob = glob.map_err(|error| BadGlob { glob: text.to_owned(), message: error.kind().to_string() })?;
        Ok(Pattern { text: text.to_owned(), glob: glob.compile_matcher() })
    }

    fn fits(&self, text: &str) -> bool {
        self.text == text || self.glob.is_match(text)
    }
}

struct Protection<'a> {
    rule: &'a ProtectRule,
    type_name: Option<Pattern>,
    arn: Option<Pattern>,
    name: Option<Pattern>,
}

/// Filters and protections.
pub(super) struct Rules<'a> {
    options: &'a Options,
    protect: Vec<Protection<'a>>,
    exclude: Vec<Pattern>,
}

impl<'a> Rules<'a> {
    pub fn new(options: &'a Options) -> Result<Self, BadGlob> {
        let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new).transpose();
        let protect = options.protect.iter().map(|rule| {
            let type_name = pattern(&rule.type_name.as_ref().map(|name| name.to_ascii_lowercase()))?;
            Ok(Protection { rule, type_name, arn: pattern(&rule.arn)?, name: pattern(&rule.name)? })
        });
        Ok(Rules {
            options,
            protect: protect.collect::<Result<_, BadGlob>>()?,
            exclude: options.exclude.iter().map(|text| Pattern::new(text)).collect::<Result<_, _>>()?,
        })
    }

    /// The standing rule that protects a resource.
    pub fn protects(&self, resource: &Resource) -> Option<String> {
        self.protect.iter().find(|protection| protection.fits(resource)).map(Protection::told)
    }

    /// What on the command line excludes a resource.
    pub fn excludes(&self, resource: &Resource) -> Option<String> {
        let by_name = self.exclude.iter().find(|pattern| names(resource, pattern));
        let by_tag = || self.options.exclude_tags.iter().find(|rule| tagged(resource, rule)).map(tag);
        by_name
            .map(|pattern| format!("--exclude {}", pattern.text))
            .or_else(|| Some(format!("--exclude-tag {}", by_tag()?)))
    }

    /// Whether a resource is among the types and regions that were asked for.
    pub fn selects(&self, resource: &Resource) -> bool {
        let asked = |list: &[String], name: &String| list.is_empty() || list.contains(name);
        asked(&self.options.types, &resource.type_name) && asked(&self.options.regions, &resource.region)
    }
}

/// The exclusions on the command line that fit nothing that was added: most likely they are misspelt.
pub fn idle(options: &Options, delta: &Delta) -> Result<Vec<String>, BadGlob> {
    let rules = Rules::new(options)?;
    let globs = rules.exclude.iter().filter(|pattern| !delta.newcomers().any(|resource| names(resource, pattern)));
    let tags = options.exclude_tags.iter().filter(|rule| !delta.newcomers().any(|resource| tagged(resource, rule)));
    let globs = globs.map(|pattern| format!("--exclude {}", pattern.text));
    Ok(globs.chain(tags.map(|rule| format!("--exclude-tag {}", tag(rule)))).collect())
}

fn names(resource: &Resource, pattern: &Pattern) -> bool {
    let names = [resource.arn.as_deref(), Some(resource.id.as_str()), resource.name.as_deref()];
    names.into_iter().flatten().any(|name| pattern.fits(name))
}

impl Protection<'_> {
    fn fits(&self, resource: &Resource) -> bool {
        let fits = |pattern: &Option<Pattern>, text: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| text.is_some_and(|text| pattern.fits(text)))
        };
        let type_name = resource.type_name.to_ascii_lowercase();
        let service = type_name.split("::").nth(1);
        (fits(&self.type_name, Some(&type_name)) || fits(&self.type_name, service))
            && fits(&self.arn, Some(resource.arn.as_deref().unwrap_or(&resource.id)))
            && fits(&self.name, resource.name.as_deref())
            && self.rule.tags.iter().all(|rule| tagged(resource, rule))
    }

    fn told(&self) -> String {
        let ProtectRule { type_name, arn, name, tags, reason } = self.rule;
        let mut parts: Vec<String> = Vec::new();
        parts.extend(type_name.as_ref().map(|text| format!("type {text}")));
        parts.extend(arn.as_ref().map(|text| format!("arn {text}")));
        parts.extend(name.as_ref().map(|text| format!("name {text}")));
        parts.extend(tags.iter().map(|rule| format!("tag {}", tag(rule))));
        let rule = if parts.is_empty() { "the rule for everything".to_owned() } else { parts.join(", ") };
        reason.as_ref().map_or_else(|| rule.clone(), |reason| format!("{rule} ({reason})"))
    }
}

fn tagged(resource: &Resource, rule: &TagRule) -> bool {
    resource.tags.get(&rule.key).is_some_and(|value| rule.value.as_ref().is_none_or(|wanted| wanted == value))
}

fn tag(rule: &TagRule) -> String {
    rule.value.as_ref().map_or_else(|| rule.key.clone(), |value| format!("{}={value}", rule.key))
}
