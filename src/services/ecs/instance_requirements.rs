//! Which instance types may be picked.

crate::services::instance_requirements::instance_requirements!(aws_sdk_ecs, InstanceRequirementsRequest);
