//! Guests that make a column of columns.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::GuestError;

/// A function that another crate brings along.
pub trait ScalarGuest: Debug + Send + Sync {
    /// What it is called in plans. Guests of one name and with the same arguments compute the same.
    fn name(&self) -> &str;

    /// The type of the column that it makes.
    fn result(&self) -> DataType;

    /// Makes a column of as many rows.
    ///
    /// # Errors
    ///
    /// When the columns are not of the types that it is made for.
    fn call(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, GuestError>;
}

/// A call of a guest.
pub fn call(guest: Arc<dyn ScalarGuest>, arguments: Vec<Expr>) -> Expr {
    let signature = match arguments.len() {
        0 => Signature::nullary(Volatility::Immutable),
        count => Signature::any(count, Volatility::Immutable),
    };
    ScalarUDF::new_from_impl(Host { guest, signature }).call(arguments)
}

#[derive(Debug)]
struct Host {
    guest: Arc<dyn ScalarGuest>,
    signature: Signature,
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.guest.name() == other.guest.name() && self.guest.result() == other.guest.result()
    }
}

impl Eq for Host {}

impl Hash for Host {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.guest.name().hash(state);
    }
}

impl ScalarUDFImpl for Host {
    fn name(&self) -> &str {
        self.guest.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(self.guest.result())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant =
            arguments.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { arguments.number_rows };
        let columns = arguments
            .args
            .iter()
            .map(|argument| argument.to_array(rows))
            .collect::<Result<Vec<_>>>()?;
        let made = self.guest.call(&columns, rows).map_err(DataFusionError::External)?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?));
        }
        Ok(ColumnarValue::Array(made))
    }
}
