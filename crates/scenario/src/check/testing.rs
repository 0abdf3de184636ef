//! A probe that knows a few answers.

use std::time::Duration;

use podyard_api::{Value, json, yaml};

use crate::check::judge;
use crate::probe::{Connection, Output, Permission, Probe, Unsupported};
use crate::schema::{CanICheck, Check, ReachCheck, Reached};

struct Told;

/// Judges a check, written in YAML, and compares why it fails; empty: it passes.
pub(super) fn check(text: &str, why: &str) {
    let check: Check = serde_json::from_str(&json::to_string(&yaml::parse(text).unwrap())).unwrap();
    let verdict = judge(&check, &Told);
    assert_eq!((verdict.why.as_str(), verdict.passed), (why, why.is_empty()), "{text}");
}

impl Probe for Told {
    fn object(&self, _: &str, _: &str, _: &str) -> Result<Option<Value>, Unsupported> {
        Ok(None)
    }

    fn objects(&self, _: &str, _: &str) -> Result<Vec<Value>, Unsupported> {
        Ok(Vec::new())
    }

    fn file(&self, _: &str) -> Result<Option<Vec<u8>>, Unsupported> {
        Ok(None)
    }

    fn can_i(&self, request: &CanICheck) -> Result<Permission, Unsupported> {
        if request.user == "unknown" {
            return Err(Unsupported("who that is".into()));
        }
        let allowed = request.user == "jane" && request.namespace.as_deref() == Some("dev");
        Ok(Permission { allowed, because: "The binding is in dev.".into() })
    }

    fn reach(&self, check: &ReachCheck) -> Result<Vec<Connection>, Unsupported> {
        let told = |reached, because: &str| Connection {
            from: check.from.clone(),
            to: check.to.clone(),
            reached,
            because: because.into(),
        };
        let answers = told(Some(Reached::Allowed), "It answers.");
        Ok(match (check.from.as_str(), check.to.as_str()) {
            ("pod/none", _) => Vec::new(),
            ("pod/gone", _) => vec![told(None, "No such pod.")],
            ("deployment/mixed", _) => vec![answers, told(Some(Reached::Timeout), "Policy deny.")],
            (_, "web:81") => vec![told(Some(Reached::Refused), "Nothing listens.")],
            _ => vec![answers],
        })
    }

    fn run(&mut self, _: &str) -> Result<Output, Unsupported> {
        Ok(Output::default())
    }

    fn wait(&mut self, _: Duration) -> Result<(), Unsupported> {
        Ok(())
    }

    fn fork(&self) -> Result<Box<dyn Probe>, Unsupported> {
        Ok(Box::new(Told))
    }
}
