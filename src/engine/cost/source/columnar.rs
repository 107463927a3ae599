//! Parquet, row by row: only the columns that are looked at are unpacked, one page of each at a time.

use std::fmt::Write as _;
use std::fs::File;
use std::sync::Arc;

use chrono::DateTime;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::data_type::{AsBytes as _, Decimal as ParquetDecimal};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::{Type, TypePtr};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::cells::{Cells, Span};
use super::layout::Layout;

/// A Parquet file with an understood schema.
pub struct Table {
    reader: SerializedFileReader<File>,
    schema: TypePtr,
}

impl Table {
    /// Reads the footer.
    pub fn open(file: File) -> Result<Self, ParquetError> {
        let reader = SerializedFileReader::new(file)?;
        let schema = reader.metadata().file_metadata().schema_descr().root_schema_ptr();
        Ok(Table { reader, schema })
    }

    /// The names of the columns.
    pub fn header(&self) -> Vec<String> {
        self.schema.get_fields().iter().map(|field| field.name().to_owned()).collect()
    }

    /// Calls `visit` with the number, from 1, and the cells of each row.
    pub fn each<E: From<ParquetError>>(
        &self,
        layout: &Layout,
        mut visit: impl FnMut(u64, Cells<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let fields = self.schema.get_fields();
        // The columns in the order in which the file has them, each with its slots: two slots may share a column.
        let mut wanted: Vec<(usize, Vec<usize>)> = Vec::new();
        for slot in 0..layout.slots() {
            if let Some(column) = layout.column(slot) {
                match wanted.iter_mut().find(|(at, _)| *at == column) {
                    Some((_, slots)) => slots.push(slot),
                    None => wanted.push((column, vec![slot])),
                }
            }
        }
        wanted.sort();
        let projected: Vec<Arc<Type>> = wanted.iter().map(|(at, _)| fields[*at].clone()).collect();
        let units: Vec<Option<i64>> = projected.iter().map(|field| nanoseconds(field)).collect();
        let projection = Type::group_type_builder(self.schema.name()).with_fields(projected).build()?;
        let mut spans = vec![Span::default(); layout.slots()];
        let mut text = String::new();
        for (row, number) in self.reader.get_row_iter(Some(projection))?.zip(1..) {
            text.clear();
            for (at, (_, field)) in row?.get_column_iter().enumerate() {
                let start = text.len();
                write_field(&mut text, field, units[at]);
                for slot in &wanted[at].1 {
                    spans[*slot] = Span::new(start, text.len(), false);
                }
            }
            visit(number, Cells::new(&text, "", &spans))?;
        }
        Ok(())
    }
}

/// Nanoseconds per unit of a timestamp that has no converted type and so comes as a bare number.
fn nanoseconds(field: &Type) -> Option<i64> {
    match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(time)) => Some(match time.unit {
            TimeUnit::MILLIS => 1_000_000,
            TimeUnit::MICROS => 1_000,
            TimeUnit::NANOS => 1,
        }),
        _ => None,
    }
}

fn write_field(out: &mut String, field: &Field, unit: Option<i64>) {
    // Writing to a String cannot fail.
    let _ = match field {
        Field::Null => Ok(()),
        Field::Str(text) => out.write_str(text),
        // The shortest text that gives the same double: 0.1 and not 0.1000000000000000055.
        Field::Double(value) => write!(out, "{value}"),
        Field::Float(value) => write!(out, "{value}"),
        Field::Long(value) => match unit {
            Some(unit) => write_time(out, value.checked_mul(unit)),
            None => write!(out, "{value}"),
        },
        Field::TimestampMillis(value) => write_time(out, value.checked_mul(1_000_000)),
        Field::TimestampMicros(value) => write_time(out, value.checked_mul(1_000)),
        Field::Date(days) => write_time(out, i64::from(*days).checked_mul(86_400_000_000_000)),
        Field::Decimal(value) => match decimal(value) {
            Some(value) => write!(out, "{value}"),
            None => out.write_str("a decimal of too many digits"),
        },
        Field::Bytes(bytes) => out.write_str(&String::from_utf8_lossy(bytes.as_bytes())),
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => write!(out, "{}", json(field)),
        other => write!(out, "{other}"),
    };
}

fn write_time(out: &mut String, nanoseconds: Option<i64>) -> std::fmt::Result {
    match nanoseconds {
        // Only the day is ever looked at.
        Some(value) => write!(out, "{}", DateTime::from_timestamp_nanos(value).date_naive()),
        None => out.write_str("a time out of range"),
    }
}

fn decimal(value: &ParquetDecimal) -> Option<Decimal> {
    // Big-endian two's complement of any length.
    let bytes = value.data();
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 16];
    let start = 16_usize.checked_sub(bytes.len())?;
    wide[start..].copy_from_slice(bytes);
    let scale = u32::try_from(value.scale()).ok()?;
    Decimal::try_from_i128_with_scale(i128::from_be_bytes(wide), scale).ok()
}

/// Tags: a map, a list of pairs, or a group with one field a tag.
fn json(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::MapInternal(map) => {
            let mut object = Map::new();
            for (key, value) in map.entries() {
                let mut name = String::new();
                write_field(&mut name, key, None);
                object.insert(name, json(value));
            }
            Value::Object(object)
        }
        Field::Group(row) => {
            Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), json(field))).collect())
        }
        Field::ListInternal(list) => Value::Array(list.elements().iter().map(json).collect()),
        other => {
            let mut text = String::new();
            write_field(&mut text, other, None);
            Value::String(text)
        }
    }
}
