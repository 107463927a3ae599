use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::catalog::{self, Created, Delete, Scope, TypeSpec, schema};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::{Report, Rows, table};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;

/// Options of `types`.
#[derive(Debug, Args)]
pub struct TypesArgs {
    /// Only these: a type, a service or a glob
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Print the least IAM policy instead
    #[arg(long, value_enum, value_name = "FOR")]
    policy: Option<Policy>,
}

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Policy {
    /// Taking snapshots and comparing.
    Read,
    /// Reading, and deleting what was added.
    Restore,
}

/// Lists the supported types, or prints the policy that they need.
pub fn run(args: &TypesArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let all = catalog::all();
    let types = if args.selectors.is_empty() { all } else { crate::cli::parse::selected_types(&args.selectors, &[])? };
    if let Some(policy) = args.policy {
        let text = serde_json::to_string_pretty(&iam_policy(&types, policy))
            .map_err(|e| CliError::from_error(Exit::Error, &e))?;
        ui.data(&(text + "\n")).map_err(|error| CliError::from_error(Exit::Error, &error))?;
        return Ok(Exit::Done);
    }
    let mut rows = Rows::new(&["TYPE", "SCOPE", "DELETE", "PROPERTIES", "CREATION DATE"]);
    let mut data = Vec::new();
    let mut total = (0, 0);
    for spec in &types {
        let (mapped, settable) = coverage(spec);
        total = (total.0 + mapped, total.1 + settable);
        let share = if settable == 0 { "no schema".to_owned() } else { format!("{mapped}/{settable}") };
        let delete = match spec.delete {
            Delete::Call(recipe) => recipe.operation.to_owned(),
            Delete::Never(why) => format!("never: {why}"),
        };
        let created = match spec.created {
            Created::Field(name) => name.to_owned(),
            Created::Unknown(_) => "-".to_owned(),
        };
        let scope = if spec.scope == Scope::Global { "global" } else { "regional" };
        data.push(json!({
            "type": spec.name, "scope": scope, "list": true, "delete": delete, "mapped_properties": mapped,
            "settable_properties": settable, "creation_date": created, "read_actions": spec.read_actions,
            "unmapped": spec.unmapped.iter().map(|un| json!({"path": un.path, "why": un.why})).collect::<Vec<_>>(),
        }));
        rows.push([spec.name.to_owned(), scope.to_owned(), delete, share, created]);
    }
    #[expect(clippy::cast_precision_loss, reason = "a share for people, of some thousand properties")]
    let percent = if total.1 == 0 { 100.0 } else { 100.0 * total.0 as f64 / total.1 as f64 };
    let text = format!(
        "{}\n{} types; {} of {} settable properties are mapped ({percent:.1} %)\n",
        table(&rows, ui),
        types.len(),
        total.0,
        total.1
    );
    Report { text, data: json!({"schema": 1, "types": data}), rows, ..Report::default() }.emit(settings, ui)?;
    Ok(Exit::Done)
}

/// Settable properties that are mapped, and all of them; the contract suite holds the declarations to be true.
fn coverage(spec: &TypeSpec) -> (usize, usize) {
    let Some(facts) = schema::facts(spec.name) else { return (0, 0) };
    let settable = facts.settable();
    let left_out = |path: &String| spec.unmapped.iter().any(|un| catalog::covers_path(un.path, path));
    (settable.iter().filter(|path| !left_out(path)).count(), settable.len())
}

/// The least policy. Nearly all of these actions know no resource-level permissions, so the resource is `*`.
fn iam_policy(types: &[&TypeSpec], policy: Policy) -> Value {
    let mut actions: BTreeSet<&str> = ["sts:GetCallerIdentity", "ec2:DescribeRegions"].into();
    actions.extend(types.iter().flat_map(|spec| spec.read_actions));
    let mut statements = vec![json!({"Sid": "Read", "Effect": "Allow", "Action": &actions, "Resource": "*"})];
    if policy == Policy::Restore {
        let delete = types.iter().flat_map(|spec| match spec.delete {
            Delete::Call(recipe) => recipe.actions,
            Delete::Never(_) => &[],
        });
        // A recipe names what it reads as well.
        let delete: BTreeSet<&str> = delete.copied().filter(|action| !actions.contains(action)).collect();
        statements.push(json!({"Sid": "Delete", "Effect": "Allow", "Action": delete, "Resource": "*"}));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is declared as unmapped is unmapped, and all else is mapped: the contract suite sees to that.
    #[test]
    fn nine_of_ten_settable_properties_are_mapped() {
        let counts = catalog::all().into_iter().map(coverage);
        let (mapped, settable) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        assert!(settable > 3_000, "the facts of {settable} properties are there");
        assert!(mapped * 10 >= settable * 9, "{mapped} of {settable}");
    }

    #[test]
    fn the_policies_name_each_action_once() {
        let policy = iam_policy(&catalog::all(), Policy::Restore);
        let mut seen = BTreeSet::new();
        for action in
            policy["Statement"].as_array().into_iter().flatten().filter_map(|it| it["Action"].as_array()).flatten()
        {
            assert!(seen.insert(action.to_string()), "{action} stands twice");
        }
        assert!(seen.len() > 500 && !seen.iter().any(|action| action.contains('*')), "{} actions", seen.len());
    }
}
