//! A set of roles and bindings with many questions.

use podyard_api::{Status, User, Value as Object};
use podyard_rbac::{Attributes, GROUP, Grant, Kind, Policy, Refusal, RoleRef, Rule, confirm};
use serde_json::{Value, json};

/// Decisions with their reasons and messages, the rules of users, and what may be granted.
pub(super) fn answer(case: &Value) -> Option<Value> {
    let mut policy = Policy::default();
    for plural in ["roles", "clusterRoles", "roleBindings", "clusterRoleBindings"] {
        let kind = Kind::of(&plural.to_lowercase())?;
        for object in case["policy"][plural].as_array().into_iter().flatten() {
            policy.put(kind, &object_of(object)?);
        }
    }
    let all = |list: &str, answer: &dyn Fn(&Value) -> Option<Value>| -> Option<Value> {
        case[list].as_array()?.iter().map(answer).collect()
    };
    Some(json!({
        "requests": all("requests", &|asked| request(&policy, asked))?,
        "rulesFor": all("rulesFor", &|asked| rules_for(&policy, asked))?,
        "escalation": all("escalation", &|asked| escalation(&policy, asked))?,
    }))
}

fn object_of(value: &Value) -> Option<Object> {
    serde_json::from_value(value.clone()).ok()
}

fn user(value: &Value) -> User {
    let groups: Vec<&str> = value["groups"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    User::new(value["user"].as_str().unwrap_or_default(), &groups)
}

/// Takes over the question, and puts the engine's answers in.
fn with(question: &Value, answers: Value) -> Option<Value> {
    let mut whole = question.as_object()?.clone();
    for (name, answer) in answers.as_object()? {
        if answer.is_null() {
            whole.remove(name);
        } else {
            whole.insert(name.clone(), answer.clone());
        }
    }
    Some(Value::Object(whole))
}

fn request(policy: &Policy, question: &Value) -> Option<Value> {
    let given = &question["attributes"];
    let text = |name: &str| given[name].as_str().unwrap_or_default();
    let user = user(given);
    let asked = Attributes {
        user: &user,
        verb: text("verb"),
        group: text("apiGroup"),
        resource: text("resource"),
        subresource: text("subresource"),
        namespace: text("namespace"),
        name: text("name"),
        path: text("path"),
    };
    let decision = policy.decide(&asked);
    let forbidden = (!decision.allowed)
        .then(|| Status::forbidden(asked.group, asked.resource, asked.name, &asked.denial(&decision.reason)).message);
    with(
        question,
        json!({
            "decision": if decision.allowed { "allow" } else { "no-opinion" },
            "reason": decision.reason.as_str(),
            "forbidden": forbidden.as_deref(),
        }),
    )
}

fn rules_for(policy: &Policy, question: &Value) -> Option<Value> {
    let status = policy.rules_for(&user(question), question["namespace"].as_str()?).review();
    let list = podyard_kubectl::can_i_list(&status);
    with(question, json!({"status": serde_json::to_value(&status).ok()?, "kubectlCanIList": list}))
}

fn escalation(policy: &Policy, question: &Value) -> Option<Value> {
    let object = object_of(&question["object"])?;
    let (user, plural) = (user(question), question["resource"].as_str()?);
    let (name, namespace) = (object.name(), object.namespace());
    let asked = Attributes {
        verb: "create",
        group: GROUP,
        resource: plural,
        namespace,
        path: "",
        ..Attributes::of_path(&user, "", "")
    };
    let role = RoleRef { kind: object.at(&["roleRef", "kind"]).text(), name: object.at(&["roleRef", "name"]).text() };
    let rules: Vec<Rule> = podyard_api::kinds::ClusterRole(&object).rules().map(Rule::of).collect();
    let grant = match Kind::of(plural)? {
        Kind::Role | Kind::ClusterRole => {
            Grant::Role { plural, name: "", rules: &rules, aggregates: !object.get("aggregationRule").is_null() }
        }
        Kind::RoleBinding | Kind::ClusterRoleBinding => Grant::Binding { role: &role },
    };
    let result = confirm(policy, &user, namespace, grant);
    let error = result.as_ref().err().map(|refusal| match refusal {
        Refusal::NoRole { message, .. } => message.clone(),
        Refusal::Forbidden(why) => Status::forbidden(GROUP, plural, name, why).message.to_string(),
    });
    with(
        question,
        json!({
            "createAuthorized": policy.allows(&asked),
            "escalationAllowed": result.is_ok(),
            "error": error,
        }),
    )
}
