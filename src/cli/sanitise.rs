//! Names and tags are written by strangers: before they reach a terminal or a spreadsheet they are made harmless.

/// Text for a terminal: control characters, ANSI escapes and bidirectional marks are shown as escapes.
#[must_use]
pub fn terminal(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_unsafe(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

/// Text for a CSV cell: also harmless to a spreadsheet, which runs what starts with `=`, `+`, `-`, `@` (OWASP, "CSV
/// injection"). Numbers stay numbers.
#[must_use]
pub fn csv(text: &str) -> String {
    let text = terminal(text);
    let formula = text.trim_start().starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err();
    if formula { format!("'{text}") } else { text }
}

/// Text for a Markdown table cell: no markup, no HTML, no further cell.
#[must_use]
pub fn markdown(text: &str) -> String {
    terminal(text).chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        out
    })
}

/// Text for HTML, in an element or a quoted attribute.
#[must_use]
pub fn html(text: &str) -> String {
    terminal(text).chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
        out
    })
}

/// JSON text with its unsafe characters written as escapes, which mean the same to whoever parses it.
///
/// Outside of strings JSON has none of them but line ends.
#[must_use]
pub fn json(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_unsafe(c) && c != '\n' {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
        out
    })
}

/// Marks the unsafe characters of a text that is about to become YAML; [`yaml`] makes escapes of the marks.
///
/// The marks are control characters, because what has those is always written in double quotes, where escapes count.
#[must_use]
pub fn mark_for_yaml(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_unsafe(c) && !c.is_ascii() {
            out.extend(format!("\u{1}{:08x}\u{2}", u32::from(c)).chars());
        } else {
            out.push(c);
        }
        out
    })
}

/// YAML whose texts were marked, with an escape in the place of each mark.
#[must_use]
pub fn yaml(text: &str) -> String {
    const BEGIN: &str = "\\x01";
    const END: &str = "\\x02";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        out.push_str(before);
        let mark = after.get(..8).filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if let Some((code, after)) = mark.zip(after.get(8..).and_then(|after| after.strip_prefix(END))) {
            out.push_str("\\U");
            out.push_str(code);
            rest = after;
        } else {
            out.push_str(BEGIN);
            rest = after;
        }
    }
    out + rest
}

/// Control characters, and those that turn or hide what stands beside them.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_bidi_marks_become_visible() {
        assert_eq!(terminal("a\u{1b}[31mred"), "a\\u{1b}[31mred");
        assert_eq!(terminal("x\u{202e}gpj.exe\n"), "x\\u{202e}gpj.exe\\u{a}");
        assert_eq!(terminal("Grüße 東京"), "Grüße 東京");
    }

    #[test]
    fn json_and_yaml_say_the_same_without_the_characters() {
        let hostile = "=cmd()|x\n<b>\u{1b}[31m\u{202e}\u{7f}\u{e0001} Grüße";
        let told = json(&serde_json::to_string_pretty(&serde_json::json!({"Name": hostile})).expect("JSON"));
        assert!(told.chars().all(|c| c == '\n' || !is_unsafe(c)), "{told}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&told).expect("JSON")["Name"], hostile);
        let told = yaml(&crate::store::yaml::to_string(&mark_for_yaml(hostile)).expect("YAML"));
        assert!(told.chars().all(|c| c == '\n' || !is_unsafe(c)), "{told}");
        assert_eq!(crate::store::yaml::from_str::<String>(&told).expect("YAML"), hostile);
    }

    #[test]
    fn formulas_are_defused_and_numbers_stay() {
        assert_eq!(csv("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(csv("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(csv("-1.5"), "-1.5");
        assert_eq!(csv("plain"), "plain");
    }
}
