//! Label selectors.

use std::collections::BTreeSet;
use std::fmt;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use super::lexer::{Item, Token, scan};
use crate::kinds::LabelSelector;
use crate::{Key, Value, gostr, names};

/// Requirements on labels, all of which must hold.
// Models staging/src/k8s.io/apimachinery/pkg/labels/selector.go
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    requirements: Vec<Requirement>,
    nothing: bool,
}

/// A label's key, how it is compared, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    pub key: EcoString,
    pub operator: Operator,
    pub values: Vec<EcoString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    In,
    NotIn,
    Equals,
    DoubleEquals,
    NotEquals,
    GreaterThan,
    LessThan,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Matches all labels.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Matches none.
    pub fn nothing() -> Self {
        Self { requirements: Vec::new(), nothing: true }
    }

    /// Reads what `kubectl -l` takes, as `app=web,tier in (a,b),!old`.
    ///
    /// # Errors
    /// The words of the API server and kubectl.
    pub fn parse(text: &str) -> Result<Self, String> {
        let requirements = Parser { items: scan(text), at: 0 }.requirements()?;
        Ok(Self::of_requirements(requirements))
    }

    /// The selector that an object holds; one that is absent matches nothing, an empty one everything.
    ///
    /// # Errors
    /// What is wrong with an operator, key or value.
    // Models staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go
    pub fn of(selector: Option<LabelSelector<'_>>) -> Result<Self, String> {
        let Some(selector) = selector else { return Ok(Self::nothing()) };
        let mut requirements = Vec::new();
        for (key, value) in selector.match_labels() {
            requirements.push(Requirement::new(key, Operator::Equals, vec![value.text()])?);
        }
        for expression in selector.match_expressions() {
            let operator = match expression.operator() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => return Err(format!("{} is not a valid label selector operator", gostr::quote(other))),
            };
            let values = expression.values().map(EcoString::from).collect();
            requirements.push(Requirement::new(expression.key(), operator, values)?);
        }
        Ok(Self::of_requirements(requirements))
    }

    /// All of these labels, as a service's `selector`; none of them match everything.
    pub fn of_labels(labels: &[(Key, Value)]) -> Self {
        let requirement = |(key, value): &(Key, Value)| Requirement {
            key: key.text(),
            operator: Operator::Equals,
            values: vec![value.text()],
        };
        Self::of_requirements(labels.iter().map(requirement).collect())
    }

    /// These requirements, in order of their keys.
    pub fn of_requirements(mut requirements: Vec<Requirement>) -> Self {
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Self { requirements, nothing: false }
    }

    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether it restricts nothing.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty() && !self.nothing
    }

    /// Whether an object's `labels` (or `Null`) satisfy all requirements.
    pub fn matches(&self, labels: &Value) -> bool {
        !self.nothing && self.requirements.iter().all(|requirement| requirement.matches(labels))
    }

    /// Whether the labels of `object` satisfy all requirements.
    pub fn matches_object(&self, object: &Value) -> bool {
        self.matches(object.get("metadata").get("labels"))
    }

    /// An object's selector as tables show it: `<none>` where it is empty, `<error>` where it is wrong.
    pub fn format(selector: Option<LabelSelector<'_>>) -> String {
        match Self::of(selector).map(|selector| selector.to_string()) {
            Ok(text) if text.is_empty() => "<none>".into(),
            Ok(text) => text,
            Err(_) => "<error>".into(),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            requirement.fmt(f)?;
        }
        Ok(())
    }
}

impl Requirement {
    /// A requirement whose key and values have been checked.
    pub fn new(key: &str, operator: Operator, values: Vec<EcoString>) -> Result<Self, String> {
        let mut errors = Vec::new();
        let wrong = names::qualified_name(key);
        if !wrong.is_empty() {
            errors.push(invalid("key", key, &wrong.join("; ")));
        }
        let detail = match operator {
            Operator::In | Operator::NotIn if values.is_empty() => {
                Some("for 'in', 'notin' operators, values set can't be empty")
            }
            Operator::Equals | Operator::DoubleEquals | Operator::NotEquals if values.len() != 1 => {
                Some("exact-match compatibility requires one single value")
            }
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
                Some("values set must be empty for exists and does not exist")
            }
            Operator::GreaterThan | Operator::LessThan if values.len() != 1 => {
                Some("for 'Gt', 'Lt' operators, exactly one value is required")
            }
            _ => None,
        };
        if let Some(detail) = detail {
            let list: Vec<_> = values.iter().map(|value| crate::json::quote(value)).collect();
            let shown = if list.is_empty() { "null".into() } else { format!("[{}]", list.join(",")) };
            errors.push(format!("values: Invalid value: {shown}: {detail}"));
        }
        for (index, value) in values.iter().enumerate() {
            let ordered = matches!(operator, Operator::GreaterThan | Operator::LessThan);
            if ordered && value.parse::<i64>().is_err() {
                let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
                errors.push(invalid(&format!("values[{index}]"), value, detail));
            }
        }
        for (index, value) in values.iter().enumerate() {
            let wrong = names::label_value(value);
            if !wrong.is_empty() {
                errors.push(invalid(&format!("values[{index}][{key}]"), value, &wrong.join("; ")));
            }
        }
        match errors.as_slice() {
            [] => Ok(Self { key: key.into(), operator, values }),
            [one] => Err(one.clone()),
            many => Err(format!("[{}]", many.join(", "))),
        }
    }

    /// Whether `labels` (or `Null`) satisfy it.
    pub fn matches(&self, labels: &Value) -> bool {
        let label = labels.get(&self.key).as_str();
        let listed = |label: &str| self.values.iter().any(|value| value == label);
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => label.is_some_and(listed),
            Operator::NotIn | Operator::NotEquals => !label.is_some_and(listed),
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
            Operator::GreaterThan => self.ordered(label, |label, bound| label > bound),
            Operator::LessThan => self.ordered(label, |label, bound| label < bound),
        }
    }

    fn ordered(&self, label: Option<&str>, holds: impl Fn(i64, i64) -> bool) -> bool {
        let number = |text: &str| text.parse::<i64>().ok();
        match (label.and_then(number), self.values.as_slice()) {
            (Some(label), [bound]) => number(bound).is_some_and(|bound| holds(label, bound)),
            _ => false,
        }
    }
}

fn invalid(field: &str, value: &str, detail: &str) -> String {
    format!("{field}: Invalid value: {}: {detail}", gostr::quote(value))
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values = self.values.clone();
        values.sort();
        let (key, values) = (&self.key, values.join(","));
        match self.operator {
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
            Operator::Exists => f.write_str(key),
            Operator::DoesNotExist => write!(f, "!{key}"),
        }
    }
}

struct Parser<'t> {
    items: Vec<Item<'t>>,
    at: usize,
}

impl<'t> Parser<'t> {
    /// The current token; `in` and `notin` count as words here.
    fn peek(&self) -> Item<'t> {
        let item = self.operator();
        match item.token {
            Token::In | Token::NotIn => Item { token: Token::Identifier, ..item },
            _ => item,
        }
    }

    /// The current token as an operator.
    fn operator(&self) -> Item<'t> {
        let end = Item { token: Token::End, text: "" };
        self.items.get(self.at).copied().unwrap_or(end)
    }

    fn next(&mut self) -> Item<'t> {
        let item = self.peek();
        self.at += 1;
        item
    }

    fn requirements(&mut self) -> Result<Vec<Requirement>, String> {
        let mut all = Vec::new();
        loop {
            let item = self.peek();
            match item.token {
                Token::Identifier | Token::Not => {}
                Token::End => return Ok(all),
                _ => return Err(format!("found '{}', expected: !, identifier, or 'end of string'", item.text)),
            }
            all.push(self.requirement().map_err(|error| format!("unable to parse requirement: {error}"))?);
            let after = self.next();
            match after.token {
                Token::End => return Ok(all),
                Token::Comma => {
                    let next = self.peek();
                    if !matches!(next.token, Token::Identifier | Token::Not) {
                        return Err(format!("found '{}', expected: identifier after ','", next.text));
                    }
                }
                _ => return Err(format!("found '{}', expected: ',' or 'end of string'", after.text)),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut item = self.next();
        let negated = item.token == Token::Not;
        if negated {
            item = self.next();
        }
        if item.token != Token::Identifier {
            return Err(format!("found '{}', expected: identifier", item.text));
        }
        let key = item.text;
        let wrong = names::qualified_name(key);
        if !wrong.is_empty() {
            return Err(invalid("<nil>", key, &wrong.join("; ")));
        }
        if negated {
            return Requirement::new(key, Operator::DoesNotExist, Vec::new());
        }
        if matches!(self.peek().token, Token::End | Token::Comma) {
            return Requirement::new(key, Operator::Exists, Vec::new());
        }
        let item = self.operator();
        self.at += 1;
        let operator = match item.token {
            Token::In => Operator::In,
            Token::NotIn => Operator::NotIn,
            Token::Equals => Operator::Equals,
            Token::DoubleEquals => Operator::DoubleEquals,
            Token::NotEquals => Operator::NotEquals,
            Token::Greater => Operator::GreaterThan,
            Token::Less => Operator::LessThan,
            _ => return Err(format!("found '{}', expected: in, notin, =, ==, !=, gt, lt", item.text)),
        };
        let values = match operator {
            Operator::In | Operator::NotIn => self.values()?.into_iter().collect(),
            _ => vec![self.exact_value()?],
        };
        Requirement::new(key, operator, values)
    }

    /// The values in parentheses, in order and each once.
    fn values(&mut self) -> Result<BTreeSet<EcoString>, String> {
        let open = self.next();
        if open.token != Token::Open {
            return Err(format!("found '{}' expected: '('", open.text));
        }
        let first = self.peek();
        match first.token {
            Token::Identifier | Token::Comma => {
                let values = self.identifiers()?;
                // The list ends before a parenthesis only.
                self.at += 1;
                Ok(values)
            }
            Token::Close => {
                self.at += 1;
                Ok(BTreeSet::from([EcoString::new()]))
            }
            _ => Err(format!("found '{}', expected: ',', ')' or identifier", first.text)),
        }
    }

    fn identifiers(&mut self) -> Result<BTreeSet<EcoString>, String> {
        let mut values = BTreeSet::new();
        loop {
            let item = self.next();
            let after = self.peek();
            match item.token {
                Token::Identifier => {
                    values.insert(item.text.into());
                    match after.token {
                        Token::Comma => {}
                        Token::Close => return Ok(values),
                        _ => return Err(format!("found '{}', expected: ',' or ')'", after.text)),
                    }
                }
                Token::Comma => {
                    if values.is_empty() || matches!(after.token, Token::Comma | Token::Close) {
                        values.insert(EcoString::new());
                    }
                    if after.token == Token::Close {
                        return Ok(values);
                    }
                }
                _ => return Err(format!("found '{}', expected: ',', or identifier", item.text)),
            }
        }
    }

    fn exact_value(&mut self) -> Result<EcoString, String> {
        if matches!(self.peek().token, Token::End | Token::Comma) {
            return Ok(EcoString::new());
        }
        let item = self.next();
        match item.token {
            Token::Identifier => Ok(item.text.into()),
            _ => Err(format!("found '{}', expected: identifier", item.text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    /// The canonical form or the error, and `+` or `-` for some labels.
    fn check(text: &str, expect: &str) {
        let labels = [value!({"app": "web", "n": "7"}), value!({"app": "db"}), Value::Null];
        let got = match Selector::parse(text) {
            Err(error) => error,
            Ok(selector) => {
                let marks: String = labels.iter().map(|l| if selector.matches(l) { '+' } else { '-' }).collect();
                format!("{selector} {marks}")
            }
        };
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn selectors_are_read_sorted_and_matched() {
        check("", " +++");
        check("app=web", "app=web +--");
        check("n > 6, app==web", "app==web,n>6 +--");
        check("app notin (web, x,,web)", "app notin (,web,x) -++");
        check("!n", "!n -++");
        check("app!=web", "app!=web -++");
        check("app in ()", "app in () ---");
        check("in in (in)", "in in (in) ---");
    }

    #[test]
    fn errors_are_those_of_kubectl() {
        check("app in (web", "unable to parse requirement: found '', expected: ',' or ')'");
        check("app,,env", "found ',', expected: identifier after ','");
        check(
            "app>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
        );
        check("!", "unable to parse requirement: found '', expected: identifier");
        check("!a=b", "found '=', expected: ',' or 'end of string'");
        check("a=b c", "found 'c', expected: ',' or 'end of string'");
    }

    #[test]
    fn an_objects_selector() {
        let selector = value!({"matchLabels": {"b": "1"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]});
        assert_eq!(Selector::format(Some(LabelSelector(&selector))), "a,b=1");
        assert_eq!(Selector::format(Some(LabelSelector(&value!({})))), "<none>");
        assert!(!Selector::of(None).unwrap().matches(&Value::Null));
    }
}
