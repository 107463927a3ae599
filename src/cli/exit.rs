//! The exit codes, as `docs/exit-codes.md` documents them.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// An error: credentials, I/O, AWS, a corrupt snapshot.
    Error = 1,
    /// Wrong usage; nothing was done.
    Usage = 2,
    /// There is drift, and the caller asked to be told by exit code.
    Drift = 3,
    /// Done, but something could not be looked at.
    Incomplete = 4,
    /// A restore left something: failed, blocked, or changed since the plan was made.
    Unfinished = 5,
    /// Refused by a guard, or not confirmed; nothing was changed.
    Refused = 6,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
