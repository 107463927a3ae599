//! The order of a plan as a picture: Graphviz's dot, or nodes and edges in JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::sanitise::terminal;
use crate::model::{Action, ActionKind, Plan, RiskLevel};

/// The graph in Graphviz's language. An arrow points from what goes first to what waits for it.
///
/// Source: <https://graphviz.org/doc/info/lang.html>
#[must_use]
pub fn dot(plan: &Plan) -> String {
    let mut out = String::from("digraph restore {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    let mut wave = 0;
    for action in &plan.actions {
        if action.wave != wave {
            if wave > 0 {
                out.push_str("  }\n");
            }
            wave = action.wave;
            let _ = writeln!(out, "  subgraph cluster_{wave} {{\n    label=\"wave {wave}\";");
        }
        let resource = &action.resource;
        let text = format!("{} {}\n{}\n{}", action.kind, resource.type_name, resource.label(), resource.region);
        let colour = match (action.kind, action.risk.level) {
            (ActionKind::Prepare | ActionKind::Modify, _) => "goldenrod",
            (ActionKind::Delete, RiskLevel::High) => "red",
            (ActionKind::Delete, RiskLevel::Medium) => "orange",
            (ActionKind::Delete, RiskLevel::Low) => "black",
        };
        let _ = writeln!(out, "    {} [label={}, color={colour}];", quoted(&action.id.0), quoted(&text));
    }
    if wave > 0 {
        out.push_str("  }\n");
    }
    for (action, wait) in edges(plan) {
        let _ =
            writeln!(out, "  {} -> {} [tooltip={}];", quoted(&wait.action.0), quoted(&action.id.0), quoted(&wait.why));
    }
    out.push_str("}\n");
    out
}

/// The graph as nodes and edges.
#[must_use]
pub fn graph(plan: &Plan) -> Value {
    let node = |action: &Action| {
        json!({
            "id": action.id, "kind": action.kind, "resource": action.resource, "wave": action.wave, "rank": action.rank,
            "risk": action.risk.level, "after_all": action.after_all.is_some(),
        })
    };
    let edges = edges(plan).map(|(action, wait)| json!({"first": wait.action, "then": action.id, "why": wait.why}));
    json!({
        "schema": plan.schema,
        "hash": plan.hash,
        "nodes": plan.actions.iter().map(node).collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    })
}

fn edges(plan: &Plan) -> impl Iterator<Item = (&Action, &crate::model::Wait)> {
    plan.actions.iter().flat_map(|action| action.waits_for.iter().map(move |wait| (action, wait)))
}

/// A quoted string of the language: names are written by strangers.
fn quoted(text: &str) -> String {
    let lines = text.split('\n').map(|line| terminal(line).replace('\\', "\\\\").replace('"', "\\\""));
    format!("\"{}\"", lines.collect::<Vec<_>>().join("\\n"))
}
