//! An error as the user meets it: what, why, and what to type next.
//!
//! Library errors know what happened. What to do about it is known only here, where the command line is known, so the
//! hints are added in the `From` impls of this file.

use std::error::Error;

use super::exit::Exit;
use crate::aws::{CallError, ConnectError, ErrorClass};
use crate::catalog::NoSuchType;
use crate::engine::diff::Incomparable;

/// An error with its exit code, its causes and its hints.
#[derive(Debug)]
pub struct CliError {
    /// How the program ends.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What to type next, or which permission is missing.
    pub hints: Vec<String>,
}

impl CliError {
    /// An error that ends with this code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        CliError { exit, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        CliError::new(Exit::Usage, message)
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// An error with the causes of another one.
    pub fn from_error(exit: Exit, error: &dyn Error) -> Self {
        let mut this = CliError::new(exit, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            this.causes.push(cause.to_string());
            source = cause.source();
        }
        this
    }
}

impl From<ConnectError> for CliError {
    fn from(error: ConnectError) -> Self {
        let this = CliError::from_error(Exit::Error, &error);
        match &error {
            ConnectError::Identity(call) | ConnectError::Regions(call) => with_call_hint(this, call),
            ConnectError::NoIdentity => this.hint("is --endpoint-url really an AWS endpoint?"),
        }
    }
}

/// What helps against a failed call.
pub fn with_call_hint(error: CliError, call: &CallError) -> CliError {
    match (call.class, call.code.as_str()) {
        (ErrorClass::Expired, "NoCredentials") => error
            .hint("no credentials were found: set --profile NAME or AWS_PROFILE, run `aws sso login`, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (ErrorClass::Expired, _) => {
            error.hint("the credentials are expired or wrong: renew them (`aws sso login`, `aws configure`) and run the same command again")
        }
        (ErrorClass::Denied, _) => error.hint(format!(
            "the caller needs {}; `aws-baseline types --policy read` prints the whole policy",
            call.action
        )),
        (ErrorClass::RegionDisabled, _) => error.hint("name enabled regions with --regions"),
        (ErrorClass::Unreachable, _) => {
            error.hint("check the network, the proxy settings and --endpoint-url (or AWS_ENDPOINT_URL)")
        }
        _ => error,
    }
}

impl From<NoSuchType> for CliError {
    fn from(error: NoSuchType) -> Self {
        let nearest = error.nearest.join(", ");
        let this = CliError::from_error(Exit::Usage, &error);
        let this = if nearest.is_empty() { this } else { this.hint(format!("did you mean {nearest}?")) };
        this.hint("`aws-baseline types` lists what is supported")
    }
}

impl From<Incomparable> for CliError {
    fn from(error: Incomparable) -> Self {
        CliError::from_error(Exit::Refused, &error)
            .hint("only snapshots of one account can be compared; `aws-baseline snapshot list` shows the account of each")
    }
}
