//! Scalar types, columns and schemas.

use std::fmt;

/// A scalar type of KQL.
///
/// <https://learn.microsoft.com/kusto/query/scalar-data-types/>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// True, false or null.
    Bool,
    /// A signed number of 32 bits.
    Int,
    /// A signed number of 64 bits.
    Long,
    /// A floating-point number of 64 bits.
    Real,
    /// A decimal number.
    Decimal,
    /// Text; there is no null text.
    String,
    /// A moment, in ticks of 100 ns since the year 1, UTC.
    DateTime,
    /// A length of time, in ticks of 100 ns.
    TimeSpan,
    /// A globally unique identifier.
    Guid,
    /// Any of the others, an array, or a property bag.
    Dynamic,
}

impl Type {
    /// Every type.
    pub const ALL: [Type; 10] = [
        Type::Bool,
        Type::Int,
        Type::Long,
        Type::Real,
        Type::Decimal,
        Type::String,
        Type::DateTime,
        Type::TimeSpan,
        Type::Guid,
        Type::Dynamic,
    ];

    /// The type's own name.
    pub fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Long => "long",
            Type::Real => "real",
            Type::Decimal => "decimal",
            Type::String => "string",
            Type::DateTime => "datetime",
            Type::TimeSpan => "timespan",
            Type::Guid => "guid",
            Type::Dynamic => "dynamic",
        }
    }

    /// The type of that name or of one of its aliases.
    pub fn from_name(name: &str) -> Option<Type> {
        let alias = match name {
            "boolean" => Type::Bool,
            "int32" | "uint" | "uint32" => Type::Int,
            "int64" | "ulong" | "uint64" => Type::Long,
            "double" | "float" => Type::Real,
            "date" => Type::DateTime,
            "time" => Type::TimeSpan,
            "uniqueid" | "uuid" => Type::Guid,
            _ => return Type::ALL.into_iter().find(|known| known.name() == name),
        };
        Some(alias)
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        matches!(self, Type::Int | Type::Long | Type::Real | Type::Decimal)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A column of a table or of a query's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, in the case of letters that it has.
    pub name: String,
    /// What its cells hold.
    pub r#type: Type,
}

impl Column {
    /// A column of that name and type.
    pub fn new(name: impl Into<String>, r#type: Type) -> Self {
        Self { name: name.into(), r#type }
    }
}

/// The columns of a table, in order; no two have one name.
pub type Schema = Vec<Column>;
