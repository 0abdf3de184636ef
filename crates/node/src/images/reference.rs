//! Image references: `nginx`, `nginx:1.25`, `registry.k8s.io/pause:3.10`.

use ecow::{EcoString, eco_format};

/// A reference in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// With registry and, on Docker Hub, `library/`.
    pub repository: EcoString,
    /// `latest` where none is given; empty with a digest.
    pub tag: EcoString,
    /// `sha256:…`; empty where none is given.
    pub digest: EcoString,
}

/// Reads a reference; nothing if it is none.
// Models github.com/distribution/reference
pub fn parse(text: &str) -> Option<Reference> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) if digest.starts_with("sha256:") && digest.len() == 71 => (rest, digest),
        Some(_) => return None,
        None => (text, ""),
    };
    let last_slash = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match rest[last_slash..].rsplit_once(':') {
        Some((name, tag)) => (&rest[..last_slash + name.len()], tag),
        None => (rest, if digest.is_empty() { "latest" } else { "" }),
    };
    let tag_letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if (tag.is_empty() && digest.is_empty()) || tag.len() > 128 || !tag.bytes().all(tag_letters) {
        return None;
    }
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => ("docker.io", name),
    };
    let part_is_fine = |part: &str| {
        let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
        edge(part.bytes().next()) && edge(part.bytes().last()) && part.bytes().all(inner)
    };
    if !path.split('/').all(part_is_fine) {
        return None;
    }
    let repository = if registry == "docker.io" && !path.contains('/') {
        eco_format!("docker.io/library/{path}")
    } else {
        eco_format!("{registry}/{path}")
    };
    Some(Reference { repository, tag: tag.into(), digest: digest.into() })
}

impl Reference {
    /// As containerd names it: `docker.io/library/nginx:1.25`.
    pub fn full(&self) -> EcoString {
        if self.digest.is_empty() {
            eco_format!("{}:{}", self.repository, self.tag)
        } else {
            eco_format!("{}@{}", self.repository, self.digest)
        }
    }

    /// A made-up digest that always is the same for the same reference.
    pub fn made_up_digest(&self) -> String {
        let mut rng = podyard_sim::Rng::new(0, &self.full());
        format!("sha256:{}", rng.hex(64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_made_full() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(parse(text).map(|reference| reference.full().to_string()).as_deref(), expect, "{text}");
        };
        check("nginx", Some("docker.io/library/nginx:latest"));
        check("bitnami/nginx:1.2", Some("docker.io/bitnami/nginx:1.2"));
        check("registry.k8s.io/pause:3.10", Some("registry.k8s.io/pause:3.10"));
        check("localhost:5000/a/b", Some("localhost:5000/a/b:latest"));
        for bad in ["", "Nginx", "nginx:", "nginx::1", "a//b", "-a", "nginx@sha256:12", "a b"] {
            check(bad, None);
        }
    }
}
