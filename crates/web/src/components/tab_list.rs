//! What every list of tabs does with its keys.

use web_sys::KeyboardEvent;

/// To which of `count` tabs a key leads from the one at `here`, and nothing for other keys.
pub(crate) fn led_to(event: &KeyboardEvent, here: usize, count: usize) -> Option<usize> {
    let next = next_tab(&event.key(), here, count)?;
    event.prevent_default();
    Some(next)
}

fn next_tab(key: &str, here: usize, count: usize) -> Option<usize> {
    match key {
        _ if count == 0 => None,
        "ArrowRight" => Some((here + 1) % count),
        "ArrowLeft" => Some((here + count - 1) % count),
        "Home" => Some(0),
        "End" => Some(count - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round() {
        let check = |key: &str, here: usize, next: Option<usize>| assert_eq!(next_tab(key, here, 3), next, "{key}");
        check("ArrowRight", 2, Some(0));
        check("ArrowLeft", 0, Some(2));
        check("ArrowLeft", 2, Some(1));
        check("Home", 2, Some(0));
        check("End", 0, Some(2));
        check("x", 0, None);
        assert_eq!(next_tab("ArrowRight", 0, 0), None);
    }
}
