//! aws-baseline.
pub mod aws;
pub mod catalog;
pub mod engine;
pub mod model;
pub mod services;
