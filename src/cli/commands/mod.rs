//! One file per verb: the arguments, whose doc comments are the help texts, and one `run`.

pub mod completions;
pub mod cost;
pub mod delta;
pub mod restore;
pub mod snapshot;
pub mod types;
