//! Secrets are replaced before a resource exists.
//!
//! A masked value is a keyed BLAKE3 digest: a changed secret shows as a change, and nobody without the key can
//! test guesses against it. The place (type, id, path) goes into the digest, so that two resources that share
//! a password do not say so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use serde_json::{Map, Value, json};

use super::canon::{self, path_matches};

/// The key of a masked value: `{"$masked": "b3k1:…"}`. In tags, whose values are text, it is a prefix.
pub const MASKED: &str = "$masked";

/// Masks values with one store's key.
#[derive(Clone)]
pub struct Masker {
    key: [u8; 32],
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Masker({})", self.key_id())
    }
}

/// Whose secret it is, so that equal secrets in two places look different.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// `CloudFormation` type name.
    pub type_name: &'a str,
    /// Primary identifier.
    pub id: &'a str,
}

/// Shapes of well-known secrets, whatever the field is called.
static SECRET_VALUES: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"-----BEGIN [A-Z ]*PRIVATE KEY",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        r"\bxox[abposr]-[A-Za-z0-9-]{8,}",
        r"\bgh[pousr]_[A-Za-z0-9]{20,}",
        r"\bgithub_pat_[A-Za-z0-9_]{20,}",
        r"\bsk_live_[A-Za-z0-9]{16,}",
        r"\bAIza[A-Za-z0-9_-]{35}",
        r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@",
        // What lets a caller in as part of a URL: signatures and keys in the query, addresses of webhooks.
        r"(?i)://[^\s?]+\?(?:[^\s]*&)?(?:sig|signature|code|key|auth)=[^&\s]{6,}",
        r"://(?:hooks\.slack\.com|[a-z.]*discord(?:app)?\.com/api/webhooks|[a-z0-9.-]+\.webhook\.office\.com|events\.pagerduty\.com/integration)/\S{16,}",
        // A key-value pair inside free text: `password=…`, `--token …`.
        r#"(?i)(?:^|[^a-z0-9])(?:password|passwd|passphrase|secret|api[-_]?key|private[-_]?key|access[-_]?key|auth[-_]?token|token)["']?\s*(?:=|:["'\s])\s*["']?[^\s"',;{}\[\]$<]{6,}"#,
    ])
    .expect("the patterns are constants")
});

/// An access key id and nothing else.
static ACCESS_KEY_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^(?:AKIA|ASIA)[A-Z0-9]{16}$").expect("the pattern is a constant"));

/// Names under which people keep secrets, for keys that people choose (tags, variables, parameters).
static SECRET_NAMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:pass(?:word|wd|phrase)|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|credential|conn(?:ection)?[-_]?str|(?:^|[-_./])(?:auth|salt|dsn|pwd)(?:$|[-_./]))",
    )
    .expect("the pattern is a constant")
});

/// Objects whose keys are names that people chose, as those of tags are.
const NAMED_BY_PEOPLE: &[&str] = &["Parameters", "ResolvedParameters"];

impl Masker {
    /// A masker with the store's key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Masker { key }
    }

    /// Names the key without giving it away: values masked under other keys are not comparable.
    #[must_use]
    pub fn key_id(&self) -> String {
        let derived = blake3::derive_key("aws-baseline 2026 mask key id v1", &self.key);
        blake3::hash(&derived).to_hex()[..16].to_owned()
    }

    fn digest(&self, place: Place<'_>, path: &str, value: &Value) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        for part in [place.type_name, place.id, path] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        canon::update(&mut hasher, value);
        format!("b3k1:{}", &hasher.finalize().to_hex()[..32])
    }

    /// Masks the declared paths and everything that looks like a secret. The result masks to itself.
    pub fn properties(&self, place: Place<'_>, secrets: &[&str], fields: &mut Map<String, Value>) {
        self.object(place, secrets, fields, &mut Vec::new());
    }

    fn object(&self, place: Place<'_>, secrets: &[&str], fields: &mut Map<String, Value>, path: &mut Vec<String>) {
        // `{"ParameterKey": "DbPassword", "ParameterValue": …}`: the name stands beside the value.
        let named_secret = ["ParameterKey", "OutputKey", "Name", "Key"]
            .iter()
            .filter_map(|key| fields.get(*key)?.as_str())
            .any(|name| SECRET_NAMES.is_match(name));
        let named_by_people = path.last().is_some_and(|name| NAMED_BY_PEOPLE.contains(&name.as_str()))
            // Where a parameter group of caches keeps its parameters.
            || path.as_slice() == ["Properties"];
        for (key, value) in fields.iter_mut() {
            path.push(key.clone());
            // Where AWS itself says "this is the key's id", it is a name, and people must see which key it is.
            let names_key = key == "AccessKeyId" && value.as_str().is_some_and(|id| ACCESS_KEY_ID.is_match(id));
            let beside = named_secret && matches!(key.as_str(), "ParameterValue" | "OutputValue" | "Value");
            let telling = named_by_people && SECRET_NAMES.is_match(key);
            if beside || telling || secrets.iter().any(|secret| path_matches(secret, path)) {
                self.hide(place, value, path);
            } else if !names_key {
                self.value(place, secrets, value, path);
            }
            path.pop();
        }
        if named_by_people {
            let telling: Vec<_> = fields.keys().filter(|key| SECRET_VALUES.is_match(key)).cloned().collect();
            for key in telling {
                let masked = format!("{MASKED}:{}", self.digest(place, &path.join("."), &Value::from(key.as_str())));
                if let Some(value) = fields.remove(&key) {
                    fields.insert(masked, value);
                }
            }
        }
    }

    fn value(&self, place: Place<'_>, secrets: &[&str], value: &mut Value, path: &mut Vec<String>) {
        match value {
            Value::Object(fields) if !is_masked_object(fields) => self.object(place, secrets, fields, path),
            Value::Array(items) => {
                path.push("*".to_owned());
                for item in items {
                    if secrets.iter().any(|secret| path_matches(secret, path)) {
                        self.hide(place, item, path);
                    } else {
                        self.value(place, secrets, item, path);
                    }
                }
                path.pop();
            }
            Value::String(text) if SECRET_VALUES.is_match(text) => self.hide(place, value, path),
            _ => {}
        }
    }

    fn hide(&self, place: Place<'_>, value: &mut Value, path: &[String]) {
        if value.as_object().is_some_and(is_masked_object) || value.is_null() {
            return;
        }
        *value = json!({ MASKED: self.digest(place, &path.join("."), value) });
    }

    /// Masks tag values under a telling key or of a telling shape, and keys of such a shape.
    pub fn tags(&self, place: Place<'_>, tags: &mut BTreeMap<String, String>) {
        for (key, value) in tags.iter_mut() {
            let telling = SECRET_NAMES.is_match(key) || SECRET_VALUES.is_match(value);
            if telling && !value.is_empty() && !value.starts_with(MASKED) {
                *value =
                    format!("{MASKED}:{}", self.digest(place, &format!("tags.{key}"), &Value::from(value.as_str())));
            }
        }
        let telling: Vec<_> = tags.keys().filter(|key| SECRET_VALUES.is_match(key)).cloned().collect();
        for key in telling {
            let masked = format!("{MASKED}:{}", self.digest(place, "tags", &Value::from(key.as_str())));
            if let Some(value) = tags.remove(&key) {
                tags.insert(masked, value);
            }
        }
    }

    /// The text without what looks like a secret, for messages of errors and for names.
    #[must_use]
    pub fn scrub(text: &str) -> String {
        if SECRET_VALUES.is_match(text) { "(hidden: looks like a secret)".to_owned() } else { text.to_owned() }
    }
}

fn is_masked_object(fields: &Map<String, Value>) -> bool {
    fields.len() == 1 && fields.contains_key(MASKED)
}

/// Whether a stored value is a mask.
#[must_use]
pub fn is_masked(value: &Value) -> bool {
    match value {
        Value::Object(fields) => is_masked_object(fields),
        Value::String(text) => text.starts_with(MASKED),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { type_name: "AWS::Lambda::Function", id: "f" };

    fn masked(secrets: &[&str], value: Value) -> Value {
        let Value::Object(mut fields) = value else { panic!("not an object") };
        Masker::new([7; 32]).properties(PLACE, secrets, &mut fields);
        Value::Object(fields)
    }

    #[test]
    fn declared_paths_are_masked_and_their_names_stay() {
        let value =
            masked(&["Environment.Variables.*"], json!({"Environment": {"Variables": {"MODE": "fast"}}, "Role": "r"}));
        assert!(is_masked(&value["Environment"]["Variables"]["MODE"]));
        assert_eq!(value["Role"], "r");
        assert!(!value.to_string().contains("fast"));
    }

    #[test]
    fn telling_shapes_are_masked_wherever_they_stand() {
        for secret in [
            "AKIAIOSFODNN7EXAMPLE",
            "postgres://admin:hunter2@db.example.com/x",
            "-----BEGIN RSA PRIVATE KEY-----\nabc",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
            "export DB_PASSWORD=hunter2hunter2",
            "ghp_0123456789abcdefghij0123456789",
            "https://example.com/hook?user=a&token=abcdef",
            "https://prod.logic.azure.com/workflows/1/invoke?api-version=1&sig=abcdefghijkl",
            "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop",
            "https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue",
        ] {
            let value = masked(&[], json!({"List": [{"Description": secret}]}));
            assert!(is_masked(&value["List"][0]["Description"]), "{secret}");
        }
    }

    #[test]
    fn an_access_key_keeps_its_id_but_nothing_hides_behind_that_name() {
        let id = "AKIAIOSFODNN7EXAMPLE";
        assert_eq!(masked(&[], json!({"accessKeys": [{"AccessKeyId": id}]}))["accessKeys"][0]["AccessKeyId"], id);
        assert!(is_masked(&masked(&["*"], json!({"AccessKeyId": id}))["AccessKeyId"]));
        for other in ["AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI", "ghp_0123456789abcdefghij0123456789"] {
            assert!(is_masked(&masked(&[], json!({"AccessKeyId": other}))["AccessKeyId"]), "{other}");
        }
    }

    #[test]
    fn ordinary_text_stays() {
        for text in [
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
            "alias/token-signing",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/tokens",
            "{{resolve:secretsmanager:db:SecretString:password}}",
            "https://example.com/hook?version=12345678",
            "https://global.sns-api.chatbot.amazonaws.com",
        ] {
            assert_eq!(masked(&[], json!({"A": text}))["A"], text);
        }
    }

    #[test]
    fn a_value_beside_a_telling_name_is_masked() {
        let value = masked(
            &[],
            json!({"Parameters": [
            {"ParameterKey": "DbPassword", "ParameterValue": "hunter2"},
            {"ParameterKey": "Size", "ParameterValue": "small"}]}),
        );
        assert!(is_masked(&value["Parameters"][0]["ParameterValue"]));
        assert_eq!(value["Parameters"][1]["ParameterValue"], "small");
    }

    #[test]
    fn a_value_under_a_telling_name_that_people_chose_is_masked() {
        let value = masked(&[], json!({"Parameters": {"DbPassword": "hunter2", "Size": "small"}, "TokenKey": "plain"}));
        assert!(is_masked(&value["Parameters"]["DbPassword"]));
        assert_eq!(value["Parameters"]["Size"], "small");
        assert_eq!(value["TokenKey"], "plain");
        let value = masked(&[], json!({"Parameters": {"AKIAIOSFODNN7EXAMPLE": "x"}}));
        assert!(!value.to_string().contains("AKIA"), "{value}");
        assert_eq!(masked(&[], value.clone()), value);
    }

    #[test]
    fn masking_twice_is_masking_once() {
        let once = masked(&["A"], json!({"A": "x", "B": "token=abcdefgh"}));
        assert_eq!(masked(&["A"], once.clone()), once);
    }

    #[test]
    fn equal_secrets_in_two_places_do_not_say_so() {
        let masker = Masker::new([7; 32]);
        let at = |id, path| masker.digest(Place { id, ..PLACE }, path, &json!("hunter2"));
        assert_ne!(at("f", "A"), at("g", "A"));
        assert_ne!(at("f", "A"), at("f", "B"));
        assert_eq!(at("f", "A"), at("f", "A"));
        assert_ne!(at("f", "A"), Masker::new([8; 32]).digest(PLACE, "A", &json!("hunter2")));
    }

    #[test]
    fn tags_with_telling_keys_are_masked() {
        let mut tags = BTreeMap::from([
            ("db-password".to_owned(), "hunter2".to_owned()),
            ("Team".to_owned(), "payments".to_owned()),
            ("author".to_owned(), "ann".to_owned()),
        ]);
        Masker::new([7; 32]).tags(PLACE, &mut tags);
        assert!(tags["db-password"].starts_with(MASKED));
        assert_eq!(tags["Team"], "payments");
        assert_eq!(tags["author"], "ann");
    }

    #[test]
    fn a_tag_key_that_is_a_secret_is_masked() {
        let mut tags = BTreeMap::from([("AKIAIOSFODNN7EXAMPLE".to_owned(), "x".to_owned())]);
        Masker::new([7; 32]).tags(PLACE, &mut tags);
        let once = tags.clone();
        assert!(tags.keys().all(|key| key.starts_with(MASKED)));
        Masker::new([7; 32]).tags(PLACE, &mut tags);
        assert_eq!(tags, once);
    }
}
