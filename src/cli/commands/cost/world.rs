use chrono::{DateTime, Utc};

use crate::cli::error::CliError;
use crate::cli::settings::Settings;
use crate::engine::cost::{Dated, World};
use crate::model::SnapshotName;
use crate::store::{Store, StoreError, digest};

/// What belongs to the baseline, and when: all snapshots of the baseline's account, and what was active from when on.
///
/// A snapshot that was active once and is gone, or is damaged, cannot be used: the warnings say so.
pub fn load(settings: &Settings, name: Option<&str>) -> Result<(World, Vec<String>), CliError> {
    let store = Store::open(&settings.store);
    let baseline = match name {
        Some(name) => store.load(&super::super::snapshot::parse_name(name)?)?,
        None => store.load_active()?,
    };
    let account = baseline.header.account.clone();
    let chosen = baseline.header.name.clone();
    let mut warnings = Vec::new();
    let mut snapshots = Vec::new();
    for other in store.names()?.into_iter().filter(|other| *other != chosen) {
        match store.load(&other) {
            Ok(snapshot) if snapshot.header.account == account => snapshots.push(snapshot),
            Ok(_) => {}
            Err(error @ StoreError::Corrupt { .. }) => warnings.push(format!("{error}: it is left aside")),
            Err(error) => return Err(error.into()),
        }
    }
    snapshots.push(baseline);
    snapshots.sort_by(|a, b| (a.header.created_at, &a.header.name).cmp(&(b.header.created_at, &b.header.name)));
    let at = |name: &SnapshotName| snapshots.iter().position(|it| it.header.name == *name);
    let mut activations: Vec<(DateTime<Utc>, usize)> = Vec::new();
    if name.is_some() {
        activations.extend(at(&chosen).map(|position| (DateTime::UNIX_EPOCH, position)));
    } else {
        for (time, name) in store.activations()? {
            match at(&name) {
                Some(position) => activations.push((time, position)),
                None => warnings.push(format!(
                    "the snapshot {name}, active from {}, is not there any more: the days belong to the one before",
                    time.date_naive()
                )),
            }
        }
    }
    let dated: Vec<Dated> =
        snapshots.into_iter().map(|snapshot| Dated { digest: digest(&snapshot), snapshot }).collect();
    Ok((World::new(&dated, &activations), warnings))
}
