use std::io;

/// A text is not of the syntax or of the shape that was expected.
///
/// The message carries the path inside the document and the line and column, where the parser knows them.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    pub(super) message: String,
    /// Line and column of the trouble, both counted from 1.
    pub at: Option<(usize, usize)>,
    /// What a reader or writer below reported, if that was the trouble.
    pub(super) cause: Option<io::ErrorKind>,
}

impl SyntaxError {
    /// An error of JSON that is one line of a file.
    pub(super) fn in_line(line: usize, error: &serde_json::Error) -> Self {
        let (whole, column) = (error.to_string(), error.column());
        // The parser saw one line only and calls it the first.
        let message = whole.strip_suffix(&format!(" at line {} column {column}", error.line())).unwrap_or(&whole);
        SyntaxError {
            message: format!("{message} at line {line} column {column}"),
            at: Some((line, column)),
            cause: error.io_error_kind(),
        }
    }

    /// Something that stands where it must not.
    pub(super) fn at_line(line: usize, what: &str) -> Self {
        SyntaxError { message: format!("{what} at line {line}"), at: Some((line, 1)), cause: None }
    }

    /// The same as an error of input and output, of the kind that the writer below reported.
    pub(super) fn into_io(self) -> io::Error {
        io::Error::new(self.cause.unwrap_or(io::ErrorKind::Other), self.message)
    }
}
