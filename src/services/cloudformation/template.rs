//! What a stack's template says: its hash, and which exports of other stacks it imports.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;

use crate::catalog::canon;

/// A template, read as JSON or YAML.
pub(super) struct Template<'a> {
    text: &'a str,
    document: Option<Value>,
}

impl<'a> Template<'a> {
    /// Reads a template. What is neither JSON nor YAML stays text.
    pub(super) fn new(text: &'a str) -> Self {
        let json = serde_json::from_str(text).ok();
        let document = json.or_else(|| serde_yaml::from_str(text).ok().map(long_form));
        Template { text, document }
    }

    /// BLAKE3 of what the template says: layout, comments, key order and the short form of functions do not matter.
    pub(super) fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        canon::update(&mut hasher, self.document.as_ref().unwrap_or(&Value::from(self.text)));
        format!("b3:{}", hasher.finalize().to_hex())
    }

    /// Names of the exports that it imports, as far as they follow from the stack's parameters.
    pub(super) fn imports(&self, parameters: &BTreeMap<String, String>) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Some(document) = &self.document {
            find_imports(document, parameters, &mut names);
        }
        names
    }
}

/// YAML as JSON, with the short forms of functions (`!Ref x`) written out (`{"Ref": "x"}`).
fn long_form(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::from(flag),
        Yaml::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => Value::from(number.as_f64()),
        },
        Yaml::String(text) => Value::from(text),
        Yaml::Sequence(items) => items.into_iter().map(long_form).collect(),
        Yaml::Mapping(fields) => {
            fields.into_iter().map(|(key, value)| (plain(&long_form(key)), long_form(value))).collect()
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            function(tag.trim_start_matches('!'), long_form(tagged.value))
        }
    }
}

/// A key as text: `2012-10-17` and `1` are keys too.
fn plain(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

fn function(name: &str, value: Value) -> Value {
    let (name, value) = match (name, value) {
        ("Ref" | "Condition", value) => (name.to_owned(), value),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            ("Fn::GetAtt".to_owned(), Value::from(vec![resource, attribute]))
        }
        (name, value) => (format!("Fn::{name}"), value),
    };
    Value::Object(Map::from_iter([(name, value)]))
}

fn find_imports(value: &Value, parameters: &BTreeMap<String, String>, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            names.extend(fields.get("Fn::ImportValue").and_then(|name| text_of(name, parameters)));
            fields.values().for_each(|value| find_imports(value, parameters, names));
        }
        Value::Array(items) => items.iter().for_each(|value| find_imports(value, parameters, names)),
        _ => {}
    }
}

/// The text that an expression stands for, if the parameters alone decide it.
fn text_of(value: &Value, parameters: &BTreeMap<String, String>) -> Option<String> {
    let fields = match value {
        Value::String(text) => return Some(text.clone()),
        Value::Object(fields) => fields,
        _ => return None,
    };
    let (name, argument) = fields.iter().next()?;
    match (name.as_str(), argument) {
        ("Ref", Value::String(name)) => parameters.get(name).cloned(),
        ("Fn::Sub", Value::String(text)) => substituted(text, parameters),
        ("Fn::Sub", Value::Array(parts)) => {
            let own =
                parts.get(1)?.as_object()?.iter().map(|(key, value)| Some((key.clone(), text_of(value, parameters)?)));
            let mut all = parameters.clone();
            all.extend(own.collect::<Option<Vec<_>>>()?);
            substituted(parts.first()?.as_str()?, &all)
        }
        ("Fn::Join", Value::Array(parts)) => {
            let texts: Option<Vec<_>> =
                parts.get(1)?.as_array()?.iter().map(|part| text_of(part, parameters)).collect();
            Some(texts?.join(parts.first()?.as_str()?))
        }
        _ => None,
    }
}

/// `${Name}-id` with the parameters put in; `${!x}` stands for `${x}`.
fn substituted(text: &str, parameters: &BTreeMap<String, String>) -> Option<String> {
    let mut parts = text.split("${");
    let mut filled = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        match name.strip_prefix('!') {
            Some(literal) => filled.extend(["${", literal, "}"]),
            None => filled.push_str(parameters.get(name.trim())?),
        }
        filled.push_str(rest);
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "
# a comment
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${Env}-jobs'
      KmsMasterKeyId: !GetAtt Key.Arn
      DelaySeconds: 5
      Tags: [{Key: net, Value: !ImportValue {'Fn::Sub': '${Net}-id'}}]
";
    const JSON: &str = r#"{"Resources": {"Queue": {"Properties": {
        "Tags": [{"Value": {"Fn::ImportValue": {"Fn::Sub": "${Net}-id"}}, "Key": "net"}],
        "DelaySeconds": 5, "KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}, "QueueName": {"Fn::Sub": "${Env}-jobs"}},
        "Type": "AWS::SQS::Queue"}}}"#;

    fn imports(template: &str, parameters: &[(&str, &str)]) -> Vec<String> {
        let parameters = parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Template::new(template).imports(&parameters).into_iter().collect()
    }

    #[test]
    fn spelling_does_not_change_the_hash_and_content_does() {
        assert_eq!(Template::new(YAML).hash(), Template::new(JSON).hash());
        assert_ne!(Template::new(YAML).hash(), Template::new(&YAML.replace('5', "6")).hash());
        assert_ne!(Template::new("a: [").hash(), Template::new("a: {").hash());
    }

    #[test]
    fn imports_follow_from_parameters() {
        for template in [YAML, JSON] {
            assert_eq!(imports(template, &[("Net", "prod")]), ["prod-id"]);
            assert!(imports(template, &[]).is_empty());
        }
        let join =
            r#"[{"Fn::ImportValue": {"Fn::Join": [":", [{"Ref": "Net"}, "id"]]}}, {"Fn::ImportValue": "plain"}]"#;
        assert_eq!(imports(join, &[("Net", "prod")]), ["plain", "prod:id"]);
        let own = r#"{"Fn::ImportValue": {"Fn::Sub": ["${A}${!B}", {"A": {"Ref": "Net"}}]}}"#;
        assert_eq!(imports(own, &[("Net", "prod")]), ["prod${B}"]);
    }
}
