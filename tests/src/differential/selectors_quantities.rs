//! Selectors, quantities, percentages and lengths of time.

use podyard_api::kinds::LabelSelector;
use podyard_api::{FieldSelector, Quantity, Selector, Value as Object, duration, intstr, quantity};
use serde_json::{Map, Value, json};

/// The engine's answer to one case.
pub(super) fn answer(case: &Value) -> Option<Value> {
    Some(match case["type"].as_str()? {
        "labelSelector" => label_selector(case),
        "labelSelectorObject" => label_selector_object(case),
        "fieldSelector" => field_selector(case),
        "quantity" => quantity_case(case),
        "scaledValue" => scaled_value(case),
        "duration" => duration_case(case)?,
        "print" => super::print::answer(case)?,
        _ => return None,
    })
}

fn object(value: &Value) -> Object {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

fn error(text: impl ToString) -> Value {
    json!({ "error": text.to_string() })
}

/// The `matches` of a case with the engine's verdicts, on what each entry holds under `name`.
fn matches(case: &Value, name: &str, holds: impl Fn(&Object) -> bool) -> Value {
    let verdict = |entry: &Value| {
        let mut entry = entry.clone();
        entry["matches"] = holds(&object(&entry[name])).into();
        entry
    };
    case["matches"].as_array().map_or(Value::Null, |entries| entries.iter().map(verdict).collect())
}

fn label_selector(case: &Value) -> Value {
    match Selector::parse(case["selector"].as_str().unwrap_or_default()) {
        Err(text) => error(text),
        Ok(selector) => json!({
            "error": null,
            "canonical": selector.to_string(),
            "requirements": selector.requirements().len(),
            "matches": matches(case, "labels", |labels| selector.matches(labels)),
        }),
    }
}

fn label_selector_object(case: &Value) -> Value {
    let held = object(&case["labelSelector"]);
    let view = (!held.is_null()).then_some(LabelSelector(&held));
    let formatted = Selector::format(view);
    match Selector::of(view) {
        Err(text) => json!({ "error": text, "formatted": formatted }),
        Ok(selector) => json!({
            "error": null,
            "formatted": formatted,
            "selectorString": selector.to_string(),
            "matches": matches(case, "labels", |labels| selector.matches(labels)),
        }),
    }
}

fn field_selector(case: &Value) -> Value {
    let selector = match FieldSelector::parse(case["fieldSelector"].as_str().unwrap_or_default()) {
        Err(text) => return error(text),
        Ok(selector) => selector,
    };
    let canonical = selector.to_string();
    let kind = case["kind"].as_str().unwrap_or_default();
    let group = match kind {
        "Job" => "batch",
        "CertificateSigningRequest" => "certificates.k8s.io",
        "Deployment" | "ReplicaSet" => "apps",
        _ => "",
    };
    match selector.for_kind(group, kind) {
        Err(text) => json!({ "error": null, "canonical": canonical, "conversionError": text }),
        Ok(selector) => json!({
            "error": null,
            "canonical": canonical,
            "conversionError": null,
            "matches": matches(case, "object", |object| selector.matches(object)),
        }),
    }
}

fn quantity_case(case: &Value) -> Value {
    let input = case["input"].as_str().unwrap_or_default();
    let (number, canonical) = match (input.parse::<Quantity>(), quantity::canonical(input)) {
        (Ok(number), Ok(canonical)) => (number, canonical),
        (Err(text), _) | (_, Err(text)) => return error(text),
    };
    let mut answer = Map::new();
    answer.insert("error".into(), Value::Null);
    answer.insert("canonical".into(), canonical.as_str().into());
    answer.insert("format".into(), number.format.to_string().into());
    answer.insert("sign".into(), number.sign().into());
    answer.insert("json".into(), format!("\"{canonical}\"").into());
    // Beyond 64 bits the real code overflows one way or the other.
    if number.as_f64().abs() <= i64::MAX as f64 {
        answer.insert("value".into(), number.value().to_string().into());
    }
    if number.as_f64().abs() * 1000.0 < i64::MAX as f64 {
        answer.insert("milliValue".into(), number.milli_value().to_string().into());
    }
    if let Some(text) = case["compare"]["other"].as_str() {
        answer.insert("compare".into(), compare(number, text));
    }
    answer.into()
}

fn compare(number: Quantity, text: &str) -> Value {
    match (text.parse::<Quantity>(), quantity::canonical(text)) {
        (Ok(other), Ok(canonical)) => json!({
            "other": text,
            "otherCanonical": canonical.as_str(),
            "cmp": number.cmp(&other) as i32,
            "sum": (number + other).to_string(),
            "difference": (number - other).to_string(),
        }),
        _ => Value::Null,
    }
}

fn scaled_value(case: &Value) -> Value {
    let value = object(&case["value"]);
    let total = case["total"].as_i64().unwrap_or_default();
    match (intstr::scaled(&value, total, true), intstr::scaled(&value, total, false)) {
        (Ok(up), Ok(down)) => json!({ "error": null, "roundUp": up, "roundDown": down }),
        (Err(text), _) | (_, Err(text)) => error(text),
    }
}

fn duration_case(case: &Value) -> Option<Value> {
    let nanos: i64 = case["nanoseconds"].as_str()?.parse().ok()?;
    let micros = nanos / 1000;
    Some(json!({ "human": duration::human(micros), "short": duration::human_short(micros) }))
}
