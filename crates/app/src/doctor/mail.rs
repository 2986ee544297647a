//! Mail: a connection to the server, and the sender.

use std::sync::Arc;

use tollgate_domain::mail::ports::MailError;
use tollgate_mailer::{ApiMailer, ApiServer, MailUrl, MailerOptions, SmtpMailer};

use super::Finding;
use crate::{config::Config, system::SystemClock};

pub(super) async fn look(config: &Config, authorities: &[Vec<u8>]) -> Vec<Finding> {
    let server = match &config.mail {
        MailUrl::Directory(path) if config.installation.is_local() => {
            let message = format!("mails are written to {}", path.display());
            return vec![Finding::ok("mail", message)];
        }
        MailUrl::Directory(path) => {
            return vec![Finding::problem(
                "mail",
                format!("mails are written to {} and reach nobody", path.display()),
                "set TOLLGATE_MAIL_URL to your mail server, such as \
                 smtps://user:password@mail.example.com",
            )];
        }
        MailUrl::Api(server) => {
            return vec![service(config, server, authorities).await, sender(config)];
        }
        MailUrl::Smtp(server) => server,
    };
    let options = MailerOptions {
        hello: Some(config.installation.host().to_owned()),
        authorities: authorities.to_vec(),
    };
    let at = format!("{}:{}", server.host, server.port);
    let connected = match SmtpMailer::with(server.clone(), config.mail_from.clone(), &options) {
        Ok(mailer) => mailer.probe().await,
        Err(error) => Err(MailError::Transient(error.to_string())),
    };
    let connection = match connected {
        Ok(()) => Finding::ok("mail", format!("{at} takes mails from this server")),
        Err(MailError::Transient(reason) | MailError::Permanent(reason)) => {
            Finding::problem("mail", format!("{at}: {reason}"), remedy(&reason))
        }
    };
    vec![connection, sender(config)]
}

async fn service(config: &Config, server: &ApiServer, authorities: &[Vec<u8>]) -> Finding {
    let at = server.url.origin().ascii_serialization();
    let (from, clock) = (config.mail_from.clone(), Arc::new(SystemClock));
    let answers = match ApiMailer::new(server.clone(), from, clock, authorities) {
        Ok(mailer) => mailer.probe().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match answers {
        Ok(()) => Finding::ok(
            "mail",
            format!("{at} answers; whether it takes the key is seen at the first mail"),
        ),
        Err(reason) => Finding::problem(
            "mail",
            format!("{at}: {reason}"),
            "check TOLLGATE_MAIL_URL, that no firewall is between, and TOLLGATE_CA_FILE for a \
             certificate of your own",
        ),
    }
}

fn remedy(reason: &str) -> &'static str {
    let is_unoffered = reason.ends_with("does not offer what is needed");
    if reason.contains("certificate: UnknownIssuer") {
        "set TOLLGATE_CA_FILE to a PEM file with the authority of the server's certificate, and check the \
         host in TOLLGATE_MAIL_URL"
    } else if reason.contains("certificate: ") {
        "set the host in TOLLGATE_MAIL_URL to a name in the server's certificate, or replace the \
         certificate"
    } else if let Some(refused) = refusal(reason) {
        refused
    } else if reason.starts_with("login") && is_unoffered {
        "the server offers no login here: use smtps:// or ?tls=starttls, or take the user and the \
         password out of TOLLGATE_MAIL_URL"
    } else if reason.starts_with("login") {
        "check the user and the password in TOLLGATE_MAIL_URL; both are percent-encoded"
    } else if reason.starts_with("STARTTLS") && is_unoffered {
        "the server offers no STARTTLS: use smtps:// in TOLLGATE_MAIL_URL, or ?tls=none in a network \
         that you trust"
    } else {
        "check the host and the port in TOLLGATE_MAIL_URL, that no firewall is between, and \
         TOLLGATE_CA_FILE for a certificate of your own"
    }
}

/// Returns what to do about a server that answers, but lets nobody begin: with its greeting or at EHLO, which one step has, or
/// later for a while only. Source: RFC 5321 §4.3.2.
fn refusal(reason: &str) -> Option<&'static str> {
    let (step, answer) = reason.split_once(": answer ")?;
    let code: u16 = answer.get(..3)?.parse().ok()?;
    match (step, code) {
        ("connecting" | "STARTTLS", 500..=504 | 550 | 553) => Some(
            "the server refuses the name that this one greets with, which is that of TOLLGATE_PUBLIC_DOMAIN: it has \
             to be a full name that leads to this machine in DNS. If it does, the server may refuse this machine's \
             address: ask who runs it",
        ),
        ("connecting", 500..) => Some(
            "the server refuses this machine's address: ask who runs it to let it in, look whether it is on a \
             blocklist and has a name in DNS (PTR), or set TOLLGATE_MAIL_URL to a server that takes mails from here",
        ),
        ("connecting", 400..=499) | ("login", 421 | 454) => Some(
            "the server takes nothing just now: run the command again in some minutes; mails wait",
        ),
        _ => None,
    }
}

fn sender(config: &Config) -> Finding {
    let (from, host) = (config.mail_from.host(), config.installation.host());
    if from == host || from.ends_with(&format!(".{host}")) || host.ends_with(&format!(".{from}")) {
        return Finding::ok("sender", format!("mails come from {from}"));
    }
    Finding::warning(
        "sender",
        format!("mails come from {from}, and links lead to {host}"),
        "set TOLLGATE_MAIL_FROM to an address of your domain, and publish SPF and DKIM for it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remedy_fits_what_the_server_did() {
        for (reason, expected) in [
            ("STARTTLS: invalid peer certificate: UnknownIssuer", "TOLLGATE_CA_FILE"),
            ("connecting: invalid peer certificate: UnknownIssuer", "TOLLGATE_CA_FILE"),
            (
                "connecting: invalid peer certificate: certificate expired",
                "replace the certificate",
            ),
            ("STARTTLS: the server does not offer what is needed", "offers no STARTTLS"),
            ("STARTTLS: answer 454", "check the host"),
            ("login: the server does not offer what is needed", "offers no login"),
            ("login: answer 535 5.7.8", "percent-encoded"),
            ("connecting: connection refused", "firewall"),
            ("connecting: answer 501", "TOLLGATE_PUBLIC_DOMAIN"),
            ("connecting: answer 504 5.5.2", "TOLLGATE_PUBLIC_DOMAIN"),
            ("connecting: answer 550 5.7.1", "TOLLGATE_PUBLIC_DOMAIN"),
            ("STARTTLS: answer 550", "TOLLGATE_PUBLIC_DOMAIN"),
            ("connecting: answer 554", "this machine's address"),
            ("connecting: answer 521", "this machine's address"),
            ("connecting: answer 421 4.7.0", "run the command again"),
            ("connecting: answer 450", "run the command again"),
            ("login: answer 454 4.7.0", "run the command again"),
        ] {
            let mend = remedy(reason);
            assert!(mend.contains(expected), "{reason}: {mend}");
        }
        assert!(!remedy("STARTTLS: invalid peer certificate: UnknownIssuer").contains("tls=none"));
    }
}
