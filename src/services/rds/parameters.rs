//! What somebody set in a parameter group.

use std::collections::BTreeMap;

use aws_sdk_rds::types::{ApplyMethod, Parameter};

use crate::catalog::{Draft, LeftOut, Props};

/// Fields of a parameter that are the engine's and not the group's.
pub(super) const LEFT_OUT: &[LeftOut] = &[
    LeftOut { path: "Parameters[].Description", why: OF_ENGINE },
    LeftOut { path: "Parameters[].Source", why: "always `user`, which is what was asked for" },
    LeftOut { path: "Parameters[].ApplyType", why: OF_ENGINE },
    LeftOut { path: "Parameters[].DataType", why: OF_ENGINE },
    LeftOut { path: "Parameters[].AllowedValues", why: OF_ENGINE },
    LeftOut { path: "Parameters[].IsModifiable", why: OF_ENGINE },
    LeftOut { path: "Parameters[].MinimumEngineVersion", why: OF_ENGINE },
    LeftOut { path: "Parameters[].SupportedEngineModes[]", why: OF_ENGINE },
];

const OF_ENGINE: &str = "of the engine, the same in every group";

/// Values by name, and whether each takes effect at once or with the next restart.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    values: BTreeMap<String, String>,
    methods: Vec<Props>,
}

impl Parameters {
    /// Those of RDS's answer. A parameter without a value was not set.
    pub(super) fn of(parameters: Vec<Parameter>) -> Self {
        let mut of = Parameters::default();
        for parameter in parameters {
            if let (Some(name), Some(value)) = (parameter.parameter_name, parameter.parameter_value) {
                let method = parameter.apply_method.as_ref().map(ApplyMethod::as_str);
                of.methods.push(Props::new().with("ApplyMethod", method).with("ParameterName", &name));
                of.values.insert(name, value);
            }
        }
        of
    }

    /// As properties: `Parameters` of the schema, and `applyMethods` beside it.
    pub(super) fn put(self, draft: Draft) -> Draft {
        draft.with("Parameters", self.values).with("applyMethods", self.methods)
    }
}

/// Whether a family (`postgres17`, `neptune1.4`) is one of RDS's own engines.
pub(super) fn is_rds_family(family: Option<&str>) -> bool {
    !family.is_some_and(|family| family.starts_with("neptune") || family.starts_with("docdb"))
}

/// Groups that RDS makes for each family, and that nobody can change.
pub(super) fn is_default(name: &str) -> bool {
    name.starts_with("default.")
}
