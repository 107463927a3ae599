use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use crate::catalog::{self, Order, references::References};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::{Report, Rows, plural, snapshot as tables, table};
use crate::cli::sanitise::terminal;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::model::{Resource, Snapshot};
use crate::store::yaml;

/// Options of `snapshot show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Name of the snapshot [default: the active one]
    name: Option<String>,
    /// List every resource
    #[arg(long, conflicts_with = "resource")]
    resources: bool,
    /// How to count
    #[arg(long, value_enum, default_value_t, value_name = "KEY")]
    group_by: tables::GroupBy,
    /// Show one resource whole, with what it refers to and what refers to it (ARN, id or name)
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
}

/// Shows what a snapshot holds.
pub fn run(args: &ShowArgs, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let snapshot = super::load(settings, args.name.as_deref())?;
    if let Some(wanted) = &args.resource {
        return one(&snapshot, wanted, settings, ui);
    }
    let rows =
        if args.resources { tables::resources(&snapshot.resources) } else { tables::counts(&snapshot, args.group_by) };
    let gaps = tables::gaps(&snapshot);
    let mut text = head(&snapshot);
    text.push('\n');
    text.push_str(&table(&rows, ui));
    if !gaps.is_empty() {
        let _ = write!(text, "\n{}", table(&gaps, ui));
    }
    let mut data = json!({"schema": 1, "header": snapshot.header, "coverage": snapshot.coverage, "count": snapshot.resources.len()});
    if args.resources {
        data["resources"] = json!(snapshot.resources);
    }
    Report { text, data, rows, ..Report::default() }.emit(settings, ui)?;
    Ok(Exit::Done)
}

fn head(snapshot: &Snapshot) -> String {
    let header = &snapshot.header;
    let mut out = String::new();
    let _ = writeln!(out, "snapshot  {}", header.name);
    let _ = writeln!(out, "account   {} ({})", header.account, header.partition);
    let _ = writeln!(
        out,
        "taken     {} by {}",
        header.created_at.format("%Y-%m-%d %H:%M:%S UTC"),
        terminal(&header.caller.arn)
    );
    let _ =
        writeln!(out, "scope     {} in {}", plural(header.scope.types.len(), "type"), header.scope.regions.join(", "));
    let filters = &header.filters;
    if !filters.is_empty() {
        let date = |name: &str, at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map(|at| format!("{name} {}", at.format("%Y-%m-%d %H:%M UTC")))
        };
        let dates = [date("from", filters.created_from), date("before", filters.created_before)].into_iter().flatten();
        let tags = filters.tags.iter().map(|(key, value)| format!("{key}={value}"));
        let told: Vec<String> = dates.chain(tags).collect();
        let _ = writeln!(out, "filters   {}", terminal(&told.join(", ")));
    }
    for (key, value) in &header.metadata {
        let _ = writeln!(out, "note      {}: {}", terminal(key), terminal(value));
    }
    let _ = writeln!(out, "holds     {} of {} found", plural(snapshot.resources.len(), "resource"), header.found);
    out
}

fn one(snapshot: &Snapshot, wanted: &str, settings: &Settings, ui: Ui) -> Result<Exit, CliError> {
    let is = |name: Option<&str>| name == Some(wanted);
    let named = |resource: &&Resource| is(Some(&resource.id)) || is(resource.arn.as_deref());
    let mut found: Vec<&Resource> = snapshot.resources.iter().filter(named).collect();
    if found.is_empty() {
        found = snapshot.resources.iter().filter(|resource| is(resource.name.as_deref())).collect();
    }
    let resource = match found.as_slice() {
        [one] => *one,
        [] => {
            return Err(CliError::usage(format!("the snapshot {} holds no '{wanted}'", snapshot.header.name))
                .hint("`snapshot show --resources` lists what it holds"));
        }
        many => {
            let error = CliError::usage(format!("'{wanted}' names {} resources", many.len()));
            let error = many.iter().take(5).fold(error, |error, resource| {
                error.hint(format!("--resource {}", resource.arn.as_deref().unwrap_or(&resource.id)))
            });
            return Err(match many.len().saturating_sub(5) {
                0 => error,
                more => error.hint(format!("{more} more: name one by its ARN or id")),
            });
        }
    };
    let references = References::find(&snapshot.resources, catalog::find);
    let mut rows = Rows::new(&["DIRECTION", "TYPE", "ID", "NAME", "PATH", "ORDER", "WHY"]);
    let mut list = Vec::new();
    let sides = [("refers to", references.from(resource)), ("referred to by", references.to(resource))];
    for (direction, edges) in sides {
        for (other, reference) in edges {
            let order = match (reference.order, direction) {
                (Order::None, _) => "no order",
                (Order::HolderFirst, "refers to") | (Order::TargetFirst, "referred to by") => "this goes first",
                _ => "the other goes first",
            };
            rows.push(
                [
                    direction,
                    &other.type_name,
                    &other.id,
                    other.name.as_deref().unwrap_or(""),
                    &reference.path,
                    order,
                    &reference.why,
                ]
                .map(str::to_owned),
            );
            list.push(json!({"direction": direction, "type": other.type_name, "id": other.id, "path": reference.path, "order": reference.order, "why": reference.why}));
        }
    }
    let yaml = yaml::to_string(resource).map_err(|error| CliError::from_error(Exit::Error, &error))?;
    let safe: String = yaml.lines().map(|line| terminal(line) + "\n").collect();
    let text = if rows.is_empty() { safe } else { format!("{safe}\n{}", table(&rows, ui)) };
    let data: Value = json!({"schema": 1, "resource": resource, "references": list});
    Report { text, data, rows, ..Report::default() }.emit(settings, ui)?;
    Ok(Exit::Done)
}
