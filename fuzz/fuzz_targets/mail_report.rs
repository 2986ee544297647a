#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_domain::{Timestamp, mail::ports::MailReportReader};
use tollgate_mailer::{ReportReader, ReportSecret};

// Any message of who knows the secret is read or refused; nobody else's is read.
fuzz_target!(|input: (&str, &[u8])| {
    let secret = ReportSecret::parse("a-secret-of-the-mail-service").expect("a secret");
    let reader = ReportReader::new(vec![secret]);
    let (header, body) = input;
    let _ = reader.read(
        body,
        &|name| (name == "authorization").then_some("Bearer a-secret-of-the-mail-service"),
        Timestamp::UNIX_EPOCH,
    );
    let strangers = |_: &str| (!header.contains("a-secret")).then_some(header);
    assert!(reader.read(body, &strangers, Timestamp::UNIX_EPOCH).is_err());
});
