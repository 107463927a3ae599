//! aws-baseline.
pub mod aws;
pub mod catalog;
pub mod model;
pub mod services;
pub mod engine;
