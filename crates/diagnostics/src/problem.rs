/// Something wrong with a file that a person wrote: where, what, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, below the folder that was named.
    pub file: String,
    /// The line, counted from 1, where one is to blame.
    pub line: Option<u64>,
    /// The column in characters, counted from 1, where one is to blame.
    pub column: Option<u64>,
    /// What sort of problem.
    pub kind: ProblemKind,
    /// Whether the entry, or the file where no line is named, is used all the same.
    pub is_used: bool,
    /// What is wrong, quoting the file.
    pub reason: String,
    /// What to write instead, or to do about it.
    pub help: String,
}

/// What can be wrong with a file that a person wrote. The code is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The file or folder could not be read.
    Unreadable,
    /// The file, or one value in it, is larger than is read.
    TooLarge,
    /// Bytes that are no UTF-8.
    InvalidText,
    /// A file that no part of the folder's description knows.
    UnknownFile,
    /// A column that is needed is not in the header.
    MissingColumn,
    /// A column that nothing reads.
    UnknownColumn,
    /// A setting that nothing reads.
    UnknownSetting,
    /// A column that is named twice.
    RepeatedColumn,
    /// A row that has more or fewer cells than the header has columns.
    WrongCellCount,
    /// A quotation mark without its partner on the line.
    UnclosedQuote,
    /// A cell that must hold something and does not.
    MissingValue,
    /// A value that is not what its column says.
    InvalidValue,
    /// An entry that an earlier one stands for already.
    Repeated,
    /// An entry whose time is over.
    Expired,
    /// An entry that would speak about everybody's endpoints, or about everything.
    TooWide,
    /// A document that is no valid JSON.
    InvalidJson,
    /// A document that is no valid YAML.
    InvalidYaml,
    /// A name of something that is not there.
    UnknownReference,
    /// Something that is well formed and not understood here.
    Unsupported,
    /// More problems than are told one by one.
    TooMany,
}

impl ProblemKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ProblemKind::Unreadable => "unreadable",
            ProblemKind::TooLarge => "too-large",
            ProblemKind::InvalidText => "invalid-text",
            ProblemKind::UnknownFile => "unknown-file",
            ProblemKind::MissingColumn => "missing-column",
            ProblemKind::UnknownColumn => "unknown-column",
            ProblemKind::UnknownSetting => "unknown-setting",
            ProblemKind::RepeatedColumn => "repeated-column",
            ProblemKind::WrongCellCount => "wrong-cell-count",
            ProblemKind::UnclosedQuote => "unclosed-quote",
            ProblemKind::MissingValue => "missing-value",
            ProblemKind::InvalidValue => "invalid-value",
            ProblemKind::Repeated => "repeated",
            ProblemKind::Expired => "expired",
            ProblemKind::TooWide => "too-wide",
            ProblemKind::InvalidJson => "invalid-json",
            ProblemKind::InvalidYaml => "invalid-yaml",
            ProblemKind::UnknownReference => "unknown-reference",
            ProblemKind::Unsupported => "unsupported",
            ProblemKind::TooMany => "too-many",
        }
    }
}
