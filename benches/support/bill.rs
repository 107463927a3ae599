//! A generated bill: FOCUS 1.2 with the columns of AWS, as CSV and as Parquet, and the split of it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use aws_baseline::engine::cost::source::{self, Wanted};
use aws_baseline::engine::cost::{Dated, Options, Splitter, World};
use aws_baseline::model::Snapshot;
use aws_baseline::model::cost::{CostReport, GroupKey, Month, SourceUse};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// Rows of a row group.
const GROUP: usize = 100_000;
/// Resources that the bill names. The first tenth is in the baseline.
pub const RESOURCES: u64 = 50_000;
/// The account of the bill.
pub const ACCOUNT: &str = "123456789012";

const SERVICES: &[(&str, &str, &str)] = &[
    ("Amazon Elastic Compute Cloud", "AmazonEC2", "i-"),
    ("Amazon Simple Storage Service", "AmazonS3", "arn:aws:s3:::bucket-"),
    ("AWS Lambda", "AWSLambda", "arn:aws:lambda:eu-west-1:123456789012:function:f-"),
    ("Amazon Relational Database Service", "AmazonRDS", "arn:aws:rds:eu-west-1:123456789012:db:db-"),
    ("Amazon Virtual Private Cloud", "AmazonVPC", ""),
];

const COLUMNS: &[&str] = &[
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_Discounts",
    "x_Operation",
    "x_ServiceCode",
    "x_UsageType",
];

/// The id of a resource on the bill; empty where the service bills none.
pub fn resource_id(number: u64) -> String {
    match SERVICES[usize::try_from(number % 5).expect("small")].2 {
        "" => String::new(),
        "i-" => format!("i-{number:017x}"),
        prefix => format!("{prefix}{number}"),
    }
}

/// The cells of a row, by column: what a line of a real export holds, in an order without order.
fn row(at: u64) -> Vec<String> {
    // Neighbours have nothing in common, which is the hard case.
    let mixed = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let number = mixed % RESOURCES;
    let (service, code, _) = SERVICES[usize::try_from(number % 5).expect("small")];
    let cost = format!("0.{:010}", mixed % 10_000_000_000);
    let day = mixed % 31 + 1;
    let id = resource_id(number);
    let value = |column: &str| -> String {
        match column {
            "BilledCost" | "EffectiveCost" | "ListCost" | "ContractedCost" => cost.clone(),
            "BillingAccountId" => "999999999999".into(),
            "SubAccountId" => ACCOUNT.into(),
            "BillingCurrency" | "PricingCurrency" => "USD".into(),
            "BillingPeriodStart" => "2026-10-01T00:00:00Z".into(),
            "BillingPeriodEnd" => "2026-11-01T00:00:00Z".into(),
            "ChargePeriodStart" => format!("2026-10-{day:02}T{:02}:00:00Z", mixed % 24),
            "ChargePeriodEnd" => format!("2026-10-{day:02}T{:02}:59:59Z", mixed % 24),
            "ChargeCategory" => "Usage".into(),
            "ChargeFrequency" => "Usage-Based".into(),
            "ChargeDescription" => format!("$0.0{} per unit of {service} in EU (Ireland)", mixed % 10),
            "InvoiceId" => "EUINIE26-1234567".into(),
            "ConsumedQuantity" | "PricingQuantity" => format!("{}.{:06}", mixed % 50, mixed % 1_000_000),
            "ContractedUnitPrice" | "ListUnitPrice" => format!("0.0{}", mixed % 997),
            "ConsumedUnit" | "PricingUnit" => "Hours".into(),
            "PricingCategory" => "Standard".into(),
            "ProviderName" => "AWS".into(),
            "PublisherName" | "InvoiceIssuerName" => "Amazon Web Services, Inc.".into(),
            "RegionId" => "eu-west-1".into(),
            "RegionName" => "EU (Ireland)".into(),
            "ResourceId" | "ResourceName" => id.clone(),
            "ServiceName" => service.into(),
            "x_ServiceCode" => code.into(),
            "SkuId" | "SkuPriceId" => format!("SKU{:013}", mixed % 4096),
            "SkuPriceDetails" => r#"{"x_instanceFamily":"m5","x_region":"eu-west-1"}"#.into(),
            "Tags" => format!(r#"{{"user:Team":"team-{}","user:Env":"{}"}}"#, number % 20, number % 3),
            "x_Operation" => "RunInstances".into(),
            "x_UsageType" => format!("EU-Usage:{}", mixed % 64),
            "ServiceCategory" => "Compute".into(),
            "SubAccountName" | "BillingAccountName" => "An account".into(),
            _ => String::new(),
        }
    };
    COLUMNS.iter().map(|column| value(column)).collect()
}

fn csv_row(out: &mut impl Write, cells: &[String]) -> io::Result<()> {
    for (at, cell) in cells.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        if cell.contains([',', '"']) {
            write!(out, "{comma}\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            write!(out, "{comma}{cell}")?;
        }
    }
    out.write_all(b"\n")
}

/// Writes a bill as CSV.
pub fn csv(path: &Path, rows: u64) {
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let header: Vec<String> = COLUMNS.iter().map(|&column| column.to_owned()).collect();
    csv_row(&mut out, &header).expect("written");
    for at in 0..rows {
        csv_row(&mut out, &row(at)).expect("written");
    }
    out.flush().expect("written");
}

/// Writes a bill as Parquet, costs as doubles, compressed as AWS does.
pub fn parquet(path: &Path, rows: u64) {
    let is_cost = |name: &str| name.ends_with("Cost");
    let field = |name: &&str| {
        if is_cost(name) { format!("REQUIRED DOUBLE {name};") } else { format!("OPTIONAL BYTE_ARRAY {name} (UTF8);") }
    };
    let fields: Vec<String> = COLUMNS.iter().map(field).collect();
    let schema = parse_message_type(&format!("message focus {{ {} }}", fields.join(" "))).expect("a schema").into();
    let properties = WriterProperties::builder().set_compression(parquet::basic::Compression::SNAPPY).build();
    let file = File::create(path).expect("a file");
    let mut writer = SerializedFileWriter::new(file, schema, properties.into()).expect("a writer");
    for start in (0..rows).step_by(GROUP) {
        let cells: Vec<Vec<String>> = (start..rows.min(start + GROUP as u64)).map(row).collect();
        let mut group = writer.next_row_group().expect("a group");
        for (at, name) in COLUMNS.iter().enumerate() {
            let mut column = group.next_column().expect("a column").expect("one more");
            if is_cost(name) {
                let values: Vec<f64> = cells.iter().map(|row| row[at].parse().expect("a cost")).collect();
                column.typed::<DoubleType>().write_batch(&values, None, None).expect("written");
            } else {
                let levels: Vec<i16> = cells.iter().map(|row| i16::from(!row[at].is_empty())).collect();
                let values =
                    cells.iter().filter(|row| !row[at].is_empty()).map(|row| ByteArray::from(row[at].as_str()));
                let values: Vec<ByteArray> = values.collect();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).expect("written");
            }
            column.close().expect("closed");
        }
        group.close().expect("closed");
    }
    writer.close().expect("closed");
}

/// The world of a baseline that was always active.
pub fn world(baseline: Snapshot) -> World {
    let taken = baseline.header.created_at;
    World::new(&[Dated { snapshot: baseline, digest: "b3d1:0".to_owned() }], &[(taken, 0)])
}

fn options() -> Options {
    let october: Month = "2026-10".parse().expect("a month");
    let mut options = Options::new(october.period());
    options.group_by = vec![GroupKey::Service, GroupKey::Region];
    options.owners.tags = vec!["Team".to_owned()];
    options
}

fn finish(splitter: Splitter<'_>, lines: u64) -> CostReport {
    let format = aws_baseline::model::cost::Format::Focus;
    let used = SourceUse { name: "bill".to_owned(), format, lines, outside: 0 };
    splitter.finish(vec![used], None, None, Vec::new()).expect("it adds up")
}

/// Splits a file, whatever it is.
pub fn split(path: &Path, world: &World) -> CostReport {
    let options = options();
    let wanted = Wanted { metric: options.metric, tags: options.tag_keys() };
    let mut splitter = Splitter::new(&options, world);
    let mut lines = 0;
    for input in source::find(&[path.display().to_string()]).expect("it is there") {
        lines += source::read(&input, &wanted, &mut |line| splitter.take(line)).expect("it is sound").rows;
    }
    finish(splitter, lines)
}
