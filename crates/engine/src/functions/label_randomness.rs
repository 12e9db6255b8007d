//! `label_randomness(hosts)`: whether what a customer chose in names of hosts was drawn by a program.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::Float64Builder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};
use coldtrail_catalogue::Catalogue;
use datafusion::common::Result;
use datafusion::common::utils::take_function_args;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The evidence in bits that a label was drawn, the most over a list of hosts; null where the platforms
/// leave their customers nothing to choose. `coldtrail_analytics::randomness` defines it.
pub fn label_randomness(hosts: Expr) -> Expr {
    function().call(vec![hosts])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(LabelRandomness::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct LabelRandomness {
    signature: Signature,
}

impl LabelRandomness {
    fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for LabelRandomness {
    fn name(&self) -> &str {
        "label_randomness"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [hosts] = take_function_args(self.name(), &arguments.args)?;
        let texts = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
        let hosts = cast(&hosts.to_array(arguments.number_rows)?, &texts)?;
        Ok(ColumnarValue::Array(measured(hosts.as_list())))
    }
}

fn measured(lists: &ListArray) -> ArrayRef {
    let mut bits = Float64Builder::with_capacity(lists.len());
    for hosts in lists.iter() {
        bits.append_option(hosts.and_then(|hosts| {
            let hosts = hosts.as_string::<i32>();
            hosts.iter().flatten().filter_map(of_host).max_by(f64::total_cmp)
        }));
    }
    Arc::new(bits.finish())
}

fn of_host(host: &str) -> Option<f64> {
    let found = Catalogue::builtin().lookup(host)?;
    let labels = found.chosen_labels();
    labels.into_iter().map(coldtrail_analytics::randomness).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::cast::AsArray;
    use arrow_array::types::Float64Type;

    use super::measured;

    #[test]
    fn only_what_customers_choose_is_judged() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([
            Some("weather.acme.workers.dev"),
            Some("q7xkz0vw3jpd.acme.workers.dev"),
        ]);
        lists.append_value([Some("weather-dashboard.acme.workers.dev")]);
        lists.append_value([Some("q7xkz0vw3jpdq7xkz0vw3jpdq7xkz0vw.lambda-url.eu-west-1.on.aws")]);
        let bits = measured(&lists.finish());
        let bits = bits.as_primitive::<Float64Type>();
        assert!(bits.value(0) > 20.0 && bits.value(1) < 10.0, "{bits:?}");
        assert!(bits.is_null(2));
    }
}
