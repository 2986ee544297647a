#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_domain::{
    installation::{HostKind, Installation},
    visitor_auth::ReturnTo,
};

// A visitor is led to the installation's own hosts alone, as browsers read the address.
fuzz_target!(|text: &str| {
    let installation = Installation::new("tollgate.example").expect("a domain");
    let handle = "ada".parse().expect("a name");
    for handle in [None, Some(&handle)] {
        let Ok(place) = ReturnTo::parse(text, &installation, handle) else { continue };
        let host = installation.own_host_of(place.as_str());
        assert!(
            matches!(host, Some(HostKind::Root | HostKind::App | HostKind::Handle(_))),
            "{}",
            place.as_str()
        );
        assert!(
            place.path().starts_with('/') && !place.path().starts_with("//"),
            "{}",
            place.path()
        );
    }
});
