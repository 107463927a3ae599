//! Cost Explorer as a source. Each request costs money, so they are counted, capped, and not made twice.
//!
//! Cost Explorer has resource ids for the last fourteen days at most. One query by service and record type gives the
//! amounts; weights split the usage of a service into baseline and the rest, and what they yield is an estimate.

mod answer;
mod cache;

use std::collections::BTreeMap;

use aws_sdk_costexplorer::Client;
use aws_sdk_costexplorer::types::{
    CostAllocationTagStatus, DateInterval, Dimension, DimensionValues, Expression, Granularity as Grain,
    GroupDefinition, GroupDefinitionType, ResultByTime,
};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::amount;
use super::error::CostError;
use super::source::Refusal;
use super::split::Splitter;
use crate::aws::{Call as _, ErrorClass};
use crate::model::cost::{Bucket, Granularity, GroupKey, Metric, Period, Requests, SourceUse};
use answer::{Answer, Group, Slice};
pub use cache::Cache;

/// The only region that answers.
pub const REGION: &str = "us-east-1";
/// Hundredths of a US dollar for one request; every page is one. Source: AWS Cost Explorer pricing.
pub const CENTS: i64 = 1;
/// Days for which Cost Explorer keeps resource ids.
const RESOURCE_DAYS: u64 = 14;

/// What to ask, and how often at most.
#[derive(Debug, Clone)]
pub struct Question {
    /// The account whose bill is split, twelve digits.
    pub account: String,
    /// Today, UTC.
    pub today: NaiveDate,
    /// Requests that may be sent.
    pub max_requests: usize,
    /// Ask again for what is in the cache.
    pub refresh: bool,
    /// Weigh by the resources of the last fourteen days; has to be enabled in the Cost Management preferences.
    pub resources: bool,
}

/// Asks Cost Explorer.
pub struct Explorer<'a> {
    client: &'a Client,
    cache: Option<Cache>,
    question: Question,
    sent: usize,
    cached: usize,
}

/// The second thing that amounts are grouped by: Cost Explorer allows two, and the record type is the first.
enum Second {
    Service,
    Region,
    Tag(String),
}

/// One query, without its page.
struct Query {
    period: Period,
    grain: Grain,
    metric: Metric,
    groups: Vec<GroupDefinition>,
    filter: Expression,
    with_resources: bool,
}

impl<'a> Explorer<'a> {
    /// An explorer that has asked nothing yet.
    #[must_use]
    pub fn new(client: &'a Client, cache: Option<Cache>, question: Question) -> Self {
        Explorer { client, cache, question, sent: 0, cached: 0 }
    }

    /// What was asked so far, and what it costs.
    #[must_use]
    pub fn requests(&self) -> Requests {
        let cents = i64::try_from(self.sent).unwrap_or(i64::MAX).saturating_mul(CENTS);
        Requests { sent: self.sent, cached: self.cached, price_usd: Decimal::new(cents, 2) }
    }

    /// Reads the bill of the splitter's period, and of the period before, into the splitter.
    ///
    /// Returns what was read and what the reader of the report must know.
    pub async fn read(&mut self, splitter: &mut Splitter<'_>) -> Result<(SourceUse, Vec<String>), CostError> {
        let options = splitter.options;
        let mut warnings = Vec::new();
        let second = second(&options.group_by);
        if let Second::Tag(key) = &second {
            self.check_tag(key, &mut warnings).await?;
        }
        let weights = self.weights(splitter, &mut warnings).await?;
        // Of whole months the month before comes with the same request, for the price of one.
        let monthly = options.period.months().is_some() && options.granularity == Granularity::Monthly;
        let tomorrow = self.question.today.checked_add_days(Days::new(1)).unwrap_or(self.question.today);
        let start = if monthly { options.period.before().start } else { options.period.start };
        let period = Period::new(start, options.period.end.min(tomorrow)).map_err(|_| CostError::NothingInPeriod {
            period: options.period.to_string(),
            found: vec!["no future".to_owned()],
        })?;
        let group = match &second {
            Second::Service => dimension("SERVICE"),
            Second::Region => dimension("REGION"),
            Second::Tag(key) => GroupDefinition::builder().r#type(GroupDefinitionType::Tag).key(key).build(),
        };
        let answer = self
            .ask(Query {
                period,
                grain: if monthly { Grain::Monthly } else { Grain::Daily },
                metric: options.metric,
                groups: vec![dimension("RECORD_TYPE"), group],
                filter: self.account_filter(),
                with_resources: false,
            })
            .await?;
        let mut lines = 0;
        let none = BTreeMap::new();
        // Weights are per service, so they say nothing about lines of another kind.
        let weights = if matches!(second, Second::Service) { &weights } else { &none };
        for slice in &answer.slices {
            for group in &slice.groups {
                let key = match &second {
                    Second::Tag(key) => Some(key.as_str()),
                    _ => None,
                };
                let by_region = matches!(second, Second::Region);
                answer::take(splitter, &self.question, slice, group, key, by_region, weights).map_err(|refusal| {
                    match refusal {
                        Refusal::Error(error) => error,
                        Refusal::Tags(what) => CostError::BadAnswer(what),
                    }
                })?;
                lines += 1;
            }
        }
        let outside = splitter.outside;
        let format = crate::model::cost::Format::Explorer;
        Ok((SourceUse { name: "cost-explorer".to_owned(), format, lines, outside }, warnings))
    }

    /// How the usage of each service splits, by the resources of the last days or by tags.
    async fn weights(
        &mut self,
        splitter: &Splitter<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<BTreeMap<String, Vec<(Bucket, Decimal)>>, CostError> {
        if self.question.resources {
            match self.resource_weights(splitter).await {
                Ok(weights) if !weights.is_empty() => return Ok(weights),
                Ok(_) => warnings.push("Cost Explorer has no resources for the last 14 days".to_owned()),
                // Not enabled, or not for this account: the report can do without.
                Err(CostError::Explorer(error)) if error.class != ErrorClass::Expired => {
                    warnings.push(format!("no resource weights: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        let Some((key, value)) = splitter.options.baseline_tags.first_key_value() else {
            warnings.push(
                "Cost Explorer has no resource ids: usage counts as shared. Use a FOCUS or CUR export, or let tags \
                 (cost.baseline-tags) or recent resources (cost.explorer-resources) weigh it"
                    .to_owned(),
            );
            return Ok(BTreeMap::new());
        };
        self.check_tag(key, warnings).await?;
        let tag = GroupDefinition::builder().r#type(GroupDefinitionType::Tag).key(key).build();
        let period = splitter.options.period;
        let tomorrow = self.question.today.checked_add_days(Days::new(1)).unwrap_or(self.question.today);
        let period = Period::new(period.start, period.end.min(tomorrow)).unwrap_or(period);
        let answer = self
            .ask(Query {
                period,
                grain: Grain::Monthly,
                metric: splitter.options.metric,
                groups: vec![dimension("SERVICE"), tag],
                filter: self.usage_filter(),
                with_resources: false,
            })
            .await?;
        Ok(answer::tag_weights(&answer, key, value))
    }

    async fn resource_weights(
        &mut self,
        splitter: &Splitter<'_>,
    ) -> Result<BTreeMap<String, Vec<(Bucket, Decimal)>>, CostError> {
        let today = self.question.today;
        let start = today.checked_sub_days(Days::new(RESOURCE_DAYS)).unwrap_or(today);
        let Ok(period) = Period::new(start, today) else { return Ok(BTreeMap::new()) };
        let answer = self
            .ask(Query {
                period,
                grain: Grain::Daily,
                metric: splitter.options.metric,
                groups: vec![dimension("SERVICE"), dimension("RESOURCE_ID")],
                filter: self.usage_filter(),
                with_resources: true,
            })
            .await?;
        Ok(answer::resource_weights(&answer, splitter, &self.question))
    }

    /// Says so when a tag is not activated, instead of calling everything untagged.
    async fn check_tag(&mut self, key: &str, warnings: &mut Vec<String>) -> Result<(), CostError> {
        self.count()?;
        let answer = self.client.list_cost_allocation_tags().tag_keys(key).send().await;
        match answer.at("ce:ListCostAllocationTags") {
            Ok(answer) => {
                let active = answer
                    .cost_allocation_tags()
                    .iter()
                    .any(|tag| tag.tag_key() == key && *tag.status() == CostAllocationTagStatus::Active);
                if !active {
                    warnings.push(format!(
                        "the tag {key} is not active as a cost allocation tag: Cost Explorer knows none of its values"
                    ));
                }
            }
            // Only the management account may ask; the figures do not depend on it.
            Err(error) => warnings.push(format!("cannot tell whether the tag {key} is active: {error}")),
        }
        Ok(())
    }

    fn account_filter(&self) -> Expression {
        equals(Dimension::LinkedAccount, &self.question.account)
    }

    fn usage_filter(&self) -> Expression {
        Expression::builder().and(self.account_filter()).and(equals(Dimension::RecordType, "Usage")).build()
    }

    /// Counts a request before it is sent.
    fn count(&mut self) -> Result<(), CostError> {
        if self.sent >= self.question.max_requests {
            return Err(CostError::TooManyRequests { allowed: self.question.max_requests, sent: self.sent });
        }
        self.sent += 1;
        Ok(())
    }

    /// Answers from the cache, or asks page by page. What can still change is not kept.
    async fn ask(&mut self, query: Query) -> Result<Answer, CostError> {
        let id = cache::id(&[
            &self.question.account,
            &query.period.start.to_string(),
            &query.period.end.to_string(),
            query.grain.as_str(),
            query.metric.explorer_name(),
            &format!("{:?}", query.groups.iter().map(GroupDefinition::key).collect::<Vec<_>>()),
            if query.with_resources { "resources" } else { "" },
        ]);
        if !self.question.refresh
            && let Some(answer) = self.cache.as_ref().and_then(|cache| cache.load(&id))
        {
            self.cached += 1;
            return Ok(answer);
        }
        let mut answer = Answer::default();
        let mut page: Option<String> = None;
        loop {
            self.count()?;
            let (results, next) = self.page(&query, page.take()).await?;
            for result in &results {
                answer.slices.push(slice(result, query.metric)?);
            }
            match next.filter(|next| !next.is_empty()) {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        let closed = query.period.months().is_some() && query.period.end <= first_of(self.question.today);
        if closed
            && answer.slices.iter().all(|slice| !slice.estimated)
            && let Some(cache) = &self.cache
        {
            cache.store(&id, &answer);
        }
        Ok(answer)
    }

    async fn page(
        &self,
        query: &Query,
        page: Option<String>,
    ) -> Result<(Vec<ResultByTime>, Option<String>), CostError> {
        let period = DateInterval::builder()
            .start(query.period.start.to_string())
            .end(query.period.end.to_string())
            .build()
            .map_err(|error| CostError::BadAnswer(error.to_string()))?;
        let groups = Some(query.groups.clone());
        let metrics = query.metric.explorer_name();
        if query.with_resources {
            let call = self.client.get_cost_and_usage_with_resources().time_period(period);
            let call = call.granularity(query.grain.clone()).metrics(metrics).set_group_by(groups);
            let answer = call.filter(query.filter.clone()).set_next_page_token(page).send().await;
            let answer = answer.at("ce:GetCostAndUsageWithResources").map_err(CostError::Explorer)?;
            return Ok((answer.results_by_time().to_vec(), answer.next_page_token().map(str::to_owned)));
        }
        let call = self.client.get_cost_and_usage().time_period(period).granularity(query.grain.clone());
        let call = call.metrics(metrics).set_group_by(groups).filter(query.filter.clone());
        let answer = call.set_next_page_token(page).send().await;
        let answer = answer.at("ce:GetCostAndUsage").map_err(CostError::Explorer)?;
        Ok((answer.results_by_time().to_vec(), answer.next_page_token().map(str::to_owned)))
    }
}

fn second(group_by: &[GroupKey]) -> Second {
    let first = group_by.iter().find_map(|key| match key {
        GroupKey::Service => Some(Second::Service),
        GroupKey::Region => Some(Second::Region),
        GroupKey::Tag(key) => Some(Second::Tag(key.clone())),
        _ => None,
    });
    first.unwrap_or(Second::Service)
}

fn dimension(name: &str) -> GroupDefinition {
    GroupDefinition::builder().r#type(GroupDefinitionType::Dimension).key(name).build()
}

fn equals(dimension: Dimension, value: &str) -> Expression {
    Expression::builder().dimensions(DimensionValues::builder().key(dimension).values(value).build()).build()
}

fn first_of(day: NaiveDate) -> NaiveDate {
    crate::model::cost::Month::of(day).first_day()
}

fn slice(result: &ResultByTime, metric: Metric) -> Result<Slice, CostError> {
    let bad = |what: &str| CostError::BadAnswer(what.to_owned());
    let period = result.time_period().ok_or_else(|| bad("a result without a period"))?;
    let day =
        |text: &str| text.get(..10).unwrap_or(text).parse::<NaiveDate>().map_err(|_| bad("a period without dates"));
    let mut groups = Vec::new();
    for group in result.groups() {
        let value = group.metrics().and_then(|metrics| metrics.get(metric.explorer_name()));
        let text = value.and_then(|value| value.amount()).ok_or_else(|| bad("a group without an amount"))?;
        let cost = amount::parse(text).ok_or_else(|| bad(&format!("'{text}', which is not an amount")))?;
        let currency = value.and_then(|value| value.unit()).unwrap_or("USD").to_owned();
        groups.push(Group { keys: group.keys().to_vec(), cost, currency });
    }
    Ok(Slice { start: day(period.start())?, end: day(period.end())?, estimated: result.estimated(), groups })
}
