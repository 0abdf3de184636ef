//! What holds for every value and every text.

use podyard_api::value::sharing;
use podyard_api::{FieldSelector, Key, Object, Quantity, Selector, Value, json, quantity, yaml};
use proptest::prelude::*;

/// Texts with what is special in YAML and JSON.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9 ]{0,12}",
        2 => "[-?:,\\[\\]{}#&*!|>'\"%@`.~ \n\t\\\\=<>a0x_/+eEyNn]{0,10}",
        1 => "(yes|no|on|null|~|0x1f|0644|1e3|1:30|2026-01-02|\\.inf|---|<<|10Mi)",
        1 => "([a-z]{1,9} {1,3}){10,30}",
        1 => any::<String>(),
        1 => "( ?[a-z\u{e4}\u{85}\u{2028}\u{1f600}\r\n]){0,8}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has finite numbers", |number| number.is_finite()).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Not what the library writes but does not read so: `<<` as a key, and two characters.
fn readable(text: &str) -> bool {
    !text.contains("<<") && text.chars().all(|c| c != '\u{fffe}' && c != '\u{ffff}')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_reads_what_it_wrote(value in value()) {
        for text in [json::to_string(&value), json::to_string_plain(&value), json::to_string_pretty(&value)] {
            prop_assert_eq!(json::parse(&text).unwrap(), value.clone());
        }
    }

    #[test]
    fn yaml_reads_what_it_wrote(value in value()) {
        let text = yaml::to_string(&value);
        if !readable(&text) {
            return Ok(());
        }
        prop_assert_eq!(yaml::parse(&text).map_err(|error| format!("{error} in\n{text}")).unwrap(), value);
    }

    #[test]
    fn json_and_yaml_agree_on_json(value in value()) {
        // JSON is YAML but for what its strings may hold unescaped.
        let text = json::to_string(&value);
        if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Ok(());
        }
        if let Ok(read) = yaml::parse(&text) {
            prop_assert_eq!(read, value);
        }
    }

    #[test]
    fn no_text_panics(text in prop_oneof![text(), "(\\{|\\}|\\[|\\]|:|,|-|\\?|\n|  ?|\"|'|&a|\\*a|!|\\||>|#|%|a|1|\t){0,40}"]) {
        let _ = (json::parse(&text), yaml::parse(&text), yaml::parse_strict(&text), yaml::parse_located(&text));
        let _ = (Selector::parse(&text), FieldSelector::parse(&text), text.parse::<Quantity>());
        for document in yaml::documents(&text) {
            let _ = yaml::parse(document.text);
        }
    }

    #[test]
    fn a_canonical_quantity_stays(number in "[-+]?[0-9]{0,12}(\\.[0-9]{0,12})?", suffix in "(|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|e[0-9]|E-[0-9])") {
        let Ok(canonical) = quantity::canonical(&format!("{number}{suffix}")) else { return Ok(()) };
        let again = quantity::canonical(&canonical).unwrap();
        // What upstream keeps as it was written may be an unusual way to write it.
        let same: Quantity = again.parse().unwrap();
        prop_assert_eq!(same, canonical.parse::<Quantity>().unwrap());
        let sum = same + same - same;
        prop_assert_eq!(sum, same);
        prop_assert_eq!(sum.to_string().parse::<Quantity>().unwrap(), same);
    }

    #[test]
    fn the_order_of_insertion_never_shows(entries in prop::collection::vec((text(), value()), 0..12), seed in any::<u64>()) {
        let mut distinct: Vec<(String, Value)> = Vec::new();
        for (key, value) in entries {
            if distinct.iter().all(|(known, _)| *known != key) {
                distinct.push((key, value));
            }
        }
        let mut shuffled = distinct.clone();
        shuffled.sort_by_key(|(key, _)| key.bytes().fold(seed, |hash, byte| hash.rotate_left(5) ^ u64::from(byte).wrapping_mul(0x9e37)));
        let one_by_one: Object = distinct.iter().cloned().collect();
        let at_once = Object::from_entries(shuffled.into_iter().map(|(key, value)| (Key::from(key), value)));
        prop_assert_eq!(json::to_string(&Value::Object(one_by_one)), json::to_string(&Value::Object(at_once)));
    }

    #[test]
    fn a_change_leaves_clones_alone(before in value(), key in text(), other in text(), new in value()) {
        let copy = before.clone();
        let written = json::to_string(&before);
        let mut after = before.clone();
        after.field_mut(&*key).set(&*other, new.clone());
        after.meta_mut().push(1);
        prop_assert_eq!(json::to_string(&before), written.clone());
        prop_assert_eq!(json::to_string(&copy), written);
        after.remove("metadata");
        if key != "metadata" {
            prop_assert_eq!(after.get(&key).get(&other), &new);
        }
    }

    #[test]
    fn a_checkpoint_reads_back_and_keeps_what_is_shared(first in value(), second in value()) {
        let all = Value::from(vec![first.clone(), second.clone(), first.clone(), Value::from(vec![first, second])]);
        let bytes = sharing::scope(|| postcard::to_stdvec(&all)).unwrap();
        let back: Value = sharing::scope(|| postcard::from_bytes(&bytes)).unwrap();
        prop_assert_eq!(&back, &all);
        if all.item(0).is_object() && !all.item(0).is_empty() {
            prop_assert!(back.item(0).same(back.item(2)));
            prop_assert!(back.item(0).same(back.item(3).item(0)));
        }
        let text = serde_json::to_string(&all).unwrap();
        prop_assert_eq!(json::parse(&text).unwrap(), all);
    }
}
