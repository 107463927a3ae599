use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::sanitise::terminal;
use crate::cli::ui::Ui;
use crate::engine::execute::{Ended, Event};
use crate::model::{Action, Plan};

/// Names that the live line shows.
const SHOWN: usize = 3;

/// Shows a run: a live line on a terminal, a line for each action that ended.
pub struct Progress {
    ui: Ui,
    bar: Option<ProgressBar>,
    waves: u32,
    /// Running actions, and what those wait for that wait.
    running: BTreeMap<String, (String, u32, Option<String>)>,
    done: usize,
    left: usize,
}

impl Progress {
    pub fn new(plan: &Plan, ui: Ui, draw: bool) -> Self {
        let bar = (draw && ui.draws_progress()).then(|| {
            let style =
                ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} {elapsed:>4} ETA {eta:>4}  {wide_msg}");
            let bar =
                ProgressBar::with_draw_target(Some(plan.actions.len() as u64), ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Progress { ui, bar, waves: plan.waves(), running: BTreeMap::new(), done: 0, left: 0 }
    }

    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Started(action) => {
                self.running.insert(action.id.to_string(), (name(action), action.wave, None));
            }
            Event::Waiting(action, what) => {
                if let Some((_, _, waits)) = self.running.get_mut(&action.id.to_string()) {
                    *waits = Some(terminal(what));
                }
            }
            Event::Ended(action, ended) => self.ended(action, ended),
        }
        self.show();
    }

    fn ended(&mut self, action: &Action, ended: &Ended) {
        self.running.remove(&action.id.to_string());
        if ended.is_done() {
            self.done += 1;
        } else {
            self.left += 1;
        }
        let why = if ended.why().is_empty() { String::new() } else { format!(": {}", terminal(ended.why())) };
        let line = format!("{:<12} {}{why}", ended.word(action.kind), name(action));
        match &self.bar {
            Some(bar) => {
                bar.inc(1);
                bar.println(line);
            }
            None => self.ui.status(&line),
        }
    }

    fn show(&self) {
        let Some(bar) = &self.bar else { return };
        let parked = self.running.values().filter(|(_, _, waits)| waits.is_some()).count();
        let wave = self.running.values().map(|(_, wave, _)| *wave).min().unwrap_or(self.waves);
        let names: Vec<String> = self
            .running
            .values()
            .take(SHOWN)
            .map(|(name, _, waits)| waits.as_ref().map_or_else(|| name.clone(), |waits| format!("{name} ({waits})")))
            .collect();
        bar.set_message(format!(
            "wave {wave}/{}, {} running, {parked} waiting, {} not done  {}",
            self.waves,
            self.running.len() - parked,
            self.left,
            names.join(", ")
        ));
    }

    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn name(action: &Action) -> String {
    let resource = &action.resource;
    format!("{} {} {}", resource.type_name, resource.region, terminal(resource.label()))
}
