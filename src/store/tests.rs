//! What needs a look inside: processes that die between two steps, disks that fill up.

use std::fs;
use std::io;

use super::*;
use crate::model::{Caller, Coverage, Filters, Scope, Tool};

fn snapshot(found: usize) -> Snapshot {
    let at = chrono::DateTime::UNIX_EPOCH;
    Snapshot {
        header: Header {
            name: "a".parse().expect("a name"),
            created_at: at,
            completed_at: at,
            account: "123456789012".into(),
            partition: "aws".into(),
            caller: Caller { arn: "arn:aws:iam::123456789012:root".into(), user_id: "123456789012".into() },
            scope: Scope::default(),
            filters: Filters::default(),
            metadata: std::collections::BTreeMap::new(),
            mask_key: "0011223344556677".into(),
            tool: Tool { version: "0.1.0".into(), normaliser: "b3v1".into() },
            found,
        },
        coverage: Coverage::default(),
        resources: Vec::new(),
    }
}

fn forced(compress: bool) -> CreateOptions {
    CreateOptions { compress, force: true, set_active: false }
}

/// A writer that dies after `steps` of its steps while it replaces snapshot 1 by snapshot 2.
fn replace_and_die(store: &Store, compress: bool, steps: usize) -> usize {
    let next = snapshot(2);
    let staged = store.stage(&next, &digest(&next), compress).expect("staged");
    let all = store.replacement(&staged, &next.header.name, compress);
    files::take(&all[..steps.min(all.len())]).expect("taken");
    // A killed process cleans nothing up.
    std::mem::forget(staged);
    all.len()
}

#[test]
fn a_death_between_any_two_steps_leaves_the_old_or_the_new() {
    for (old, new) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut seen = Vec::new();
        let mut steps = 0;
        loop {
            let dir = tempfile::tempdir().expect("a directory");
            let store = Store::open(dir.path());
            let name = snapshot(1).header.name;
            store.create(&snapshot(1), forced(old)).expect("stored");
            let all = replace_and_die(&store, new, steps);

            let found = store.load(&name).expect("old or new").header.found;
            let list = store.list().expect("a list");
            assert_eq!(list.len(), 1, "one name is one snapshot");
            assert_eq!(list[0].summary.as_ref().expect("sound").header.found, found);
            seen.push(found);

            // The next writer gets through, whatever it does.
            if steps % 2 == 0 {
                store.create(&snapshot(3), forced(steps % 4 == 0)).expect("replaced");
                assert_eq!(store.load(&name).expect("new").header.found, 3);
            } else {
                store.delete(&name).expect("deleted");
                assert!(store.names().expect("names").is_empty(), "nothing comes back");
            }
            if steps == all {
                break;
            }
            steps += 1;
        }
        assert_eq!((seen.first(), seen.last()), (Some(&1), Some(&2)), "{old} {new}");
        assert!(seen.is_sorted(), "never back from new to old: {seen:?}");
    }
}

#[test]
fn a_death_within_a_deletion_never_brings_an_older_content_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path());
    store.create(&snapshot(1), forced(false)).expect("stored");
    // Both forms: the `.yaml` of 1 counts.
    replace_and_die(&store, true, 2);
    let name = snapshot(1).header.name;
    files::take(&[Step::Remove(store.path(&name, true))]).expect("the first step of a deletion");
    assert_eq!(store.load(&name).expect("still there").header.found, 1);
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let failed = files::stage(dir.path(), |file| {
        file.write_all(b"half of it")?;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert!(matches!(failed, Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::StorageFull));
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
}

#[test]
fn a_writer_that_fails_below_the_yaml_keeps_the_kind() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = format::write(Full, &snapshot(1), "").expect_err("full");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
}
