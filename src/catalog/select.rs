//! What a user means by `sqs`, `AWS::EC2::*` or `aws::sqs::queue`.

use globset::GlobBuilder;

use super::TypeSpec;

/// A selector that matches no supported type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no resource type matches '{selector}'")]
pub struct NoSuchType {
    /// What was typed.
    pub selector: String,
    /// The nearest names, best first.
    pub nearest: Vec<String>,
}

/// The types among `types` that a selector names: a type, a service or a glob, case-insensitively.
pub fn select<'a>(types: &[&'a TypeSpec], selector: &str) -> Result<Vec<&'a TypeSpec>, NoSuchType> {
    let wanted = selector.trim().to_ascii_lowercase();
    // `:` is no separator for globs, so `*` would run over `::`; that is what people expect of `AWS::*`.
    let glob = GlobBuilder::new(&wanted).build().ok().map(|glob| glob.compile_matcher());
    let matches = |spec: &TypeSpec| {
        let name = spec.name.to_ascii_lowercase();
        name == wanted || spec.service() == wanted || glob.as_ref().is_some_and(|glob| glob.is_match(&name))
    };
    let found: Vec<_> = types.iter().copied().filter(|spec| matches(spec)).collect();
    if found.is_empty() {
        Err(NoSuchType { selector: selector.to_owned(), nearest: nearest(types, &wanted) })
    } else {
        Ok(found)
    }
}

/// The names closest to what was typed, from types and services.
fn nearest(types: &[&TypeSpec], wanted: &str) -> Vec<String> {
    let mut names: Vec<String> = types.iter().flat_map(|spec| [spec.name.to_owned(), spec.service()]).collect();
    names.sort();
    names.dedup();
    let likeness = |name: &str| {
        let name = name.to_ascii_lowercase();
        let last = name.rsplit("::").next().unwrap_or(&name).to_owned();
        strsim::jaro_winkler(&name, wanted).max(strsim::jaro_winkler(&last, wanted))
    };
    let mut scored: Vec<_> =
        names.into_iter().map(|name| (likeness(&name), name)).filter(|(score, _)| *score > 0.75).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(selector: &str) -> Vec<&'static str> {
        select(&crate::catalog::all(), selector).expect("a match").iter().map(|spec| spec.name).collect()
    }

    #[test]
    fn a_type_a_service_or_a_glob_in_any_case() {
        for selector in ["AWS::SQS::Queue", "aws::sqs::queue", "sqs", "SQS", "AWS::SQS::*", "*::Queue"] {
            assert_eq!(names(selector), ["AWS::SQS::Queue"], "{selector}");
        }
    }

    #[test]
    fn a_slip_suggests_the_nearest() {
        let error = select(&crate::catalog::all(), "AWS::SQS::Queu").expect_err("no such type");
        assert_eq!(error.nearest.first().map(String::as_str), Some("AWS::SQS::Queue"));
        assert!(select(&crate::catalog::all(), "").is_err());
        assert!(select(&crate::catalog::all(), "[").is_err());
    }
}
