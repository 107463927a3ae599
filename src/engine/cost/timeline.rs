//! Which baseline was active on which day.

use chrono::{DateTime, NaiveDate, Utc};

use super::known::{Dated, Known};
use crate::model::cost::{BaselineUse, Period};

/// What belongs to the baseline, and when.
#[derive(Debug, Default)]
pub struct World {
    /// All resources of all snapshots.
    pub known: Known,
    names: Vec<(String, String)>,
    // First day and snapshot, in order of time; never empty unless there is no snapshot.
    active: Vec<(NaiveDate, usize)>,
}

impl World {
    /// A world of snapshots and of the moments at which some of them were made active, by position.
    ///
    /// The first baseline also counts for all time before it: it is the best that is known of that time. A day on which
    /// the baseline changed counts for the last one of that day.
    #[must_use]
    pub fn new(snapshots: &[Dated], activations: &[(DateTime<Utc>, usize)]) -> Self {
        let mut active: Vec<(NaiveDate, usize)> = Vec::new();
        let mut sorted: Vec<_> = activations.iter().filter(|(_, at)| *at < snapshots.len()).collect();
        sorted.sort_by_key(|(time, _)| *time);
        for (time, snapshot) in sorted {
            let day = time.date_naive();
            match active.last_mut() {
                Some(last) if last.0 == day => last.1 = *snapshot,
                Some(last) if last.1 == *snapshot => {}
                _ => active.push((day, *snapshot)),
            }
        }
        let names = snapshots.iter().map(|it| (it.snapshot.header.name.to_string(), it.digest.clone())).collect();
        World { known: Known::new(&snapshots.iter().map(|it| &it.snapshot).collect::<Vec<_>>()), names, active }
    }

    /// The baseline of a day; `None` when there is no baseline at all.
    #[inline]
    #[must_use]
    pub fn baseline_on(&self, day: NaiveDate) -> Option<usize> {
        let after = self.active.partition_point(|(from, _)| *from <= day);
        self.active.get(after.saturating_sub(1)).map(|(_, snapshot)| *snapshot)
    }

    /// The name of a snapshot.
    #[must_use]
    pub fn name(&self, snapshot: usize) -> &str {
        self.names.get(snapshot).map_or("", |(name, _)| name)
    }

    /// The baselines of a period, each from its first day in it.
    #[must_use]
    pub fn baselines(&self, period: Period) -> Vec<BaselineUse> {
        let first = self.baseline_on(period.start).map(|snapshot| (period.start, snapshot));
        let changes = self.active.iter().copied().filter(|(from, _)| *from > period.start && *from < period.end);
        let mut list: Vec<(NaiveDate, usize)> = first.into_iter().chain(changes).collect();
        list.dedup_by_key(|(_, snapshot)| *snapshot);
        list.into_iter()
            .filter_map(|(from, snapshot)| {
                let (name, digest) = self.names.get(snapshot)?.clone();
                Some(BaselineUse { name, digest, from })
            })
            .collect()
    }
}
