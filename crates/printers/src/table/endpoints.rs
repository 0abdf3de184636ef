//! Endpoints and EndpointSlices.

use podyard_api::kinds::{EndpointSlice, Endpoints};

use super::common::{with_more, with_more_or_unset};
use super::{AGE, NAME, Printer, cells, object_age, text};
use crate::values::join_host_port;

pub(super) const ENDPOINTS: Printer = Printer {
    columns: &[NAME, text("Endpoints"), AGE],
    row: |object, now| cells![object.name(), addresses(Endpoints(object)), object_age(object, now)],
};

pub(super) const SLICE: Printer = Printer {
    columns: &[NAME, text("AddressType"), text("Ports"), text("Endpoints"), AGE],
    row: |object, now| {
        let slice = EndpointSlice(object);
        let ports: Vec<_> = slice
            .ports()
            .map(|port| match (port.port(), port.name()) {
                (Some(number), _) => number.to_string(),
                (None, "") => "*".into(),
                (None, name) => name.into(),
            })
            .collect();
        let addresses: Vec<_> =
            slice.endpoints().flat_map(|endpoint| endpoint.addresses()).map(str::to_owned).collect();
        cells![
            slice.name(),
            slice.address_type(),
            with_more_or_unset(&ports),
            with_more_or_unset(&addresses),
            object_age(object, now),
        ]
    },
};

fn addresses(endpoints: Endpoints<'_>) -> String {
    if endpoints.subsets().len() == 0 {
        return "<none>".into();
    }
    let mut texts = Vec::new();
    for subset in endpoints.subsets() {
        if subset.ports().len() == 0 {
            texts.extend(subset.addresses().map(|address| address.ip().to_owned()));
        }
        for port in subset.ports() {
            let number = port.port().unwrap_or_default();
            texts.extend(subset.addresses().map(|address| join_host_port(address.ip(), &number.to_string())));
        }
    }
    with_more(&texts)
}
