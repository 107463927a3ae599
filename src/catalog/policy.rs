//! The canonical form of IAM-style policy documents.
//!
//! AWS stores what it was sent, so one policy has many spellings. Source of the equivalences: IAM User Guide,
//! "IAM JSON policy elements reference".

use serde_json::{Map, Value, json};

use super::canon::sort_set;

/// Parses a policy document and brings it into canonical form. Text that is no JSON object stays text.
///
/// Scalars become lists, lists and statements are sorted (their order has no meaning), `"*"` as principal is
/// `{"AWS": ["*"]}`, and `arn:…:iam::ACCOUNT:root` is the account id, as AWS itself treats them.
#[must_use]
pub fn parse(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(document)) => canonical(document),
        _ => Value::from(text),
    }
}

/// As [`parse`], for documents that IAM answers URL-encoded (RFC 3986).
#[must_use]
pub fn parse_encoded(text: &str) -> Value {
    match percent_encoding::percent_decode_str(text).decode_utf8() {
        Ok(decoded) => parse(&decoded),
        Err(_) => Value::from(text),
    }
}

/// Brings a parsed policy document into canonical form.
#[must_use]
pub fn canonical(mut document: Map<String, Value>) -> Value {
    if let Some(statements) = document.remove("Statement") {
        let mut statements: Vec<Value> = list(statements).into_iter().map(statement).collect();
        sort_set(&mut statements);
        document.insert("Statement".to_owned(), Value::Array(statements));
    }
    Value::Object(document)
}

fn statement(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let canonical = |(key, value): (String, Value)| {
        let value = match key.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => set(value),
            "Principal" | "NotPrincipal" => principal(value),
            "Condition" => condition(value),
            _ => value,
        };
        (key, value)
    };
    fields.into_iter().map(canonical).collect()
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        single => vec![single],
    }
}

fn set(value: Value) -> Value {
    let mut items = list(value);
    sort_set(&mut items);
    Value::Array(items)
}

fn principal(value: Value) -> Value {
    match value {
        Value::String(all) if all == "*" => json!({"AWS": ["*"]}),
        Value::Object(kinds) => kinds
            .into_iter()
            .map(|(kind, names)| {
                let names = list(names).into_iter().map(account_root).collect();
                (kind, set(Value::Array(names)))
            })
            .collect(),
        other => other,
    }
}

fn account_root(name: Value) -> Value {
    let account = |arn: &str| {
        let (_, rest) = arn.split_once(":iam::").filter(|(head, _)| head.starts_with("arn:"))?;
        let account = rest.strip_suffix(":root")?;
        (account.len() == 12).then(|| account.to_owned())
    };
    name.as_str().and_then(account).map_or(name, Value::from)
}

/// Condition values are compared as text, whether written as text, number or boolean.
fn condition(value: Value) -> Value {
    let Value::Object(operators) = value else { return value };
    let text = |value: Value| match value {
        Value::Bool(flag) => Value::from(flag.to_string()),
        Value::Number(number) => Value::from(number.to_string()),
        other => other,
    };
    operators
        .into_iter()
        .map(|(operator, keys)| match keys {
            Value::Object(keys) => {
                let keys: Map<String, Value> = keys
                    .into_iter()
                    .map(|(key, values)| (key, set(list(values).into_iter().map(text).collect())))
                    .collect();
                (operator, Value::Object(keys))
            }
            other => (operator, other),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_policy_in_three_spellings() {
        let short = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
            "Resource":["arn:aws:s3:::b/*","arn:aws:s3:::a/*"],"Condition":{"Bool":{"aws:SecureTransport":true}}}}"#;
        let long = r#"{"Statement":[{"Action":["s3:GetObject","s3:GetObject"],"Effect":"Allow","Principal":{"AWS":"*"},
            "Condition":{"Bool":{"aws:SecureTransport":["true"]}},
            "Resource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]}],"Version":"2012-10-17"}"#;
        assert_eq!(parse(short), parse(long));
        let encoded: String = percent_encoding::utf8_percent_encode(long, percent_encoding::NON_ALPHANUMERIC).collect();
        assert_eq!(parse_encoded(&encoded), parse(short));
    }

    #[test]
    fn account_id_and_root_arn_are_one_principal() {
        let of = |principal: &str| parse(&format!(r#"{{"Statement":[{{"Principal":{{"AWS":"{principal}"}}}}]}}"#));
        assert_eq!(of("arn:aws:iam::123456789012:root"), of("123456789012"));
        assert_eq!(of("arn:aws-cn:iam::123456789012:root"), of("123456789012"));
        assert_ne!(of("arn:aws:iam::123456789012:role/root"), of("123456789012"));
        // A deleted principal shows as its unique id, which is a real change.
        assert_ne!(of("AROAEXAMPLEEXAMPLE"), of("123456789012"));
    }

    #[test]
    fn statement_order_has_no_meaning_but_content_has() {
        let a = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
        let b = r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#;
        let of = |first, second| parse(&format!(r#"{{"Statement":[{first},{second}]}}"#));
        assert_eq!(of(a, b), of(b, a));
        assert_ne!(of(a, a), of(a, b));
    }

    #[test]
    fn what_is_no_policy_stays_text() {
        assert_eq!(parse("not json"), Value::from("not json"));
        assert_eq!(parse("[1]"), Value::from("[1]"));
    }
}
