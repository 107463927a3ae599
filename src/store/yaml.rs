//! The only place that knows which crate reads and writes YAML.
//!
//! The crate is `yaml_serde`, the maintained successor of `serde_yaml`. No hash ever covers its text, so it can be
//! exchanged without a new format version as long as it reads what is stored.

use std::error::Error as _;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text is not YAML, or not YAML of the expected shape.
///
/// The message carries the path inside the document and the line and column, where the parser knows them.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    message: String,
    /// Line and column of the trouble, both counted from 1.
    pub at: Option<(usize, usize)>,
    cause: Option<io::ErrorKind>,
}

impl From<serde_yaml::Error> for YamlError {
    fn from(error: serde_yaml::Error) -> Self {
        YamlError {
            message: error.to_string(),
            at: error.location().map(|place| (place.line(), place.column())),
            cause: error.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind),
        }
    }
}

impl YamlError {
    /// The same as an error of input and output, of the kind that the writer below reported.
    pub(super) fn into_io(self) -> io::Error {
        io::Error::new(self.cause.unwrap_or(io::ErrorKind::Other), self.message)
    }
}

/// Reads one YAML document.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    Ok(serde_yaml::from_str(text)?)
}

/// Writes one YAML document as text.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, YamlError> {
    Ok(serde_yaml::to_string(value)?)
}

/// Writes one YAML document; the caller flushes.
pub fn to_writer<T: Serialize + ?Sized>(writer: impl io::Write, value: &T) -> Result<(), YamlError> {
    Ok(serde_yaml::to_writer(writer, value)?)
}
