//! aws-baseline: a baseline is a hashed picture of what should be in an AWS account; every command compares something
//! with a baseline.
//!
//! ```text
//! argv -> Settings (resolved once) -> command -> collect -> Snapshot -> store
//!                                             \-> Snapshot x Snapshot -> Delta -> render
//!                                                     Delta x bill    -> CostReport -> render
//!                                                     Delta x graph   -> Plan -> render | execute -> Ledger
//! ```
//!
//! * [`model`]: plain data: snapshot, resource, coverage, delta. No async, no AWS types, no import of ours.
//! * [`catalog`]: what is known about resource types, and what follows from it for any resource: canonical form, hash,
//!   masking, references, ownership.
//! * [`services`]: one folder per AWS service, one file per resource type, each one `TypeSpec`.
//! * [`aws`]: credentials, clients, request limits, error classes.
//! * [`engine`]: collect, filter, compare, plan, execute, split the bill. Events out, never text.
//! * [`store`]: snapshots on disk: atomic, checked, versioned.
//! * [`cli`]: arguments, settings, commands, rendering. Only `cli/ui.rs` prints.
//!
//! `docs/architecture.md` tells more, `docs/adding-a-type.md` shows how a type is added.

pub mod aws;
pub mod catalog;
pub mod cli;
pub mod engine;
pub mod model;
pub mod services;
pub mod store;
