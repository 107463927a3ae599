//! The split: every line of the bill into exactly one bucket, with the rule that put it there.
//!
//! Lines are looked at once and added up; what is kept grows with the number of rows of the report, not of the bill.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::amount::add_to;
use super::error::CostError;
use super::facts::{ResourceMemo, TagMemo, place};
use super::intern::{Interner, Quick, Symbol};
use super::known::Called;
use super::names::is_support;
use super::options::Options;
use super::share;
use super::source::Refusal;
use super::timeline::World;
use crate::model::cost::{
    Bucket, ChargeCategory, Commitment, Granularity, GroupKey, LineItem, Method, Month, Period, Rule,
};

/// What one row of the report is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub month: Month,
    pub day: Option<NaiveDate>,
    pub payer: Symbol,
    pub account: Symbol,
    pub currency: Symbol,
    pub owner: Symbol,
    pub service: Symbol,
    pub region: Symbol,
    pub type_name: Symbol,
    pub resource: Symbol,
    pub tags: Symbol,
    pub bucket: Bucket,
    pub rule: Rule,
    pub method: Method,
    pub baseline: Option<usize>,
}

/// What one row of the report adds up to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub amount: Decimal,
    pub lines: u64,
}

/// Sums by key, in the order in which the keys were met.
#[derive(Debug)]
pub(super) struct Ledger<K> {
    at: HashMap<K, usize, Quick>,
    pub sums: Vec<(K, Sum)>,
    last: usize,
}

impl<K> Default for Ledger<K> {
    fn default() -> Self {
        Ledger { at: HashMap::default(), sums: Vec::new(), last: 0 }
    }
}

impl<K: Copy + Eq + std::hash::Hash> Ledger<K> {
    /// Adds a line; `false` when a sum has more digits than can be kept.
    #[inline]
    fn add(&mut self, key: K, amount: Decimal, lines: u64) -> bool {
        // Lines of a bill come in order: the next one often falls into the same row.
        let same = self.sums.get(self.last).is_some_and(|(last, _)| *last == key);
        if !same {
            let next = self.sums.len();
            self.last = *self.at.entry(key).or_insert(next);
            if self.last == next {
                self.sums.push((key, Sum::default()));
            }
        }
        let sum = &mut self.sums[self.last].1;
        sum.lines += lines;
        add_to(&mut sum.amount, amount)
    }
}

/// Month, account and currency: what is reconciled with the source.
pub(super) type SourceKey = (Month, Symbol, Symbol);
/// Bucket, service and currency: what is compared with the period before.
pub(super) type MoverKey = (Bucket, Symbol, Symbol);

/// Takes lines, one after the other, and puts each into its bucket.
pub struct Splitter<'a> {
    pub(super) options: &'a Options,
    pub(super) world: &'a World,
    pub(super) names: Interner,
    pub(super) ledger: Ledger<Key>,
    pub(super) source: Ledger<SourceKey>,
    pub(super) now: Ledger<MoverKey>,
    pub(super) before: Ledger<MoverKey>,
    pub(super) as_of: Option<NaiveDate>,
    pub(super) open: bool,
    pub(super) final_known: bool,
    pub(super) months: std::collections::BTreeSet<Month>,
    /// Lines of other periods, left aside.
    pub outside: u64,
    last_month: Option<Month>,
    previous: Period,
    by: Grouping,
    tags: TagMemo,
    resources: ResourceMemo,
}

/// Which keys rows are grouped by, looked up once.
#[expect(clippy::struct_excessive_bools, reason = "one switch per key")]
#[derive(Debug, Clone, Copy)]
struct Grouping {
    service: bool,
    region: bool,
    type_name: bool,
    resource: bool,
    daily: bool,
}

/// Where a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    bucket: Bucket,
    rule: Rule,
    owner: Symbol,
    type_name: Symbol,
    groups: Symbol,
    baseline: Option<usize>,
}

impl<'a> Splitter<'a> {
    /// A splitter without lines.
    #[must_use]
    pub fn new(options: &'a Options, world: &'a World) -> Self {
        let has = |key: &GroupKey| options.group_by.contains(key);
        Splitter {
            options,
            world,
            names: Interner::default(),
            ledger: Ledger::default(),
            source: Ledger::default(),
            now: Ledger::default(),
            before: Ledger::default(),
            as_of: None,
            open: false,
            final_known: true,
            months: std::collections::BTreeSet::new(),
            outside: 0,
            last_month: None,
            previous: options.period.before(),
            by: Grouping {
                service: has(&GroupKey::Service),
                region: has(&GroupKey::Region),
                type_name: has(&GroupKey::Type),
                resource: has(&GroupKey::Resource),
                daily: options.granularity == Granularity::Daily,
            },
            tags: TagMemo::default(),
            resources: ResourceMemo::default(),
        }
    }

    /// Takes a line of the source.
    pub fn take(&mut self, line: &LineItem<'_>) -> Result<(), Refusal> {
        self.take_part(line, None)
    }

    /// Takes a line whose source has no resource ids, and splits it by weights of buckets.
    pub fn take_weighted(&mut self, line: &LineItem<'_>, weights: &[(Bucket, Decimal)]) -> Result<(), Refusal> {
        let parts: Vec<Decimal> = weights.iter().map(|(_, weight)| *weight).collect();
        let Some(parts) = share::distribute(line.cost, &parts) else { return self.take(line) };
        let mut lines = 1;
        for ((bucket, _), cost) in weights.iter().zip(parts) {
            self.take_part(&LineItem { cost, ..*line }, Some((*bucket, lines)))?;
            // The parts are one line of the source.
            lines = 0;
        }
        Ok(())
    }

    /// The bucket of a resource on a day, by the resource alone.
    #[must_use]
    pub fn bucket_of(&self, service: &str, resource: &str, day: NaiveDate) -> Bucket {
        // Cost Explorer's name for usage without a resource.
        if resource.is_empty() || resource == "NoResourceId" {
            return Bucket::Shared;
        }
        let called = Called { id: resource, service_code: "", service_name: service, region: "" };
        let found = self.world.known.find(called);
        let placed = self.world.baseline_on(day).and_then(|baseline| place(&found, baseline, &self.world.known));
        placed.map_or(Bucket::NonBaseline, |(bucket, _)| bucket)
    }

    fn take_part(&mut self, line: &LineItem<'_>, estimate: Option<(Bucket, u64)>) -> Result<(), Refusal> {
        if self.last_month != Some(line.billing_month) {
            self.last_month = Some(line.billing_month);
            self.months.insert(line.billing_month);
        }
        let period = if contains(self.options.period, line) {
            true
        } else if contains(self.previous, line) {
            false
        } else {
            self.outside += 1;
            return Ok(());
        };
        let place = self.place(line)?;
        let (bucket, rule, method, lines) = match estimate {
            Some((bucket, lines)) => (bucket, Rule::Weights, Method::Estimated, lines),
            None => (place.bucket, place.rule, Method::Measured, 1),
        };
        let currency = self.names.intern(line.billing_currency);
        let service = self.names.intern(line.service_name);
        let movers = if period { &mut self.now } else { &mut self.before };
        let mut exact = movers.add((bucket, service, currency), line.cost, lines);
        if period {
            self.as_of = self.as_of.max(Some(line.charge_day));
            self.open |= line.invoiced == Some(false);
            self.final_known &= line.invoiced.is_some();
            let account = self.names.intern(line.sub_account_id);
            exact &= self.source.add((line.billing_month, account, currency), line.cost, lines);
            let grouped = |wanted: bool, symbol: Symbol| if wanted { symbol } else { Symbol::EMPTY };
            let key = Key {
                month: line.billing_month,
                day: self.by.daily.then_some(line.charge_day),
                payer: self.names.intern(line.billing_account_id),
                account,
                currency,
                owner: place.owner,
                service: grouped(self.by.service, service),
                region: if self.by.region { self.names.intern(line.region_id) } else { Symbol::EMPTY },
                type_name: grouped(self.by.type_name, place.type_name),
                resource: if self.by.resource { self.names.intern(line.resource_id) } else { Symbol::EMPTY },
                tags: place.groups,
                bucket,
                rule,
                method,
                baseline: place.baseline,
            };
            exact &= self.ledger.add(key, line.cost, lines);
        }
        if exact { Ok(()) } else { Err(Refusal::Error(CostError::TooLarge(line.billing_currency.to_owned()))) }
    }

    fn place(&mut self, line: &LineItem<'_>) -> Result<Place, Refusal> {
        let Splitter { options, world, names, tags, resources, .. } = self;
        let baseline = world.baseline_on(line.charge_day);
        let tags = tags.facts(line, options, &world.known, names).map_err(|error| Refusal::Tags(error.to_string()))?;
        let other = !world.known.account().is_empty() && line.sub_account_id != world.known.account();
        let asked = !options.owners.resources.is_empty() || world.known.might_know(line.resource_id);
        let resource = if line.resource_id.is_empty() || other || !asked {
            super::facts::ResourceFacts::default()
        } else {
            resources.facts(line, baseline, options, &world.known, names)
        };
        let by_owner = || {
            let baseline = baseline.filter(|_| !other)?;
            let found = tags.parents.iter().find(|at| world.known.holds(baseline, **at));
            found.map(|_| (Bucket::Baseline, Rule::Owner))
        };
        let tagged = || tags.baseline.then_some((Bucket::Baseline, Rule::TagRule));
        let in_baseline = || {
            let direct = resource.placed.filter(|(bucket, _)| *bucket == Bucket::Baseline);
            direct.or_else(by_owner).or_else(tagged)
        };
        let (bucket, rule) = match line.charge_category {
            ChargeCategory::Tax => (Bucket::Tax, Rule::Tax),
            ChargeCategory::Credit => (Bucket::Credits, Rule::Credit),
            _ if is_support(line.service_code, line.service_name) => (Bucket::Support, Rule::Support),
            _ if line.commitment == Commitment::Unused => (Bucket::UnusedCommitment, Rule::Unused),
            category => match in_baseline().or(resource.placed) {
                Some(placed) => placed,
                None if category == ChargeCategory::Adjustment => (Bucket::Credits, Rule::Refund),
                None if line.marketplace => (Bucket::MarketplaceFees, Rule::Marketplace),
                None if category == ChargeCategory::Purchase => (Bucket::MarketplaceFees, Rule::Purchase),
                None if line.resource_id.is_empty() => (Bucket::Shared, Rule::NoResource),
                None if other => (Bucket::NonBaseline, Rule::OtherAccount),
                None => (Bucket::NonBaseline, Rule::Unmatched),
            },
        };
        let owner = [resource.owner, tags.owner].into_iter().find(|owner| *owner != Symbol::EMPTY);
        let owner = match owner {
            Some(owner) => owner,
            None => match options.owners.accounts.get(line.sub_account_id) {
                Some(owner) => names.intern(owner),
                None => Symbol::EMPTY,
            },
        };
        Ok(Place { bucket, rule, owner, type_name: resource.type_name, groups: tags.groups, baseline })
    }
}

/// Whether a line belongs to a period. Of whole months the bill decides: a correction of an earlier month belongs to
/// the bill that carries it, so that the report adds up to the invoice. Otherwise the day of the charge decides.
#[inline]
fn contains(period: Period, line: &LineItem<'_>) -> bool {
    match period.months() {
        Some((first, last)) => first <= line.billing_month && line.billing_month <= last,
        None => period.contains(line.charge_day),
    }
}
