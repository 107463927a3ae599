//! A plan as a table, as data, as rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use owo_colors::{OwoColorize as _, Style};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::cost::{about, monthly_saving};
use super::{Report, Rows, plural};
use crate::cli::sanitise::terminal;
use crate::cli::ui::Ui;
use crate::engine::plan::counts;
use crate::model::{Action, ActionKind, Identity, Plan, Refusal, Refused, RiskLevel};

/// The whole report.
#[must_use]
pub fn report(plan: &Plan, ui: Ui) -> Report {
    Report { text: text(plan, ui), data: data(plan), rows: rows(plan), ..Report::default() }
}

/// The plan itself with its counts. The plan under `plan` is the same as in a plan file.
fn data(plan: &Plan) -> Value {
    let (actions, refused) = counts(plan);
    let actions: BTreeMap<String, usize> = actions.into_iter().map(|(kind, count)| (kind.to_string(), count)).collect();
    json!({
        "schema": plan.schema,
        "summary": {
            "actions": actions,
            "refused": refused,
            "waves": plan.waves(),
            "unknown_cells": plan.unknown.len(),
            "undetermined": plan.undetermined.len(),
            "estimated_monthly_saving": saving(plan),
            "currency": currency(plan),
        },
        "plan": plan,
    })
}

fn rows(plan: &Plan) -> Rows {
    let mut rows = Rows::new(&[
        "WHAT",
        "WAVE",
        "ACTION",
        "TYPE",
        "REGION",
        "ID",
        "NAME",
        "RISK",
        "REVERSIBLE",
        "DATA LOSS",
        "SAVING",
        "CURRENCY",
        "WAITS FOR",
        "WHY",
    ]);
    let name = |resource: &Identity| resource.name.clone().unwrap_or_default();
    for action in &plan.actions {
        let resource = &action.resource;
        let waits: Vec<&str> = action.waits_for.iter().map(|wait| wait.action.0.as_str()).collect();
        rows.push([
            action.kind.to_string(),
            action.wave.to_string(),
            action.id.to_string(),
            resource.type_name.clone(),
            resource.region.clone(),
            resource.id.clone(),
            name(resource),
            action.risk.level.to_string(),
            action.reversible.clone().unwrap_or_default(),
            if action.data_loss { "yes" } else { "no" }.to_owned(),
            action.estimated_monthly_saving.map(|saving| saving.to_string()).unwrap_or_default(),
            action.estimated_monthly_saving.and(currency(plan)).unwrap_or_default().to_owned(),
            waits.join(" "),
            action.reason.clone(),
        ]);
    }
    for refused in &plan.refused {
        let resource = &refused.resource;
        let why: Vec<String> = refused.reasons.iter().map(ToString::to_string).collect();
        let mut row = vec!["refused".to_owned(), String::new(), String::new()];
        row.extend([resource.type_name.clone(), resource.region.clone(), resource.id.clone(), name(resource)]);
        row.extend(std::iter::repeat_n(String::new(), 6));
        row.push(why.join("; "));
        rows.push(row);
    }
    for unseen in &plan.unknown {
        let mut row = vec!["unknown".to_owned(), String::new(), String::new()];
        row.extend([unseen.type_name.clone(), unseen.region.clone()]);
        row.extend(std::iter::repeat_n(String::new(), 8));
        row.push(told(unseen));
        rows.push(row);
    }
    rows
}

fn told(unseen: &crate::model::Unseen) -> String {
    let side = |outcome: &Option<crate::model::Outcome>| {
        outcome.as_ref().map_or_else(|| "not looked at".to_owned(), ToString::to_string)
    };
    format!("{} in the baseline, {} now", side(&unseen.before), side(&unseen.after))
}

/// What all deletions save in a month; `None` if no cost is known.
fn saving(plan: &Plan) -> Option<Decimal> {
    plan.saving.as_ref().filter(|saving| saving.known > 0).map(|saving| saving.amount)
}

fn currency(plan: &Plan) -> Option<&str> {
    plan.saving.as_ref().map(|saving| saving.currency.as_str())
}

struct Paint(bool);

impl Paint {
    fn text(&self, text: &str, style: Style) -> String {
        if self.0 { text.style(style).to_string() } else { text.to_owned() }
    }
}

fn text(plan: &Plan, ui: Ui) -> String {
    let paint = Paint(ui.colours_stdout());
    let mut out = String::new();
    let mut wave = 0;
    for action in &plan.actions {
        if action.wave != wave {
            wave = action.wave;
            let _ = writeln!(out, "{}", paint.text(&format!("Wave {wave}"), Style::new().bold()));
        }
        show(&mut out, plan, action, &paint);
    }
    show_refused(&mut out, plan, &paint);
    if !plan.unknown.is_empty() {
        let _ = writeln!(
            out,
            "{}",
            paint.text("Unknown: could not be looked at, so nothing is touched", Style::new().bold())
        );
        for unseen in &plan.unknown {
            let _ = writeln!(
                out,
                "  ? {} {}: {}",
                terminal(&unseen.type_name),
                terminal(&unseen.region),
                terminal(&told(unseen))
            );
        }
    }
    foot(&mut out, plan);
    out
}

fn label(resource: &Identity) -> String {
    let name = resource.name.as_deref().filter(|name| *name != resource.id);
    let name = name.map(|name| format!("  ({})", terminal(name))).unwrap_or_default();
    format!("{} {} {}{name}", terminal(&resource.type_name), terminal(&resource.region), terminal(&resource.id))
}

/// Most of what an action waits for that is told.
const SHOWN: usize = 5;

fn show(out: &mut String, plan: &Plan, action: &Action, paint: &Paint) {
    let (sign, colour) = match action.kind {
        ActionKind::Delete => ('-', Style::new().red()),
        ActionKind::Modify | ActionKind::Prepare => ('~', Style::new().yellow()),
    };
    let head = format!("  {sign} {} {:<8}{}", action.id, action.kind, label(&action.resource));
    let _ = writeln!(out, "{}", paint.text(&head, colour));
    let mut line = |text: String| {
        let _ = writeln!(out, "          {}", terminal(&text));
    };
    line(action.reason.clone());
    if action.kind != ActionKind::Delete || action.steps.len() > 1 {
        let steps: Vec<String> = action.steps.iter().map(ToString::to_string).collect();
        line(format!("steps: {}", steps.join(", ")));
    }
    if action.risk.level > RiskLevel::Low {
        line(format!("risk {}: {}", action.risk.level, action.risk.reasons.join("; ")));
    }
    if let Some(how) = &action.reversible {
        line(format!("reversible: {how}"));
    }
    if let Some(saving) = action.estimated_monthly_saving {
        line(format!("saves about {} a month", about(saving, currency(plan).unwrap_or_default())));
    }
    if let Some(why) = &action.after_all {
        line(format!("after all else: {why}"));
    }
    for wait in action.waits_for.iter().take(SHOWN) {
        let what = plan.action(&wait.action).map(|action| action.kind.to_string()).unwrap_or_default();
        line(format!("waits for {} {what} {}", wait.action, wait.why));
    }
    if action.waits_for.len() > SHOWN {
        line(format!("waits for {} more", action.waits_for.len() - SHOWN));
    }
}

fn show_refused(out: &mut String, plan: &Plan, paint: &Paint) {
    // Grouped by the gravest reason: that is the one to do something about.
    let mut groups: BTreeMap<&str, Vec<&Refused>> = BTreeMap::new();
    let (along, refused): (Vec<&Refused>, Vec<&Refused>) =
        plan.refused.iter().partition(|refused| !refused.goes_with.is_empty());
    if !along.is_empty() {
        let _ = writeln!(
            out,
            "{}",
            paint.text("Goes with what is deleted, without an action of its own", Style::new().bold())
        );
    }
    for one in along {
        let ids: Vec<&str> = one.goes_with.iter().map(|id| id.0.as_str()).collect();
        let _ = writeln!(out, "  . {}  with {}", label(&one.resource), ids.join(", "));
    }
    for refused in refused {
        groups.entry(refused.reasons.first().map_or("", Refusal::code)).or_default().push(refused);
    }
    for (code, all) in groups {
        let advice = advice(code).map(|advice| format!(" ({advice})")).unwrap_or_default();
        let head = format!("Refused: {code}{advice}");
        let _ = writeln!(out, "{}", paint.text(&head, Style::new().bold()));
        // What is said of all is said once.
        let same = all.len() > 1 && all.iter().all(|refused| refused.reasons == all[0].reasons);
        for reason in all[0].reasons.iter().filter(|_| same) {
            let _ = writeln!(out, "      {}", terminal(&reason.to_string()));
        }
        for refused in all {
            let _ = writeln!(out, "  x {}", label(&refused.resource));
            for reason in refused.reasons.iter().filter(|_| !same) {
                let _ = writeln!(out, "          {}", terminal(&reason.to_string()));
            }
            if let Some(owner) = &refused.owner {
                let _ = writeln!(out, "          owner: {} {}", terminal(&owner.kind), terminal(&owner.id));
            }
        }
    }
}

/// What the user can do about a refusal.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "holds-data" => "--allow-data-loss",
        "deletion-protected" => "--disable-protection",
        "owned" => "act on the owner, or --delete-owned",
        "pinned-by" => "change back what uses it, or --modify-baseline where a rule or policy does",
        "blocked-by" => "see what blocks it",
        "over-cap" => "--max-deletes, --max-percent",
        "unknown" | "unseen-users" => "grant the missing read permissions",
        "too-young" | "age-unknown" => "--min-age",
        "replaced" => "delete it by hand, or take a new baseline",
        _ => return None,
    })
}

fn foot(out: &mut String, plan: &Plan) {
    let (actions, _) = counts(plan);
    let deletes = actions.get(&ActionKind::Delete).copied().unwrap_or(0);
    let changes = plan.actions.len() - deletes;
    if plan.actions.is_empty() {
        let _ = writeln!(out, "Nothing to do against baseline {}", plan.baseline.name);
    } else {
        let changes = if changes > 0 { format!(", {}", plural(changes, "change")) } else { String::new() };
        let _ = writeln!(
            out,
            "{} to delete{changes} in {}, account {}, against baseline {}",
            plural(deletes, "resource"),
            plural(usize::try_from(plan.waves()).unwrap_or(usize::MAX), "wave"),
            terminal(&plan.account),
            plan.baseline.name
        );
    }
    if !plan.refused.is_empty() {
        let along = plan.refused.iter().filter(|refused| !refused.goes_with.is_empty()).count();
        if along > 0 {
            let _ = writeln!(
                out,
                "{} with them",
                if along == 1 { "1 resource goes".to_owned() } else { format!("{along} resources go") }
            );
        }
        if plan.refused.len() > along {
            let _ = writeln!(out, "{} refused", plural(plan.refused.len() - along, "resource"));
        }
    }
    if !plan.undetermined.is_empty() {
        let _ = writeln!(
            out,
            "{} left aside: a date filter is on and AWS reports no creation time",
            plural(plan.undetermined.len(), "resource")
        );
    }
    if let Some(saving) = plan.saving.as_ref().filter(|_| deletes > 0) {
        let _ = writeln!(out, "{}", terminal(&monthly_saving(saving)));
    }
    let _ = writeln!(out, "Plan {}, valid until {}", plan.hash, plan.expires_at.format("%Y-%m-%dT%H:%M:%SZ"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::plan_graph;
    use crate::cli::ui::Level;
    use crate::model::plan_example;

    fn rendered() -> Report {
        report(&plan_example::plan(), Ui::new(crate::cli::ui::Colour::Never, Level::Normal))
    }

    #[test]
    fn people_read_waves_then_refusals_then_what_is_unknown() {
        insta::assert_snapshot!(rendered().text, @r#"
        Wave 1
          - a0001 delete  AWS::SQS::Queue eu-west-1 first  (name of first)
                  added since baseline base
                  saves about 1.50 USD a month
        Wave 2
          - a0002 delete  AWS::SQS::Queue eu-west-1 second"  (name of second")
                  added since baseline base
                  risk high: content goes that cannot be had back
                  saves about 1.50 USD a month
                  waits for a0001 delete AWS::SQS::Queue first: \u{1b}[31mrefers to it
        Refused: pinned-by (change back what uses it, or --modify-baseline where a rule or policy does)
          x AWS::SQS::Queue eu-west-1 =used  (name of =used)
                  pinned by AWS::Lambda::Function f: reads from it
                  it holds data that cannot be had back
        Unknown: could not be looked at, so nothing is touched
          ? AWS::SNS::Topic eu-west-1: not looked at in the baseline, not looked at now
        2 resources to delete in 2 waves, account 123456789012, against baseline base
        1 resource refused
        Estimated monthly saving 3.00 USD of 2 resources with known cost (2026-01, amortized)
        Plan , valid until 2026-02-02T10:00:00Z
        "#);
    }

    #[test]
    fn every_action_refusal_and_blind_spot_is_a_row() {
        insta::assert_snapshot!(crate::cli::render::markdown(&rendered().rows), @r#"
        | WHAT | WAVE | ACTION | TYPE | REGION | ID | NAME | RISK | REVERSIBLE | DATA LOSS | SAVING | CURRENCY | WAITS FOR | WHY |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        | delete | 1 | a0001 | AWS::SQS::Queue | eu-west-1 | first | name of first | low |  | no | 1.50 | USD |  | added since baseline base |
        | delete | 2 | a0002 | AWS::SQS::Queue | eu-west-1 | second" | name of second" | high |  | yes | 1.50 | USD | a0001 | added since baseline base |
        | refused |  |  | AWS::SQS::Queue | eu-west-1 | =used | name of =used |  |  |  |  |  |  | pinned by AWS::Lambda::Function f: reads from it; it holds data that cannot be had back |
        | unknown |  |  | AWS::SNS::Topic | eu-west-1 |  |  |  |  |  |  |  |  | not looked at in the baseline, not looked at now |
        "#);
    }

    #[test]
    fn data_holds_the_plan_as_it_is_saved() {
        let data = rendered().data;
        let plan: Plan = serde_json::from_value(data["plan"].clone()).expect("the plan");
        assert_eq!(plan, plan_example::plan());
        assert_eq!(data["summary"]["estimated_monthly_saving"], "3.00");
        assert_eq!(data["summary"]["refused"]["pinned-by"], 1);
    }

    #[test]
    fn names_of_strangers_do_no_harm_in_a_graph() {
        let dot = plan_graph::dot(&plan_example::plan());
        insta::assert_snapshot!(dot, @r#"
        digraph restore {
          rankdir=LR;
          node [shape=box, fontname="sans-serif"];
          subgraph cluster_1 {
            label="wave 1";
            "a0001" [label="delete AWS::SQS::Queue\nname of first\neu-west-1", color=black];
          }
          subgraph cluster_2 {
            label="wave 2";
            "a0002" [label="delete AWS::SQS::Queue\nname of second\"\neu-west-1", color=red];
          }
          "a0001" -> "a0002" [tooltip="AWS::SQS::Queue first: \\u{1b}[31mrefers to it"];
        }
        "#);
        let graph = plan_graph::graph(&plan_example::plan());
        assert_eq!(graph["edges"][0]["first"], "a0001");
    }
}
