//! Snapshots on disk: what goes in comes out, what is damaged is refused, and nothing is ever half there.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_baseline::catalog::canon;
use aws_baseline::model::{
    Caller, Coverage, Filters, Header, Outcome, Owner, Properties, Resource, Scope, Snapshot, SnapshotName, Tool,
};
use aws_baseline::store::{self, CreateOptions, Damage, Store, StoreError, yaml};
use proptest::prelude::*;
use serde_json::{Value, json};

pub(crate) const PLAIN: CreateOptions = CreateOptions { compress: false, force: false, set_active: false };
pub(crate) const PACKED: CreateOptions = CreateOptions { compress: true, ..PLAIN };
pub(crate) const FORCE: CreateOptions = CreateOptions { force: true, ..PLAIN };
const ACTIVE: CreateOptions = CreateOptions { set_active: true, ..PLAIN };

pub(crate) fn name(text: &str) -> SnapshotName {
    text.parse().expect("a valid name")
}

fn fields(value: Value) -> Properties {
    let Value::Object(fields) = value else { panic!("not an object") };
    fields
}

pub(crate) fn resource(type_name: &str, region: &str, id: &str, properties: Value) -> Resource {
    let properties = fields(properties);
    Resource {
        type_name: type_name.into(),
        id: id.into(),
        arn: None,
        name: None,
        region: region.into(),
        created_at: None,
        tags: BTreeMap::new(),
        hash: canon::hash(&properties, &BTreeMap::new()),
        properties,
        unreadable: BTreeMap::new(),
        observed: Properties::new(),
        owner: None,
        aws_made: None,
        undetermined: false,
    }
}

/// A small account with every kind of field and outcome: what the golden file of format 1 holds.
pub(crate) fn sample() -> Snapshot {
    let at = |text: &str| text.parse().expect("a moment");
    let tags = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    let mut coverage = Coverage::default();
    for (type_name, region, outcome) in [
        ("AWS::EC2::SecurityGroup", "eu-west-1", Outcome::Complete { count: 1 }),
        ("AWS::EC2::VPC", "eu-west-1", Outcome::Complete { count: 1 }),
        ("AWS::IAM::Role", "global", Outcome::Complete { count: 1 }),
        ("AWS::KMS::Key", "eu-west-1", Outcome::Denied { action: "kms:ListKeys".into() }),
        ("AWS::Lambda::Function", "eu-west-1", Outcome::Complete { count: 1 }),
        ("AWS::Lambda::Function", "me-south-1", Outcome::RegionDisabled),
        ("AWS::RDS::DBInstance", "eu-west-1", Outcome::Cancelled),
        ("AWS::S3::Bucket", "eu-west-1", Outcome::Complete { count: 1 }),
        (
            "AWS::SNS::Topic",
            "eu-west-1",
            Outcome::Failed { code: "timeout".into(), message: "no answer: 'x'\n".into() },
        ),
        ("AWS::SQS::Queue", "eu-west-1", Outcome::Complete { count: 3 }),
        ("AWS::SSM::Parameter", "eu-west-1", Outcome::NotOffered),
    ] {
        coverage.set(type_name, region, outcome);
    }
    let mut group = resource(
        "AWS::EC2::SecurityGroup",
        "eu-west-1",
        "sg-0a1b2c3d4e5f60718",
        json!({"GroupName": "web", "GroupDescription": "Web — façade", "VpcId": "vpc-0f00ba4", "SecurityGroupIngress": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}, {"IpProtocol": "-1", "FromPort": -1}]}),
    );
    group.owner = Some(Owner {
        kind: "cloudformation-stack".into(),
        id: "arn:aws:cloudformation:eu-west-1:012345678901:stack/web/5f0e".into(),
    });
    let mut vpc = resource("AWS::EC2::VPC", "eu-west-1", "vpc-0f00ba4", json!({"CidrBlock": "172.31.0.0/16"}));
    vpc.aws_made = Some("default VPC".into());
    let mut role = resource(
        "AWS::IAM::Role",
        "global",
        "deploy",
        json!({"RoleName": "deploy", "Path": "/", "MaxSessionDuration": 3600, "Policies": [], "AssumeRolePolicyDocument": {
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"AWS": ["012345678901"]}}]}}),
    );
    role.arn = Some("arn:aws:iam::012345678901:role/deploy".into());
    role.name = Some("deploy".into());
    role.created_at = Some(at("2024-02-29T23:59:59Z"));
    let mut function = resource(
        "AWS::Lambda::Function",
        "eu-west-1",
        "orders-worker",
        json!({"FunctionName": "orders-worker", "MemorySize": 512, "Timeout": 30, "Environment": {"Variables": {
            "DB_PASSWORD": {"$masked": "b3k1:0123456789abcdef0123456789abcdef"}}},
            "Description": "Works off orders.\n\n  second: line # no comment\n"}),
    );
    function.observed = fields(json!({"State": "Active", "CodeSize": 18_446_744_073_709_551_615_u64, "Ratio": 0.1}));
    let mut bucket = resource("AWS::S3::Bucket", "eu-west-1", "assets-012345678901", json!({"BucketName": "assets"}));
    bucket.unreadable = BTreeMap::from([("bucketPolicy".into(), "AccessDenied: s3:GetBucketPolicy".into())]);
    let queue = |id: &str, properties| {
        let url = format!("https://sqs.eu-west-1.amazonaws.com/012345678901/{id}");
        resource("AWS::SQS::Queue", "eu-west-1", &url, properties)
    };
    let mut orders = queue("orders", json!({"QueueName": "orders", "DelaySeconds": 0, "FifoQueue": false}));
    orders.name = Some("orders".into());
    orders.created_at = Some(at("2026-01-05T10:00:00.123456789Z"));
    orders.tags =
        tags(&[("Team", "payments"), ("cost:center", "0042"), ("empty", ""), ("sure", "yes"), ("ümläut", "n")]);
    let mut undetermined = queue("undated", json!({"QueueName": "null", "Empty": {}, "Nothing": null, "Tiny": 1e-7}));
    undetermined.undetermined = true;
    let words =
        queue("words", json!({"Words": ["~", "yes", "1e3", "0x1F", "012", "1.0", "=", "<<", "2026-01-05", ""]}));
    let mut snapshot = Snapshot {
        header: Header {
            name: name("snapshot-v1"),
            created_at: at("2026-11-21T04:00:00Z"),
            completed_at: at("2026-11-21T04:01:30.5Z"),
            account: "012345678901".into(),
            partition: "aws".into(),
            caller: Caller {
                arn: "arn:aws:sts::012345678901:assumed-role/audit/ann".into(),
                user_id: "AROAEXAMPLEID:ann".into(),
            },
            scope: Scope {
                regions: vec!["eu-west-1".into(), "me-south-1".into()],
                types: coverage.iter().map(|(cell, _)| cell.type_name.clone()).collect(),
            },
            filters: Filters {
                created_from: Some(at("2020-01-01T00:00:00Z")),
                created_before: None,
                tags: tags(&[("Stage", "prod")]),
            },
            metadata: tags(&[("ticket", "OPS-7"), ("why", "before the move: \"B\"")]),
            mask_key: "00112233aabbccdd".into(),
            tool: Tool { version: "0.1.0".into(), normaliser: canon::NORMALISER.into() },
            found: 11,
        },
        coverage,
        resources: vec![group, vpc, role, function, bucket, orders, undetermined, words],
    };
    snapshot.header.scope.types.dedup();
    for resource in &mut snapshot.resources {
        resource.hash = canon::rehash(resource);
    }
    snapshot
}

pub(crate) fn named(text: &str) -> Snapshot {
    let mut snapshot = sample();
    snapshot.header.name = name(text);
    snapshot
}

pub(crate) struct Scene {
    // Removed with the scene.
    _root: tempfile::TempDir,
    pub(crate) store: Store,
}

impl Scene {
    pub(crate) fn empty() -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        let store = Store::open(root.path().join("deep/er/.snapshots")).with_patience(Duration::from_millis(50));
        Scene { _root: root, store }
    }

    fn with(names: &[&str]) -> Self {
        let scene = Scene::empty();
        for name in names {
            scene.store.create(&named(name), PLAIN).expect("stored");
        }
        scene
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.store.dir().join(file)
    }

    pub(crate) fn put(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.store.dir()).expect("a directory");
        fs::write(self.path(file), content).expect("written");
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.store.dir()).expect("a directory");
        let mut files: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        files.sort();
        files
    }

    /// What `load` makes of this content.
    fn load(&self, content: impl AsRef<[u8]>) -> Result<Snapshot, StoreError> {
        self.put("snapshot-v1.yaml", content);
        self.store.load(&name("snapshot-v1"))
    }

    fn damage(&self, content: impl AsRef<[u8]>) -> Damage {
        match self.load(content) {
            Err(StoreError::Corrupt { source, .. }) => *source,
            other => panic!("not called corrupt: {other:?}"),
        }
    }
}

/// The file of a snapshot that [`Store::create`] would refuse to write, with a digest that fits.
fn forged(snapshot: &Snapshot) -> String {
    let document = json!({"schema": 1, "header": snapshot.header, "coverage": snapshot.coverage,
        "resources": snapshot.resources, "digest": store::digest(snapshot)});
    yaml::to_string(&document).expect("YAML")
}

fn text() -> String {
    let scene = Scene::with(&["snapshot-v1"]);
    fs::read_to_string(scene.path("snapshot-v1.yaml")).expect("text")
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/snapshot-v1.yaml")
}

#[test]
fn what_is_stored_is_what_is_loaded() {
    for options in [PLAIN, PACKED] {
        let scene = Scene::empty();
        let stored = scene.store.create(&sample(), options).expect("stored");
        assert_eq!(scene.store.load(&name("snapshot-v1")).expect("loaded"), sample());
        assert_eq!(stored.digest, store::digest(&sample()));
        assert_eq!(stored.bytes, fs::metadata(&stored.path).expect("a file").len());
        let summary = scene.store.verify(&name("snapshot-v1")).expect("sound");
        assert_eq!((summary.resources, summary.gaps, summary.unreadable), (8, 4, 1));
        assert_eq!(summary.digest, stored.digest);
        assert_eq!(scene.store.glance(&name("snapshot-v1")).expect("readable"), summary);
    }
}

#[test]
fn the_golden_file_of_format_1_loads_for_ever() {
    let scene = Scene::empty();
    let content = fs::read(golden()).expect("the golden file");
    assert_eq!(scene.load(&content).expect("loaded"), sample());
    // A changed digest here means that every stored snapshot reads as corrupt: raise the format instead.
    insta::assert_snapshot!(scene.store.verify(&name("snapshot-v1")).expect("sound").digest, @"b3d1:31d27f1d879f6bc32131b2e05c1d12ca51167a2350642270404f108d445e1c0b");
}

#[test]
fn the_example_in_the_documentation_is_real() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/snapshot-format.md")).expect("a page");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let scene = Scene::empty();
    scene.put("nightly.yaml", example);
    assert_eq!(scene.store.load(&name("nightly")).expect("loaded").resources.len(), 2);
}

#[test]
fn line_ends_that_git_changed_do_no_harm() {
    assert_eq!(Scene::empty().load(text().replace('\n', "\r\n")).expect("loaded"), sample());
}

#[test]
fn reading_creates_nothing() {
    let scene = Scene::empty();
    assert!(scene.store.list().expect("a list").is_empty());
    assert_eq!(scene.store.active().expect("none"), None);
    assert!(scene.store.existing_masker().expect("none").is_none());
    assert!(matches!(scene.store.load_active(), Err(StoreError::NoActive { .. })));
    assert!(matches!(scene.store.load(&name("a")), Err(StoreError::NotFound { .. })));
    assert!(matches!(scene.store.delete(&name("a")), Err(StoreError::NotFound { .. })));
    assert!(matches!(scene.store.set_active(&name("a")), Err(StoreError::NotFound { .. })));
    assert!(!scene.store.dir().exists());
}

#[test]
fn each_damage_has_its_own_name() {
    let scene = Scene::empty();
    let text = text();
    let half = &text[..text.len() / 2];
    let damage = |content: &str| scene.damage(content);
    assert!(matches!(damage(""), Damage::Empty));
    assert!(matches!(scene.damage([0; 512]), Damage::Empty));
    assert!(matches!(scene.damage([&text.as_bytes()[..100], &[0xff]].concat()), Damage::NotText { at: 100 }));
    assert!(matches!(damage(half), Damage::Truncated(_)));
    assert!(matches!(damage(&text[..=text.find("\ndigest:").expect("a digest")]), Damage::Truncated(None)));
    assert!(matches!(damage("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"), Damage::Foreign));
    assert!(matches!(damage("Resources: !Ref x\n"), Damage::Foreign));
    assert!(matches!(damage("- a\n- b\n"), Damage::Foreign));
    assert!(matches!(damage("schema: one\n"), Damage::Foreign));
    assert!(matches!(damage("schema: 0\n"), Damage::Foreign));
    assert!(matches!(damage(&text.replace("schema: 1", "schema: -1")), Damage::Foreign));
    assert!(matches!(damage(&text.replace("\ncoverage:", "\nextra: 1\ncoverage:")), Damage::Shape(_)));
    assert!(matches!(damage(&text.replace("FromPort: 443", "FromPort: 444")), Damage::Digest { .. }));
    assert!(matches!(damage(&text.replace("default VPC", "my VPC")), Damage::Digest { .. }));
    assert!(matches!(damage(&text.replace("kms:ListKeys", "kms:ListKey")), Damage::Digest { .. }));

    let broken = damage(&text.replace("  account: '012345678901'", "  account: [012345678901"));
    assert!(matches!(&broken, Damage::Shape(_)), "{broken:?}");
    assert!(broken.place().is_some_and(|(line, column)| line > 1 && column > 0), "{broken:?}");
    let shape = damage(&text.replace("  found: 11", "  found: eleven"));
    insta::assert_snapshot!(shape.source().expect("a cause"), @r#"header.found: invalid type: string "eleven", expected usize at line 37 column 10"#);

    scene.put("zst.yaml.zst", b"not zstd at all");
    let error = scene.store.load(&name("zst")).expect_err("refused");
    assert!(matches!(&error, StoreError::Corrupt { source, .. } if matches!(**source, Damage::Zstd(_))), "{error:?}");
}

#[test]
fn a_packed_file_that_is_cut_off_is_refused() {
    let scene = Scene::empty();
    let stored = scene.store.create(&sample(), PACKED).expect("stored");
    let whole = fs::read(&stored.path).expect("bytes");
    for len in [0, 1, 4, 10, whole.len() / 2, whole.len() - 4, whole.len() - 1] {
        fs::write(&stored.path, &whole[..len]).expect("written");
        let error = scene.store.load(&name("snapshot-v1")).expect_err("refused");
        assert!(matches!(error, StoreError::Corrupt { .. }), "{len}: {error:?}");
    }
}

#[test]
fn a_digest_that_fits_does_not_hide_a_contradiction() {
    let scene = Scene::empty();
    let damage = |change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = sample();
        change(&mut snapshot);
        scene.damage(forged(&snapshot))
    };
    assert!(scene.load(forged(&sample())).is_ok());
    assert!(matches!(damage(&|it| it.header.name = name("other")), Damage::OtherName { .. }));
    assert!(matches!(damage(&|it| it.header.account = "12345678901".into()), Damage::Account(_)));
    assert!(matches!(damage(&|it| it.resources.swap(0, 1)), Damage::Unsorted(_)));
    assert!(matches!(damage(&|it| it.resources[1] = it.resources[0].clone()), Damage::Twice(_)));
    assert!(
        matches!(damage(&|it| it.resources[0].hash = it.resources[1].hash.clone()), Damage::Hash { key, .. } if key.contains("sg-0a1b"))
    );
}

#[test]
fn a_snapshot_that_contradicts_itself_is_not_stored() {
    let scene = Scene::empty();
    let mut snapshot = sample();
    snapshot.resources.swap(0, 1);
    assert!(matches!(scene.store.create(&snapshot, PLAIN), Err(StoreError::Invalid { .. })));
    assert!(!scene.store.dir().exists());
}

#[test]
fn only_what_can_be_read_again_is_stored() {
    let nested = |depth| {
        (0..depth).fold(json!("core"), |inner, at| if at % 2 == 0 { json!([inner]) } else { json!({"A": inner}) })
    };
    let with = |depth| {
        let mut snapshot = sample();
        snapshot.resources.push(resource("AWS::ZZ::Deep", "eu-west-1", "deep", json!({"A": nested(depth)})));
        snapshot
    };
    let scene = Scene::empty();
    scene.store.create(&with(100), PLAIN).expect("stored");
    assert_eq!(scene.store.load(&name("snapshot-v1")).expect("loaded"), with(100));
    let error = scene.store.create(&with(101), FORCE).expect_err("refused");
    assert!(
        matches!(&error, StoreError::Invalid { source, .. } if matches!(**source, Damage::TooDeep(_))),
        "{error:?}"
    );
}

#[test]
fn hashes_of_another_normaliser_are_renewed_in_memory() {
    let scene = Scene::empty();
    let mut old = sample();
    for resource in &mut old.resources {
        resource.hash = format!("b3v0:{}", "0".repeat(64));
    }
    assert_eq!(scene.load(forged(&old)).expect("loaded").resources, sample().resources);
}

#[test]
fn a_newer_format_is_neither_read_nor_replaced() {
    let newer = "schema: 2\nheader:\n  tool: {version: 9.8.7}\n  novelty: 1\ncoverage: !new {}\n";
    let packed = zstd::encode_all(newer.as_bytes(), 1).expect("packed");
    for (file, content) in [("a.yaml", newer.as_bytes()), ("a.yaml.zst", &packed), ("a.yaml", b"schema: 3\n%%")] {
        let scene = Scene::empty();
        scene.put(file, content);
        for error in [
            scene.store.load(&name("a")).expect_err("refused"),
            scene.store.prepare(&name("a"), true).expect_err("refused"),
            scene.store.create(&named("a"), FORCE).expect_err("refused"),
            scene.store.create(&named("a"), CreateOptions { compress: true, ..FORCE }).expect_err("refused"),
        ] {
            assert!(matches!(error, StoreError::NewerFormat { .. }), "{error:?}");
        }
        assert_eq!(fs::read(scene.path(file)).expect("still there"), content);
        scene.store.delete(&name("a")).expect("deleted on request");
    }
    let scene = Scene::empty();
    scene.put("a.yaml", newer);
    let error = scene.store.load(&name("a")).expect_err("refused").to_string();
    assert!(
        error.ends_with("a.yaml has format 2, written by aws-baseline 9.8.7; this program knows formats up to 1"),
        "{error}"
    );
}

#[test]
fn one_damaged_file_does_not_hide_the_others() {
    let scene = Scene::with(&["b", "c"]);
    scene.store.create(&named("a"), CreateOptions { set_active: true, ..PACKED }).expect("stored");
    scene.put("b.yaml", "broken");
    fs::create_dir(scene.path("d.yaml")).expect("a directory");
    scene.put("no name.yaml", "not ours");
    let list = scene.store.list().expect("a list");
    let shown: Vec<_> = list
        .iter()
        .map(|entry| (entry.name.as_str(), entry.compressed, entry.active, entry.summary.is_ok(), entry.bytes > 0))
        .collect();
    assert_eq!(
        shown,
        [
            ("a", true, true, true, true),
            ("b", false, false, false, true),
            ("c", false, false, true, true),
            ("d", false, false, false, false)
        ]
    );
    assert!(matches!(list[3].summary, Err(StoreError::NotAFile { found: "a directory", .. })));
}

#[test]
fn a_list_glances_and_a_verification_looks() {
    let scene = Scene::with(&["a"]);
    let text = fs::read_to_string(scene.path("a.yaml")).expect("text");
    let mut empty = named("b");
    empty.resources.clear();
    scene.store.create(&empty, PLAIN).expect("stored");
    let counts = |list: Vec<store::Entry>| -> Vec<Option<usize>> {
        list.into_iter().map(|entry| entry.summary.ok().map(|summary| summary.resources)).collect()
    };
    assert_eq!(counts(scene.store.list().expect("a list")), [Some(8), Some(0)]);
    assert_eq!(counts(scene.store.verify_all().expect("a list")), [Some(8), Some(0)]);

    scene.put("a.yaml", text.replace("default VPC", "my VPC"));
    assert_eq!(counts(scene.store.list().expect("a list")), [Some(8), Some(0)]);
    assert_eq!(counts(scene.store.verify_all().expect("a list")), [None, Some(0)]);
    // What is not in our own layout is read whole.
    scene.put("a.yaml", forged(&named("a")));
    assert_eq!(counts(scene.store.list().expect("a list")), [Some(8), Some(0)]);
    for cut in [text.len() / 4, text.len() / 2, text.len() - 80] {
        scene.put("a.yaml", &text[..cut]);
        assert_eq!(counts(scene.store.list().expect("a list")), [None, Some(0)]);
    }
}

#[test]
fn a_taken_name_is_refused_unless_forced() {
    let scene = Scene::with(&["a"]);
    let mut other = named("a");
    other.header.metadata.clear();
    for options in [PLAIN, PACKED] {
        assert!(matches!(scene.store.create(&other, options), Err(StoreError::NameTaken { .. })));
    }
    assert!(matches!(scene.store.prepare(&name("a"), false), Err(StoreError::NameTaken { .. })));
    assert_eq!(scene.store.load(&name("a")).expect("loaded"), named("a"));
    for compress in [true, false, false, true] {
        other.header.found += 1;
        scene.store.prepare(&name("a"), true).expect("allowed");
        scene.store.create(&other, CreateOptions { compress, ..FORCE }).expect("replaced");
        assert_eq!(scene.store.load(&name("a")).expect("loaded"), other);
        assert_eq!(scene.files(), [".gitignore", ".lock", if compress { "a.yaml.zst" } else { "a.yaml" }]);
    }
    // What is damaged may be replaced.
    scene.put("a.yaml.zst", "broken");
    scene.store.create(&other, FORCE).expect("replaced");
    assert_eq!(scene.store.list().expect("a list").len(), 1);
}

#[test]
fn the_active_snapshot_is_named_by_a_pointer_that_is_checked() {
    let scene = Scene::with(&["a", "b"]);
    assert_eq!(scene.store.active().expect("none yet"), None);
    scene.store.create(&named("c"), ACTIVE).expect("stored");
    assert_eq!(scene.store.active().expect("a name"), Some(name("c")));
    scene.store.set_active(&name("a")).expect("set");
    assert_eq!(fs::read_to_string(scene.path("active")).expect("text"), "a\n");
    assert_eq!(scene.store.load_active().expect("loaded"), named("a"));

    assert!(matches!(scene.store.delete(&name("a")), Err(StoreError::IsActive { .. })));
    scene.store.delete(&name("c")).expect("deleted");
    assert!(matches!(scene.store.load(&name("c")), Err(StoreError::NotFound { .. })));

    scene.put("b.yaml", "broken");
    assert!(matches!(scene.store.set_active(&name("b")), Err(StoreError::Corrupt { .. })));
    assert_eq!(scene.store.active().expect("unchanged"), Some(name("a")));

    scene.put("active", "gone\n");
    assert!(matches!(scene.store.active(), Err(StoreError::ActiveDangling { .. })));
    assert!(matches!(scene.store.load_active(), Err(StoreError::ActiveDangling { .. })));
    for junk in ["", "../a\n", "a\nb\n", "\u{0}"] {
        scene.put("active", junk);
        assert!(matches!(scene.store.active(), Err(StoreError::ActiveMalformed { .. })), "{junk:?}");
        assert!(matches!(scene.store.delete(&name("a")), Err(StoreError::ActiveMalformed { .. })), "{junk:?}");
        assert_eq!(scene.store.list().expect("a list").len(), 2);
    }
    scene.store.set_active(&name("a")).expect("repaired");
}

#[test]
fn a_snapshot_that_cannot_be_made_active_is_stored_all_the_same() {
    let scene = Scene::empty();
    fs::create_dir_all(scene.path("active/full")).expect("a directory in the way");
    let error = scene.store.create(&named("a"), ACTIVE).expect_err("not active");
    assert!(matches!(error, StoreError::StoredNotActive { .. }), "{error:?}");
    assert!(scene.store.load(&name("a")).is_ok());
    assert!(scene.files().iter().all(|file| !file.starts_with(".tmp-")), "{:?}", scene.files());
}

#[test]
fn writers_wait_for_each_other_and_readers_do_not() {
    let scene = Scene::with(&["a", "b"]);
    let lock = fs::File::open(scene.path(".lock")).expect("the lock file");
    lock.lock().expect("locked");
    for error in [
        scene.store.create(&named("c"), PLAIN).expect_err("locked"),
        scene.store.set_active(&name("a")).expect_err("locked"),
        scene.store.delete(&name("a")).expect_err("locked"),
    ] {
        assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    }
    assert_eq!(scene.files(), [".gitignore", ".lock", "a.yaml", "b.yaml"]);
    assert_eq!(scene.store.list().expect("a list").len(), 2);
    drop(lock);
    scene.store.create(&named("c"), PLAIN).expect("stored");
}

#[test]
fn of_many_writers_of_one_name_one_wins() {
    let scene = Scene::empty();
    let store = scene.store.clone().with_patience(Duration::from_secs(20));
    let results: Vec<_> = std::thread::scope(|threads| {
        let writers: Vec<_> = (0..6)
            .map(|i| {
                let store = &store;
                threads.spawn(move || store.create(&named("a"), if i % 2 == 0 { PLAIN } else { PACKED }))
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        results.iter().filter_map(|result| result.as_ref().err()).all(|e| matches!(e, StoreError::NameTaken { .. }))
    );
    assert_eq!(scene.files().len(), 3, "{:?}", scene.files());
}

#[test]
fn leftovers_of_killed_writers_are_swept() {
    let scene = Scene::with(&["a"]);
    scene.put(".tmp-dead", "half a snapshot");
    scene.put(".tmp-busy", "");
    let busy = fs::File::open(scene.path(".tmp-busy")).expect("a file");
    busy.lock().expect("locked");
    scene.store.set_active(&name("a")).expect("set");
    assert_eq!(scene.files(), [".gitignore", ".lock", ".tmp-busy", "a.yaml", "active"]);
}

#[test]
fn the_masking_key_is_made_once() {
    let scene = Scene::empty();
    let ids: Vec<_> = std::thread::scope(|threads| {
        let makers: Vec<_> = (0..8).map(|_| threads.spawn(|| scene.store.masker().expect("a key").key_id())).collect();
        makers.into_iter().map(|maker| maker.join().expect("no panic")).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(scene.store.existing_masker().expect("readable").expect("there").key_id(), ids[0]);
    assert_ne!(Scene::empty().store.masker().expect("a key").key_id(), ids[0]);
    assert_eq!(scene.files(), [".gitignore", "mask.key"]);
    let ignored = fs::read_to_string(scene.path(".gitignore")).expect("text");
    assert!(ignored.lines().any(|line| line == "mask.key"));
    for junk in ["", "xyz", &"g".repeat(64), &"0".repeat(63)] {
        scene.put("mask.key", junk);
        assert!(matches!(scene.store.masker(), Err(StoreError::BadMaskKey { .. })), "{junk}");
        assert!(matches!(scene.store.existing_masker(), Err(StoreError::BadMaskKey { .. })), "{junk}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_may_read() {
        let scene = Scene::with(&["a"]);
        scene.store.create(&named("b"), CreateOptions { set_active: true, ..PACKED }).expect("stored");
        scene.store.masker().expect("a key");
        assert_eq!(mode(scene.store.dir()), 0o700);
        for file in ["a.yaml", "b.yaml.zst", "active", "mask.key", ".lock"] {
            assert_eq!(mode(&scene.path(file)), 0o600, "{file}");
        }
    }

    #[test]
    fn a_symbolic_link_is_no_snapshot() {
        let scene = Scene::with(&["a"]);
        let outside = scene.path("../outside.yaml");
        fs::rename(scene.path("a.yaml"), &outside).expect("moved");
        symlink(&outside, scene.path("a.yaml")).expect("linked");
        for error in [
            scene.store.load(&name("a")).expect_err("refused"),
            scene.store.create(&named("a"), FORCE).expect_err("refused"),
            scene.store.delete(&name("a")).expect_err("refused"),
        ] {
            assert!(matches!(error, StoreError::NotAFile { found: "a symbolic link", .. }), "{error:?}");
        }
        assert!(outside.exists() && scene.path("a.yaml").exists());
    }
}

#[test]
fn a_store_that_cannot_be_written_says_where() {
    let scene = Scene::empty();
    fs::create_dir_all(scene.store.dir().parent().expect("a parent")).expect("created");
    fs::write(scene.store.dir(), "a file in the way").expect("written");
    for error in [
        scene.store.prepare(&name("a"), false).expect_err("refused"),
        scene.store.create(&named("a"), PLAIN).expect_err("refused"),
        scene.store.masker().map(|_| ()).expect_err("refused"),
    ] {
        assert!(matches!(&error, StoreError::Io { path, .. } if path.starts_with(scene.store.dir())), "{error:?}");
    }
}

/// Texts that YAML might take for something else.
const TRAPS: &[&str] = &[
    "",
    " ",
    "~",
    "null",
    "yes",
    "No",
    "true",
    "1",
    "1.0",
    "1e3",
    "-0",
    "+1",
    "0x1F",
    "0o17",
    "012",
    "1_000",
    ".inf",
    "-.Inf",
    ".nan",
    "=",
    "<<",
    "!x",
    "!!str x",
    "&a",
    "*a",
    "? ",
    "- ",
    "-",
    "---",
    "...",
    "--- a",
    "# c",
    "a #b",
    "a: b",
    "a:",
    "{",
    "[]",
    "'",
    "\"",
    "\\",
    "%",
    "@",
    "`",
    "|",
    ">",
    " a",
    "a ",
    "\t",
    "\ta",
    "\n",
    "\n\n",
    "a\n",
    "\na",
    " a\nb",
    "a\n b\n",
    "a\n\n\nb\n\n",
    "a\r\nb",
    "\r",
    "a \n",
    "\u{0}",
    "\u{7}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\u{feff}a",
    "\u{e000}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{1f600}",
    "2026-01-05",
    "2026-01-05T10:00:00Z",
    "12:30:45",
    "190:20:30",
    "y",
    "n",
];

pub(crate) fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(TRAPS).prop_map(str::to_owned),
        any::<String>(),
        "[ \n\r\t:#a'\"-]{0,12}",
        "[a-z \n]{0,200}",
        (proptest::sample::select(TRAPS), proptest::sample::select(TRAPS)).prop_map(|(a, b)| format!("{a}{b}")),
    ]
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        nasty().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(nasty(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(id in nasty(), key in nasty(), tag in nasty(), value in value(), packed in any::<bool>()) {
        let mut snapshot = sample();
        let mut odd = resource("AWS::ZZ::Odd", "eu-west-1", &id, json!({key.as_str(): value}));
        odd.tags.insert(key.clone(), tag.clone());
        odd.name = Some(tag.clone());
        odd.hash = canon::rehash(&odd);
        snapshot.resources.push(odd);
        snapshot.header.metadata.insert(key, tag);
        let scene = Scene::empty();
        scene.store.create(&snapshot, if packed { PACKED } else { PLAIN }).expect("stored");
        prop_assert_eq!(scene.store.load(&name("snapshot-v1")).expect("loaded"), snapshot);
        let summary = scene.store.glance(&name("snapshot-v1")).expect("readable");
        prop_assert_eq!(summary, scene.store.verify(&name("snapshot-v1")).expect("sound"));
    }

    #[test]
    fn a_changed_byte_is_never_read_as_something_else(packed in any::<bool>(), flips in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4)) {
        let scene = Scene::empty();
        let stored = scene.store.create(&sample(), if packed { PACKED } else { PLAIN }).expect("stored");
        let mut bytes = fs::read(&stored.path).expect("bytes");
        for (place, flip) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
        }
        fs::write(&stored.path, bytes).expect("written");
        match scene.store.load(&name("snapshot-v1")) {
            Ok(snapshot) => prop_assert_eq!(snapshot, sample()),
            Err(error) => prop_assert!(matches!(error, StoreError::Corrupt { .. } | StoreError::NewerFormat { .. }), "{:?}", error),
        }
    }
}
