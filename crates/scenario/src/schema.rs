//! What a scenario file says.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One exercise: `apiVersion: podyard/v1`, `kind: Scenario`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    pub api_version: String,
    pub kind: String,
    pub metadata: Metadata,
    pub spec: Spec,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The file's name.
    pub name: String,
    pub title: String,
}

/// The exercise itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Rows of the notes that it teaches.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Exam name to its domain.
    #[serde(default)]
    pub exams: BTreeMap<String, String>,
    pub minutes: u32,
    pub difficulty: Difficulty,
    #[serde(default)]
    pub cluster: ClusterSpec,
    /// Console lines, run before the learner comes.
    #[serde(default)]
    pub setup: String,
    /// Markdown.
    pub story: String,
    /// None in a sandbox, where there is nothing to pass.
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// What a sandbox suggests to try, as Markdown.
    #[serde(default)]
    pub ideas: Vec<String>,
    /// Console lines that pass every task.
    #[serde(default)]
    pub solution: String,
    /// Answers that must fail.
    #[serde(default)]
    pub wrong: Vec<Wrong>,
    /// Markdown, shown after passing.
    #[serde(default)]
    pub debrief: String,
}

/// 1 (first steps) to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub struct Difficulty(u8);

impl Difficulty {
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Difficulty {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        if (1..=5).contains(&number) { Ok(Self(number)) } else { Err(format!("difficulty {number} is not 1 to 5")) }
    }
}

/// The cluster that the learner finds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSpec {
    pub preset: String,
}

impl Default for ClusterSpec {
    fn default() -> Self {
        Self { preset: "two-workers".into() }
    }
}

/// Something to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub id: String,
    /// What share of the score it has.
    #[serde(default = "one")]
    pub weight: u32,
    /// Markdown.
    pub text: String,
    #[serde(default)]
    pub hints: Vec<String>,
    pub checks: Vec<Check>,
}

fn one() -> u32 {
    1
}

/// What must hold. Exactly one of the kinds of check is named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Check {
    /// A sentence that is true once it passes.
    pub name: String,
    /// Does something to a fork of the cluster first.
    #[serde(default)]
    pub afterwards: Option<Afterwards>,
    #[serde(default)]
    pub can_i: Option<CanICheck>,
    #[serde(default)]
    pub object: Option<ObjectCheck>,
    #[serde(default)]
    pub objects: Option<ObjectsCheck>,
    #[serde(default)]
    pub event: Option<EventCheck>,
    #[serde(default)]
    pub exec: Option<ExecCheck>,
    #[serde(default)]
    pub file: Option<FileCheck>,
    #[serde(default)]
    pub reach: Option<ReachCheck>,
    /// A condition on what was found, in CEL: over `object`, `objects`, `output` or `text`.
    #[serde(default)]
    pub cel: Option<String>,
    /// What to say where it fails; `{{ … }}` holds CEL.
    #[serde(default)]
    pub otherwise: Option<String>,
}

/// A change made to a fork before a check is judged there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Afterwards {
    /// Console lines.
    pub run: String,
    /// Virtual time that passes then, as `60s`.
    #[serde(default)]
    pub within: Option<String>,
}

/// A request that somebody must be allowed to make, or must not.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanICheck {
    /// A user's name, as `jane` or `system:serviceaccount:shop:till`.
    pub user: String,
    /// Groups besides those that come with the name.
    #[serde(default)]
    pub groups: Vec<String>,
    pub verb: String,
    /// The plural, perhaps with its group: `deployments`, `deployments.apps`; or a path.
    pub resource: String,
    #[serde(default)]
    pub subresource: String,
    #[serde(default)]
    pub name: String,
    /// `default` if it is left out; empty for all namespaces at once. What is in none has none.
    #[serde(default)]
    pub namespace: Option<String>,
    #[serde(default = "yes")]
    pub expect: bool,
}

fn yes() -> bool {
    true
}

/// What must become of a connection. It is followed from every pod that is meant to every one that may answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReachCheck {
    /// `pod/x`, a workload such as `deployment/x`, or `workstation`.
    pub from: String,
    /// Of `from`; if it is left out, `namespace`.
    #[serde(default)]
    pub from_namespace: Option<String>,
    /// `service/web:80`, `pod/x:8080`, `deployment/x:80`, or a name or address with its port.
    pub to: String,
    /// Of `to`; `default` if it is left out.
    #[serde(default)]
    pub namespace: Option<String>,
    pub expect: Reached,
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reached {
    /// Somebody answers; or, for an address outside of the cluster, it is let out.
    Allowed,
    /// Nobody listens, or the Service has no endpoint.
    Refused,
    /// Nothing comes back, as where a policy is in the way.
    Timeout,
    /// The name has no address, or the cluster's DNS does not answer.
    Unresolved,
}

/// One object, which must exist and satisfy the condition (or must not exist).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectCheck {
    pub kind: String,
    pub name: String,
    #[serde(default)]
    pub namespace: Option<String>,
    #[serde(default)]
    pub absent: bool,
}

/// All objects of a kind in a namespace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectsCheck {
    pub kind: String,
    #[serde(default)]
    pub namespace: Option<String>,
    /// Label selector, as `kubectl -l` takes it.
    #[serde(default)]
    pub selector: Option<String>,
}

/// An event that must have happened.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventCheck {
    pub reason: String,
    #[serde(default)]
    pub object: Option<String>,
    #[serde(default)]
    pub namespace: Option<String>,
}

/// A console line and what it must print.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecCheck {
    pub run: String,
    /// Text that standard output must contain.
    #[serde(default)]
    pub contains: Option<String>,
    #[serde(default)]
    pub exit: Option<u8>,
}

/// A file of the workstation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileCheck {
    /// Absolute, or from the home directory.
    pub path: String,
    #[serde(default)]
    pub contains: Option<String>,
}

/// An answer that must fail, and for which check.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// `<task>/<name of the check>`
    pub fails: String,
    /// Console lines.
    pub run: String,
}

impl Scenario {
    /// Reads a scenario from JSON.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let scenario: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        scenario.check()?;
        Ok(scenario)
    }

    /// # Errors
    /// What the schema cannot express.
    pub fn check(&self) -> Result<(), String> {
        if self.api_version != "podyard/v1" || self.kind != "Scenario" {
            return Err(format!("{} {} is not podyard/v1 Scenario", self.api_version, self.kind));
        }
        match (self.spec.tasks.is_empty(), self.spec.ideas.is_empty()) {
            (true, true) => return Err("it has neither tasks nor, as a sandbox, ideas of what to try".into()),
            (false, false) => return Err("it has both tasks and ideas, which are a sandbox's".into()),
            _ => {}
        }
        for task in &self.spec.tasks {
            if task.checks.is_empty() {
                return Err(format!("task {} has no checks", task.id));
            }
            for check in &task.checks {
                let kinds = [
                    check.can_i.is_some(),
                    check.object.is_some(),
                    check.objects.is_some(),
                    check.event.is_some(),
                    check.exec.is_some(),
                    check.file.is_some(),
                    check.reach.is_some(),
                ];
                if kinds.iter().filter(|named| **named).count() != 1 {
                    return Err(format!("check {}/{} must name exactly one kind of check", task.id, check.name));
                }
            }
        }
        for wrong in &self.spec.wrong {
            let exists = self
                .spec
                .tasks
                .iter()
                .any(|task| task.checks.iter().any(|check| wrong.fails == format!("{}/{}", task.id, check.name)));
            if !exists {
                return Err(format!("a wrong answer names {:?}, which is no check", wrong.fails));
            }
        }
        Ok(())
    }
}
