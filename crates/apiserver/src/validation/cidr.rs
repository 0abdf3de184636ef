//! Ranges of addresses.
// Models staging/src/k8s.io/apimachinery/pkg/util/validation/ip.go

use std::net::IpAddr;

use podyard_api::names;

use super::field::{At, Errors};

/// A range of addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cidr {
    address: u128,
    bits: u32,
    /// 32 or 128.
    width: u32,
}

const FORM: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/// Reads a range, or says what is wrong with it.
pub(crate) fn check(at: &At, errors: &mut Errors) -> Option<Cidr> {
    let text = at.str();
    let Some(range) = parse(text) else {
        errors.invalid(&at.path, text, FORM);
        return None;
    };
    let octets = text.split(['.', '/']).take(4);
    if range.width == 32 && octets.into_iter().any(|octet| octet.len() > 1 && octet.starts_with('0')) {
        errors.invalid(&at.path, text, "must not have leading 0s in IP");
    } else if range.host_bits() != 0 {
        errors.invalid(&at.path, text, "must not have bits set beyond the prefix length");
    }
    Some(range)
}

fn parse(text: &str) -> Option<Cidr> {
    let (address, bits) = text.split_once('/')?;
    let (address, width) = match names::parse_ip(address)? {
        IpAddr::V4(address) => (address.to_bits().into(), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let plain = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    let bits = bits.parse().ok().filter(|bits| plain && *bits <= width)?;
    Some(Cidr { address, bits, width })
}

impl Cidr {
    fn host_bits(&self) -> u128 {
        let host = self.width - self.bits;
        if host == 128 { self.address } else { self.address & ((1 << host) - 1) }
    }

    /// Whether `other` is a smaller range within this one.
    pub(crate) fn strictly_contains(&self, other: &Self) -> bool {
        let host = self.width - self.bits;
        let same = host == 128 || self.address >> host == other.address >> host;
        self.width == other.width && self.bits < other.bits && same
    }
}
