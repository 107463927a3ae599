//! Progress of a collection: a bar with what is still being read on a terminal, a line a region elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::render::plural;
use super::ui::Ui;
use crate::engine::collect::Event;
use crate::model::Outcome;

/// Shows how far a collection is.
pub struct Progress {
    ui: Ui,
    bar: Option<ProgressBar>,
    /// Region → cells still to come, resources found, cells that could not be read.
    regions: BTreeMap<String, Region>,
    found: usize,
    problems: usize,
}

#[derive(Default)]
struct Region {
    open: usize,
    found: usize,
    problems: usize,
}

impl Progress {
    /// Progress over cells per region.
    #[must_use]
    pub fn new(ui: Ui, per_region: impl IntoIterator<Item = (String, usize)>, draw: bool) -> Self {
        let regions = per_region
            .into_iter()
            .filter(|(_, cells)| *cells > 0)
            .map(|(region, cells)| (region, Region { open: cells, ..Region::default() }))
            .collect();
        let bar = (draw && ui.draws_progress()).then(|| {
            let style = ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} cells {elapsed:>4}  {wide_msg}");
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Progress { ui, bar, regions, found: 0, problems: 0 }
    }

    /// Takes an event of the engine.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Started { cells } => {
                if let Some(bar) = &self.bar {
                    bar.set_length(cells as u64);
                }
            }
            Event::Finished { type_name, region, outcome } => self.finished(type_name, &region, &outcome),
        }
    }

    fn finished(&mut self, type_name: &str, name: &str, outcome: &Outcome) {
        let count = if let Outcome::Complete { count } = outcome { *count } else { 0 };
        let problem = usize::from(outcome.is_gap());
        self.found += count;
        self.problems += problem;
        let region = self.regions.entry(name.to_owned()).or_default();
        region.open = region.open.saturating_sub(1);
        region.found += count;
        region.problems += problem;
        let done = (region.open == 0).then(|| {
            let problems = if region.problems > 0 {
                format!(", {} could not be read", plural(region.problems, "type"))
            } else {
                String::new()
            };
            format!("{name}: {} resources{problems}", region.found)
        });
        match &self.bar {
            Some(bar) => {
                let open: Vec<&str> =
                    self.regions.iter().filter(|(_, region)| region.open > 0).map(|(name, _)| name.as_str()).collect();
                let problems =
                    if self.problems > 0 { format!(", {} unreadable", self.problems) } else { String::new() };
                let service = type_name.split("::").nth(1).unwrap_or(type_name);
                bar.set_message(format!(
                    "{} found{problems} · {name} {service} · open: {}",
                    self.found,
                    open.join(" ")
                ));
                bar.inc(1);
            }
            None => {
                if let Some(done) = done {
                    self.ui.status(&done);
                }
            }
        }
    }

    /// Removes the bar.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
