use std::fmt;
use std::io;

use crate::aws::CallError;
use crate::model::cost::Format;

/// Why a bill could not be split. Nothing is reported then: half a bill is worse than none.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// A file could not be read, or its compressed data breaks off.
    #[error("cannot read {name}{}", at(*line))]
    Read {
        /// The file.
        name: String,
        /// Line that was being read, counted from 1; 0 when none was.
        line: u64,
        /// What the operating system or the decompressor said.
        source: io::Error,
    },
    /// Nothing matches a path, a pattern or a directory.
    #[error("no cost data in '{0}'")]
    NoFiles(String),
    /// The path is no valid pattern.
    #[error("'{0}' is not a valid pattern")]
    BadPattern(String),
    /// The file is something else than a bill.
    #[error("{name} is not cost data: {what}")]
    NotCostData {
        /// The file.
        name: String,
        /// What it seems to be.
        what: String,
    },
    /// The header lacks columns.
    #[error("{name} looks like {format}, but these columns are missing: {}", columns.join(", "))]
    MissingColumns {
        /// The file.
        name: String,
        /// The format that it resembles most.
        format: Format,
        /// Names of what is missing.
        columns: Vec<String>,
    },
    /// A place in a file is not what it should be.
    #[error("{name}:{place}: {what}")]
    Bad {
        /// The file.
        name: String,
        /// Where.
        place: Place,
        /// What is wrong.
        what: String,
    },
    /// A sum has more digits than can be kept exactly.
    #[error("the sum of {0} has more digits than can be kept exactly")]
    TooLarge(String),
    /// No line of the sources falls into the period.
    #[error("no charges in {period}: the sources hold {}", if found.is_empty() { "none at all".to_owned() } else { found.join(", ") })]
    NothingInPeriod {
        /// What was asked for.
        period: String,
        /// The months that are there.
        found: Vec<String>,
    },
    /// No bill of a month that is over has lines of the account.
    #[error("no charges of account {account} in a month that is over: the sources hold {found}")]
    NoFullMonth {
        /// The account.
        account: String,
        /// The months that are there, with their accounts.
        found: String,
    },
    /// What resources cost is billed in several currencies.
    #[error("the resources of {month} are billed in {}: what they cost cannot be told in one", currencies.join(" and "))]
    Currencies {
        /// The month.
        month: String,
        /// The currencies.
        currencies: Vec<String>,
    },
    /// Cost Explorer refused or failed.
    #[error("Cost Explorer did not answer")]
    Explorer(#[source] CallError),
    /// More requests would be needed than are allowed.
    #[error("Cost Explorer needs more than {allowed} requests; {sent} were sent")]
    TooManyRequests {
        /// The cap.
        allowed: usize,
        /// Sent so far.
        sent: usize,
    },
    /// Cost Explorer answered with something that cannot be understood.
    #[error("Cost Explorer answered with {0}")]
    BadAnswer(String),
    /// The rows do not add up to the source: a bug.
    #[error("the rows differ from the source by {0}: this is a bug in aws-baseline")]
    NotReconciled(String),
}

/// A place in a file, for people: line and column, both counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Line; of Parquet, the row.
    pub line: u64,
    /// Column in the line, in characters; of Parquet, the position of the column.
    pub column: u64,
    /// Name of the column, where it is known.
    pub field: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)?;
        match &self.field {
            Some(field) => write!(f, " ({field})"),
            None => Ok(()),
        }
    }
}

fn at(line: u64) -> String {
    if line == 0 { String::new() } else { format!(", line {line}") }
}
