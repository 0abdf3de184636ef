//! The page's addresses, kept in the part after `#` so that any static host can serve them.

/// Where the learner is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `#/`: every exercise.
    Catalogue,
    /// `#/s/<track>/<slug>`: one exercise.
    Scenario {
        /// `<track>/<slug>`.
        path: String,
        /// `?seed=7`: where the names and addresses of a fresh start come from.
        seed: Option<u64>,
    },
    /// `#/modelled`: what is modelled and what is not.
    Modelled,
    /// Anything else.
    Unknown,
}

/// The folder of the scenarios without tasks, and the one that `#/sandbox` opens.
pub(crate) const SANDBOX: &str = "sandbox";
const FIRST_SANDBOX: &str = "two-workers";

impl Route {
    /// Reads the fragment of the page's address, with or without its `#`.
    pub(crate) fn parse(fragment: &str) -> Self {
        let fragment = fragment.trim_start_matches('#');
        let (path, query) = fragment.split_once('?').unwrap_or((fragment, ""));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => Self::Catalogue,
            ["s", track, slug] if plain(track) && plain(slug) => {
                Self::Scenario { path: format!("{track}/{slug}"), seed: seed_of(query) }
            }
            [SANDBOX] => Self::Scenario { path: format!("{SANDBOX}/{FIRST_SANDBOX}"), seed: seed_of(query) },
            [SANDBOX, slug] if plain(slug) => {
                Self::Scenario { path: format!("{SANDBOX}/{slug}"), seed: seed_of(query) }
            }
            ["modelled"] => Self::Modelled,
            _ => Self::Unknown,
        }
    }
}

/// The fragment that leads to an exercise.
pub(crate) fn scenario_href(path: &str) -> String {
    format!("#/s/{path}")
}

/// Names of tracks and scenarios become parts of addresses, so nothing but these characters is followed.
fn plain(part: &str) -> bool {
    !part.starts_with('.') && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn seed_of(query: &str) -> Option<u64> {
    query.split('&').find_map(|pair| pair.strip_prefix("seed=")).and_then(|text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fragment: &str, path: Option<&str>, seed: Option<u64>) {
        let expected = path.map(|path| Route::Scenario { path: path.into(), seed });
        let found = Some(Route::parse(fragment)).filter(|route| matches!(route, Route::Scenario { .. }));
        assert_eq!(found, expected, "{fragment}");
    }

    #[test]
    fn scenarios_are_two_plain_parts() {
        check("#/s/start/first-pod", Some("start/first-pod"), None);
        check("#/s/start/first-pod?seed=7", Some("start/first-pod"), Some(7));
        check("#/s/start/first-pod?seed=x", Some("start/first-pod"), None);
        check("#/s/start", None, None);
        check("#/s/../secret", None, None);
        check("#/s/a/b/c", None, None);
    }

    #[test]
    fn the_sandbox_has_an_address_of_its_own() {
        check("#/sandbox", Some("sandbox/two-workers"), None);
        check("#/sandbox?seed=3", Some("sandbox/two-workers"), Some(3));
        check("#/sandbox/twenty-workers", Some("sandbox/twenty-workers"), None);
        check("#/sandbox/..", None, None);
        assert_eq!(Route::parse("#/modelled"), Route::Modelled);
    }

    #[test]
    fn everything_empty_is_the_catalogue() {
        for fragment in ["", "#", "#/", "/"] {
            assert_eq!(Route::parse(fragment), Route::Catalogue, "{fragment}");
        }
        assert_eq!(Route::parse("#/nowhere"), Route::Unknown);
    }
}
