//! What is read, and what is refused where.

use std::io::Write as _;
use std::path::Path;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;

const FOCUS: &str = include_str!("fixtures/focus.csv");

fn base() -> World {
    world(vec![resource("AWS::S3::Bucket", "web-assets")])
}

fn read_all(sources: &[String]) -> Result<CostReport, CostError> {
    let (options, world) = (october(), base());
    let wanted = Wanted { metric: options.metric, tags: options.tag_keys() };
    let mut splitter = Splitter::new(&options, &world);
    for input in source::find(sources)? {
        source::read(&input, &wanted, &mut |line| splitter.take(line))?;
    }
    splitter.finish(Vec::new(), None, None, Vec::new())
}

fn read_path(path: &Path) -> Result<CostReport, CostError> {
    read_all(&[path.to_string_lossy().into_owned()])
}

fn refusal(text: &str) -> String {
    split_text(text, Metric::Amortized, &base()).expect_err("refused").to_string()
}

#[test]
fn packed_files_give_what_plain_ones_give() {
    let dir = tempfile::tempdir().expect("a directory");
    let plain = dir.path().join("bill.csv");
    std::fs::write(&plain, FOCUS).expect("written");
    let expected = sums(&read_path(&plain).expect("a report"));

    // Two members, as `cat a.gz b.gz` makes; the name says nothing about the packing.
    let mut packed = Vec::new();
    for part in [&FOCUS.as_bytes()[..700], &FOCUS.as_bytes()[700..]] {
        let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::default());
        encoder.write_all(part).expect("packed");
        encoder.finish().expect("packed");
    }
    let gzip = dir.path().join("bill");
    std::fs::write(&gzip, &packed).expect("written");
    assert_eq!(sums(&read_path(&gzip).expect("a report")), expected);
    std::fs::write(&gzip, &packed[..packed.len() - 20]).expect("written");
    assert!(matches!(read_path(&gzip), Err(CostError::Read { line: 1.., .. } | CostError::Bad { .. })));

    let packed = zstd::encode_all(FOCUS.as_bytes(), 3).expect("packed");
    let zst = dir.path().join("bill.csv.zst");
    std::fs::write(&zst, &packed).expect("written");
    assert_eq!(sums(&read_path(&zst).expect("a report")), expected);
    std::fs::write(&zst, &packed[..packed.len() - 20]).expect("written");
    assert!(read_path(&zst).is_err());

    // Line ends and the mark of Windows.
    let windows = format!("\u{feff}{}", FOCUS.replace('\n', "\r\n"));
    std::fs::write(&plain, windows).expect("written");
    assert_eq!(sums(&read_path(&plain).expect("a report")), expected);
    for delimiter in [b'\t', b';'] {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        for row in csv::ReaderBuilder::new().has_headers(false).from_reader(FOCUS.as_bytes()).records() {
            writer.write_record(&row.expect("a row")).expect("written");
        }
        std::fs::write(&plain, writer.into_inner().expect("text")).expect("written");
        assert_eq!(sums(&read_path(&plain).expect("a report")), expected, "{delimiter:?}");
    }
}

#[test]
fn directories_and_patterns_give_each_file_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let deep = dir.path().join("year=2026/month=10");
    std::fs::create_dir_all(&deep).expect("a directory");
    std::fs::write(deep.join("a.csv"), FOCUS).expect("written");
    std::fs::write(deep.join("manifest.json"), "{}").expect("written");
    std::fs::write(deep.join(".hidden.csv"), "x").expect("written");
    let text = |rest: &str| format!("{}{rest}", dir.path().display());
    let once = sums(&read_all(&[text("")]).expect("a report"));
    assert_eq!(
        sums(&read_all(&[text("/**/*.csv"), text(""), text("/year=2026/month=10/a.csv")]).expect("a report")),
        once
    );
    for nothing in ["/*.parquet", "/nothing"] {
        let error = read_all(&[text(nothing)]).expect_err("nothing there");
        assert!(matches!(error, CostError::NoFiles(_) | CostError::Read { .. }), "{error}");
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let lines: Vec<&str> = FOCUS.lines().collect();
    let edit = |at: usize, from: &str, to: &str| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert!(lines[at].contains(from), "{from}");
        lines[at] = lines[at].replacen(from, to, 1);
        lines.join("\n") + "\n"
    };
    // Cut off inside of a row, inside of quotes, and after the last cell that is looked at.
    let row_start = FOCUS.len() - lines[6].len() - 1;
    assert_eq!(refusal(&FOCUS[..row_start + 20]), "bill.csv:7:20: the row has 3 fields and the header 18");
    let quote = FOCUS.find("\"{").expect("tags") + 5;
    assert!(refusal(&FOCUS[..quote]).ends_with("a quote is opened here and never closed: is the file cut off?"));
    assert!(refusal(FOCUS.trim_end()).ends_with("the file ends without a line end: is it cut off?"));
    assert_eq!(
        refusal(&edit(2, "-0.2345678901,999", "999")),
        "bill.csv:3:176: the row has 17 fields and the header 18"
    );
    // Columns that changed places.
    assert_eq!(
        refusal(&edit(3, "2026-10-31T00:00:00Z", "Usage")),
        "bill.csv:4:56 (ChargePeriodStart): 'Usage' is not a date as in 2026-10-01T00:00:00Z"
    );
    assert_eq!(
        refusal(&edit(4, "-1500,INV1", "12 EUR,INV1")),
        "bill.csv:5:83 (EffectiveCost): '12 EUR' is not an amount"
    );
    assert_eq!(refusal(&edit(5, "EUR", "euro")), "bill.csv:6:18 (BillingCurrency): 'euro' is not a currency code");
    assert_eq!(
        refusal(&edit(6, "Tax", "Taxes")),
        "bill.csv:7:45 (ChargeCategory): 'Taxes' is not a ChargeCategory of FOCUS"
    );
    assert_eq!(refusal(&edit(2, "{}", "[1]")), "bill.csv:3:187 (Tags): the tags are not a JSON object");
    assert!(refusal(&edit(0, "EffectiveCost", "Cost")).contains("missing: EffectiveCost"));
    assert!(refusal(&edit(0, "BilledCost", "EffectiveCost")).contains("'EffectiveCost' twice"));
    assert!(refusal("a,b\n1,2\n").contains("neither the columns of FOCUS"));
    assert!(refusal("").contains("empty"));
}

#[test]
fn lines_are_counted_also_inside_of_quotes() {
    let text = FOCUS.replacen("eu-west-1,web-assets", "\"eu\n-west-1\",\"web\r\n\"\"assets\"", 1);
    let bad = text.replacen("2026-10-31T00:00:00Z", "soon", 1);
    assert!(refusal(&bad).starts_with("bill.csv:6:56 (ChargePeriodStart): 'soon'"), "{}", refusal(&bad));
    let odd = FOCUS.replacen("web-assets", "\"web\"-\"assets\"", 1);
    assert!(refusal(&odd).starts_with("bill.csv:2:130:"), "{}", refusal(&odd));
    assert!(refusal(&odd).ends_with("is a quote in a field not doubled?"));
    // Longer than the first chunk that is read, and blank lines between.
    let long = text.replacen("web\"\"", &format!("web\"\", \"\"Long\"\": \"\"{}\"\"", "x".repeat(700_000)), 1);
    assert!(split_text(&format!("{}\n\n", long.replace("\n4E", "\n\n4E")), Metric::Amortized, &base()).is_ok());
}

#[test]
fn text_that_is_not_utf_8_is_refused_with_its_place() {
    let bytes = |text: &[u8]| {
        let (options, world) = (october(), base());
        let mut splitter = Splitter::new(&options, &world);
        let error = source::read_text("bill.csv", text, &Wanted::default(), &mut |line| splitter.take(line));
        error.expect_err("refused").to_string()
    };
    let mut latin = FOCUS.as_bytes().to_vec();
    let at = FOCUS.find("other-assets").expect("a name");
    latin[at] = 0xfc;
    assert_eq!(bytes(&latin), "bill.csv:4:111: the text is not UTF-8");
    let wide: Vec<u8> = "\u{feff}BilledCost".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(bytes(&wide).contains("UTF-16"));
}

#[test]
fn a_text_that_breaks_off_is_never_half_a_report() {
    let whole: Vec<usize> = FOCUS.match_indices('\n').map(|(at, _)| at + 1).collect();
    for end in 0..FOCUS.len() {
        // Cut between two rows, nothing can tell; the tags of the first row have no line end in them.
        if !FOCUS.is_char_boundary(end) || whole[1..].contains(&end) {
            continue;
        }
        assert!(split_text(&FOCUS[..end], Metric::Amortized, &base()).is_err(), "{end}: {}", &FOCUS[..end]);
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(FOCUS.as_bytes()).expect("packed");
    let packed = packed.finish().expect("packed");
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bill.csv.gz");
    for end in 0..packed.len() {
        std::fs::write(&path, &packed[..end]).expect("written");
        assert!(read_path(&path).is_err(), "{end} of {}", packed.len());
    }
}

#[test]
fn a_byte_that_is_no_text_is_refused_wherever_it_stands() {
    for at in 0..FOCUS.len() {
        let mut bytes = FOCUS.as_bytes().to_vec();
        bytes[at] = 0xff;
        let (options, world) = (october(), base());
        let mut splitter = Splitter::new(&options, &world);
        let result =
            source::read_text("bill.csv", bytes.as_slice(), &Wanted::default(), &mut |line| splitter.take(line));
        assert!(result.is_err(), "{at}");
    }
}

#[test]
fn columns_may_stand_in_any_order_if_their_header_does() {
    let expected = split_text(FOCUS, Metric::Amortized, &base()).expect("a report");
    let rows: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(FOCUS.as_bytes())
        .records()
        .map(|row| row.expect("a row"))
        .collect();
    let count = rows[0].len();
    for turn in 1..count {
        let shuffled = |shuffle: &dyn Fn(usize) -> bool| {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for (at, row) in rows.iter().enumerate() {
                let turn = if shuffle(at) { turn } else { 0 };
                writer.write_record((0..count).map(|column| &row[(column + turn) % count])).expect("written");
            }
            String::from_utf8(writer.into_inner().expect("text")).expect("UTF-8")
        };
        let report = split_text(&shuffled(&|_| true), Metric::Amortized, &base()).expect("a report");
        assert_eq!(report.rows, expected.rows, "{turn}");
        // The rows alone, or the header alone.
        assert!(split_text(&shuffled(&|at| at > 0), Metric::Amortized, &base()).is_err(), "{turn}");
        assert!(split_text(&shuffled(&|at| at == 0), Metric::Amortized, &base()).is_err(), "{turn}");
    }
}

#[test]
fn files_of_another_kind_say_what_they_are() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("x.csv");
    for (content, what) in [("PK\u{3}\u{4}zip", "zip"), ("{\"a\":1}", "JSON"), ("%PDF-1.7", "PDF"), ("", "empty")] {
        std::fs::write(&path, content).expect("written");
        let error = read_path(&path).expect_err("refused").to_string();
        assert!(error.contains(what), "{error}");
    }
    std::fs::write(&path, "PAR1 and then nothing").expect("written");
    assert!(matches!(read_path(&path), Err(CostError::Read { .. })));
}

#[test]
fn a_period_without_charges_says_what_there_is() {
    let (mut options, world) = (october(), base());
    options.period = month("2027-01").period();
    let mut splitter = Splitter::new(&options, &world);
    source::read_text("x", FOCUS.as_bytes(), &Wanted::default(), &mut |line| splitter.take(line)).expect("read");
    let error = splitter.finish(Vec::new(), None, None, Vec::new()).expect_err("nothing");
    assert_eq!(error.to_string(), "no charges in 2027-01: the sources hold 2026-10");
}

/// The same bill as Parquet: text columns, doubles for the costs, two row groups.
fn parquet_file(path: &Path) {
    let mut reader = csv::Reader::from_reader(FOCUS.as_bytes());
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
    let is_cost = |name: &str| name.ends_with("Cost");
    let fields: String = header
        .iter()
        .map(|name| {
            if is_cost(name) {
                format!("REQUIRED DOUBLE {name};")
            } else {
                format!("OPTIONAL BYTE_ARRAY {name} (UTF8);")
            }
        })
        .collect();
    let schema = parse_message_type(&format!("message focus {{ {fields} }}")).expect("a schema").into();
    let file = std::fs::File::create(path).expect("a file");
    let properties = WriterProperties::builder().set_compression(parquet::basic::Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(file, schema, properties.into()).expect("a writer");
    for group in rows.chunks(4) {
        let mut groups = writer.next_row_group().expect("a group");
        for (at, name) in header.iter().enumerate() {
            let mut column = groups.next_column().expect("a column").expect("one more");
            if is_cost(name) {
                let values: Vec<f64> = group.iter().map(|row| row[at].parse().expect("a cost")).collect();
                column.typed::<DoubleType>().write_batch(&values, None, None).expect("written");
            } else {
                let levels: Vec<i16> = group.iter().map(|row| i16::from(row[at] != "NULL")).collect();
                let some = group.iter().filter(|row| row[at] != "NULL");
                let values: Vec<ByteArray> = some.map(|row| ByteArray::from(row[at].as_str())).collect();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).expect("written");
            }
            column.close().expect("closed");
        }
        groups.close().expect("closed");
    }
    writer.close().expect("closed");
}

#[test]
fn parquet_gives_what_text_gives() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bill.snappy.parquet");
    parquet_file(&path);
    let expected = split_text(FOCUS, Metric::Amortized, &base()).expect("a report");
    let report = read_path(&path).expect("a report");
    assert_eq!(sums(&report), sums(&expected));
    assert_eq!(report.reconciled, expected.reconciled);

    let bytes = std::fs::read(&path).expect("bytes");
    std::fs::write(&path, &bytes[..bytes.len() - 10]).expect("written");
    assert!(matches!(read_path(&path), Err(CostError::Read { .. })));
}
