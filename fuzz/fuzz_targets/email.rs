#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_domain::email::Email;

// What is accepted is one address in one form.
fuzz_target!(|text: &str| {
    let Ok(email) = text.parse::<Email>() else { return };
    let written = email.as_str();
    assert!(written.len() <= 254 && written.contains('@'), "{written}");
    assert!(
        !written.chars().any(|c| c.is_control() || c.is_whitespace() || c == ','),
        "{written:?}"
    );
    assert_eq!(written.parse::<Email>().as_ref(), Ok(&email));
    assert!(!email.masked().is_empty());
});
