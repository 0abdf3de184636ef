//! Projected volumes: several sources in one directory.

use podyard_api::Value;

use super::super::field::{At, Errors, Path};
use super::super::labels;
use super::mounts::local_path;
use super::volumes::{downward_file, key_to_path, mode};

pub(crate) fn check(at: &At, errors: &mut Errors) {
    mode(&at.at("defaultMode"), errors);
    let mut paths: Vec<&str> = Vec::new();
    for source in at.at("sources").items() {
        let mut kinds = 0;
        for kind in ["secret", "configMap"] {
            let part = source.at(kind);
            if part.is_set() {
                kinds += 1;
                keys(&part, &at.path, &mut paths, errors);
            }
        }
        let downward = source.at("downwardAPI");
        if downward.is_set() {
            kinds += 1;
            for file in downward.value.get("items").items() {
                downward_file(file, &downward.path, errors);
                take(file.get("path").str(), None, &at.path, &mut paths, errors);
            }
        }
        let token = source.at("serviceAccountToken");
        if token.is_set() {
            kinds += 1;
            service_account_token(&token, &at.path, errors);
        }
        let bundle = source.at("clusterTrustBundle");
        if bundle.is_set() {
            kinds += 1;
            trust_bundle(&bundle, errors);
            let path = bundle.value.get("path").str();
            if paths.contains(&path) {
                errors.invalid(&at.path, path, "conflicting duplicate paths");
            } else {
                paths.push(path);
            }
        }
        if source.at("podCertificate").is_set() {
            kinds += 1;
        }
        if kinds > 1 {
            errors.forbidden(&source.path, "may not specify more than 1 volume type per source");
        }
    }
}

fn keys<'v>(part: &At<'v, '_>, place: &Path, paths: &mut Vec<&'v str>, errors: &mut Errors) {
    let name = part.at("name");
    if name.str().is_empty() {
        errors.required(&name.path, "");
    }
    let items: &'v Value = part.value.get("items");
    for (i, item) in items.items().iter().enumerate() {
        key_to_path(&At { value: item, path: part.path.child("items").index(i) }, errors);
        take(item.get("path").str(), Some(name.str()), place, paths, errors);
    }
}

/// Notes a path in the directory; a second use of it is an error that shows `bad` or the path.
fn take<'v>(path: &'v str, bad: Option<&str>, place: &Path, paths: &mut Vec<&'v str>, errors: &mut Errors) {
    if path.is_empty() {
        return;
    }
    if paths.contains(&path) {
        errors.invalid(place, bad.unwrap_or(path), "conflicting duplicate paths");
    } else {
        paths.push(path);
    }
}

fn service_account_token(at: &At, place: &Path, errors: &mut Errors) {
    let expiration = at.at("expirationSeconds");
    let seconds = expiration.value.as_i64().unwrap_or_default();
    if seconds < 600 {
        errors.invalid(&expiration.path, seconds, "may not specify a duration less than 10 minutes");
    }
    if seconds > 1 << 32 {
        errors.invalid(&expiration.path, seconds, "may not specify a duration larger than 2^32 seconds");
    }
    let path = place.child("path");
    match at.value.get("path").str() {
        "" => errors.required(&path, ""),
        text => local_path(text, &path, errors),
    }
}

fn trust_bundle(at: &At, errors: &mut Errors) {
    let (name, signer, selector) = (at.at("name"), at.at("signerName"), at.at("labelSelector"));
    match (name.is_set(), signer.is_set()) {
        (true, true) => errors.invalid(&at.path, at.value, "only one of name and signerName may be used"),
        (true, false) => {
            if name.str().is_empty() {
                errors.required(&name.path, "must be a valid object name");
            }
            if selector.is_set() {
                let detail = "labelSelector must be unset if name is specified";
                errors.invalid(&selector.path, selector.value, detail);
            }
        }
        (false, true) => {
            if signer.str().is_empty() {
                errors.required(&signer.path, "must be a valid signer name");
            }
            labels::selector(&selector, errors);
        }
        (false, false) => errors.required(&at.path, "either name or signerName must be specified"),
    }
    let path = at.at("path");
    if path.str().is_empty() {
        errors.required(&path.path, "");
    }
    local_path(path.str(), &path.path, errors);
}
