//! IP addresses and networks.

use std::net::IpAddr;

use crate::cel::eval::{Result, fail, no_overload};
use crate::cel::val::Val;

fn cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let (address, prefix) = (address.parse::<IpAddr>().ok()?, prefix.parse().ok()?);
    (prefix <= bits(address)).then_some((address, prefix))
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address as a number of 128 bits, from the highest.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => address.into(),
    }
}

fn masked(address: IpAddr, prefix: u8) -> u128 {
    let mask = if prefix == 0 { 0 } else { u128::MAX << (128 - u32::from(prefix)) };
    number(address) & mask
}

fn contains(network: (IpAddr, u8), address: IpAddr) -> bool {
    network.0.is_ipv4() == address.is_ipv4() && masked(network.0, network.1) == masked(address, network.1)
}

pub(super) fn global(name: &str, text: &str) -> Result<Val> {
    match (name, text.parse::<IpAddr>(), cidr(text)) {
        ("isIP", ip, _) => Ok(Val::Bool(ip.is_ok())),
        ("isCIDR", _, cidr) => Ok(Val::Bool(cidr.is_some())),
        ("ip", Ok(ip), _) => Ok(Val::Ip(ip)),
        ("cidr", _, Some((ip, prefix))) => Ok(Val::Cidr(ip, prefix)),
        ("ip", ..) => fail(format!("IP Address '{text}' parse error during conversion from string")),
        _ => fail(format!("network address parse error during conversion from string: {text}")),
    }
}

pub(super) fn method(this: &Val, name: &str, args: &[Val]) -> Result<Val> {
    let address = |arg: &Val| match arg {
        Val::Ip(ip) => Some(*ip),
        Val::Text(text) => text.parse().ok(),
        _ => None,
    };
    let network = |arg: &Val| match arg {
        Val::Cidr(ip, prefix) => Some((*ip, *prefix)),
        Val::Text(text) => cidr(text),
        _ => None,
    };
    match (this, name, args) {
        (Val::Ip(ip), "family", []) => Ok(Val::Int(if ip.is_ipv4() { 4 } else { 6 })),
        (Val::Ip(ip), "isUnspecified", []) => Ok(Val::Bool(ip.is_unspecified())),
        (Val::Ip(ip), "isLoopback", []) => Ok(Val::Bool(ip.is_loopback())),
        (Val::Cidr(_, prefix), "prefixLength", []) => Ok(Val::Int(i64::from(*prefix))),
        (Val::Cidr(ip, _), "ip", []) => Ok(Val::Ip(*ip)),
        (Val::Cidr(ip, prefix), "masked", []) => {
            let bits = masked(*ip, *prefix);
            let ip = match ip {
                IpAddr::V4(_) => IpAddr::V4(((bits >> 96) as u32).into()),
                IpAddr::V6(_) => IpAddr::V6(bits.into()),
            };
            Ok(Val::Cidr(ip, *prefix))
        }
        (Val::Cidr(ip, prefix), "containsIP", [arg]) => match address(arg) {
            Some(address) => Ok(Val::Bool(contains((*ip, *prefix), address))),
            None => no_overload(),
        },
        (Val::Cidr(ip, prefix), "containsCIDR", [arg]) => match network(arg) {
            Some((other, longer)) => Ok(Val::Bool(longer >= *prefix && contains((*ip, *prefix), other))),
            None => no_overload(),
        },
        _ => no_overload(),
    }
}
