//! Arithmetic: `$((…))`, `((…))`, `let`, indices.

use ecow::EcoString;

use crate::state::State;
use crate::vars::Key;

/// How deep expressions, and variables that hold expressions, may nest.
const MAX_DEPTH: u32 = 64;

/// Evaluates an expression whose `$…` have been expanded.
///
/// # Errors
/// The message, as bash words it.
pub(crate) fn evaluate(state: &mut State, text: &str) -> Result<i64, String> {
    evaluate_at(state, text, 0)
}

fn evaluate_at(state: &mut State, text: &str, depth: u32) -> Result<i64, String> {
    let mut parser = Eval { text, at: 0, state, depth, skip: 0 };
    parser.blanks();
    if parser.at == text.len() {
        return Ok(0);
    }
    let value = parser.comma()?;
    parser.blanks();
    if parser.at < text.len() {
        let rest = &text[parser.at..];
        let first = rest.chars().next().unwrap_or(' ');
        let operator = "=<>!&|+-*/%^~?:,".contains(first);
        let what = if operator || first.is_ascii_digit() || first == '_' || first.is_ascii_alphabetic() {
            "syntax error in expression"
        } else {
            "syntax error: invalid arithmetic operator"
        };
        return Err(parser.error(what, parser.at));
    }
    Ok(value)
}

struct Eval<'a> {
    text: &'a str,
    at: usize,
    state: &'a mut State,
    depth: u32,
    /// Above zero, nothing is assigned: a branch not taken.
    skip: u32,
}

/// What an operand names, if it can be assigned to.
struct Place {
    name: EcoString,
    index: Option<Key>,
}

/// Binary operators, weakest first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Eval<'_> {
    fn error(&self, what: &str, at: usize) -> String {
        let token = self.text.get(at..).unwrap_or_default();
        format!("{}: {what} (error token is \"{token}\")", self.text.trim_start())
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn looking_at(&self, text: &str) -> bool {
        self.text[self.at..].starts_with(text)
    }

    fn eat(&mut self, text: &str) -> bool {
        self.blanks();
        let found = self.looking_at(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn comma(&mut self) -> Result<i64, String> {
        let mut value = self.assignment()?;
        while self.eat(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn assignment(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("expression recursion level exceeded", self.at));
        }
        let start = self.at;
        if let Some(place) = self.place()? {
            self.blanks();
            let operator = ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="]
                .into_iter()
                .find(|operator| self.looking_at(operator) && !(*operator == "=" && self.looking_at("==")));
            if let Some(operator) = operator {
                self.at += operator.len();
                let right_at = self.at;
                let right = self.assignment()?;
                let value = match operator.strip_suffix('=').unwrap_or_default() {
                    "" => right,
                    binary => {
                        let left = self.value(&place)?;
                        self.binary(binary, left, right, right_at)?
                    }
                };
                self.assign(&place, value)?;
                self.depth -= 1;
                return Ok(value);
            }
        }
        self.at = start;
        let value = self.conditional()?;
        self.depth -= 1;
        Ok(value)
    }

    fn conditional(&mut self) -> Result<i64, String> {
        let condition = self.level(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let skip_first = u32::from(condition == 0);
        self.skip += skip_first;
        let first = self.comma()?;
        self.skip -= skip_first;
        if !self.eat(":") {
            return Err(self.error("`:' expected for conditional expression", self.at));
        }
        let skip_second = u32::from(condition != 0);
        self.skip += skip_second;
        let second = self.assignment()?;
        self.skip -= skip_second;
        Ok(if condition != 0 { first } else { second })
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.blanks();
        let rest = &self.text[self.at..];
        let found = LEVELS[level].iter().find(|operator| rest.starts_with(**operator))?;
        let behind = &rest[found.len()..];
        let is_other = match *found {
            // `a |= b`, `a ||`, `a <<= b` and the like are other operators.
            "|" => behind.starts_with(['|', '=']),
            "&" => behind.starts_with(['&', '=']),
            "^" | "+" | "-" | "/" | "%" | "<<" | ">>" => behind.starts_with('='),
            "*" => behind.starts_with(['*', '=']),
            "<" => behind.starts_with('<'),
            ">" => behind.starts_with('>'),
            _ => false,
        };
        (!is_other).then_some(*found)
    }

    fn level(&mut self, level: usize) -> Result<i64, String> {
        if level == LEVELS.len() {
            return self.power();
        }
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(level) {
            self.at += operator.len();
            let skips = operator == "||" && left != 0 || operator == "&&" && left == 0;
            self.skip += u32::from(skips);
            self.blanks();
            let right_at = self.at;
            let right = self.level(level + 1)?;
            self.skip -= u32::from(skips);
            left = match operator {
                "||" => i64::from(left != 0 || right != 0),
                "&&" => i64::from(left != 0 && right != 0),
                _ => self.binary(operator, left, right, right_at)?,
            };
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<i64, String> {
        let base = self.unary()?;
        if !self.eat("**") {
            return Ok(base);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("expression recursion level exceeded", self.at));
        }
        let at = self.at;
        let exponent = self.power()?;
        self.depth -= 1;
        match u32::try_from(exponent) {
            Ok(exponent) => Ok(base.wrapping_pow(exponent)),
            Err(_) if exponent < 0 => Err(self.error("exponent less than 0", at)),
            Err(_) => Ok(0),
        }
    }

    fn binary(&self, operator: &str, left: i64, right: i64, right_at: usize) -> Result<i64, String> {
        Ok(match operator {
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(right as u32),
            ">>" => left.wrapping_shr(right as u32),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            _ if right == 0 && self.skip > 0 => 0,
            _ if right == 0 => return Err(self.error("division by 0", right_at)),
            "/" => left.wrapping_div(right),
            _ => left.wrapping_rem(right),
        })
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.blanks();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("expression recursion level exceeded", self.at));
        }
        let value = self.unary_inner();
        self.depth -= 1;
        value
    }

    fn unary_inner(&mut self) -> Result<i64, String> {
        for (operator, by) in [("++", 1), ("--", -1)] {
            let start = self.at;
            if self.eat(operator) {
                if let Some(place) = self.place()? {
                    let value = self.value(&place)?.wrapping_add(by);
                    self.assign(&place, value)?;
                    return Ok(value);
                }
                // `--5` is two signs.
                self.at = start;
            }
        }
        if self.eat("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.eat("~") {
            return Ok(!self.unary()?);
        }
        let sign_at = self.at;
        if self.eat("-") {
            return self.operand_behind(sign_at).map(i64::wrapping_neg);
        }
        if self.eat("+") {
            return self.operand_behind(sign_at);
        }
        if self.eat("(") {
            let value = self.comma()?;
            if !self.eat(")") {
                return Err(self.error("missing `)'", self.at));
            }
            return Ok(value);
        }
        self.operand()
    }

    /// An operand after a sign; if there is none, the sign is what is wrong.
    fn operand_behind(&mut self, sign_at: usize) -> Result<i64, String> {
        self.blanks();
        if self.at == self.text.len() {
            return Err(self.error("syntax error: operand expected", sign_at));
        }
        self.unary()
    }

    fn operand(&mut self) -> Result<i64, String> {
        if let Some(place) = self.place()? {
            let value = self.value(&place)?;
            for (operator, by) in [("++", 1), ("--", -1)] {
                if self.eat(operator) {
                    self.assign(&place, value.wrapping_add(by))?;
                    break;
                }
            }
            return Ok(value);
        }
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'#' | b'@' | b'_')).count();
        if length == 0 || !rest.starts_with(|c: char| c.is_ascii_digit()) {
            // Bash names the operator before a missing operand.
            let at = self.text[..self.at].trim_end().len();
            let at = if self.at == self.text.len() { at.saturating_sub(1) } else { self.at };
            let at = (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or_default();
            return Err(self.error("syntax error: operand expected", at));
        }
        let start = self.at;
        self.at += length;
        number(&rest[..length]).map_err(|what| self.error(what, start))
    }

    /// A variable with its index, if one comes next.
    fn place(&mut self) -> Result<Option<Place>, String> {
        self.blanks();
        let rest = &self.text[self.at..];
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let length = rest.bytes().take_while(|b| *b == b'_' || b.is_ascii_alphanumeric()).count();
        if length == 0 {
            return Ok(None);
        }
        let name = EcoString::from(&rest[..length]);
        self.at += length;
        if !self.looking_at("[") {
            return Ok(Some(Place { name, index: None }));
        }
        self.at += 1;
        if self.state.vars.get(&name).is_some_and(crate::vars::Var::is_map) {
            let rest = &self.text[self.at..];
            let end = rest.find(']').unwrap_or(rest.len());
            let key = Key::Text(rest[..end].trim().into());
            self.at += (end + 1).min(rest.len());
            return Ok(Some(Place { name, index: Some(key) }));
        }
        let index = self.comma()?;
        if !self.eat("]") {
            return Err(self.error("bad array subscript", self.at));
        }
        Ok(Some(Place { name, index: Some(Key::Number(index)) }))
    }

    fn value(&mut self, place: &Place) -> Result<i64, String> {
        let text = match &place.index {
            None if place.name == "RANDOM" => return Ok(self.state.next_random() as i64),
            None => self.state.get(&place.name),
            Some(key) => self.state.vars.get(&place.name).and_then(|var| var.element(key)).cloned(),
        };
        let Some(text) = text else {
            if self.state.options.nounset && self.skip == 0 {
                return Err(format!("{}: unbound variable", place.name));
            }
            return Ok(0);
        };
        if let Ok(value) = text.trim().parse::<i64>()
            && !text.trim().starts_with('0')
        {
            return Ok(value);
        }
        if self.depth >= MAX_DEPTH {
            return Err(self.error("expression recursion level exceeded", self.at));
        }
        // Every level of variables counts for several, as each has a whole parser's stack.
        evaluate_at(self.state, &text, self.depth + 8)
    }

    fn assign(&mut self, place: &Place, value: i64) -> Result<(), String> {
        if self.skip > 0 {
            return Ok(());
        }
        let text = EcoString::from(value.to_string());
        match &place.index {
            None => self.state.set(&place.name, text),
            Some(key) => self.state.set_element(&place.name, key.clone(), text),
        }
    }
}

/// A constant: decimal, `0x…`, `0…`, `base#…`.
pub(crate) fn number(text: &str) -> Result<i64, &'static str> {
    let (base, digits) = if let Some((base, digits)) = text.split_once('#') {
        let base = base.parse::<i64>().ok().filter(|base| (2..=64).contains(base));
        (base.ok_or("invalid arithmetic base")?, digits)
    } else if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (16, digits)
    } else if text.len() > 1 && text.starts_with('0') {
        (8, &text[1..])
    } else {
        (10, text)
    };
    let mut value = 0_i64;
    for c in digits.chars() {
        let digit = match c {
            '0'..='9' => c as i64 - '0' as i64,
            'a'..='z' => c as i64 - 'a' as i64 + 10,
            'A'..='Z' if base <= 36 => c as i64 - 'A' as i64 + 10,
            'A'..='Z' => c as i64 - 'A' as i64 + 36,
            '@' => 62,
            _ => 63,
        };
        if digit >= base {
            return Err("value too great for base");
        }
        value = value.wrapping_mul(base).wrapping_add(digit);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<i64, &str>) {
        let mut state = State::default();
        state.set("x", "5").unwrap();
        state.set("e", "x+1").unwrap();
        let found = evaluate(&mut state, text);
        assert_eq!(found, expect.map_err(String::from), "{text}");
    }

    #[test]
    fn values() {
        for (text, value) in [
            ("1+2*3", 7),
            ("(1+2)*3", 9),
            ("2**3**2", 512),
            ("x++ + x", 11),
            ("e*2", 12),
            ("y = 3, y <<= 2", 12),
            ("1 ? 2 : 3", 2),
            ("0 && (x=9) || x", 1),
            ("0x1f + 010 + 2#101", 44),
            ("!0 + ~0", 0),
            ("- -3", 3),
            ("5 % 3 == 2", 1),
            ("", 0),
            ("-7/2", -3),
            ("1<2 && 3>=3", 1),
        ] {
            check(text, Ok(value));
        }
    }

    #[test]
    fn errors() {
        check("1/0", Err("1/0: division by 0 (error token is \"0\")"));
        check("1+", Err("1+: syntax error: operand expected (error token is \"+\")"));
        check("1 2", Err("1 2: syntax error in expression (error token is \"2\")"));
        check("08", Err("08: value too great for base (error token is \"08\")"));
    }
}
