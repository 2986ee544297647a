//! Stripe: the key, the account, the webhook endpoint and the clock.

use std::collections::BTreeSet;

use jiff::fmt::rfc2822::DateTimeParser;
use secrecy::ExposeSecret;
use serde_json::Value;
use tollgate_domain::clock::Clock;
use tollgate_http::STRIPE_WEBHOOK;
use tollgate_stripe_gateway::{ProbeAnswer, REQUIRED_EVENTS, StripeProbe};

use super::Finding;
use crate::{
    config::{Config, StripeSettings},
    system::SystemClock,
};

pub(super) async fn look(config: &Config, authorities: &[Vec<u8>]) -> Vec<Finding> {
    let Some(settings) = &config.stripe else {
        return vec![Finding::ok("payments", "go to the sandbox, and nobody is charged")];
    };
    let probe = match StripeProbe::new(&settings.gateway().trusting(authorities)) {
        Ok(probe) => probe,
        Err(error) => {
            return vec![Finding::problem("payments", error.to_string(), "correct the setting")];
        }
    };
    let answer = match probe.get("account").await {
        Ok(answer) => answer,
        Err(reason) => {
            return vec![Finding::problem(
                "payments",
                format!("Stripe does not answer: {reason}"),
                "let this machine connect to api.stripe.com on port 443, or correct \
                 TOLLGATE_STRIPE_API_URL",
            )];
        }
    };
    let mut findings = vec![mode(config, settings)];
    if is_of_another(&answer) {
        findings.push(another("key"));
        return findings;
    }
    findings.extend(clock(&answer));
    findings.extend(account(&answer));
    if answer.status != 401 {
        let answer = probe.get("webhook_endpoints?limit=100").await;
        findings.push(webhooks(config, settings, answer));
    }
    findings
}

fn mode(config: &Config, settings: &StripeSettings) -> Finding {
    let is_test = settings.secret_key.expose_secret().contains("_test_");
    if is_test && !config.installation.is_local() {
        return Finding::warning(
            "payments",
            "the key is for test payments, and nobody is charged",
            "set TOLLGATE_STRIPE_SECRET_KEY to a live key when you open",
        );
    }
    Finding::ok("payments", format!("the API is read at version {}", StripeProbe::version()))
}

fn clock(answer: &ProbeAnswer) -> Option<Finding> {
    let date = DateTimeParser::new().parse_timestamp(answer.date.as_deref()?).ok()?;
    Some(Finding::clock("Stripe's", date.as_second() - SystemClock.now().as_second()))
}

/// Returns whether something answers that is not Stripe, such as the page of a proxy. Stripe's answers are objects with what was
/// asked for, or with an error.
fn is_of_another(answer: &ProbeAnswer) -> bool {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    match answer.status {
        200 => {
            let is_account = body.get("object").is_some_and(|object| object == "account");
            !is_account && !body.get("charges_enabled").is_some_and(Value::is_boolean)
        }
        401 | 403 => !answer.body.is_empty() && !body.get("error").is_some_and(Value::is_object),
        _ => false,
    }
}

fn another(check: &'static str) -> Finding {
    Finding::problem(
        check,
        "what answers is not Stripe",
        "correct TOLLGATE_STRIPE_API_URL, or let this machine connect to api.stripe.com directly: a proxy may \
         stand between",
    )
}

fn account(answer: &ProbeAnswer) -> Vec<Finding> {
    if answer.status != 200 {
        return vec![untold(answer.status)];
    }
    let account: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let is = |name: &str| account.get(name) == Some(&Value::Bool(true));
    let key = Finding::ok("key", "Stripe accepts it");
    let charges = if is("charges_enabled") {
        Finding::ok("account", "can take payments")
    } else {
        Finding::problem(
            "account",
            "the platform's account cannot take payments",
            "finish the activation in Stripe's dashboard, and turn on Connect",
        )
    };
    vec![key, charges]
}

/// Says why Stripe does not tell of the account.
fn untold(status: u16) -> Finding {
    match status {
        401 => Finding::problem(
            "key",
            "Stripe does not accept TOLLGATE_STRIPE_SECRET_KEY",
            "copy it anew from Stripe's dashboard, under Developers, API keys",
        ),
        403 => Finding::warning(
            "key",
            "the restricted key may not read its own account, so it was not checked",
            "allow it to read the account, or check the account in Stripe's dashboard",
        ),
        404 => Finding::ok("key", "the server does not tell of its account"),
        status => Finding::problem(
            "key",
            format!("Stripe answers {status} instead of telling of the account"),
            "run the command again; if it stays so, see status.stripe.com, or correct \
             TOLLGATE_STRIPE_API_URL",
        ),
    }
}

fn webhooks(
    config: &Config,
    settings: &StripeSettings,
    answer: Result<ProbeAnswer, String>,
) -> Finding {
    let wanted = format!("{}{STRIPE_WEBHOOK}", config.installation.origin());
    match listed(answer, &wanted) {
        Ok(list) => endpoints(&list, &wanted, settings.webhook_secrets.len()),
        Err(finding) => finding,
    }
}

/// Returns the list of endpoints, or what prevents its check.
fn listed(answer: Result<ProbeAnswer, String>, wanted: &str) -> Result<String, Finding> {
    let is_list = |body: &str| {
        let list: Value = serde_json::from_str(body).unwrap_or_default();
        list.get("data").is_some_and(Value::is_array)
    };
    match answer {
        Ok(answer) if answer.status == 200 && is_list(&answer.body) => Ok(answer.body),
        Ok(answer) if answer.status == 200 => Err(another("webhooks")),
        Ok(answer) if answer.status == 403 => Err(Finding::warning(
            "webhooks",
            "the restricted key may not list webhook endpoints, so none was checked",
            format!(
                "allow it to read webhook endpoints, or see in Stripe's dashboard that one of \
                 connected accounts is at {wanted}"
            ),
        )),
        Ok(answer) if answer.status == 404 => {
            Err(Finding::ok("webhooks", "the server does not tell of its endpoints"))
        }
        Ok(answer) => Err(Finding::problem(
            "webhooks",
            format!("Stripe answers {} instead of listing endpoints", answer.status),
            "run the command again; if it stays so, see status.stripe.com",
        )),
        Err(reason) => Err(Finding::warning(
            "webhooks",
            format!("Stripe does not list endpoints: {reason}"),
            "run the command again",
        )),
    }
}

/// Checks the endpoints at `wanted`, of each of which there has to be one of so many secrets.
fn endpoints(list: &str, wanted: &str, secrets: usize) -> Finding {
    let list: Value = serde_json::from_str(list).unwrap_or_default();
    let all = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let there: Vec<_> = all.filter(|endpoint| text(endpoint, "url") == wanted).collect();
    let Some(first) = there.first() else {
        return Finding::problem(
            "webhooks",
            format!("Stripe sends no webhooks to {wanted}"),
            "add an endpoint for events on connected accounts there, and put its signing secret \
             into TOLLGATE_STRIPE_WEBHOOK_SECRETS",
        );
    };
    let is_enabled = |endpoint: &&&Value| text(endpoint, "status") == "enabled";
    let enabled: Vec<&Value> = there.iter().filter(is_enabled).copied().collect();
    if enabled.is_empty() {
        return Finding::problem(
            "webhooks",
            format!("the endpoint {wanted} is {}", text(first, "status")),
            "enable it in Stripe's dashboard, under Developers, Webhooks",
        );
    }
    // The endpoint of connected accounts names the application that connects them.
    let is_own = |endpoint: &&Value| endpoint.get("application").is_some_and(Value::is_null);
    let (own, connected): (Vec<_>, Vec<_>) = enabled.iter().copied().partition(is_own);
    if connected.is_empty() {
        return Finding::warning(
            "webhooks",
            format!("the endpoint {wanted} seems to be for events on your own account alone"),
            "see in Stripe's dashboard that one for events on connected accounts is there, and put \
             its signing secret into TOLLGATE_STRIPE_WEBHOOK_SECRETS",
        );
    }
    if enabled.len() > secrets {
        let told = if own.is_empty() { "" } else { ", some of them for your own account alone" };
        return Finding::problem(
            "webhooks",
            format!(
                "Stripe has {} enabled endpoints at {wanted}{told}, and each has a secret of its \
                 own, but TOLLGATE_STRIPE_WEBHOOK_SECRETS has {secrets}",
                enabled.len()
            ),
            "put the signing secret of each into it, with commas between, or delete the endpoints \
             that are not needed",
        );
    }
    events(&connected, wanted)
}

fn text<'a>(endpoint: &'a Value, name: &str) -> &'a str {
    endpoint.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Checks the events that are sent to the endpoints at `wanted`.
fn events(endpoints: &[&Value], wanted: &str) -> Finding {
    let lists = endpoints.iter().filter_map(|endpoint| endpoint.get("enabled_events")?.as_array());
    let sent: BTreeSet<_> = lists.flatten().filter_map(Value::as_str).collect();
    let missing: Vec<_> =
        REQUIRED_EVENTS.into_iter().filter(|event| !sent.contains(event)).collect();
    if !sent.contains("*") && !missing.is_empty() {
        return Finding::warning(
            "webhooks",
            format!("the endpoint is not sent {}", missing.join(", ")),
            "add these events to the endpoint in Stripe's dashboard",
        );
    }
    Finding::ok("webhooks", format!("are sent to {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    fn answer(status: u16, body: &str) -> ProbeAnswer {
        ProbeAnswer { status, date: None, body: body.to_owned() }
    }

    #[test]
    fn key_and_account_are_told_apart() {
        let worst = |status, body: &str| account(&answer(status, body)).last().cloned().unwrap();
        assert_eq!(worst(200, r#"{"charges_enabled":true}"#).status, Status::Ok);
        assert_eq!(worst(200, r#"{"charges_enabled":false}"#).check, "account");
        assert_eq!(worst(200, r#"{"charges_enabled":false}"#).status, Status::Problem);
        assert_eq!((worst(401, "").check, worst(401, "").status), ("key", Status::Problem));
        assert_eq!(worst(403, "").status, Status::Warning);
        assert_eq!(worst(404, "").status, Status::Ok);
        for status in [302, 429, 500, 503] {
            assert_eq!(worst(status, "").status, Status::Problem, "{status}");
        }
    }

    #[test]
    fn what_is_not_stripe_is_called_that() {
        let account = r#"{"object": "account", "charges_enabled": false}"#;
        for (status, body, expected) in [
            (200, "<html><body>Please sign in</body></html>", true),
            (200, "{}", true),
            (200, "", true),
            (200, r#"["charges_enabled"]"#, true),
            (200, account, false),
            (200, r#"{"charges_enabled": true}"#, false),
            (401, "<html>", true),
            (401, r#"{"error": {"type": "invalid_request_error"}}"#, false),
            (403, r#"{"message": "denied"}"#, true),
            (403, r#"{"error": {"type": "invalid_request_error"}}"#, false),
            (404, "<html>", false),
        ] {
            assert_eq!(is_of_another(&answer(status, body)), expected, "{status} {body}");
        }
        let found = another("key");
        assert_eq!(found.status, Status::Problem);
        assert!(found.mend.unwrap().contains("TOLLGATE_STRIPE_API_URL"));
        for (body, is_list) in [("<html>", false), ("{}", false), (r#"{"data": []}"#, true)] {
            let listed = listed(Ok(answer(200, body)), "https://shop.example/v2/webhooks/stripe");
            assert_eq!(listed.is_ok(), is_list, "{body}");
        }
    }

    #[test]
    fn endpoints_of_webhooks_are_for_connected_accounts_and_have_a_secret_each() {
        const HERE: &str = "https://shop.example/v2/webhooks/stripe";
        let endpoint = |url: &str, status: &str, application: &str, events: &str| {
            format!(
                r#"{{"url":"{url}","status":"{status}","application":{application},"enabled_events":["{events}"]}}"#
            )
        };
        let connected = endpoint(HERE, "enabled", "\"ca_1\"", "*");
        let few = endpoint(HERE, "enabled", "\"ca_1\"", "charge.refunded");
        let own = endpoint(HERE, "enabled", "null", "*");
        let disabled = endpoint(HERE, "disabled", "\"ca_1\"", "*");
        let elsewhere = endpoint("https://other.example/", "enabled", "\"ca_1\"", "*");
        let untold = connected.replace("\"application\":\"ca_1\",", "");
        for (list, secrets, status, told) in [
            (vec![&connected], 1, Status::Ok, "are sent"),
            (vec![&untold], 1, Status::Ok, "are sent"),
            (vec![&elsewhere], 1, Status::Problem, "no webhooks"),
            (vec![&disabled], 1, Status::Problem, "disabled"),
            (vec![&disabled, &connected], 1, Status::Ok, "are sent"),
            (vec![&own], 1, Status::Warning, "your own account alone"),
            (vec![&own, &connected], 1, Status::Problem, "has 1"),
            (vec![&connected, &connected], 1, Status::Problem, "2 enabled endpoints"),
            (vec![&own, &connected, &elsewhere], 2, Status::Ok, "are sent"),
            (vec![&own, &few], 2, Status::Warning, "is not sent"),
        ] {
            let list: Vec<_> = list.into_iter().map(String::as_str).collect();
            let list = format!(r#"{{"data":[{}]}}"#, list.join(","));
            let found = endpoints(&list, HERE, secrets);
            assert_eq!(found.status, status, "{list}: {}", found.message);
            assert!(found.message.contains(told), "{list}: {}", found.message);
        }
    }

    #[test]
    fn clock_of_stripe_is_compared() {
        let now = SystemClock.now().as_second();
        for (ahead, status) in [(0, Status::Ok), (600, Status::Problem)] {
            let then = jiff::Timestamp::from_second(now + ahead).unwrap();
            let date = then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let answer = ProbeAnswer { date: Some(date), ..answer(200, "") };
            assert_eq!(clock(&answer).unwrap().status, status, "{ahead}");
        }
    }
}
