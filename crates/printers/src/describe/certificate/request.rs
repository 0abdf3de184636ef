//! The subject and alternative names of a PKCS #10 request, read from its PEM text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use podyard_api::base64;

/// Object identifiers in their DER form.
pub(super) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub(super) const SERIAL_NUMBER: &[u8] = &[0x55, 4, 5];
pub(super) const SUBJECT_LISTS: [(&str, &[u8]); 7] = [
    ("Organization", &[0x55, 4, 10]),
    ("Organizational Unit", &[0x55, 4, 11]),
    ("Country", &[0x55, 4, 6]),
    ("Locality", &[0x55, 4, 7]),
    ("Province", &[0x55, 4, 8]),
    ("StreetAddress", &[0x55, 4, 9]),
    ("PostalCode", &[0x55, 4, 17]),
];
/// Kinds of alternative names by their tags.
pub(super) const ALTERNATIVE_LISTS: [(&str, u8); 4] =
    [("DNS Names", 0x82), ("Email Addresses", 0x81), ("URIs", 0x86), ("IP Addresses", 0x87)];
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];

const SEQUENCE: u8 = 0x30;

/// What a description shows of a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    /// The parts of the subject with their object identifiers.
    pub(super) names: Vec<(Vec<u8>, String)>,
    /// Alternative names with their tags.
    pub(super) alternatives: Vec<(u8, String)>,
}

impl Request {
    /// Nothing if the text is no such request.
    pub(super) fn parse(pem: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(pem).ok()?;
        let (_, rest) = text.split_once("-----BEGIN CERTIFICATE REQUEST-----")?;
        let (body, _) = rest.split_once("-----END")?;
        let der = base64::decode(body)?;
        let info = Der(&der).enter(SEQUENCE)?.enter(SEQUENCE)?;
        let (_version, info) = info.next()?;
        let (subject, info) = info.next()?;
        let (_key, info) = info.next()?;
        let mut request = Self { names: names(Der(subject.1)), ..Self::default() };
        if let Some(((0xa0, attributes), _)) = info.next() {
            request.alternatives = alternatives(Der(attributes)).unwrap_or_default();
        }
        Some(request)
    }
}

/// The parts of a distinguished name.
fn names(sets: Der<'_>) -> Vec<(Vec<u8>, String)> {
    let part = |(_, pair): (u8, &[u8])| {
        let ((_, oid), rest) = Der(pair).enter(SEQUENCE).unwrap_or(Der(pair)).next()?;
        let ((_, text), _) = rest.next()?;
        Some((oid.to_vec(), String::from_utf8_lossy(text).into_owned()))
    };
    // A set holds one pair as a rule.
    sets.items().filter_map(part).collect()
}

fn alternatives(attributes: Der<'_>) -> Option<Vec<(u8, String)>> {
    for (_, attribute) in attributes.items() {
        let ((_, oid), values) = Der(attribute).next()?;
        if oid != EXTENSION_REQUEST {
            continue;
        }
        let extensions = values.next()?.0.1;
        for (_, extension) in Der(extensions).enter(SEQUENCE)?.items() {
            let ((_, oid), rest) = Der(extension).next()?;
            let value = rest.items().last()?.1;
            if oid == ALTERNATIVE_NAME {
                let names = Der(value).enter(SEQUENCE)?.items();
                return Some(names.map(|(tag, text)| (tag, alternative(tag, text))).collect());
            }
        }
    }
    None
}

fn alternative(tag: u8, bytes: &[u8]) -> String {
    let address = match (tag, bytes.len()) {
        (0x87, 4) => <[u8; 4]>::try_from(bytes).ok().map(|octets| IpAddr::V4(Ipv4Addr::from(octets))),
        (0x87, 16) => <[u8; 16]>::try_from(bytes).ok().map(|octets| IpAddr::V6(Ipv6Addr::from(octets))),
        _ => None,
    };
    address.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |address| address.to_string())
}

/// A sequence of tagged values.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The first value (its tag and contents) and what follows.
    fn next(self) -> Option<((u8, &'a [u8]), Self)> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x83 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        Some(((tag, contents), Self(rest)))
    }

    /// The contents of the first value, if it has this tag.
    fn enter(self, tag: u8) -> Option<Self> {
        let ((found, contents), _) = self.next()?;
        (found == tag).then_some(Self(contents))
    }

    fn items(self) -> impl Iterator<Item = (u8, &'a [u8])> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let (item, after) = rest.next()?;
            rest = after;
            Some(item)
        })
    }
}
