//! Scalar expressions: operands, and how strongly the operators between them bind.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{Argument, Expression, ExpressionKind};
use crate::kql::token::TokenKind;
use crate::kql::{Problem, Span};

/// Every operator that is written as a word.
pub(super) const WORD_OPERATORS: [&str; 40] = [
    "and",
    "or",
    "in",
    "!in",
    "in~",
    "!in~",
    "between",
    "!between",
    "matches",
    "has",
    "!has",
    "has_cs",
    "!has_cs",
    "has_any",
    "has_all",
    "contains",
    "!contains",
    "contains_cs",
    "!contains_cs",
    "startswith",
    "!startswith",
    "startswith_cs",
    "!startswith_cs",
    "endswith",
    "!endswith",
    "endswith_cs",
    "!endswith_cs",
    "hasprefix",
    "!hasprefix",
    "hasprefix_cs",
    "!hasprefix_cs",
    "hassuffix",
    "!hassuffix",
    "hassuffix_cs",
    "!hassuffix_cs",
    "notcontains",
    "notcontainscs",
    "containscs",
    "like",
    "notlike",
];

/// How strongly an operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Or,
    And,
    Equality,
    Comparison,
    Sum,
    Product,
    Text,
}

/// An operator between operands.
#[derive(Clone, Copy, Debug)]
struct Infix {
    sign: &'static str,
    strength: Strength,
    form: Form,
}

/// What follows an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// An operand.
    Operand,
    /// A list in brackets.
    List,
    /// `(low .. high)`.
    Range,
}

impl Infix {
    const fn new(sign: &'static str, strength: Strength) -> Self {
        Self { sign, strength, form: Form::Operand }
    }

    const fn of_form(sign: &'static str, form: Form) -> Self {
        Self { sign, strength: Strength::Equality, form }
    }
}

impl Parser<'_> {
    /// A scalar expression.
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.infix(Strength::Or)
    }

    /// An expression without comparisons and what binds more weakly than they do.
    pub(super) fn sum(&mut self) -> Parsed<Expression> {
        self.infix(Strength::Sum)
    }

    /// Operands with operators between them that bind at least so strongly.
    fn infix(&mut self, least: Strength) -> Parsed<Expression> {
        self.chain(|parser| {
            let mut left = parser.operand()?;
            // What compares cannot be compared again without brackets: `a == b == c`.
            let mut most = None;
            while let Some(infix) = parser.infix_here()? {
                if infix.strength < least {
                    break;
                }
                if most.is_some_and(|most| infix.strength >= most) {
                    return parser.not_again(infix);
                }
                left = match infix.strength {
                    Strength::Or | Strength::And => parser.junction(left, infix)?,
                    Strength::Sum | Strength::Product => parser.binary(left, infix)?,
                    _ => {
                        most = Some(infix.strength);
                        parser.comparison(left, infix)?
                    }
                };
            }
            Ok(left)
        })
    }

    fn not_again<T>(&mut self, infix: Infix) -> Parsed<T> {
        let reason = format!("`{}` follows another comparison", infix.sign);
        self.fail(Problem::error(self.span(), reason).help("put one of them in brackets"))
    }

    /// `a and b and c`. It is made into a tree that is as low as it can be, since thousands of alternatives
    /// in a row are nothing unusual; the order of the operands is kept.
    fn junction(&mut self, first: Expression, infix: Infix) -> Parsed<Expression> {
        let stronger =
            if infix.strength == Strength::Or { Strength::And } else { Strength::Equality };
        let mut operands = vec![first];
        let mut signs = Vec::new();
        while let Some(next) = self.infix_here()?.filter(|next| next.sign == infix.sign) {
            signs.push(self.take_infix(next));
            operands.push(self.infix(stronger)?);
        }
        let levels = operands.len().next_power_of_two().trailing_zeros();
        let span = signs.first().copied().unwrap_or_default();
        self.rise(levels as usize, span)?;
        Ok(balanced(operands, &signs, infix.sign))
    }

    fn binary(&mut self, left: Expression, infix: Infix) -> Parsed<Expression> {
        let stronger =
            if infix.strength == Strength::Sum { Strength::Product } else { Strength::Text };
        let at = self.take_infix(infix);
        let right = self.infix(stronger)?;
        self.rise(1, at)?;
        Ok(joined(left, infix.sign, at, right))
    }

    fn comparison(&mut self, left: Expression, infix: Infix) -> Parsed<Expression> {
        let at = self.take_infix(infix);
        let start = left.span.start;
        let kind = match infix.form {
            Form::Operand => {
                let right = match infix.strength {
                    Strength::Equality => self.infix(Strength::Comparison)?,
                    Strength::Comparison => self.infix(Strength::Sum)?,
                    _ => self.operand()?,
                };
                self.rise(1, at)?;
                return Ok(joined(left, infix.sign, at, right));
            }
            Form::List => {
                let list = self.list_of(infix)?;
                ExpressionKind::Membership { operator: infix.sign, at, left: Box::new(left), list }
            }
            Form::Range => self.bracketed(TokenKind::OpenParenthesis, |parser| {
                let low = Box::new(parser.expression()?);
                parser.expect(TokenKind::DotDot, "..")?;
                let high = Box::new(parser.expression()?);
                let is_negated = infix.sign == "!between";
                Ok(ExpressionKind::Between { is_negated, of: Box::new(left), low, high })
            })?,
        };
        self.rise(1, at)?;
        Ok(Expression { kind, span: self.since(start) })
    }

    fn list_of(&mut self, infix: Infix) -> Parsed<Vec<Expression>> {
        if self.kind() != TokenKind::OpenParenthesis {
            let reason = format!("{} stands where `(` is expected", self.quoted());
            let help = format!("write `{} (…)`", infix.sign);
            return self.fail(Problem::error(self.span(), reason).help(help));
        }
        self.bracketed(TokenKind::OpenParenthesis, |parser| {
            let in_search = std::mem::replace(&mut parser.in_search, false);
            let list = parser.list(Self::pipeline);
            parser.in_search = in_search;
            list
        })
    }

    /// The operator here, if one is here. It is not taken.
    fn infix_here(&mut self) -> Parsed<Option<Infix>> {
        use Strength::{And, Comparison, Equality, Or, Product, Sum, Text};
        let infix = match self.kind() {
            TokenKind::Plus => Infix::new("+", Sum),
            TokenKind::Minus => Infix::new("-", Sum),
            TokenKind::Star => Infix::new("*", Product),
            TokenKind::Slash => Infix::new("/", Product),
            TokenKind::Percent => Infix::new("%", Product),
            TokenKind::Equal => Infix::new("==", Equality),
            TokenKind::NotEqual => Infix::new("!=", Equality),
            TokenKind::EqualTilde => Infix::new("=~", Text),
            TokenKind::NotTilde => Infix::new("!~", Text),
            TokenKind::Less => Infix::new("<", Comparison),
            TokenKind::LessOrEqual => Infix::new("<=", Comparison),
            TokenKind::Greater => Infix::new(">", Comparison),
            TokenKind::GreaterOrEqual => Infix::new(">=", Comparison),
            TokenKind::Colon if self.in_search => Infix::new("has", Text),
            TokenKind::Word | TokenKind::WordOperator => match self.word() {
                "or" => Infix::new("or", Or),
                "and" => Infix::new("and", And),
                "between" => Infix::of_form("between", Form::Range),
                "!between" => Infix::of_form("!between", Form::Range),
                "in" => Infix::of_form("in", Form::List),
                "!in" => Infix::of_form("!in", Form::List),
                "in~" => Infix::of_form("in~", Form::List),
                "!in~" => Infix::of_form("!in~", Form::List),
                "has_any" => Infix::of_form("has_any", Form::List),
                "has_all" => Infix::of_form("has_all", Form::List),
                "matches" if self.word_ahead(1) == "regex" => Infix::new("matches regex", Text),
                "like" | "notlike" | "!like" => return self.refused_like(),
                word => match text_operator(word) {
                    Some(sign) => Infix::new(sign, Text),
                    None if word.starts_with('!') => return self.unknown_negation(),
                    None => return Ok(None),
                },
            },
            _ => return Ok(None),
        };
        Ok(Some(infix))
    }

    fn take_infix(&mut self, infix: Infix) -> Span {
        let start = self.start();
        self.advance();
        if infix.sign == "matches regex" {
            self.advance();
        }
        self.since(start)
    }

    fn refused_like<T>(&mut self) -> Parsed<T> {
        let reason = format!("the operator {} is not supported", self.quoted());
        let help = "write `has`, `contains`, `startswith`, `endswith` or `matches regex`";
        self.fail(Problem::error(self.span(), reason).help(help))
    }

    fn unknown_negation<T>(&mut self) -> Parsed<T> {
        let word = self.word();
        let problem = Problem::error(self.span(), format!("there is no operator `{word}`"));
        let positive = word.trim_start_matches('!');
        self.fail(if WORD_OPERATORS.contains(&positive) {
            problem.help(format!("write `not(… {positive} …)`"))
        } else {
            match super::names::closest(&word.to_lowercase(), WORD_OPERATORS) {
                Some(close) => problem.help(format!("did you mean `{close}`?")),
                None => problem,
            }
        })
    }

    /// An operand, perhaps with a sign.
    pub(super) fn operand(&mut self) -> Parsed<Expression> {
        let is_minus = self.kind() == TokenKind::Minus;
        if !is_minus && self.kind() != TokenKind::Plus {
            return self.suffixed();
        }
        let start = self.start();
        let sign = self.advance().span;
        let of = Box::new(self.suffixed()?);
        self.rise(1, sign)?;
        Ok(Expression { kind: ExpressionKind::Sign { is_minus, of }, span: self.since(start) })
    }

    /// An operand with what hangs on it: `a.b["c"][0]`, `cluster("a").database("b").T`.
    fn suffixed(&mut self) -> Parsed<Expression> {
        self.chain(|parser| {
            let mut operand = parser.primary()?;
            loop {
                let is_dot = parser.kind() == TokenKind::Dot;
                if !is_dot && parser.kind() != TokenKind::OpenBracket {
                    return Ok(operand);
                }
                let at = parser.span();
                operand = if is_dot { parser.member(operand)? } else { parser.index(operand)? };
                parser.rise(1, at)?;
            }
        })
    }

    /// A column, perhaps of a dynamic value, behind which a bracket is no call.
    pub(super) fn column(&mut self) -> Parsed<Expression> {
        self.chain(|parser| {
            let name = parser.name()?;
            let mut column = Expression { kind: ExpressionKind::Name(name.text), span: name.span };
            while parser.kind() == TokenKind::Dot {
                let at = parser.advance().span;
                let name = parser.name()?;
                let span = column.span.to(name.span);
                let kind = ExpressionKind::Member { of: Box::new(column), name };
                column = Expression { kind, span };
                parser.rise(1, at)?;
            }
            Ok(column)
        })
    }

    fn member(&mut self, of: Expression) -> Parsed<Expression> {
        let start = of.span.start;
        self.advance();
        // `a.[0]` is `a[0]`, but `a.['b c']` is a member.
        if self.kind() == TokenKind::OpenBracket && !self.begins_quoted_name() {
            return self.index(of);
        }
        let of = Box::new(of);
        let name = self.name()?;
        let kind = if self.kind() == TokenKind::OpenParenthesis {
            ExpressionKind::MemberCall { of, name, arguments: self.arguments()? }
        } else {
            ExpressionKind::Member { of, name }
        };
        Ok(Expression { kind, span: self.since(start) })
    }

    fn index(&mut self, of: Expression) -> Parsed<Expression> {
        let start = of.span.start;
        let index = Box::new(self.bracketed(TokenKind::OpenBracket, Self::expression)?);
        let kind = ExpressionKind::Index { of: Box::new(of), index };
        Ok(Expression { kind, span: self.since(start) })
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Star => {
                self.advance();
                ExpressionKind::Star
            }
            TokenKind::OpenParenthesis => {
                let inside = self.bracketed(TokenKind::OpenParenthesis, Self::pipeline)?;
                return Ok(Expression { span: self.since(start), ..inside });
            }
            TokenKind::OpenBracket => ExpressionKind::Name(self.name()?.text),
            TokenKind::Word => self.named_primary()?,
            TokenKind::Integer
            | TokenKind::Real
            | TokenKind::TimeSpan
            | TokenKind::Text
            | TokenKind::Typed => ExpressionKind::Literal(self.literal()?),
            TokenKind::OpenBrace => return self.refused_parameter(),
            _ => return self.unexpected("an expression"),
        };
        Ok(Expression { kind, span: self.since(start) })
    }

    /// `{Price}`, which workbooks put a value in the place of.
    fn refused_parameter<T>(&mut self) -> Parsed<T> {
        let reason = "`{` stands where an expression is expected";
        let help = "if this is a workbook's parameter, write its value in its place";
        self.fail(Problem::error(self.span(), reason).help(help))
    }

    /// What begins with a word.
    fn named_primary(&mut self) -> Parsed<ExpressionKind> {
        let is_call = self.kind_ahead(1) == TokenKind::OpenParenthesis;
        match self.word() {
            "datatable" if is_call => return self.data_table(),
            "externaldata" | "external_data" if is_call => return self.external_data(),
            "dynamic" if is_call => return self.dynamic(),
            "typeof" if is_call => {
                self.advance();
                let of = self.bracketed(TokenKind::OpenParenthesis, Self::type_name)?;
                return Ok(ExpressionKind::TypeOf(of));
            }
            // No column is called so without brackets; `a == and b` is a slip.
            "and" | "or" => return self.unexpected("an expression"),
            _ => {}
        }
        if let Some(truth) = self.truth().filter(|_| !is_call) {
            self.advance();
            return Ok(ExpressionKind::Literal(truth));
        }
        let name = self.name()?;
        if !is_call {
            return Ok(ExpressionKind::Name(name.text));
        }
        Ok(ExpressionKind::Call { name, arguments: self.arguments()? })
    }

    /// `(a, name = b, T | …)`.
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        let in_search = std::mem::replace(&mut self.in_search, false);
        let arguments = self.bracketed(TokenKind::OpenParenthesis, |parser| {
            if parser.kind() == TokenKind::CloseParenthesis {
                return Ok(Vec::new());
            }
            parser.list(|parser| {
                let name = parser.assigned_name()?;
                Ok(Argument { name, value: parser.pipeline()? })
            })
        });
        self.in_search = in_search;
        arguments
    }
}

/// The operators of texts with their older names.
fn text_operator(word: &str) -> Option<&'static str> {
    match word {
        "notcontains" => return Some("!contains"),
        "notcontainscs" => return Some("!contains_cs"),
        "containscs" => return Some("contains_cs"),
        _ => {}
    }
    let of_texts = WORD_OPERATORS.into_iter().skip_while(|operator| *operator != "has");
    of_texts
        .filter(|operator| !matches!(*operator, "has_any" | "has_all" | "like" | "notlike"))
        .find(|operator| *operator == word)
}

fn joined(left: Expression, operator: &'static str, at: Span, right: Expression) -> Expression {
    let span = left.span.to(right.span);
    let kind =
        ExpressionKind::Binary { operator, at, left: Box::new(left), right: Box::new(right) };
    Expression { kind, span }
}

/// A tree over operands, whose signs stand between them; the left half is the greater one.
fn balanced(operands: Vec<Expression>, signs: &[Span], operator: &'static str) -> Expression {
    let mut signs: Vec<Span> = signs.to_vec();
    let mut row = operands;
    while row.len() > 1 {
        let mut pairs = row.into_iter();
        let mut above = Vec::new();
        let mut signs_above = Vec::new();
        let mut between = signs.into_iter();
        while let Some(left) = pairs.next() {
            above.push(match (pairs.next(), between.next()) {
                (Some(right), Some(at)) => joined(left, operator, at, right),
                _ => left,
            });
            signs_above.extend(between.next());
        }
        row = above;
        signs = signs_above;
    }
    let nothing = Expression { kind: ExpressionKind::Star, span: Span::default() };
    row.pop().unwrap_or(nothing)
}
