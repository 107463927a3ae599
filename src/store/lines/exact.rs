//! Fractions, to the last bit.
//!
//! `serde_json` reads fractions of more than some fifteen digits up to one bit wrong (unless built with its feature
//! `float_roundtrip`), and then the digest would not hold. They are rare, so they are read a second time, exactly.

use serde_json::Number;

/// The numbers of a line, in its order.
pub struct Numbers<'a> {
    line: &'a str,
    seen: usize,
    /// The texts of all numbers, found when the first fraction comes.
    texts: Option<Vec<&'a str>>,
}

impl<'a> Numbers<'a> {
    /// The numbers of a line of JSON.
    pub fn of(line: &'a str) -> Self {
        Numbers { line, seen: 0, texts: None }
    }

    /// Takes the next number, as it was read, and makes it exact.
    pub fn correct(&mut self, number: &mut Number) {
        let at = self.seen;
        self.seen += 1;
        if !number.is_f64() {
            return;
        }
        let texts = self.texts.get_or_insert_with(|| texts(self.line));
        let exact = texts.get(at).and_then(|text| text.parse().ok()).and_then(Number::from_f64);
        if let Some(exact) = exact {
            *number = exact;
        }
    }
}

/// What stands outside of strings and begins with a digit or a minus.
fn texts(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'"' => {
                while bytes.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let more = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                at += bytes[at..].iter().take_while(|byte| more(byte)).count();
                found.extend(line.get(start..at));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_outside_of_strings() {
        let line = r#"{"a1":[1,-2.5e-7,"3\"4\\",5],"b\\":{"6":7E+3},"c":18446744073709551615}"#;
        assert_eq!(texts(line), ["1", "-2.5e-7", "5", "7E+3", "18446744073709551615"]);
    }

    #[test]
    fn fractions_are_read_to_the_last_bit() {
        let text = "33.333333333333336";
        let line = format!("[7,{text}]");
        let mut numbers = Numbers::of(&line);
        let (mut whole, mut fraction) = (Number::from(7), Number::from_f64(33.3).expect("a number"));
        numbers.correct(&mut whole);
        numbers.correct(&mut fraction);
        assert_eq!(whole, Number::from(7));
        assert_eq!(fraction.as_f64().map(f64::to_bits), text.parse::<f64>().ok().map(f64::to_bits));
    }
}
