//! Guests that fold groups of rows.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BinaryArray, BooleanArray};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, Signature,
    Volatility,
};

use super::GuestError;

/// An aggregate that another crate brings along.
pub trait AggregateGuest: Debug + Send + Sync {
    /// What it is called in plans. Guests of one name and with the same arguments compute the same.
    fn name(&self) -> &str;

    /// The type of the column that it makes.
    fn result(&self) -> DataType;

    /// No groups yet.
    fn begin(&self) -> Box<dyn Groups>;
}

/// What many groups came to so far.
pub trait Groups: Send + Sync {
    /// Takes rows: of each, the group that it belongs to, of so many groups by now.
    ///
    /// # Errors
    ///
    /// When the columns are not of the types that the guest is made for.
    fn update(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        is_in: &dyn Fn(usize) -> bool,
        count: usize,
    ) -> Result<(), GuestError>;

    /// Takes over what others know: of each, the group that it belongs to.
    ///
    /// # Errors
    ///
    /// When they are no states of this guest.
    fn merge(
        &mut self,
        states: &BinaryArray,
        groups: &[usize],
        count: usize,
    ) -> Result<(), GuestError>;

    /// What the first so many groups know; they are gone then, and the others move up.
    fn states(&mut self, first: usize) -> BinaryArray;

    /// What the first so many groups came to; they are gone then, and the others move up.
    ///
    /// # Errors
    ///
    /// When what came out is not of the result's type.
    fn finish(&mut self, first: usize) -> Result<ArrayRef, GuestError>;

    /// How many groups there are.
    fn count(&self) -> usize;

    /// Bytes held, roughly.
    fn size(&self) -> usize;
}

/// A call of a guest; there must be an argument.
pub fn call(guest: Arc<dyn AggregateGuest>, arguments: Vec<Expr>) -> Expr {
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    AggregateUDF::new_from_impl(Host { guest, signature }).call(arguments)
}

#[derive(Debug)]
struct Host {
    guest: Arc<dyn AggregateGuest>,
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

impl AggregateUDFImpl for Host {
    fn name(&self) -> &str {
        self.guest.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(self.guest.result())
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format_state_name(arguments.name, "state");
        Ok(vec![Arc::new(Field::new(name, DataType::Binary, true))])
    }

    fn accumulator(&self, _arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Hosted::begin(&self.guest)?))
    }

    fn groups_accumulator_supported(&self, _arguments: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _arguments: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Hosted { groups: self.guest.begin(), guest: Arc::clone(&self.guest) }))
    }
}

/// Groups of a guest, or its only group, as DataFusion asks for them.
struct Hosted {
    groups: Box<dyn Groups>,
    guest: Arc<dyn AggregateGuest>,
}

impl Hosted {
    /// One group without rows.
    fn begin(guest: &Arc<dyn AggregateGuest>) -> Result<Self> {
        let mut groups = guest.begin();
        let none = BinaryArray::new_null(0);
        groups.merge(&none, &[], 1).map_err(DataFusionError::External)?;
        Ok(Self { groups, guest: Arc::clone(guest) })
    }

    fn first(&self, emitted: EmitTo) -> usize {
        match emitted {
            EmitTo::All => self.groups.count(),
            EmitTo::First(count) => count,
        }
    }
}

impl Debug for Hosted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hosted").field("guest", &self.guest).finish_non_exhaustive()
    }
}

impl Accumulator for Hosted {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let rows = columns.first().map_or(0, |column| column.len());
        let groups = vec![0; rows];
        self.groups.update(columns, &groups, &|_| true, 1).map_err(DataFusionError::External)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        let groups = vec![0; states.len()];
        self.groups.merge(states.as_binary(), &groups, 1).map_err(DataFusionError::External)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let states = self.groups.states(1);
        Ok(vec![ScalarValue::try_from_array(&states, 0)?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let made = self.groups.finish(1).map_err(DataFusionError::External)?;
        ScalarValue::try_from_array(&made, 0)
    }

    fn size(&self) -> usize {
        self.groups.size()
    }
}

impl GroupsAccumulator for Hosted {
    fn update_batch(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        let is_in = |row: usize| {
            filter.is_none_or(|filter| {
                row < filter.len() && arrow_array::Array::is_valid(filter, row) && filter.value(row)
            })
        };
        self.groups.update(columns, groups, &is_in, count).map_err(DataFusionError::External)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], count: usize) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        self.groups.merge(states.as_binary(), groups, count).map_err(DataFusionError::External)
    }

    fn state(&mut self, emitted: EmitTo) -> Result<Vec<ArrayRef>> {
        let first = self.first(emitted);
        Ok(vec![Arc::new(self.groups.states(first))])
    }

    fn evaluate(&mut self, emitted: EmitTo) -> Result<ArrayRef> {
        let first = self.first(emitted);
        self.groups.finish(first).map_err(DataFusionError::External)
    }

    fn convert_to_state(
        &self,
        columns: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = columns.first().map_or(0, |column| column.len());
        let mut each = Hosted { groups: self.guest.begin(), guest: Arc::clone(&self.guest) };
        let groups: Vec<usize> = (0..rows).collect();
        GroupsAccumulator::update_batch(&mut each, columns, &groups, filter, rows)?;
        GroupsAccumulator::state(&mut each, EmitTo::All)
    }

    fn size(&self) -> usize {
        self.groups.size()
    }
}
