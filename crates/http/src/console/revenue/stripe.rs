//! The connection to Stripe in words.

use tollgate_domain::{
    checkout::{ConnectStatus, Connection},
    creators::Creator,
};

use crate::locale::Texts;

/// What the screen says about the connection, and the one button that leads on.
pub(super) struct StripeState {
    /// The class of the badge.
    pub(super) class: &'static str,
    pub(super) word: String,
    pub(super) text: String,
    pub(super) button: String,
    /// Whether visitors can pay.
    pub(super) can_sell: bool,
    /// Whether Stripe waits for the creator, as far as is known.
    pub(super) is_open: bool,
    /// Why the state may change by itself, if it may.
    pub(super) awaited: Option<Awaited>,
    /// What Stripe asks for.
    pub(super) due: Vec<String>,
    /// Stripe's id of the account.
    pub(super) account: Option<String>,
    /// The creator's address, if it has to be proved before anything else.
    pub(super) unproved: Option<String>,
}

/// Why the state of a connection may change by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// Stripe has all that it wants and is at work.
    Check,
    /// Stripe could not be asked just now.
    Answer,
}

/// The ids of the texts about a state.
struct StateTexts {
    class: &'static str,
    word: &'static str,
    text: &'static str,
    button: &'static str,
    is_open: bool,
    awaited: Option<Awaited>,
}

const NEVER: StateTexts = StateTexts {
    class: "",
    word: "console-revenue-never",
    text: "console-revenue-never-text",
    button: "console-revenue-never-button",
    is_open: true,
    awaited: None,
};
const DISCONNECTED: StateTexts = StateTexts {
    class: "bad",
    word: "console-revenue-disconnected",
    text: "console-revenue-disconnected-text",
    button: "console-revenue-disconnected-button",
    is_open: true,
    awaited: None,
};
const MORE: StateTexts = StateTexts {
    class: "warn",
    word: "console-revenue-more",
    text: "console-revenue-more-text",
    button: "console-revenue-more-button",
    is_open: true,
    awaited: None,
};
const CHECKING: StateTexts = StateTexts {
    class: "warn",
    word: "console-revenue-checking",
    text: "console-revenue-checking-text",
    button: "console-revenue-checking-button",
    is_open: false,
    awaited: Some(Awaited::Check),
};
const UNKNOWN: StateTexts = StateTexts {
    class: "warn",
    word: "console-revenue-unknown",
    text: "console-revenue-unknown-text",
    button: "console-revenue-checking-button",
    is_open: false,
    awaited: Some(Awaited::Answer),
};
const PAYOUTS: StateTexts = StateTexts {
    class: "warn",
    word: "console-revenue-payouts",
    text: "console-revenue-payouts-text",
    button: "console-revenue-more-button",
    is_open: true,
    awaited: None,
};
const READY: StateTexts = StateTexts {
    class: "good",
    word: "console-revenue-ready",
    text: "console-revenue-ready-text",
    button: "console-revenue-ready-button",
    is_open: false,
    awaited: None,
};

impl StateTexts {
    fn of(connection: &Connection) -> Self {
        let (state, due) = match connection {
            Connection::Never => return NEVER,
            Connection::Disconnected => return DISCONNECTED,
            Connection::Account { connected, due } => (connected.state, due),
        };
        match ConnectStatus::of(Some(state)) {
            ConnectStatus::NotConnected | ConnectStatus::Onboarding => MORE,
            ConnectStatus::Restricted => match due.as_deref() {
                None => UNKNOWN,
                Some([]) => CHECKING,
                Some(_) => MORE,
            },
            ConnectStatus::Active if state.payouts_enabled => READY,
            ConnectStatus::Active => PAYOUTS,
        }
    }
}

impl StripeState {
    pub(super) fn of(t: Texts, connection: &Connection, creator: &Creator) -> Self {
        let StateTexts { class, word, text, button, is_open, awaited } = StateTexts::of(connection);
        let (connected, due) = match connection {
            Connection::Account { connected, due } => {
                (Some(connected), due.as_deref().unwrap_or_default())
            }
            Connection::Never | Connection::Disconnected => (None, &[][..]),
        };
        let can_sell = connected.is_some_and(|connected| connected.state.charges_enabled);
        let is_proved = creator.email_verified_at.is_some();
        Self {
            class,
            word: t.get(word),
            text: t.get(text),
            button: t.get(button),
            can_sell,
            is_open,
            awaited,
            due: in_words(t, due),
            account: connected.map(|connected| connected.account.to_string()),
            unproved: (!is_proved).then(|| creator.email.shown()),
        }
    }
}

impl StripeState {
    /// Returns whether Stripe could not be asked just now.
    pub(super) fn is_unknown(&self) -> bool {
        self.awaited == Some(Awaited::Answer)
    }
}

/// Returns what Stripe asks for in words, each once. It is named by field, such as
/// `individual.verification.document`; a field without words is shown as it is.
fn in_words(t: Texts, due: &[String]) -> Vec<String> {
    let mut told = Vec::new();
    for field in due {
        let parts: Vec<_> = field.split('.').collect();
        let id = match *parts.as_slice() {
            ["external_account", ..] => "console-revenue-due-bank",
            ["tos_acceptance", ..] => "console-revenue-due-terms",
            ["business_profile" | "business_type" | "settings", ..] => {
                "console-revenue-due-business"
            }
            ["company", ..] => "console-revenue-due-company",
            [_, "verification", ..] => "console-revenue-due-proof",
            ["individual" | "representative" | "owners" | "directors" | "executives", ..] => {
                "console-revenue-due-person"
            }
            [person, ..] if person.starts_with("person_") => "console-revenue-due-person",
            _ => "",
        };
        let words = if id.is_empty() { field.clone() } else { t.get(id) };
        if !told.contains(&words) {
            told.push(words);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use tollgate_domain::language::Language;

    use crate::locale::Texts;

    #[test]
    fn each_demand_is_named_once() {
        let due = [
            "external_account",
            "tos_acceptance.date",
            "tos_acceptance.ip",
            "business_profile.url",
            "business_type",
            "company.tax_id",
            "individual.verification.document",
            "person_1a2B.verification.document",
            "individual.dob.day",
            "person_1a2B.address.city",
            "interview",
        ];
        let due: Vec<_> = due.map(str::to_owned).into();
        assert_eq!(
            in_words(Texts(Language::English), &due),
            [
                "a bank account to pay out to",
                "your agreement to Stripe’s terms",
                "what you sell and where",
                "details of your company",
                "a proof of identity, such as a passport",
                "details of a person, such as the address or the date of birth",
                "interview",
            ]
        );
        assert!(in_words(Texts(Language::German), &[]).is_empty());
    }
}
