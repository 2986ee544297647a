//! The part of the pay page that lets something go wrong. Each choice is a control call.

use std::cmp::Reverse;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use crate::control;
use crate::faults::Faults;
use crate::html::{Next, follow, form_value, no_such_page, unknown_choice};
use crate::model::{Account, Dispute, Session, State};
use crate::money;
use crate::shared::Shared;
use crate::status::DisputeStatus;
use crate::texts::ENGLISH;

/// The greatest number of disputes that the page shows.
const MAX_DISPUTES: usize = 5;

/// Something that a form sets, and what it can be set to.
struct Kind {
    name: &'static str,
    label: &'static str,
    button: &'static str,
    /// The first is how it is without a choice.
    choices: &'static [Choice],
}

struct Choice {
    value: &'static str,
    label: &'static str,
    /// The body of the control call.
    body: &'static str,
}

const fn choice(value: &'static str, label: &'static str, body: &'static str) -> Choice {
    Choice { value, label, body }
}

/// The kinds of faults, by the member of the control call.
const FAULTS: [(&str, Kind); 3] = [("api", CALLS), ("webhooks", WEBHOOKS), ("refunds", REFUNDS)];

const CALLS: Kind = Kind {
    name: "call",
    label: "The next call of the shop to this server",
    button: "Set what becomes of the call",
    choices: &[
        choice("none", "is answered as usual", r#"{"api": {"mode": "none"}}"#),
        choice(
            "latency",
            "is answered two seconds late",
            r#"{"api": {"mode": "latency", "millis": 2000, "times": 1}}"#,
        ),
        choice("timeout", "is never answered", r#"{"api": {"mode": "timeout", "times": 1}}"#),
        choice(
            "timeout_after",
            "is carried out and never answered",
            r#"{"api": {"mode": "timeout", "after_effect": true, "times": 1}}"#,
        ),
        choice(
            "429",
            "is refused, since there are too many (429)",
            r#"{"api": {"mode": "429", "times": 1}}"#,
        ),
        choice(
            "409",
            "is refused, since its key is in use (409)",
            r#"{"api": {"mode": "409", "times": 1}}"#,
        ),
        choice("500", "fails (500)", r#"{"api": {"mode": "500", "times": 1}}"#),
        choice(
            "500_kept",
            "fails, also when repeated with its key (500)",
            r#"{"api": {"mode": "500", "kept": true, "times": 1}}"#,
        ),
        choice("cut", "has its connection cut", r#"{"api": {"mode": "cut", "times": 1}}"#),
        choice(
            "cut_after",
            "is carried out, and its connection cut",
            r#"{"api": {"mode": "cut", "after_effect": true, "times": 1}}"#,
        ),
    ],
};

const WEBHOOKS: Kind = Kind {
    name: "webhooks",
    label: "Webhooks from now on",
    button: "Set what becomes of webhooks",
    choices: &[
        choice("none", "arrive as usual", r#"{"webhooks": {"mode": "none"}}"#),
        choice("drop", "are lost", r#"{"webhooks": {"mode": "drop"}}"#),
        choice("duplicate", "arrive twice", r#"{"webhooks": {"mode": "duplicate"}}"#),
        choice(
            "delay",
            "arrive five seconds late",
            r#"{"webhooks": {"mode": "delay", "millis": 5000}}"#,
        ),
        choice("reorder", "arrive in the wrong order", r#"{"webhooks": {"mode": "reorder"}}"#),
        choice(
            "wrong_signature",
            "are wrongly signed",
            r#"{"webhooks": {"mode": "wrong_signature"}}"#,
        ),
        choice(
            "old_version",
            "are in an older API version",
            r#"{"webhooks": {"mode": "old_version"}}"#,
        ),
    ],
};

const REFUNDS: Kind = Kind {
    name: "refunds",
    label: "Refunds from now on",
    button: "Set what becomes of refunds",
    choices: &[
        choice("none", "succeed as usual", r#"{"refunds": {}}"#),
        choice("later", "fail after five seconds", r#"{"refunds": {"fails_after_seconds": 5}}"#),
        choice("failed", "fail immediately", r#"{"refunds": {"status": "failed"}}"#),
        choice("pending", "stay pending", r#"{"refunds": {"status": "pending"}}"#),
    ],
};

/// Each choice is made of an account in its usual state.
const ACCOUNT: Kind = Kind {
    name: "account",
    label: "The account of the shop",
    button: "Set what becomes of the account",
    choices: &[
        choice(
            "usual",
            "can do everything",
            r#"{"charges_enabled": true, "payouts_enabled": true, "under_review": false,
                "covers_refunds": true, "connected": true}"#,
        ),
        choice(
            "restricted",
            "is restricted: no charges, no payouts",
            r#"{"charges_enabled": false, "payouts_enabled": false}"#,
        ),
        choice("review", "is under review", r#"{"under_review": true}"#),
        choice("empty", "covers no refunds", r#"{"covers_refunds": false}"#),
        choice("disconnected", "is disconnected by its owner", r#"{"connected": false}"#),
    ],
};

/// What can become of a dispute: the next status, its name in the control call, and the words of the button.
const STEPS: [(DisputeStatus, &str, &str); 8] = [
    (DisputeStatus::WarningUnderReview, "warning_under_review", "The shop answers the inquiry"),
    (DisputeStatus::WarningClosed, "warning_closed", "The bank closes the inquiry"),
    (DisputeStatus::NeedsResponse, "needs_response", "The inquiry becomes a dispute"),
    (DisputeStatus::UnderReview, "under_review", "The shop answers"),
    (DisputeStatus::Won, "won", "The shop wins"),
    (DisputeStatus::Lost, "lost", "The shop loses"),
    (DisputeStatus::AppealNeedsResponse, "appeal_needs_response", "The dispute is opened again"),
    (DisputeStatus::AppealUnderReview, "appeal_under_review", "The shop answers again"),
];

/// What the page shows of it.
pub(crate) struct Trouble {
    /// Where the buttons send the form.
    pub(crate) action: String,
    pub(crate) is_open: bool,
    pub(crate) kinds: Vec<KindView>,
    pub(crate) disputes: Vec<DisputeView>,
}

pub(crate) struct KindView {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) button: &'static str,
    pub(crate) choices: Vec<ChoiceView>,
}

pub(crate) struct ChoiceView {
    pub(crate) value: &'static str,
    pub(crate) label: &'static str,
    pub(crate) is_set: bool,
}

pub(crate) struct DisputeView {
    pub(crate) text: String,
    /// The values and the words of its buttons.
    pub(crate) steps: Vec<(String, &'static str)>,
}

impl Trouble {
    /// Returns what is set now, and what can be set on the page of a session.
    pub(crate) fn of(state: &State, session: &Session, is_open: bool) -> Self {
        let mut kinds: Vec<KindView> = FAULTS
            .iter()
            .map(|(member, kind)| {
                KindView::of(kind, |choice| is_current(&state.faults, member, choice.body))
            })
            .collect();
        let account = session.owner.as_ref().and_then(|owner| state.accounts.get(owner));
        kinds.extend(account.map(|account| {
            let current = state_of(account);
            KindView::of(&ACCOUNT, |choice| choice.value == current)
        }));
        let mut disputes: Vec<&Dispute> =
            state.disputes.values().filter(|dispute| dispute.owner == session.owner).collect();
        disputes.sort_unstable_by_key(|dispute| Reverse(dispute.serial));
        let disputes = disputes.into_iter().filter_map(|dispute| DisputeView::of(state, dispute));
        Self {
            action: format!("/pay/{}/faults", session.id),
            is_open,
            kinds,
            disputes: disputes.take(MAX_DISPUTES).collect(),
        }
    }
}

impl KindView {
    fn of(kind: &Kind, is_set: impl Fn(&Choice) -> bool) -> Self {
        let choices = kind.choices.iter().map(|choice| ChoiceView {
            value: choice.value,
            label: choice.label,
            is_set: is_set(choice),
        });
        Self { name: kind.name, label: kind.label, button: kind.button, choices: choices.collect() }
    }
}

impl DisputeView {
    /// Returns a dispute of which something can still become.
    fn of(state: &State, dispute: &Dispute) -> Option<Self> {
        let steps: Vec<_> = next_steps(dispute)
            .map(|(name, words)| (format!("{} {name}", dispute.id), words))
            .collect();
        let text = format!("An earlier payment: {}", called(state, dispute)?);
        (!steps.is_empty()).then_some(Self { text, steps })
    }
}

/// Returns what a dispute is, and its amount.
pub(crate) fn called(state: &State, dispute: &Dispute) -> Option<String> {
    let payment = state.payments.get(&dispute.payment)?;
    let amount = money::display(dispute.amount, &payment.currency);
    let what = if dispute.status.is_inquiry() { "Inquiry" } else { "Dispute" };
    Some(format!("{what} over {amount}"))
}

/// Returns what can become of a dispute: the name of the status in the control call, and the words of the button.
pub(crate) fn next_steps(
    dispute: &Dispute,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let status = dispute.status;
    let possible = STEPS.iter().filter(move |(next, ..)| status.can_become(*next));
    possible.map(|(_, name, words)| (*name, *words))
}

/// Returns whether a kind of fault is what the control call sets.
fn is_current(faults: &Faults, member: &str, body: &str) -> bool {
    let wanted = serde_json::from_str::<Faults>(body).map(|wanted| json!(wanted));
    wanted.is_ok_and(|wanted| wanted.get(member) == json!(faults).get(member))
}

/// Returns the choice that describes an account.
fn state_of(account: &Account) -> &'static str {
    if account.disconnected {
        "disconnected"
    } else if account.under_review {
        "review"
    } else if account.without_charges || account.without_payouts {
        "restricted"
    } else if account.without_balance {
        "empty"
    } else {
        "usual"
    }
}

/// Sets what a button of the pay page says, and leads back to the page.
pub(crate) async fn submit(id: Path<String>, form: Bytes, shared: Data<Shared>) -> HttpResponse {
    let next = shared.change(|state| set(state, &id, &form)).await;
    follow(next)
}

fn set(state: &mut State, id: &str, form: &[u8]) -> Next {
    let Some(session) = state.sessions.get(id) else {
        return Next::Show(StatusCode::NOT_FOUND, no_such_page(&ENGLISH));
    };
    let Some(calls) = calls(state, session, form) else {
        return Next::Show(StatusCode::BAD_REQUEST, unknown_choice(&ENGLISH));
    };
    for (path, body) in calls {
        let segments: Vec<&str> = path.split('/').collect();
        // The second of two clicks fails here, and is then redirected like the first.
        if let Err(error) = control::change(state, &segments, body.as_bytes()) {
            tracing::debug!(path, status = error.status, "a control call changed nothing");
        }
    }
    Next::Redirect(format!("/pay/{id}?set=yes"))
}

/// Returns the paths and bodies of the control calls that a form stands for.
fn calls(state: &State, session: &Session, form: &[u8]) -> Option<Vec<(String, String)>> {
    if let Some(step) = form_value(form, "dispute") {
        let (id, next) = step.split_once(' ')?;
        let dispute = state.disputes.get(id).filter(|dispute| dispute.owner == session.owner)?;
        let (_, next, _) = STEPS.iter().find(|(_, name, _)| *name == next)?;
        let body = json!({"status": next}).to_string();
        return Some(vec![(format!("disputes/{}", dispute.id), body)]);
    }
    let set = form_value(form, "set")?;
    let value = form_value(form, &set)?;
    let chosen =
        |kind: &Kind| kind.choices.iter().find(|choice| choice.value == value).map(|it| it.body);
    if set == ACCOUNT.name {
        let path = format!("accounts/{}", session.owner.as_ref()?);
        let usual = ACCOUNT.choices.first()?.body;
        let bodies = [usual, chosen(&ACCOUNT)?];
        return Some(bodies.map(|body| (path.clone(), body.to_owned())).into());
    }
    let (_, kind) = FAULTS.iter().find(|(_, kind)| kind.name == set)?;
    Some(vec![("faults".to_owned(), chosen(kind)?.to_owned())])
}
