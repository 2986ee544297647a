//! Stripe: the key, the account, the webhook endpoint and the clock.

use std::collections::BTreeSet;

use jiff::fmt::rfc2822::DateTimeParser;
use secrecy::ExposeSecret;
use serde_json::Value;
use tollgate_domain::clock::Clock;
use tollgate_stripe_gateway::{ProbeAnswer, REQUIRED_EVENTS, StripeConfig, StripeProbe};

use super::Finding;
use crate::{
    config::{Config, StripeSettings},
    system::SystemClock,
};

pub(super) async fn look(config: &Config, authorities: &[Vec<u8>]) -> Vec<Finding> {
    let Some(settings) = &config.stripe else {
        return vec![Finding::ok("payments", "go to the sandbox, and nobody is charged")];
    };
    let stripe = StripeConfig::new(settings.secret_key.clone()).trusting(authorities);
    let stripe = match &settings.api_url {
        Some(url) => stripe.at(url.clone()),
        None => stripe,
    };
    let probe = match StripeProbe::new(&stripe) {
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
    findings.extend(clock(&answer));
    findings.extend(account(&answer));
    if answer.status != 401 {
        findings.push(webhooks(config, probe.get("webhook_endpoints?limit=100").await));
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

fn account(answer: &ProbeAnswer) -> Vec<Finding> {
    match answer.status {
        200 => {}
        401 => {
            return vec![Finding::problem(
                "key",
                "Stripe does not accept TOLLGATE_STRIPE_SECRET_KEY",
                "copy it anew from Stripe's dashboard, under Developers, API keys",
            )];
        }
        403 => {
            return vec![Finding::warning(
                "key",
                "the restricted key may not read its own account, so it was not checked",
                "allow it to read the account, or check the account in Stripe's dashboard",
            )];
        }
        404 => {
            return vec![Finding::ok("key", "the server does not tell of its account")];
        }
        status => {
            return vec![Finding::problem(
                "key",
                format!("Stripe answers {status} instead of telling of the account"),
                "run the command again; if it stays so, see status.stripe.com, or correct \
                 TOLLGATE_STRIPE_API_URL",
            )];
        }
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

fn webhooks(config: &Config, answer: Result<ProbeAnswer, String>) -> Finding {
    let wanted = format!("{}/v2/webhooks/stripe", config.installation.origin());
    match listed(answer, &wanted) {
        Ok(list) => endpoint(&list, &wanted),
        Err(finding) => finding,
    }
}

/// Returns the list of endpoints, or what prevents its check.
fn listed(answer: Result<ProbeAnswer, String>, wanted: &str) -> Result<String, Finding> {
    match answer {
        Ok(answer) if answer.status == 200 => Ok(answer.body),
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

/// Checks the endpoint at `wanted`.
fn endpoint(list: &str, wanted: &str) -> Finding {
    let list: Value = serde_json::from_str(list).unwrap_or_default();
    let endpoints = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |endpoint: &Value, name: &str| {
        endpoint.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let Some(endpoint) = endpoints.iter().find(|endpoint| text(endpoint, "url") == wanted) else {
        return Finding::problem(
            "webhooks",
            format!("Stripe sends no webhooks to {wanted}"),
            "add an endpoint for events on connected accounts there, and put its signing secret \
             into TOLLGATE_STRIPE_WEBHOOK_SECRETS",
        );
    };
    if text(endpoint, "status") != "enabled" {
        return Finding::problem(
            "webhooks",
            format!("the endpoint {wanted} is {}", text(endpoint, "status")),
            "enable it in Stripe's dashboard, under Developers, Webhooks",
        );
    }
    let sent = endpoint.get("enabled_events").and_then(Value::as_array);
    let sent: BTreeSet<_> = sent.into_iter().flatten().filter_map(Value::as_str).collect();
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
