//! An error as the user meets it: what, why, and what to type next.
//!
//! Library errors know what happened. What to do about it is known only here, where the command line is known, so the
//! hints are added in the `From` impls of this file.

use std::error::Error;

use super::exit::Exit;
use crate::aws::{CallError, ConnectError, ErrorClass};
use crate::catalog::NoSuchType;
use crate::engine::diff::Incomparable;
use crate::engine::live::LiveError;
use crate::engine::plan::{Unfit, Unplannable};
use crate::engine::stream::StreamError;
use crate::store::ledger::LedgerError;
use crate::store::{PlanFileError, StoreError};

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
            .hint("no credentials were found: name a profile that exists with --profile or AWS_PROFILE, run `aws sso login`, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
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
        CliError::from_error(Exit::Refused, &error).hint(
            "only snapshots of one account can be compared; `aws-baseline snapshot list` shows the account of each",
        )
    }
}

impl From<LiveError> for CliError {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Incomparable(error) => error.into(),
            LiveError::Expired(call) => {
                let error =
                    CliError::new(Exit::Error, "the credentials stopped being valid while the account was read");
                with_call_hint(CliError { causes: vec![call.to_string()], ..error }, &call)
            }
        }
    }
}

impl From<StreamError> for CliError {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Incomparable(error) => error.into(),
            StreamError::Store(error) => error.into(),
        }
    }
}

impl From<LedgerError> for CliError {
    fn from(error: LedgerError) -> Self {
        let exit = match &error {
            LedgerError::Busy => Exit::Refused,
            LedgerError::None { .. } | LedgerError::Missing { .. } => Exit::Usage,
            LedgerError::Io { .. } | LedgerError::Damaged { .. } => Exit::Error,
        };
        let this = CliError::from_error(exit, &error);
        match &error {
            LedgerError::Busy => this.hint("wait until it has ended; `aws-baseline restore status` shows how far it is"),
            LedgerError::Missing { .. } => this.hint("`aws-baseline restore history` shows the ledgers that there are"),
            LedgerError::None { .. } => this.hint("`aws-baseline restore` writes one when it runs"),
            LedgerError::Io { .. } => this.hint("check the permissions and the free space of the store"),
            LedgerError::Damaged { .. } => this.hint("move the file away; ledgers are only read for `status` and `history`, and to refuse a plan that was executed already"),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::NameTaken { .. } | StoreError::NotFound { .. } => Exit::Usage,
            StoreError::IsActive { .. } | StoreError::NewerFormat { .. } | StoreError::NoActive { .. } => Exit::Refused,
            _ => Exit::Error,
        };
        let this = CliError::from_error(exit, &error);
        match &error {
            StoreError::NameTaken { .. } => this.hint("choose another name, or replace it with --force"),
            StoreError::NotFound { .. } => this.hint("`aws-baseline snapshot list` shows what there is"),
            StoreError::NoActive { .. } => this
                .hint("`aws-baseline snapshot create` takes one, `aws-baseline snapshot set-active NAME` chooses one"),
            StoreError::ActiveMalformed { .. } | StoreError::ActiveDangling { .. } => {
                this.hint("`aws-baseline snapshot set-active NAME` points it to a snapshot that exists")
            }
            StoreError::IsActive { .. } => {
                this.hint("make another one active first: `aws-baseline snapshot set-active NAME`")
            }
            StoreError::Locked { .. } => {
                this.hint("another aws-baseline is writing; run the command again when it is done")
            }
            StoreError::NewerFormat { .. } => this.hint("update aws-baseline"),
            StoreError::Corrupt { .. } => this.hint(
                "restore the file from a backup or from git, or take a new snapshot; a damaged snapshot is never used",
            ),
            StoreError::Io { .. } => {
                this.hint("choose another directory with --store, or check its permissions and the free space")
            }
            _ => this,
        }
    }
}

impl From<Unplannable> for CliError {
    fn from(error: Unplannable) -> Self {
        let exit = if matches!(error, Unplannable::Glob(_)) { Exit::Usage } else { Exit::Refused };
        let this = CliError::from_error(exit, &error);
        match &error {
            Unplannable::Account { .. } | Unplannable::Partition { .. } => this
                .hint("choose the profile of the baseline's account with --profile, or its baseline with --snapshot"),
            Unplannable::NoCoverage => {
                this.hint("`aws-baseline types --policy read` prints the permissions that are needed")
            }
            Unplannable::Glob(_) => this,
        }
    }
}

impl From<Unfit> for CliError {
    fn from(error: Unfit) -> Self {
        let this = CliError::from_error(Exit::Refused, &error);
        match &error {
            Unfit::Account { .. } | Unfit::Partition { .. } | Unfit::Caller { .. } => {
                this.hint("use the credentials that the plan was made with, or make a new plan")
            }
            Unfit::FromTheFuture(_) => this.hint("check the clock of this machine"),
            Unfit::Tampered | Unfit::Expired(_) | Unfit::Baseline { .. } => {
                this.hint("make a new plan: `aws-baseline restore --dry-run --out FILE`")
            }
        }
    }
}

impl From<PlanFileError> for CliError {
    fn from(error: PlanFileError) -> Self {
        let error = match error {
            PlanFileError::Store(error) => return error.into(),
            other => other,
        };
        let exit = match &error {
            PlanFileError::Tampered { .. } | PlanFileError::Schema { .. } => Exit::Refused,
            _ => Exit::Error,
        };
        CliError::from_error(exit, &error).hint("make a new plan: `aws-baseline restore --dry-run --out FILE`")
    }
}
