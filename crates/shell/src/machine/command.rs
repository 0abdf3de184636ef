//! One command with its redirections, and the compound commands.

use ecow::{EcoString, EcoVec};
use podyard_kernel::Syscall;
use serde::{Deserialize, Serialize};

use super::launch::Launch;
use super::redirect::Redirecting;
use super::simple::Simple;
use super::subst::Expanding;
use super::test::Testing;
use super::{Kind, Shell, Unwind};
use crate::expand::pattern::Pattern;
use crate::expand::{Mode, arith};
use crate::state::Function;
use crate::syntax::ast::{Arm, ArmEnd, Body, List, Node, Word};
use crate::vars::is_name;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct If {
    arms: EcoVec<(List, List)>,
    otherwise: Option<List>,
    /// How many conditions have been run.
    at: usize,
    tested: bool,
}

/// `while` and `until`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Loop {
    until: bool,
    condition: List,
    body: List,
    tested: bool,
    /// Whether the condition is what ran last.
    asked: bool,
    /// The status of the last round.
    status: u8,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct For {
    name: EcoString,
    words: Option<EcoVec<Word>>,
    body: List,
    tested: bool,
    values: Option<Vec<EcoString>>,
    at: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ArithFor {
    parts: EcoVec<Word>,
    body: List,
    tested: bool,
    stage: Stage,
    /// An expression has been expanded and waits to be evaluated.
    ready: bool,
    status: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Start,
    Condition,
    Body,
    Step,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Case {
    word: Word,
    arms: EcoVec<Arm>,
    tested: bool,
    value: Option<EcoString>,
    /// The arm and the pattern in it to try next.
    at: (usize, usize),
    stage: CaseStage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum CaseStage {
    Word,
    Pattern,
    /// An arm has been run.
    Ran,
}

impl Shell {
    pub(super) fn command(&mut self, node: Node, tested: bool, tail: bool, redirected: bool) -> Option<Syscall> {
        if let Body::Simple { .. } = node.body {
            self.push(Kind::Simple(Box::new(Simple::new(node, tested, tail))));
            return None;
        }
        self.state.line = node.line;
        if let Body::Function { name, body, text } = node.body {
            self.state.functions.insert(name, Function { body, text });
            self.state.status = 0;
            return None;
        }
        if !node.redirects.is_empty() {
            if !redirected {
                let redirects = node.redirects.clone();
                self.push(Kind::Command { node, tested, tail, redirected: true });
                self.push(Kind::Redirect(Redirecting::new(redirects, tail)));
                return None;
            }
            let Some(saved) = self.saved.take() else {
                self.state.status = self.state.flavour.failed_redirect();
                return None;
            };
            self.push(Kind::Redirected { saved });
        }
        self.compound(node.body, tested);
        None
    }

    fn compound(&mut self, body: Body, tested: bool) {
        let kind = match body {
            Body::Group(list) => Kind::List { list, at: 0, tested },
            Body::Subshell(list) => Kind::Launch(Launch::subshell(list, tested)),
            Body::If { arms, otherwise } => Kind::If(If { arms, otherwise, at: 0, tested }),
            Body::Loop { until, condition, body } => {
                Kind::Loop(Loop { until, condition, body, tested, asked: false, status: 0 })
            }
            Body::For { name, words, body } => Kind::For(For { name, words, body, tested, values: None, at: 0 }),
            Body::ArithFor { parts, body } => {
                Kind::ArithFor(ArithFor { parts, body, tested, stage: Stage::Start, ready: false, status: 0 })
            }
            Body::Case { word, arms } => {
                Kind::Case(Case { word, arms, tested, value: None, at: (0, 0), stage: CaseStage::Word })
            }
            Body::Test(test) => Kind::Test(Testing::new(test)),
            Body::Arith(word) => Kind::Arith(word, false),
            Body::Simple { .. } | Body::Function { .. } => return,
        };
        self.push(kind);
    }

    pub(super) fn if_clause(&mut self, mut clause: If) -> Option<Syscall> {
        let tested = clause.tested;
        if clause.at > 0 && self.state.status == 0 {
            let body = clause.arms[clause.at - 1].1.clone();
            self.push(Kind::List { list: body, at: 0, tested });
            return None;
        }
        match clause.arms.get(clause.at) {
            Some((condition, _)) => {
                let list = condition.clone();
                clause.at += 1;
                self.push(Kind::If(clause));
                self.push(Kind::List { list, at: 0, tested: true });
            }
            None => {
                self.state.status = 0;
                if let Some(list) = clause.otherwise {
                    self.push(Kind::List { list, at: 0, tested });
                }
            }
        }
        None
    }

    /// What a loop does with `break` and `continue`; `true` if it goes on.
    fn goes_on(&mut self) -> bool {
        let (unwind, goes_on) = match self.unwind {
            None => return true,
            Some(Unwind::Continue(..=1)) => (None, true),
            Some(Unwind::Break(..=1)) => (None, false),
            Some(Unwind::Continue(levels)) => (Some(Unwind::Continue(levels - 1)), false),
            Some(Unwind::Break(levels)) => (Some(Unwind::Break(levels - 1)), false),
            Some(_) => return false,
        };
        self.unwind = unwind;
        goes_on
    }

    pub(super) fn loop_clause(&mut self, mut clause: Loop) -> Option<Syscall> {
        if !self.goes_on() {
            return None;
        }
        if clause.asked {
            clause.asked = false;
            if (self.state.status == 0) == clause.until {
                self.state.status = clause.status;
                return None;
            }
            let (list, tested) = (clause.body.clone(), clause.tested);
            clause.status = 255;
            self.push(Kind::Loop(clause));
            self.push(Kind::List { list, at: 0, tested });
            return None;
        }
        if clause.status == 255 {
            clause.status = self.state.status;
        }
        clause.asked = true;
        let list = clause.condition.clone();
        self.push(Kind::Loop(clause));
        self.push(Kind::List { list, at: 0, tested: true });
        None
    }

    pub(super) fn for_clause(&mut self, mut clause: For) -> Option<Syscall> {
        if !self.goes_on() {
            return None;
        }
        let Some(values) = &clause.values else {
            if !is_name(&clause.name) {
                let name = clause.name.clone();
                self.state.status = 1;
                self.complain(&format!("`{name}': not a valid identifier"));
                return None;
            }
            match clause.words.take() {
                None => clause.values = Some(self.state.params.to_vec()),
                Some(words) => {
                    clause.values = Some(Vec::new());
                    clause.at = usize::MAX;
                    self.push(Kind::For(clause));
                    self.push(Kind::Expand(Expanding::new(words, Mode::Arguments)));
                    return None;
                }
            }
            self.push(Kind::For(clause));
            return None;
        };
        if clause.at == usize::MAX {
            clause.values = Some(self.fields.take().unwrap_or_default());
            clause.at = 0;
            self.state.status = 0;
            self.push(Kind::For(clause));
            return None;
        }
        let value = values.get(clause.at).cloned()?;
        clause.at += 1;
        if let Err(refusal) = self.state.set(&clause.name, value) {
            self.fail(&refusal, 1);
            return None;
        }
        let (list, tested) = (clause.body.clone(), clause.tested);
        self.push(Kind::For(clause));
        self.push(Kind::List { list, at: 0, tested });
        None
    }

    /// Evaluates what was just expanded; `None` after an error.
    fn evaluate_field(&mut self) -> Option<i64> {
        let text = self.fields.take()?.into_iter().next().unwrap_or_default();
        match arith::evaluate(&mut self.state, &text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.state.status = 1;
                self.complain(&format!("((: {message}"));
                None
            }
        }
    }

    pub(super) fn arith(&mut self, word: Word, ready: bool) -> Option<Syscall> {
        if !ready {
            self.push(Kind::Arith(word.clone(), true));
            self.push(Kind::Expand(Expanding::new([word].into(), Mode::Single)));
            return None;
        }
        if let Some(value) = self.evaluate_field() {
            self.state.status = u8::from(value == 0);
        }
        None
    }

    pub(super) fn arith_for(&mut self, mut clause: ArithFor) -> Option<Syscall> {
        if clause.stage == Stage::Step && !clause.ready && !self.goes_on() || self.unwind.is_some() {
            return None;
        }
        if clause.stage == Stage::Body {
            let (list, tested) = (clause.body.clone(), clause.tested);
            clause.stage = Stage::Step;
            self.push(Kind::ArithFor(clause));
            self.push(Kind::List { list, at: 0, tested });
            return None;
        }
        let part = match clause.stage {
            Stage::Start => 0,
            Stage::Condition => 1,
            _ => 2,
        };
        if !clause.ready {
            if clause.stage == Stage::Step {
                clause.status = self.state.status;
            }
            clause.ready = true;
            let word = clause.parts.get(part).cloned().unwrap_or_default();
            self.push(Kind::ArithFor(clause));
            self.push(Kind::Expand(Expanding::new([word].into(), Mode::Single)));
            return None;
        }
        clause.ready = false;
        let is_empty = self.fields.as_ref().is_some_and(|fields| fields.iter().all(|text| text.trim().is_empty()));
        let value = self.evaluate_field()?;
        clause.stage = match clause.stage {
            Stage::Condition if value == 0 && !is_empty => {
                self.state.status = clause.status;
                return None;
            }
            Stage::Condition => Stage::Body,
            _ => Stage::Condition,
        };
        self.push(Kind::ArithFor(clause));
        None
    }

    pub(super) fn case_clause(&mut self, mut case: Case) -> Option<Syscall> {
        if case.stage == CaseStage::Ran {
            let (arm, _) = case.at;
            return self.after_arm(case, arm);
        }
        if case.stage == CaseStage::Word {
            case.stage = CaseStage::Pattern;
            let word = case.word.clone();
            self.push(Kind::Case(case));
            self.push(Kind::Expand(Expanding::new([word].into(), Mode::Single)));
            return None;
        }
        let text = self.fields.take()?.into_iter().next().unwrap_or_default();
        let value = match &case.value {
            None => {
                self.state.status = 0;
                case.value.insert(text).clone()
            }
            Some(value) => {
                let fold = self.state.options.nocasematch;
                if Pattern::new(&text).folded(fold).matches(value) {
                    return self.run_arm(case);
                }
                case.at.1 += 1;
                value.clone()
            }
        };
        let _ = value;
        while let Some(arm) = case.arms.get(case.at.0) {
            if let Some(pattern) = arm.patterns.get(case.at.1) {
                let pattern = pattern.clone();
                self.push(Kind::Case(case));
                self.push(Kind::Expand(Expanding::new([pattern].into(), Mode::Pattern)));
                return None;
            }
            case.at = (case.at.0 + 1, 0);
        }
        None
    }

    fn run_arm(&mut self, mut case: Case) -> Option<Syscall> {
        let list = case.arms.get(case.at.0).map(|arm| arm.body.clone())?;
        let tested = case.tested;
        case.stage = CaseStage::Ran;
        self.push(Kind::Case(case));
        self.push(Kind::List { list, at: 0, tested });
        None
    }

    fn after_arm(&mut self, mut case: Case, arm: usize) -> Option<Syscall> {
        case.at = (arm + 1, 0);
        match case.arms.get(arm).map(|arm| arm.end)? {
            ArmEnd::Break => None,
            ArmEnd::FallThrough => self.run_arm(case),
            ArmEnd::TestNext => {
                case.stage = CaseStage::Pattern;
                // The value is known: try the next arm's first pattern.
                let pattern = case.arms.get(case.at.0)?.patterns.first().cloned()?;
                self.push(Kind::Case(case));
                self.push(Kind::Expand(Expanding::new([pattern].into(), Mode::Pattern)));
                None
            }
        }
    }
}
