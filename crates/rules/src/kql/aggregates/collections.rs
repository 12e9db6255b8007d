//! The values of a group as one dynamic value: a list, a set, or a bag.
//!
//! Nulls are left out. A set takes the elements of an array for its own; a list does not. Of a property that
//! several bags have, the first value counts. All hold at most 1,048,576 elements.
//!
//! <https://learn.microsoft.com/kusto/query/make-set-aggregation-function>,
//! <https://learn.microsoft.com/kusto/query/make-list-aggregation-function>,
//! <https://learn.microsoft.com/kusto/query/make-bag-aggregation-function>

use indexmap::{IndexMap, IndexSet};

use super::super::functions::{Accepts, ResultType};
use super::super::{Dynamic, Type, Value};
use super::condition::Conditional;
use super::names::Naming;
use super::{Accumulator, AggregateFunction, dynamic_size, elements, long};

const DYNAMIC: ResultType = ResultType::Only(Type::Dynamic);
const PARAMETERS: &[Accepts] = &[Accepts::Any, Accepts::Only(Type::Long)];
const PARAMETERS_IF: &[Accepts] =
    &[Accepts::Any, Accepts::Only(Type::Bool), Accepts::Only(Type::Long)];

/// The most elements, if the query does not say less.
const LIMIT: usize = 1_048_576;
/// The most elements of the aggregates' old names.
const OLD_LIMIT: usize = 128;

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    collect("make_list", "list", |_, constants| List::begin(limit(constants, 1, LIMIT))),
    collect("makelist", "list", |_, constants| List::begin(limit(constants, 1, OLD_LIMIT))),
    collect_if("make_list_if", "list", |_, constants| {
        Conditional::begin(1, List::begin(limit(constants, 2, LIMIT)))
    }),
    AggregateFunction::define(
        "make_list_with_nulls",
        &[Accepts::Any],
        Naming::Word("list"),
        DYNAMIC,
        |_, _| Box::new(List { keeps_nulls: true, limit: LIMIT, elements: Vec::new(), size: 0 }),
    ),
    collect("make_set", "set", |_, constants| Set::begin(limit(constants, 1, LIMIT))),
    collect("makeset", "set", |_, constants| Set::begin(limit(constants, 1, OLD_LIMIT))),
    collect_if("make_set_if", "set", |_, constants| {
        Conditional::begin(1, Set::begin(limit(constants, 2, LIMIT)))
    }),
    collect("make_bag", "bag", |_, constants| Bag::begin(limit(constants, 1, LIMIT))),
    collect("makebag", "bag", |_, constants| Bag::begin(limit(constants, 1, OLD_LIMIT))),
    collect("make_dictionary", "dictionary", |_, constants| {
        Bag::begin(limit(constants, 1, OLD_LIMIT))
    }),
    collect_if("make_bag_if", "bag", |_, constants| {
        Conditional::begin(1, Bag::begin(limit(constants, 2, LIMIT)))
    }),
];

type Begin = fn(&[Type], &[Value]) -> Box<dyn Accumulator>;

const fn collect(name: &'static str, word: &'static str, begin: Begin) -> AggregateFunction {
    AggregateFunction::define(name, PARAMETERS, Naming::Word(word), DYNAMIC, begin).with_optional(1)
}

const fn collect_if(name: &'static str, word: &'static str, begin: Begin) -> AggregateFunction {
    AggregateFunction::define(name, PARAMETERS_IF, Naming::Word(word), DYNAMIC, begin)
        .with_optional(1)
}

/// How many elements the query wants at most.
fn limit(constants: &[Value], place: usize, default: usize) -> usize {
    match long(constants, place) {
        Some(limit) => usize::try_from(limit).map_or(0, |limit| limit.min(LIMIT)),
        None => default,
    }
}

/// Values in the order of their arrival.
#[derive(Debug)]
struct List {
    keeps_nulls: bool,
    limit: usize,
    elements: Vec<Dynamic>,
    /// Bytes of the elements.
    size: usize,
}

impl List {
    fn begin(limit: usize) -> Box<dyn Accumulator> {
        Box::new(Self { keeps_nulls: false, limit, elements: Vec::new(), size: 0 })
    }

    fn push(&mut self, element: Dynamic) {
        if self.elements.len() < self.limit {
            self.size += dynamic_size(&element);
            self.elements.push(element);
        }
    }
}

impl Accumulator for List {
    fn update(&mut self, arguments: &[Value]) {
        let element = arguments.first().cloned().map_or(Dynamic::Null, Value::into_dynamic);
        if self.keeps_nulls || element != Dynamic::Null {
            self.push(element);
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![Value::Dynamic(Dynamic::Array(self.elements.clone()))]
    }

    fn merge(&mut self, state: &[Value]) {
        elements(state, 0).iter().cloned().for_each(|element| self.push(element));
    }

    fn finish(&mut self) -> Vec<Value> {
        self.size = 0;
        vec![Value::Dynamic(Dynamic::Array(std::mem::take(&mut self.elements)))]
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.size
    }
}

/// Different values in the order of their first arrival.
#[derive(Debug)]
struct Set {
    limit: usize,
    /// What is in, as JSON, beside which equal values look the same.
    known: IndexSet<String>,
    elements: Vec<Dynamic>,
    /// Bytes of the elements and of what tells them apart.
    size: usize,
}

impl Set {
    fn begin(limit: usize) -> Box<dyn Accumulator> {
        Box::new(Self { limit, known: IndexSet::new(), elements: Vec::new(), size: 0 })
    }

    fn insert(&mut self, element: Dynamic) {
        if element == Dynamic::Null || self.elements.len() >= self.limit {
            return;
        }
        let json = element.json();
        let length = json.len();
        if self.known.insert(json) {
            self.size += length + size_of::<String>() + dynamic_size(&element);
            self.elements.push(element);
        }
    }
}

impl Accumulator for Set {
    fn update(&mut self, arguments: &[Value]) {
        match arguments.first() {
            None | Some(Value::Null) => {}
            Some(Value::Dynamic(Dynamic::Array(elements))) => {
                elements.iter().cloned().for_each(|element| self.insert(element));
            }
            Some(value) => self.insert(value.clone().into_dynamic()),
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![Value::Dynamic(Dynamic::Array(self.elements.clone()))]
    }

    fn merge(&mut self, state: &[Value]) {
        elements(state, 0).iter().cloned().for_each(|element| self.insert(element));
    }

    fn finish(&mut self) -> Vec<Value> {
        self.size = 0;
        self.known.clear();
        vec![Value::Dynamic(Dynamic::Array(std::mem::take(&mut self.elements)))]
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.size
    }
}

/// The properties of bags in the order of their first arrival.
#[derive(Debug)]
struct Bag {
    limit: usize,
    properties: IndexMap<String, Dynamic>,
    /// Bytes of the properties.
    size: usize,
}

impl Bag {
    fn begin(limit: usize) -> Box<dyn Accumulator> {
        Box::new(Self { limit, properties: IndexMap::new(), size: 0 })
    }
}

impl Accumulator for Bag {
    fn update(&mut self, arguments: &[Value]) {
        let Some(Value::Dynamic(Dynamic::Bag(properties))) = arguments.first() else { return };
        for (name, value) in properties {
            if self.properties.len() < self.limit && !self.properties.contains_key(name) {
                self.size += name.len() + size_of::<String>() + dynamic_size(value);
                self.properties.insert(name.clone(), value.clone());
            }
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![Value::Dynamic(Dynamic::Bag(self.properties.clone()))]
    }

    fn merge(&mut self, state: &[Value]) {
        self.update(state);
    }

    fn finish(&mut self) -> Vec<Value> {
        self.size = 0;
        vec![Value::Dynamic(Dynamic::Bag(std::mem::take(&mut self.properties)))]
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.size
    }
}

#[cfg(test)]
mod tests {
    use super::super::trials::{dynamic, longs, one, one_of, rows, text};
    use super::*;

    #[test]
    fn nulls_are_left_out_unless_they_are_asked_for() {
        let values = [Value::Null, Value::Long(4), Value::Long(4)];
        assert_eq!(one("make_list", &[Type::Long], &rows(&values)), dynamic("[4,4]"));
        assert_eq!(one("make_set", &[Type::Long], &rows(&values)), dynamic("[4]"));
        let with_nulls = one("make_list_with_nulls", &[Type::Long], &rows(&values));
        assert_eq!(with_nulls, dynamic("[null,4,4]"));
        assert_eq!(one("make_set", &[Type::Long], &[]), dynamic("[]"));
        assert_eq!(one("make_bag", &[Type::Dynamic], &[]), dynamic("{}"));
    }

    #[test]
    fn a_set_takes_arrays_apart_and_a_list_does_not() {
        let values = [dynamic(r#"["A1","A2"]"#), dynamic(r#"["A2",null,"C1"]"#), dynamic("1")];
        let set = one("make_set", &[Type::Dynamic], &rows(&values));
        assert_eq!(set, dynamic(r#"["A1","A2","C1",1]"#));
        let list = one("make_list", &[Type::Dynamic], &rows(&values));
        assert_eq!(list, dynamic(r#"[["A1","A2"],["A2",null,"C1"],1]"#));
    }

    #[test]
    fn text_and_number_are_not_the_same() {
        let values = [dynamic("1"), dynamic(r#""1""#), dynamic("1")];
        assert_eq!(one("make_set", &[Type::Dynamic], &rows(&values)), dynamic(r#"[1,"1"]"#));
    }

    #[test]
    fn a_query_may_say_how_many_elements_it_wants() {
        let values = longs(&[1, 2, 3]);
        let constants = [Value::Null, Value::Long(2)];
        let types = [Type::Long, Type::Long];
        assert_eq!(one_of("make_list", &types, &constants, &rows(&values)), dynamic("[1,2]"));
        assert_eq!(one_of("make_set", &types, &constants, &rows(&values)), dynamic("[1,2]"));
        let many: Vec<i64> = (0..200).collect();
        let Value::Dynamic(Dynamic::Array(list)) =
            one("makelist", &[Type::Long], &rows(&longs(&many)))
        else {
            panic!("no list")
        };
        assert_eq!(list.len(), OLD_LIMIT);
    }

    #[test]
    fn a_condition_stands_before_the_limit() {
        let constants = [Value::Null, Value::Null, Value::Long(1)];
        let rows: [&[Value]; 3] = [
            &[text("a"), Value::Bool(false)],
            &[text("b"), Value::Bool(true)],
            &[text("c"), Value::Bool(true)],
        ];
        let types = [Type::String, Type::Bool, Type::Long];
        assert_eq!(one_of("make_set_if", &types, &constants, &rows), dynamic(r#"["b"]"#));
        assert_eq!(one_of("make_list_if", &types, &constants, &rows), dynamic(r#"["b"]"#));
    }

    #[test]
    fn bags_become_one_and_the_first_value_of_a_property_counts() {
        let values = [dynamic(r#"{"a":1}"#), dynamic("7"), dynamic(r#"{"a":2,"b":{"c":[]}}"#)];
        let bag = one("make_bag", &[Type::Dynamic], &rows(&values));
        assert_eq!(bag, dynamic(r#"{"a":1,"b":{"c":[]}}"#));
    }
}
