//! From sums to the report, and the proof that nothing was lost on the way.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::amount::add;
use super::error::CostError;
use super::facts::JOIN;
use super::share::share;
use super::split::{Key, Ledger, MoverKey, Splitter, Sum};
use crate::model::cost::{
    Bucket, Budget, CostReport, GroupKey, Header, Method, Month, Mover, Reconciled, Requests, Row, Rule, Shares,
    SourceUse, Total,
};

/// Movers that are shown at most.
const MOVERS: usize = 10;

impl Splitter<'_> {
    /// Shares out the pools, checks the sums, and tells everything.
    ///
    /// `sources` are the sources that were read, `requests` what Cost Explorer took, `estimated` whether the source said
    /// itself that its figures can change, `warnings` what was noticed while reading.
    pub fn finish(
        self,
        sources: Vec<SourceUse>,
        requests: Option<Requests>,
        estimated: Option<bool>,
        mut warnings: Vec<String>,
    ) -> Result<CostReport, CostError> {
        let options = self.options;
        if self.ledger.sums.is_empty() {
            let found: Vec<String> = self.months.iter().map(ToString::to_string).collect();
            return Err(CostError::NothingInPeriod { period: options.period.to_string(), found });
        }
        let rows = self.ledger.sums.iter().map(|(key, sum)| self.row(key, *sum)).collect();
        let (mut rows, pools) =
            share(rows, &options.sharing).ok_or_else(|| CostError::TooLarge("a pool".to_owned()))?;
        for row in &mut rows {
            row.total = total(row)?;
        }
        rows.sort_by(|a, b| order(a).cmp(&order(b)));
        let reconciled = self.reconcile(&rows)?;
        let totals = totals(&rows)?;
        self.warn(&rows, &mut warnings);
        let budgets = budgets(&options.budgets, &rows, options.period.months())?;
        for name in options.budgets.keys().filter(|name| !budgets.iter().any(|it| it.name == **name)) {
            warnings.push(format!("nothing in the period belongs to the budget '{name}': is the name right?"));
        }
        let estimated = estimated.or(self.final_known.then_some(self.open));
        let report = CostReport {
            header: Header {
                period: options.period,
                metric: options.metric,
                granularity: options.granularity,
                group_by: options.group_by.clone(),
                sources,
                baselines: self.world.baselines(options.period),
                as_of: self.as_of,
                estimated,
                requests,
            },
            movers: self.movers()?,
            budgets,
            rows,
            pools,
            totals,
            reconciled,
            warnings,
        };
        if report.is_reconciled() { Ok(report) } else { Err(CostError::NotReconciled(report.difference().to_string())) }
    }

    fn row(&self, key: &Key, sum: Sum) -> Row {
        let text = |symbol| self.names.text(symbol).to_owned();
        let mut tags: Vec<String> = self.names.text(key.tags).split(JOIN).map(str::to_owned).collect();
        tags.resize(self.options.group_by.iter().filter(|key| matches!(key, GroupKey::Tag(_))).count(), String::new());
        Row {
            month: key.month,
            day: key.day,
            payer: text(key.payer),
            account: text(key.account),
            bucket: key.bucket,
            rule: key.rule,
            owner: text(key.owner),
            service: text(key.service),
            region: text(key.region),
            type_name: text(key.type_name),
            resource: text(key.resource),
            tags,
            currency: text(key.currency),
            direct: sum.amount,
            shared_in: BTreeMap::new(),
            total: sum.amount,
            method: key.method,
            baseline: key.baseline.map(|at| self.world.name(at).to_owned()).unwrap_or_default(),
            lines: sum.lines,
        }
    }

    /// Compares the rows with the sums that were taken while the lines came in.
    fn reconcile(&self, rows: &[Row]) -> Result<Vec<Reconciled>, CostError> {
        let mut found: HashMap<(Month, &str, &str), Decimal> = HashMap::new();
        for row in rows {
            let sum = found.entry((row.month, &row.account, &row.currency)).or_default();
            *sum = exact(*sum, row.total, &row.currency)?;
        }
        let mut list = Vec::new();
        for ((month, account, currency), sum) in &self.source.sums {
            let (account, currency) = (self.names.text(*account), self.names.text(*currency));
            let rows = found.remove(&(*month, account, currency)).unwrap_or_default();
            list.push(Reconciled {
                month: *month,
                account: account.to_owned(),
                currency: currency.to_owned(),
                lines: sum.lines,
                source: sum.amount,
                rows,
                difference: exact(rows, -sum.amount, currency)?,
            });
        }
        // Rows that no line of the source stands behind would be invented money.
        for ((month, account, currency), rows) in found {
            list.push(Reconciled {
                month,
                account: account.to_owned(),
                currency: currency.to_owned(),
                lines: 0,
                source: Decimal::ZERO,
                rows,
                difference: rows,
            });
        }
        list.sort_by(|a, b| (a.month, &a.account, &a.currency).cmp(&(b.month, &b.account, &b.currency)));
        Ok(list)
    }

    fn movers(&self) -> Result<Vec<Mover>, CostError> {
        if self.before.sums.is_empty() {
            return Ok(Vec::new());
        }
        let mut both: BTreeMap<(Bucket, String, String), (Decimal, Decimal)> = BTreeMap::new();
        let name = |(bucket, service, currency): MoverKey| {
            (bucket, self.names.text(service).to_owned(), self.names.text(currency).to_owned())
        };
        let entries =
            |ledger: &Ledger<MoverKey>| ledger.sums.iter().map(|(key, sum)| (name(*key), sum.amount)).collect();
        let (before, now): (Vec<_>, Vec<_>) = (entries(&self.before), entries(&self.now));
        for (key, amount) in before {
            both.entry(key).or_default().0 = amount;
        }
        for (key, amount) in now {
            both.entry(key).or_default().1 = amount;
        }
        let mut movers = Vec::new();
        for ((bucket, service, currency), (before, after)) in both {
            let change = exact(after, -before, &currency)?;
            if !change.is_zero() {
                movers.push(Mover { bucket, service, currency, before, after, change });
            }
        }
        movers.sort_by_key(|mover| std::cmp::Reverse(mover.change.abs()));
        movers.truncate(MOVERS);
        Ok(movers)
    }

    fn warn(&self, rows: &[Row], warnings: &mut Vec<String>) {
        if self.world.baselines(self.options.period).is_empty() {
            warnings.push("there is no baseline: nothing counts as baseline".to_owned());
        }
        let accounts: std::collections::BTreeSet<&str> =
            rows.iter().filter(|row| row.rule == Rule::OtherAccount).map(|row| row.account.as_str()).collect();
        if !accounts.is_empty() {
            let shown: Vec<&str> = accounts.iter().copied().take(3).collect();
            let more = if accounts.len() > shown.len() { ", …" } else { "" };
            warnings.push(format!(
                "the baseline is of account {}; all resources of {} count as non-baseline: {}{more}",
                self.world.known.account(),
                if accounts.len() == 1 {
                    "another account".to_owned()
                } else {
                    format!("{} other accounts", accounts.len())
                },
                shown.join(", "),
            ));
        }
        if rows.iter().any(|row| row.rule == Rule::NotLookedAt) {
            warnings.push(
                "some resources are of types or regions that the baseline could not look at, or was not to: they count as \
                 non-baseline (rule not-looked-at)"
                    .to_owned(),
            );
        }
        for (at, key) in self.options.group_by.iter().filter(|key| matches!(key, GroupKey::Tag(_))).enumerate() {
            let used = rows.iter().any(|row| row.tags.get(at).is_some_and(|value| !value.is_empty()));
            if !used {
                warnings.push(format!(
                    "no line carries {key}: is it activated as a cost allocation tag? It counts from its activation on"
                ));
            }
        }
        if self.as_of.is_some_and(|as_of| as_of.succ_opt().is_some_and(|next| next < self.options.period.end)) {
            warnings.push(format!(
                "there is no charge after {}: the period may not be complete",
                self.as_of.unwrap_or_default()
            ));
        }
    }
}

fn order(row: &Row) -> impl Ord + '_ {
    (
        (row.month, row.day, &row.currency, &row.payer, &row.account, row.bucket),
        (&row.owner, &row.service, &row.region, &row.type_name, &row.resource, &row.tags),
        (row.rule, row.method, &row.baseline),
    )
}

fn exact(a: Decimal, b: Decimal, what: &str) -> Result<Decimal, CostError> {
    add(a, b).ok_or_else(|| CostError::TooLarge(what.to_owned()))
}

fn total(row: &Row) -> Result<Decimal, CostError> {
    row.shared_in.values().try_fold(row.direct, |sum, part| exact(sum, *part, &row.currency))
}

fn totals(rows: &[Row]) -> Result<Vec<Total>, CostError> {
    let mut totals: BTreeMap<&str, Total> = BTreeMap::new();
    for row in rows {
        let currency = row.currency.as_str();
        let total = totals.entry(currency).or_insert_with(|| Total {
            currency: currency.to_owned(),
            total: Decimal::ZERO,
            buckets: BTreeMap::new(),
            methods: BTreeMap::new(),
        });
        total.total = exact(total.total, row.total, currency)?;
        let received = exact(row.total, -row.direct, currency)?;
        let shares: &mut Shares = total.buckets.entry(row.bucket).or_default();
        shares.direct = exact(shares.direct, row.direct, currency)?;
        shares.shared = exact(shares.shared, received, currency)?;
        shares.total = exact(shares.total, row.total, currency)?;
        // The lines of a row are measured or estimated; what was shared in is allocated.
        let own = if row.method == Method::Estimated { Method::Estimated } else { Method::Measured };
        for (method, amount) in [(own, row.direct), (Method::Allocated, received)] {
            let sum = total.methods.entry(method).or_default();
            *sum = exact(*sum, amount, currency)?;
        }
    }
    Ok(totals.into_values().collect())
}

/// What was spent of each budget; a budget is per month.
fn budgets(
    budgets: &BTreeMap<String, Decimal>,
    rows: &[Row],
    months: Option<(Month, Month)>,
) -> Result<Vec<Budget>, CostError> {
    let count = months.map_or(1, |(first, last)| {
        let mut count = 1;
        let mut month = first;
        while month < last {
            month = month.next();
            count += 1;
        }
        count
    });
    let mut list = Vec::new();
    for (name, limit) in budgets {
        let mut spent: BTreeMap<&str, Decimal> = BTreeMap::new();
        for row in rows.iter().filter(|row| is_of_budget(row, name)) {
            let sum = spent.entry(row.currency.as_str()).or_default();
            *sum = exact(*sum, row.total, &row.currency)?;
        }
        let limit = *limit * Decimal::from(count);
        list.extend(spent.into_iter().map(|(currency, spent)| Budget {
            name: name.clone(),
            currency: currency.to_owned(),
            limit,
            spent,
            exceeded: spent > limit,
        }));
    }
    Ok(list)
}

/// Whether a row counts for a budget: of an owner, of a side, or of what one snapshot holds (`snapshot:NAME`).
fn is_of_budget(row: &Row, name: &str) -> bool {
    match name.strip_prefix("snapshot:") {
        Some(snapshot) => row.bucket == Bucket::Baseline && row.baseline == snapshot,
        None => row.owner == name || (row.bucket.is_direct() && row.bucket.side() == name),
    }
}
