use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A calendar month, `2026-10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    // Months since January of the year 0: what comes next is one more.
    index: i32,
}

/// The text is no month, no date, or the period is empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPeriod {
    /// Not `YYYY-MM`.
    #[error("'{0}' is not a month: write it as 2026-10")]
    Month(String),
    /// The end does not follow the start.
    #[error("the period ends on {end}, which is not after its start {start}; the end is exclusive")]
    Empty {
        /// First day.
        start: NaiveDate,
        /// First day that is not in it.
        end: NaiveDate,
    },
}

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        #[expect(clippy::cast_possible_wrap, reason = "0 to 11")]
        Month { index: day.year() * 12 + day.month0() as i32 }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        Month { index: self.index - 1 }
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Month { index: self.index + 1 }
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        let month = u32::try_from(self.index.rem_euclid(12)).unwrap_or_default() + 1;
        // Every Month was made from a date, so this is one, too.
        NaiveDate::from_ymd_opt(self.index.div_euclid(12), month, 1).unwrap_or_default()
    }

    /// The whole month as a period.
    #[must_use]
    pub fn period(self) -> Period {
        Period { start: self.first_day(), end: self.next().first_day() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.index.div_euclid(12), self.index.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = BadPeriod;

    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        let bad = || BadPeriod::Month(text.to_owned());
        let shaped = text.len() == 7
            && text.bytes().enumerate().all(|(at, b)| if at == 4 { b == b'-' } else { b.is_ascii_digit() });
        if !shaped {
            return Err(bad());
        }
        NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map(Month::of).map_err(|_| bad())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A time from one day to another, the end exclusive, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Period {
    /// First day.
    pub start: NaiveDate,
    /// First day that is not in it.
    pub end: NaiveDate,
}

impl Period {
    /// A period of at least one day.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, BadPeriod> {
        if end <= start { Err(BadPeriod::Empty { start, end }) } else { Ok(Period { start, end }) }
    }

    /// Whether the day lies in it.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.start..self.end).contains(&day)
    }

    /// First and last month, when it is made of whole months: the period of bills, not only of days.
    #[must_use]
    pub fn months(&self) -> Option<(Month, Month)> {
        let whole = self.start.day() == 1 && self.end.day() == 1;
        whole.then(|| (Month::of(self.start), Month::of(self.end).previous()))
    }

    /// The time of the same length just before; for whole months, as many months.
    #[must_use]
    pub fn before(&self) -> Self {
        if let Some((first, last)) = self.months() {
            let start = Month { index: first.index - (last.index - first.index + 1) };
            return Period { start: start.first_day(), end: self.start };
        }
        let days = u64::try_from((self.end - self.start).num_days()).unwrap_or_default();
        Period { start: self.start.checked_sub_days(Days::new(days)).unwrap_or(self.start), end: self.start }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.months() {
            Some((first, last)) if first == last => write!(f, "{first}"),
            Some((first, last)) => write!(f, "{first} to {last}"),
            None => write!(f, "{} to {}", self.start, self.end.pred_opt().unwrap_or(self.end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted() {
        let month: Month = "2026-12".parse().expect("a month");
        assert_eq!(month.next().to_string(), "2027-01");
        assert_eq!(month.period().before(), month.previous().period());
        assert_eq!(month.period().to_string(), "2026-12");
        for bad in ["2026-13", "2026-1", "202-10", "2026/10", "", "2026-10-01", "+026-10"] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_end_is_exclusive() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 10, d).expect("a day");
        let period = Period::new(day(3), day(5)).expect("a period");
        assert_eq!([2, 3, 4, 5].map(|d| period.contains(day(d))), [false, true, true, false]);
        assert_eq!(period.to_string(), "2026-10-03 to 2026-10-04");
        assert_eq!(period.before(), Period::new(day(1), day(3)).expect("a period"));
        assert!(Period::new(day(3), day(3)).is_err());
    }
}
