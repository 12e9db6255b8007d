//! The least schema that admits all values of a dynamic column.
//!
//! A schema is itself dynamic: the name of a type; a bag of schemas by property, in which those of an array's
//! elements are called `` `indexer` ``; or an array of several of these.
//!
//! <https://learn.microsoft.com/kusto/query/buildschema-aggregation-function>

use indexmap::IndexMap;

use super::super::functions::{Accepts, ResultType};
use super::super::{Dynamic, Type, Value};
use super::names::Naming;
use super::{Accumulator, AggregateFunction};

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[AggregateFunction::define(
    "buildschema",
    &[Accepts::Only(Type::Dynamic)],
    Naming::Word("schema"),
    ResultType::Only(Type::Dynamic),
    |_, _| Box::new(Schema::default()),
)];

/// Under which property the schema of an array's elements stands.
const INDEXER: &str = "`indexer`";

/// What values there were at one place.
#[derive(Debug, Default)]
struct Schema {
    /// The types of values that are neither array nor bag, in the order of their arrival.
    types: Vec<&'static str>,
    /// The schemas of the properties, if there was an array or a bag.
    properties: Option<IndexMap<String, Schema>>,
}

impl Schema {
    /// Admits a value.
    fn admit(&mut self, value: &Dynamic) {
        match value {
            Dynamic::Null => {}
            Dynamic::Bool(_) => self.add_type("bool"),
            Dynamic::Long(_) => self.add_type("long"),
            Dynamic::Real(_) => self.add_type("double"),
            Dynamic::String(_) => self.add_type("string"),
            Dynamic::DateTime(_) => self.add_type("datetime"),
            Dynamic::TimeSpan(_) => self.add_type("timespan"),
            Dynamic::Guid(_) => self.add_type("guid"),
            Dynamic::Array(elements) => {
                let schema = self.property(INDEXER);
                elements.iter().for_each(|element| schema.admit(element));
            }
            Dynamic::Bag(properties) => {
                self.properties.get_or_insert_default();
                for (name, value) in properties {
                    self.property(name).admit(value);
                }
            }
        }
    }

    /// Admits all that another schema admits.
    fn admit_schema(&mut self, schema: &Dynamic) {
        match schema {
            Dynamic::String(name) => {
                let known = TYPES.into_iter().find(|known| known == name);
                known.into_iter().for_each(|known| self.add_type(known));
            }
            Dynamic::Array(schemas) => {
                schemas.iter().for_each(|schema| self.admit_schema(schema));
            }
            Dynamic::Bag(properties) => {
                self.properties.get_or_insert_default();
                for (name, schema) in properties {
                    self.property(name).admit_schema(schema);
                }
            }
            _ => {}
        }
    }

    fn add_type(&mut self, name: &'static str) {
        if !self.types.contains(&name) {
            self.types.push(name);
        }
    }

    fn property(&mut self, name: &str) -> &mut Schema {
        let properties = self.properties.get_or_insert_default();
        properties.entry(name.to_owned()).or_default()
    }

    fn is_empty(&self) -> bool {
        self.types.is_empty() && self.properties.is_none()
    }

    fn dynamic(&self) -> Dynamic {
        let types = self.types.iter().map(|name| Dynamic::String((*name).to_owned()));
        let bag = self.properties.iter().map(|properties| {
            let schemas = properties.iter().map(|(name, schema)| (name.clone(), schema.dynamic()));
            Dynamic::Bag(schemas.collect())
        });
        let mut schemas: Vec<_> = types.chain(bag).collect();
        match schemas.pop() {
            Some(only) if schemas.is_empty() => only,
            last => {
                schemas.extend(last);
                Dynamic::Array(schemas)
            }
        }
    }

    fn bytes(&self) -> usize {
        let properties = self.properties.iter().flatten();
        let held: usize = properties.map(|(name, schema)| name.len() + schema.bytes()).sum();
        size_of::<Self>() + size_of::<String>() + held
    }
}

/// What values other than arrays and bags are called.
const TYPES: [&str; 7] = ["bool", "long", "double", "string", "datetime", "timespan", "guid"];

impl Accumulator for Schema {
    fn update(&mut self, arguments: &[Value]) {
        if let Some(Value::Dynamic(value)) = arguments.first() {
            self.admit(value);
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![if self.is_empty() { Value::Null } else { Value::Dynamic(self.dynamic()) }]
    }

    fn merge(&mut self, state: &[Value]) {
        if let Some(Value::Dynamic(schema)) = state.first() {
            self.admit_schema(schema);
        }
    }

    fn finish(&mut self) -> Vec<Value> {
        self.state()
    }

    fn size(&self) -> usize {
        self.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::trials::{dynamic, one, rows};
    use super::*;

    #[test]
    fn a_schema_admits_all_values() {
        let values = [
            dynamic(r#"{"x":1,"y":3.5}"#),
            dynamic(r#"{"x":"somevalue","z":[1,2,3]}"#),
            dynamic(r#"{"y":{"w":"zzz"},"t":["aa","bb"],"z":["foo"]}"#),
        ];
        let expected = r#"{"x":["long","string"],"y":["double",{"w":"string"}],
            "z":{"`indexer`":["long","string"]},"t":{"`indexer`":"string"}}"#;
        assert_eq!(one("buildschema", &[Type::Dynamic], &rows(&values)), dynamic(expected));
    }

    #[test]
    fn nothing_has_no_schema() {
        assert_eq!(one("buildschema", &[Type::Dynamic], &[&[Value::Null]]), Value::Null);
        assert_eq!(one("buildschema", &[Type::Dynamic], &[&[dynamic("{}")]]), dynamic("{}"));
    }
}
