//! Calls: of functions that people defined, of special forms, and of the functions that there are.

use std::sync::Arc;

use super::scalar::{Row, as_constant, likely, literal};
use super::scope::{Entity, Scope};
use super::windows::window;
use super::{Bind, Binder, constants, error, error_with};
use crate::kql::functions::{self, Accepts, Function, ResultType};
use crate::kql::plan::{Expression, ExpressionKind};
use crate::kql::syntax::{self, Argument, Name, ParameterType};
use crate::kql::{Dynamic, Problem, Span, Type, Value, aggregates, parser};

/// A constant may not become larger than this, in bytes.
const MOST_CONSTANT: usize = 32 << 20;

/// Older names of functions, and others that mean the same.
const ALIASES: &[(&str, &str)] = &[
    ("arraylength", "array_length"),
    ("array_iif", "array_iff"),
    ("array_strcat", "strcat_array"),
    ("base64_decodestring", "base64_decode_tostring"),
    ("base64_encodestring", "base64_encode_tostring"),
    ("extract_json", "extractjson"),
    ("getmonth", "monthofyear"),
    ("iif", "iff"),
    ("notempty", "isnotempty"),
    ("notnull", "isnotnull"),
    ("pack", "bag_pack"),
    ("parsejson", "parse_json"),
    ("parseurl", "parse_url"),
    ("replace", "replace_regex"),
    ("toboolean", "tobool"),
    ("todouble", "toreal"),
    ("toobject", "parse_json"),
    ("todynamic", "parse_json"),
    ("weekofyear", "week_of_year"),
];

/// The function of that name or of an older one.
pub(super) fn known(name: &str) -> Option<&'static Function> {
    functions::function(name).or_else(|| {
        let (_, now) = ALIASES.iter().find(|(old, _)| *old == name)?;
        functions::function(now)
    })
}

impl Binder<'_> {
    /// Binds a call that gives a scalar.
    pub(super) fn call(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        if let Some(entity) = self.defined(name, arguments, scope, row)? {
            return match entity {
                Entity::Scalar { expression, .. } => Ok(Expression { span, ..expression }),
                entity => error_with(
                    span,
                    format!(
                        "`{}` gives {}, and one value is needed here",
                        name.text,
                        entity.what()
                    ),
                    format!("write `toscalar({}(…))` to take its first value", name.text),
                ),
            };
        }
        if let Some(summary) = &row.summary
            && let Some(function) = aggregates::aggregate(&name.text)
        {
            let summary = std::rc::Rc::clone(summary);
            return self.aggregate(function, arguments, name, scope, &summary);
        }
        if let Some(kind) = window(&name.text) {
            return self.window(kind, name, arguments, scope, row);
        }
        if let Some(bound) = self.special(name, arguments, span, scope, row)? {
            return Ok(bound);
        }
        let Some(function) = known(&name.text) else { return self.unknown_function(name, scope) };
        let mut bound = Vec::new();
        for argument in arguments {
            bound.push(self.scalar(&argument.value, scope, row)?);
        }
        self.apply_function(function, bound, name.span.to(span))
    }

    fn unknown_function<T>(&mut self, name: &Name, scope: &Arc<Scope>) -> Bind<T> {
        if aggregates::aggregate(&name.text).is_some() {
            let reason = format!("`{}` is an aggregate", name.text);
            return error_with(
                name.span,
                reason,
                "aggregates may stand in `summarize`, `make-series` and `top-nested`",
            );
        }
        if let Some(why) = refused(&name.text) {
            return error(name.span, format!("`{}` is not supported: {why}", name.text));
        }
        let stored = self.environment.functions();
        let scoped: Vec<&str> = scope
            .entries()
            .filter(|(_, entity)| matches!(entity, Entity::Function { .. }))
            .map(|(name, _)| name)
            .collect();
        let known = functions::all().map(|function| function.name);
        let known = known.chain(scoped).chain(stored.iter().map(String::as_str));
        let help = match likely(&name.text, known) {
            Some(like) => format!("did you mean `{like}`?"),
            None => "if it is a function of your workspace, give the folder that has it with --functions".to_owned(),
        };
        error_with(name.span, format!("there is no function `{}`", name.text), help)
    }

    /// What a function gives that the query or the environment defines; nothing if there is no such.
    pub(super) fn defined(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Option<Entity>> {
        if let Some(Entity::Function { function, scope: around }) = scope.find(&name.text) {
            let (function, around) = (Arc::clone(function), Arc::clone(around));
            return self.invoke(&function, &around, name, None, arguments, scope, row).map(Some);
        }
        // A function that there is is never hidden by a stored one.
        if known(&name.text).is_some() {
            return Ok(None);
        }
        match self.stored(name)? {
            Some(function) => {
                self.invoke(&function, &Scope::root(), name, None, arguments, scope, row).map(Some)
            }
            None => Ok(None),
        }
    }

    /// The stored function of that name.
    pub(super) fn stored(&mut self, name: &Name) -> Bind<Option<Arc<syntax::Function>>> {
        let Some(text) = self.environment.function(&name.text) else { return Ok(None) };
        match parser::parse_function(&text) {
            Ok(function) => Ok(Some(Arc::new(function))),
            Err(problems) => {
                let told = problems.first().map(|problem| {
                    let (line, column) = problem.span.line_and_column(&text);
                    format!("line {line}, column {column}: {problem}")
                });
                let reason = format!(
                    "the stored function `{}` is broken: {}",
                    name.text,
                    told.unwrap_or_default()
                );
                error(name.span, reason)
            }
        }
    }

    /// Puts a function in place of its call. `first` is the table that `invoke` hands to it.
    #[expect(
        clippy::too_many_arguments,
        reason = "a call has a callee, what is around either, and arguments"
    )]
    pub(super) fn invoke(
        &mut self,
        function: &syntax::Function,
        around: &Arc<Scope>,
        name: &Name,
        first: Option<Entity>,
        arguments: &[Argument],
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Entity> {
        let mut given = Vec::new();
        given.extend(first.map(|entity| (None, entity, name.span)));
        for argument in arguments {
            if self.is_own_parameter(argument, function, scope, row)? {
                continue;
            }
            let entity = self.entity_over(&argument.value, scope, row)?;
            given.push((argument.name.as_ref(), entity, argument.value.span));
        }
        let mut inner = Arc::clone(around);
        let mut unnamed = 0;
        let used: usize = given.len();
        let mut taken = 0;
        for parameter in &function.parameters {
            let wanted = &parameter.name.text;
            let named =
                given.iter().find(|(name, ..)| name.is_some_and(|name| name.text == *wanted));
            let found = match named {
                Some(found) => Some(found),
                None => {
                    let found = given.iter().filter(|(name, ..)| name.is_none()).nth(unnamed);
                    unnamed += usize::from(found.is_some());
                    found
                }
            };
            let entity = match (found, &parameter.default) {
                (Some((_, entity, span)), _) => {
                    taken += 1;
                    self.argument(entity.clone(), parameter, *span, row)?
                }
                (None, Some(default)) => {
                    let default = self.entity(default, around)?;
                    self.argument(default, parameter, name.span, row)?
                }
                (None, None) => {
                    let reason =
                        format!("`{}` needs a value for its parameter `{wanted}`", name.text);
                    return error(name.span, reason);
                }
            };
            inner = Scope::with(&inner, wanted, entity);
        }
        if taken < used {
            let names = function.parameters.iter().map(|parameter| parameter.name.text.as_str());
            let names: Vec<&str> = names.collect();
            let reason = format!("`{}` does not take those arguments", name.text);
            return error_with(
                name.span,
                reason,
                format!("its parameters are: {}", names.join(", ")),
            );
        }
        let inside = row.without_names();
        self.body(&function.body, &inner, &inside).map_err(|mut problem| {
            // A place in the text of another function means nothing here, and one in the query's own is
            // of less use than the call.
            problem.reason = format!("in `{}`: {}", name.text, problem.reason);
            problem.span = name.span;
            problem
        })
    }

    /// Whether an argument is a name that nothing has here but the function's parameter itself. Published bodies of
    /// functions hand their own parameters on by name; run without their head, the inner defaults hold.
    fn is_own_parameter(
        &mut self,
        argument: &Argument,
        function: &syntax::Function,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<bool> {
        let syntax::ExpressionKind::Name(name) = &argument.value.kind else { return Ok(false) };
        let is_named_alike = argument.name.as_ref().is_none_or(|given| given.text == *name);
        let has_default = function
            .parameters
            .iter()
            .any(|parameter| parameter.name.text == *name && parameter.default.is_some());
        let is_known = scope.find(name).is_some()
            || row.columns.iter().any(|column| column.name == *name)
            || self.environment.table(name).is_some()
            || self.environment.function(name).is_some();
        if !is_named_alike || !has_default || is_known {
            return Ok(false);
        }
        let reason =
            format!("nothing is called `{name}` here; the default of that parameter is taken");
        let problem = Problem::warning(argument.value.span, reason);
        self.warn(problem.help("this is the body of a function: give its parameters with `let`"));
        Ok(true)
    }

    /// An argument as its parameter takes it.
    fn argument(
        &mut self,
        entity: Entity,
        parameter: &syntax::Parameter,
        span: Span,
        row: &Row,
    ) -> Bind<Entity> {
        let name = &parameter.name.text;
        match (&parameter.r#type, entity) {
            (ParameterType::Scalar(r#type), Entity::Scalar { expression, .. }) => {
                let expression = self.convert(expression, *r#type)?;
                let row = has_columns(&expression).then_some(row.number);
                Ok(Entity::Scalar { expression, row })
            }
            (ParameterType::Table(columns), Entity::Table(relation)) => {
                for column in columns {
                    if relation.place(&column.name.text).is_none() && !relation.is_open {
                        let reason =
                            format!("the table for `{name}` has no column `{}`", column.name.text);
                        return error(span, reason);
                    }
                }
                Ok(Entity::Table(relation))
            }
            (ParameterType::Scalar(_), Entity::Table(_)) => error_with(
                span,
                format!("`{name}` takes one value, and this is a table"),
                "write `toscalar(…)` around it",
            ),
            (ParameterType::Table(_), _) => error(span, format!("`{name}` takes a table")),
            (_, entity) => error(span, format!("`{name}` does not take {}", entity.what())),
        }
    }

    /// A call of a function or operator that there is.
    pub(super) fn apply(
        &mut self,
        name: &str,
        arguments: Vec<Expression>,
        span: Span,
    ) -> Bind<Expression> {
        match known(name) {
            Some(function) => self.apply_function(function, arguments, span),
            None => error(span, format!("`{name}` is not supported")),
        }
    }

    /// A call with arguments that the function accepts, computed if they are constant.
    pub(super) fn apply_function(
        &mut self,
        function: &'static Function,
        arguments: Vec<Expression>,
        span: Span,
    ) -> Bind<Expression> {
        self.works(span)?;
        let arguments = self.accepted(
            function.name,
            function.parameters,
            function.optional,
            function.rest,
            arguments,
            span,
        )?;
        let (arguments, r#type) = self.typed(function.name, function.result, arguments, span)?;
        constants::check(function.name, &arguments)?;
        if let Some(values) = values_of(&arguments) {
            let value = (function.call)(&values);
            if size(&value) > MOST_CONSTANT {
                return error(
                    span,
                    format!(
                        "`{}` makes a constant of more than {} MiB",
                        function.name,
                        MOST_CONSTANT >> 20
                    ),
                );
            }
            return Ok(literal(value, r#type, span));
        }
        Ok(Expression { kind: ExpressionKind::Call { function, arguments }, r#type, span })
    }

    /// Arguments as the parameters accept them.
    pub(super) fn accepted(
        &mut self,
        name: &str,
        parameters: &[Accepts],
        optional: usize,
        rest: Option<Accepts>,
        arguments: Vec<Expression>,
        span: Span,
    ) -> Bind<Vec<Expression>> {
        let least = parameters.len() - optional.min(parameters.len());
        let most = if rest.is_some() { usize::MAX } else { parameters.len() };
        if arguments.len() < least || arguments.len() > most {
            let wanted = match (least, most) {
                (least, usize::MAX) => format!("at least {least}"),
                (least, most) if least == most => least.to_string(),
                (least, most) => format!("{least} to {most}"),
            };
            return error(
                span,
                format!("`{name}` takes {wanted} arguments, and here are {}", arguments.len()),
            );
        }
        let mut accepted = Vec::with_capacity(arguments.len());
        for (place, argument) in arguments.into_iter().enumerate() {
            let accepts = parameters.get(place).copied().or(rest).unwrap_or(Accepts::Any);
            accepted.push(self.accept(name, place, accepts, argument)?);
        }
        Ok(accepted)
    }

    fn accept(
        &mut self,
        name: &str,
        place: usize,
        accepts: Accepts,
        argument: Expression,
    ) -> Bind<Expression> {
        let given = argument.r#type;
        if matches!(accepts, Accepts::Number | Accepts::Measure)
            && let Some(missing) = self.missing_as(&argument, Type::Real)
        {
            return Ok(missing);
        }
        let misfit = |wanted: &str| {
            let reason = format!(
                "argument {} of `{name}` must be {wanted}, and is of type {given}",
                place + 1
            );
            error(argument.span, reason)
        };
        match accepts {
            Accepts::Any => Ok(argument),
            Accepts::Literal if as_constant(&argument).is_some() => Ok(argument),
            Accepts::Literal => error(
                argument.span,
                format!("argument {} of `{name}` must be a constant", place + 1),
            ),
            Accepts::Only(Type::Dynamic) if given == Type::String => {
                self.apply("parse_json", vec![argument], Span::default())
            }
            Accepts::Only(wanted) => self.convert(argument, wanted),
            Accepts::Number if given.is_number() => Ok(argument),
            Accepts::Number | Accepts::Measure if given == Type::Dynamic => {
                self.convert(argument, Type::Real)
            }
            Accepts::Number if given == Type::Bool => self.convert(argument, Type::Long),
            Accepts::Number => misfit("a number"),
            Accepts::Measure
                if given.is_number() || matches!(given, Type::DateTime | Type::TimeSpan) =>
            {
                Ok(argument)
            }
            Accepts::Measure if given == Type::Bool => self.convert(argument, Type::Long),
            Accepts::Measure => misfit("a number, a datetime or a timespan"),
        }
    }

    /// The type of a call's result, and the arguments converted to what it needs.
    pub(super) fn typed(
        &mut self,
        name: &str,
        result: ResultType,
        arguments: Vec<Expression>,
        span: Span,
    ) -> Bind<(Vec<Expression>, Type)> {
        match result {
            ResultType::Only(r#type) => Ok((arguments, r#type)),
            ResultType::Argument(place) => {
                let r#type = arguments.get(place).map_or(Type::Dynamic, |argument| argument.r#type);
                Ok((arguments, r#type))
            }
            ResultType::Common(from) => self.common(name, from, arguments, span),
            ResultType::Computed(compute) => {
                let types: Vec<Type> = arguments.iter().map(|argument| argument.r#type).collect();
                if let Some(r#type) = compute(&types) {
                    return Ok((arguments, r#type));
                }
                // A column that a table lacks is of the type that its use asks for.
                let arguments = self.missing_alike(arguments, 0);
                let others: Vec<Type> = arguments.iter().map(|argument| argument.r#type).collect();
                match compute(&others) {
                    Some(r#type) => Ok((arguments, r#type)),
                    None => {
                        let types: Vec<&str> = types.iter().map(|r#type| r#type.name()).collect();
                        let reason = format!("`{name}` does not go with {}", types.join(" and "));
                        error_with(
                            span,
                            reason,
                            "convert one of them with tostring(), tolong(), todatetime() …",
                        )
                    }
                }
            }
        }
    }

    /// Arguments from a place on, converted to one type.
    pub(super) fn common(
        &mut self,
        name: &str,
        from: usize,
        arguments: Vec<Expression>,
        span: Span,
    ) -> Bind<(Vec<Expression>, Type)> {
        let arguments = self.missing_alike(arguments, from);
        let mut r#type = None;
        for argument in arguments.iter().skip(from) {
            r#type = Some(match r#type {
                None => argument.r#type,
                Some(before) => match wider(before, argument.r#type) {
                    Some(wide) => wide,
                    None => {
                        let reason = format!(
                            "the arguments of `{name}` are of types {before} and {}",
                            argument.r#type
                        );
                        return error_with(
                            span,
                            reason,
                            "convert one of them with tostring(), tolong(), todatetime() …",
                        );
                    }
                },
            });
        }
        let r#type = r#type.unwrap_or(Type::Dynamic);
        let mut converted = Vec::with_capacity(arguments.len());
        for (place, argument) in arguments.into_iter().enumerate() {
            let is_common = place >= from && argument.r#type != r#type;
            converted.push(if is_common { self.wrap(argument, r#type)? } else { argument });
        }
        Ok((converted, r#type))
    }

    /// Arguments of which those that are columns that a table lacks take the type of the others from a place on.
    fn missing_alike(&self, arguments: Vec<Expression>, from: usize) -> Vec<Expression> {
        let others = arguments.iter().skip(from).filter(|argument| !self.is_missing(argument));
        let r#type = others.map(|argument| argument.r#type).next().unwrap_or(Type::Real);
        let alike =
            |(place, argument): (usize, Expression)| match self.missing_as(&argument, r#type) {
                Some(missing) if place >= from => missing,
                _ => argument,
            };
        arguments.into_iter().enumerate().map(alike).collect()
    }

    /// Whether it is a column that a table lacks, and of which no type is known.
    fn is_missing(&self, expression: &Expression) -> bool {
        let is_nothing = as_constant(expression) == Some(&Value::nothing(expression.r#type));
        is_nothing && self.missing.contains(&expression.span)
    }

    /// A column that a table lacks, as one of that type; nothing if it is none.
    fn missing_as(&self, expression: &Expression, r#type: Type) -> Option<Expression> {
        self.is_missing(expression)
            .then(|| literal(Value::nothing(r#type), r#type, expression.span))
    }

    /// An expression as one of a type.
    pub(super) fn convert(&mut self, expression: Expression, r#type: Type) -> Bind<Expression> {
        if expression.r#type == r#type {
            return Ok(expression);
        }
        if r#type == Type::Dynamic {
            return self.wrap(expression, r#type);
        }
        let name = match r#type {
            Type::Bool => "tobool",
            Type::Int => "toint",
            Type::Long => "tolong",
            Type::Real => "toreal",
            Type::Decimal => "todecimal",
            Type::String => "tostring",
            Type::DateTime => "todatetime",
            Type::TimeSpan => "totimespan",
            Type::Guid => "toguid",
            Type::Dynamic => "as_dynamic",
        };
        let span = expression.span;
        if let Some(value) = as_constant(&expression) {
            return Ok(literal(value.convert(r#type), r#type, span));
        }
        self.apply(name, vec![expression], span)
    }

    /// An expression as one of a wider type: as it is inside a dynamic value, not read as JSON.
    fn wrap(&mut self, expression: Expression, r#type: Type) -> Bind<Expression> {
        if r#type != Type::Dynamic {
            return self.convert(expression, r#type);
        }
        let span = expression.span;
        self.apply("as_dynamic", vec![expression], span)
    }
}

/// The type that two have in common.
pub(super) fn wider(one: Type, other: Type) -> Option<Type> {
    match (one, other) {
        (one, other) if one == other => Some(one),
        (one, other) if one.is_number() && other.is_number() => Some(one.max(other)),
        (Type::Dynamic, _) | (_, Type::Dynamic) => Some(Type::Dynamic),
        _ => None,
    }
}

/// Whether an expression reads columns.
pub(super) fn has_columns(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Column(_) => true,
        ExpressionKind::Literal(_) => false,
        ExpressionKind::Call { arguments, .. } => arguments.iter().any(has_columns),
    }
}

/// The values of arguments that are all constant.
fn values_of(arguments: &[Expression]) -> Option<Vec<Value>> {
    arguments.iter().map(|argument| as_constant(argument).cloned()).collect()
}

/// Bytes that a value takes, roughly.
fn size(value: &Value) -> usize {
    fn of(dynamic: &Dynamic) -> usize {
        match dynamic {
            Dynamic::String(text) => text.len(),
            Dynamic::Array(items) => items.iter().map(|item| 16 + of(item)).sum(),
            Dynamic::Bag(entries) => {
                entries.iter().map(|(name, value)| 32 + name.len() + of(value)).sum()
            }
            _ => 8,
        }
    }
    match value {
        Value::String(text) => text.len(),
        Value::Dynamic(dynamic) => of(dynamic),
        _ => 16,
    }
}

/// Why a function that others have is not supported.
fn refused(name: &str) -> Option<&'static str> {
    Some(match name {
        "rand" | "new_guid" | "random" => "its answer would be another every time",
        "hash_combine" | "hash_many" => {
            "how it puts hashes together is not published; hash the texts together, as `hash(strcat(a, b))`"
        }
        "cursor_after" | "cursor_before_or_at" | "cursor_current" | "current_cursor" => {
            "logs in files have no cursors"
        }
        "current_principal"
        | "current_principal_details"
        | "current_principal_is_member_of"
        | "current_cluster_endpoint"
        | "current_database" => "there is no service behind this query",
        "extent_id" | "extent_tags" => "logs in files have no extents",
        "workspace" | "cluster" | "database" | "app" | "resource" | "adx" | "arg"
        | "external_table" => {
            "it names data of another service, and nothing here opens a connection; export that table to a file and query the file"
        }
        _ => return None,
    })
}

/// Whether that name begins a table of another service.
pub(super) fn is_elsewhere(name: &str) -> bool {
    matches!(
        name,
        "workspace"
            | "cluster"
            | "database"
            | "app"
            | "resource"
            | "adx"
            | "arg"
            | "external_table"
    )
}

impl Binder<'_> {
    /// That a table of another service was asked for.
    pub(super) fn elsewhere<T>(&self, name: &str, span: Span) -> Bind<T> {
        let why = refused(name).unwrap_or_default();
        Err(Box::new(Problem::error(span, format!("`{name}(…)` is not supported: {why}"))))
    }
}
