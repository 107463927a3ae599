//! Amazon RDS and Aurora.
//!
//! Neptune and `DocumentDB` answer through the same API. Their instances and clusters are types of their own
//! (`AWS::Neptune::…`, `AWS::DocDB::…`) and left out here. Subnet groups are shared by all three and carry no engine,
//! so all of them are `AWS::RDS::DBSubnetGroup`.

mod cluster_delete;
pub mod db_cluster;
pub mod db_cluster_parameter_group;
pub mod db_cluster_snapshot;
pub mod db_instance;
pub mod db_parameter_group;
pub mod db_snapshot;
pub mod db_subnet_group;
mod instance_delete;
pub mod option_group;
mod parameters;

use aws_sdk_rds::types::Tag;

use crate::catalog::TypeSpec;
use crate::catalog::steps::flag;
use crate::model::{Resource, Switches};

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

/// The switch that instances and clusters have alike.
fn deletion_protection(database: &Resource) -> Option<String> {
    flag(&database.properties, "DeletionProtection").then(|| "DeletionProtection".to_owned())
}

/// The name of the final snapshot of a database; `None` where the user wants none.
///
/// RDS takes 255 letters, digits and hyphens, neither two hyphens in a row nor one at the end.
fn final_snapshot(switches: &Switches, database: &str) -> Option<String> {
    const LONGEST: usize = 255;
    let mut name = String::new();
    for letter in format!("{}-{database}", switches.final_snapshot.as_ref()?).chars() {
        let letter = if letter.is_ascii_alphanumeric() { letter } else { '-' };
        if letter != '-' || !name.ends_with('-') {
            name.push(letter);
        }
    }
    let name = name.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
    Some(name[..name.len().min(LONGEST)].trim_end_matches('-').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neptune and `DocumentDB` answer the same calls with the same shapes; what is theirs is not RDS's.
    #[test]
    fn engines_with_types_of_their_own_are_left_to_them() {
        for engine in ["neptune", "docdb"] {
            assert!(!is_rds(Some(engine)), "{engine}");
            assert!(!parameters::is_rds_family(Some(&format!("{engine}1.4"))), "{engine}");
        }
        for engine in ["mysql", "aurora-postgresql", "custom-oracle-ee"] {
            assert!(is_rds(Some(engine)) && parameters::is_rds_family(Some(engine)), "{engine}");
        }
        assert!(is_rds(None) && parameters::is_rds_family(None));
    }

    #[test]
    fn a_final_snapshot_has_a_name_that_rds_takes() {
        let named = |prefix: &str, id: &str| {
            let switches = Switches { final_snapshot: Some(prefix.to_owned()), ..Switches::default() };
            final_snapshot(&switches, id).expect("wanted")
        };
        assert_eq!(named("before-restore", "orders"), "before-restore-orders");
        assert_eq!(named("2026_01--x-", "a.b-"), "x-a-b");
        let long = named("before", &"a-".repeat(200));
        assert!(long.len() <= 255 && long.ends_with('a'));
        assert_eq!(final_snapshot(&Switches::default(), "orders"), None);
    }
}
