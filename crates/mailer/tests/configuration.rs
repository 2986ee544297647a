//! The settings that operators write.

use std::{path::PathBuf, sync::Arc};

use tollgate_domain_testing::ManualClock;
use tollgate_mailer::{
    Credentials, MailUrl, MailUrlError, MailerOptions, Security, Sender, SenderError, SmtpServer,
    mailer,
};

fn smtp(host: &str, port: u16, security: Security) -> SmtpServer {
    SmtpServer { host: host.to_owned(), port, security, credentials: None }
}

#[test]
fn destination_is_parsed_as_documented() {
    let login = |user: &str, password: &str| {
        Some(Credentials { user: user.to_owned(), password: password.to_owned() })
    };
    for (text, expected) in [
        ("smtp://mail.example", smtp("mail.example", 587, Security::StartTls)),
        ("smtp://mail.example/", smtp("mail.example", 587, Security::StartTls)),
        ("smtp://MAIL.Example:25", smtp("mail.example", 25, Security::StartTls)),
        ("smtp://mail.example?tls=none", smtp("mail.example", 587, Security::None)),
        ("smtp://192.0.2.1:2525", smtp("192.0.2.1", 2525, Security::StartTls)),
        ("smtp://[2001:db8::1]", smtp("2001:db8::1", 587, Security::StartTls)),
        ("smtp://localhost", smtp("localhost", 25, Security::None)),
        ("smtp://mail.localhost:1025", smtp("mail.localhost", 1025, Security::None)),
        ("smtp://127.0.0.1:1025", smtp("127.0.0.1", 1025, Security::None)),
        ("smtp://[::1]:1025", smtp("::1", 1025, Security::None)),
        ("smtp://localhost?tls=starttls", smtp("localhost", 587, Security::StartTls)),
        ("smtps://mail.example", smtp("mail.example", 465, Security::Tls)),
        ("smtps://localhost:4650", smtp("localhost", 4650, Security::Tls)),
        (
            "smtps://ada:secret@mail.example",
            SmtpServer {
                credentials: login("ada", "secret"),
                ..smtp("mail.example", 465, Security::Tls)
            },
        ),
        (
            "smtp://ada%40example.com:p%3A+%2F%C3%A9@mail.example",
            SmtpServer {
                credentials: login("ada@example.com", "p:+/é"),
                ..smtp("mail.example", 587, Security::StartTls)
            },
        ),
    ] {
        assert_eq!(MailUrl::parse(text), Ok(MailUrl::Smtp(expected)), "{text}");
    }
    for path in ["var/mail", "/var/spool/tollgate", "with space/ä"] {
        let expected = MailUrl::Directory(PathBuf::from(path));
        assert_eq!(MailUrl::parse(&format!("dir:{path}")), Ok(expected));
    }
}

#[test]
fn invalid_destinations_are_refused_on_one_line_without_the_text() {
    for (text, expected) in [
        ("", MailUrlError::Scheme),
        ("var/mail", MailUrlError::Scheme),
        ("https://api.example/secret", MailUrlError::Scheme),
        ("smtp:mail.example", MailUrlError::Scheme),
        ("SMTP://mail.example", MailUrlError::Scheme),
        (" smtp://mail.example", MailUrlError::Scheme),
        ("dir:", MailUrlError::Directory),
        ("smtp://", MailUrlError::Server),
        ("smtp://:25", MailUrlError::Server),
        ("smtp://ada:secret@", MailUrlError::Server),
        ("smtp://mail example", MailUrlError::Server),
        ("smtp://mail.example:99999", MailUrlError::Server),
        ("smtp://mäil.example", MailUrlError::Server),
        ("smtp://mail.example:0", MailUrlError::Port),
        ("smtp://mail.example/inbox", MailUrlError::Trailing),
        ("smtp://mail.example#secret", MailUrlError::Trailing),
        ("smtp://mail.example?tls=maybe", MailUrlError::Option),
        ("smtp://mail.example?", MailUrlError::Option),
        ("smtp://mail.example?secret=1", MailUrlError::Option),
        ("smtp://mail.example?tls=none&tls=starttls", MailUrlError::Option),
        ("smtps://mail.example?tls=none", MailUrlError::Option),
        ("smtp://secret@mail.example", MailUrlError::Credentials),
        ("smtp://:secret@mail.example", MailUrlError::Credentials),
        ("smtp://secret%00:secret@mail.example", MailUrlError::Credentials),
        ("smtp://ada:secret%FF@mail.example", MailUrlError::Credentials),
        ("smtp://ada:secret%0d%0aDATA@mail.example", MailUrlError::Credentials),
        ("smtp://ada:secret%zz@mail.example", MailUrlError::Credentials),
        ("smtp://ada:100%@mail.example", MailUrlError::Credentials),
        ("smtp://ada:secret#1@mail.example", MailUrlError::Server),
        ("postmark:", MailUrlError::Key),
        ("resend:secret%0d", MailUrlError::Key),
        ("ses:secret@eu-central-1", MailUrlError::Key),
        ("ses:id:secret", MailUrlError::Key),
        ("ses:id:secret@evil.example/", MailUrlError::Key),
        ("postmark:secret@http://mail.example", MailUrlError::Service),
    ] {
        let refused = MailUrl::parse(text);
        let line = expected.to_string();
        assert_eq!(refused, Err(expected), "{text}");
        assert!(!line.contains('\n') && !line.contains("secret"), "{line}");
    }
}

#[test]
fn debug_hides_the_login() {
    let url = MailUrl::parse("smtp://ada:secret@mail.example").unwrap();
    let shown = format!("{url:?}");
    assert!(shown.contains("mail.example") && !shown.contains("ada") && !shown.contains("secret"));
    for text in ["postmark:secret", "resend:secret", "ses:id:secret@eu-central-1"] {
        let shown = format!("{:?}", MailUrl::parse(text).unwrap());
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn sender_is_a_mailbox_with_or_without_a_name() {
    for text in [
        "no-reply@tollgate.localhost",
        "no-reply@localhost",
        "no-reply@10.0.0.1",
        "Tollgate <no-reply@tollgate.localhost>",
        "\"Tollgate, Inc.\" <no-reply@example.com>",
        "Tollgate, Inc. <no-reply@example.com>",
        "Čapek & Söhne <no-reply@xn--apek-q6a.example>",
        "  <no-reply@example.com>  ",
        r#""A \"Q\" B \\ C" <no-reply@example.com>"#,
        "\"<A>\" <no-reply@example.com>",
        "no-reply@čapek.example",
    ] {
        assert!(Sender::parse(text).is_ok(), "{text}");
    }
    for text in [
        "",
        "Tollgate",
        "Tollgate <>",
        "Tollgate <no-reply>",
        "<no-reply@example.com",
        "no-reply@example.com>",
        "Tollgate <no-reply@example.com> x",
        "a@example.com, b@example.com",
        "a b@example.com",
        "Toll\r\nBcc: x@example.com <no-reply@example.com>",
        "nö@example.com",
        "no-reply@čap ek.example",
        r#""A "Q" B" <no-reply@example.com>"#,
        r#""A \" <no-reply@example.com>"#,
        r#"A \" B <no-reply@example.com>"#,
        "\"A\\\nB\" <no-reply@example.com>",
        "Toll\"gate <no-reply@example.com>",
        "a@b@example.com",
        "\"a b\"@example.com",
        "no-reply@exa_mple>.com",
    ] {
        assert_eq!(Sender::parse(text), Err(SenderError), "{text}");
    }
}

#[test]
fn mailer_of_every_destination_is_created_without_a_runtime() {
    let from = Sender::parse("Tollgate <no-reply@tollgate.localhost>").unwrap();
    for text in [
        "dir:var/mail",
        "smtp://localhost",
        "smtp://mail.example",
        "smtps://ada:secret@[2001:db8::1]",
        "postmark:secret",
        "resend:secret",
        "ses:id:secret@eu-central-1",
    ] {
        let url = MailUrl::parse(text).unwrap();
        let made = mailer(&url, &from, &MailerOptions::default(), Arc::new(ManualClock::default()));
        assert!(made.is_ok(), "{text}");
    }
}
