//! Tables of rows made up, and both ways to run a query over them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Engine, Session};
use coldtrail_rules::kql::plan::Plan;
use coldtrail_rules::kql::{
    Column, DateTime, Environment, Schema, TimeSpan, Type, Value, bind, evaluate,
};

use crate::lower::{LowerError, Lowering, Needle, Tables, values};

/// Tables by name.
pub(super) struct Surroundings {
    session: Session,
    tables: BTreeMap<String, (Schema, Vec<Vec<Value>>)>,
    asked: Mutex<Vec<Asked>>,
}

/// What a table was asked for: columns and needles.
type Asked = (Vec<String>, Vec<Needle>);

/// Small numbers drawn by a fixed rule.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub(super) fn of<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.below(choices.len() as u64) as usize]
    }
}

const TEXTS: [&str; 12] = [
    "",
    "a",
    "A",
    "workers.dev",
    "evil.workers.dev",
    "myworkers.dev",
    "x WORKERS.DEV/path",
    "a_b",
    "éa b",
    "10",
    "éA",
    "lambda-url on.aws",
];

fn cell(of: Type, dice: &mut Dice) -> Value {
    if of != Type::String && dice.below(4) == 0 {
        return Value::Null;
    }
    match of {
        Type::Bool => Value::Bool(dice.below(2) == 0),
        Type::Int => Value::Int(dice.below(5) as i32 - 2),
        Type::Long => Value::Long(dice.below(7) as i64 - 3),
        Type::Real => Value::Real(*dice.of(&[-1.5, -0.0, 0.0, 2.0, 2.5, f64::NAN, f64::INFINITY])),
        Type::String => Value::String((*dice.of(&TEXTS)).to_owned()),
        Type::DateTime => {
            let hours = dice.below(50) as i64;
            Value::DateTime(DateTime(DateTime::EPOCH + hours * 3600 * TimeSpan::SECOND))
        }
        Type::TimeSpan => Value::TimeSpan(TimeSpan((dice.below(9) as i64 - 4) * TimeSpan::SECOND)),
        Type::Dynamic => {
            let text =
                dice.of(&["[1,\"a\",null]", "{\"a\":1,\"b\":[2]}", "[]", "7", "\"a\"", "2.5"]);
            Value::String((*text).to_owned()).convert(Type::Dynamic)
        }
        of => Value::nothing(of),
    }
}

impl Surroundings {
    /// Two tables, `T` and `U`, of every type that matters.
    pub(super) fn new(seed: u64, rows: usize) -> Self {
        let types = [
            ("b", Type::Bool),
            ("i", Type::Int),
            ("l", Type::Long),
            ("k", Type::Long),
            ("r", Type::Real),
            ("s", Type::String),
            ("t", Type::String),
            ("d", Type::DateTime),
            ("e", Type::DateTime),
            ("p", Type::TimeSpan),
            ("y", Type::Dynamic),
        ];
        let schema: Schema = types.iter().map(|(name, of)| Column::new(*name, *of)).collect();
        let mut dice = Dice::new(seed);
        let mut table = || {
            let row = |_| schema.iter().map(|column| cell(column.r#type, &mut dice)).collect();
            (schema.clone(), (0..rows).map(row).collect::<Vec<Vec<Value>>>())
        };
        let tables = BTreeMap::from([("T".to_owned(), table()), ("U".to_owned(), table())]);
        Self { session: Session::new(3).expect("a session"), tables, asked: Mutex::default() }
    }

    /// The plan of a query.
    pub(super) fn plan(&self, query: &str) -> Result<Plan, String> {
        let bound = bind::bind(query, self);
        bound.map(|bound| bound.plan).map_err(|problems| format!("{query}\n  {problems:?}"))
    }

    /// The rows as the language's own evaluation gives them.
    pub(super) fn evaluated(&self, plan: &Plan) -> Vec<Vec<Value>> {
        let tables = |name: &str, wanted: &Schema| {
            let (schema, rows) = self.tables.get(name).ok_or("there is no such table")?;
            Ok(narrowed(schema, rows, wanted))
        };
        evaluate::rows(plan, None, &tables, 10_000_000).expect("rows")
    }

    /// The rows as the engine gives them.
    pub(super) fn lowered(&self, plan: &Plan) -> Result<Vec<Vec<Value>>, LowerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
        runtime.block_on(async {
            let lowering = Lowering::new(&self.session, self).without_folding();
            let lowered = lowering.lower(plan).await?;
            let batches = self.session.collect(lowered).await?;
            Ok(values::rows(&batches, &plan.schema)?)
        })
    }

    /// Whether both give the same rows for each of the queries, in any order.
    pub(super) fn check<Q: AsRef<str>>(&self, queries: &[Q]) {
        self.compare(queries, false);
    }

    /// Whether both give the same rows in the same order.
    pub(super) fn check_in_order<Q: AsRef<str>>(&self, queries: &[Q]) {
        self.compare(queries, true);
    }

    /// What each table of a query is asked for.
    pub(super) fn asked(&self, query: &str) -> Vec<Asked> {
        let plan = self.plan(query).expect("a plan");
        self.lowered(&plan).expect("rows");
        std::mem::take(&mut *self.asked.lock().expect("no panic"))
    }

    fn compare<Q: AsRef<str>>(&self, queries: &[Q], in_order: bool) {
        let differences: Vec<String> = queries
            .iter()
            .filter_map(|query| self.difference(query.as_ref(), in_order).err())
            .collect();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    fn difference(&self, query: &str, in_order: bool) -> Result<(), String> {
        let plan = self.plan(query)?;
        let mut evaluated = told(&self.evaluated(&plan));
        let lowered = self.lowered(&plan);
        let mut lowered = told(&lowered.map_err(|error| format!("{query}\n  {error:?}"))?);
        if !in_order {
            evaluated.sort();
            lowered.sort();
        }
        if lowered == evaluated {
            return Ok(());
        }
        let mut pairs = lowered.iter().zip(&evaluated);
        let first = pairs.find(|(one, other)| one != other);
        let (rows, other_rows) = (lowered.len(), evaluated.len());
        Err(format!("{query}\n  {rows} and {other_rows} rows, first {first:#?}"))
    }
}

/// Rows as texts, which tell one value from another (and take one NaN for another).
fn told(rows: &[Vec<Value>]) -> Vec<String> {
    let rows = rows.iter().map(|row| {
        let cells = row.iter().map(|value| match value {
            Value::Dynamic(dynamic) => dynamic.json(),
            Value::Real(number) => format!("{:.9}", number + 0.0),
            value => format!("{value:?}"),
        });
        cells.collect::<Vec<_>>().join(" | ")
    });
    rows.collect()
}

fn narrowed(schema: &Schema, rows: &[Vec<Value>], wanted: &[Column]) -> Vec<Vec<Value>> {
    let place = |column: &Column| {
        schema.iter().position(|known| known.name == column.name).expect("a known column")
    };
    let places: Vec<usize> = wanted.iter().map(place).collect();
    rows.iter().map(|row| places.iter().map(|place| row[*place].clone()).collect()).collect()
}

impl Tables for Surroundings {
    async fn scan(
        &self,
        name: &str,
        columns: &[Column],
        needles: &[Needle],
    ) -> Result<LogicalPlan, LowerError> {
        let names = columns.iter().map(|column| column.name.clone()).collect();
        self.asked.lock().expect("no panic").push((names, needles.to_vec()));
        let missing =
            || LowerError::Table { name: name.to_owned(), source: "there is none".into() };
        let (schema, rows) = self.tables.get(name).ok_or_else(missing)?;
        let columns = columns.to_vec();
        let rows = narrowed(schema, rows, &columns);
        // Several batches, so that more than one partition has work.
        let batches = rows.chunks(7).map(|rows| values::batch(&columns, rows));
        let batches = batches.collect::<Result<Vec<_>, _>>()?;
        Ok(self.session.memory_table(name, values::arrow_schema(&columns), batches)?)
    }
}

impl Environment for Surroundings {
    fn now(&self) -> DateTime {
        DateTime(DateTime::EPOCH + 48 * 3600 * TimeSpan::SECOND)
    }

    fn table(&self, name: &str) -> Option<Schema> {
        self.tables.get(name).map(|(schema, _)| schema.clone())
    }

    fn tables(&self) -> Vec<String> {
        self.tables.keys().cloned().collect()
    }

    fn everything(&self) -> Vec<String> {
        self.tables()
    }

    fn function(&self, _name: &str) -> Option<String> {
        None
    }

    fn functions(&self) -> Vec<String> {
        Vec::new()
    }

    fn external_data(
        &self,
        _schema: &Schema,
        _addresses: &[String],
        _properties: &[(String, Value)],
    ) -> Result<Plan, String> {
        Err("there is none".to_owned())
    }

    fn watchlist(&self, _name: &str) -> Result<Plan, String> {
        Err("there is none".to_owned())
    }

    fn rows(&self, plan: &Plan, _most: usize) -> Result<Vec<Vec<Value>>, String> {
        Ok(self.evaluated(plan))
    }
}
