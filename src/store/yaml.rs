//! The only place that knows which crate reads and writes YAML.
//!
//! The crate is `yaml_serde`, the maintained successor of `serde_yaml`. No hash ever covers its text, so it can be
//! exchanged without a new format version as long as it reads what is stored.

use std::error::Error as _;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SyntaxError;

impl From<serde_yaml::Error> for SyntaxError {
    fn from(error: serde_yaml::Error) -> Self {
        SyntaxError {
            message: error.to_string(),
            at: error.location().map(|place| (place.line(), place.column())),
            cause: error.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind),
        }
    }
}

/// Reads one YAML document.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, SyntaxError> {
    Ok(serde_yaml::from_str(text)?)
}

/// Writes one YAML document as text.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, SyntaxError> {
    Ok(serde_yaml::to_string(value)?)
}

/// Writes one YAML document; the caller flushes.
pub fn to_writer<T: Serialize + ?Sized>(writer: impl io::Write, value: &T) -> Result<(), SyntaxError> {
    Ok(serde_yaml::to_writer(writer, value)?)
}
