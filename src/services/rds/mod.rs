//! Amazon RDS and Aurora.
//!
//! Neptune and `DocumentDB` answer through the same API. Their instances and clusters are types of their own
//! (`AWS::Neptune::…`, `AWS::DocDB::…`) and left out here. Subnet groups are shared by all three and carry no engine,
//! so all of them are `AWS::RDS::DBSubnetGroup`.

pub mod db_cluster;
pub mod db_cluster_parameter_group;
pub mod db_cluster_snapshot;
pub mod db_instance;
pub mod db_parameter_group;
pub mod db_snapshot;
pub mod db_subnet_group;
pub mod option_group;
mod parameters;

use aws_sdk_rds::types::Tag;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[
    &db_cluster::SPEC,
    &db_cluster_parameter_group::SPEC,
    &db_cluster_snapshot::SPEC,
    &db_instance::SPEC,
    &db_parameter_group::SPEC,
    &db_snapshot::SPEC,
    &db_subnet_group::SPEC,
    &option_group::SPEC,
];

/// Whether an engine is one of RDS's own.
fn is_rds(engine: Option<&str>) -> bool {
    !matches!(engine, Some("neptune" | "docdb"))
}

fn tag(tag: &Tag) -> (&str, &str) {
    (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())
}
