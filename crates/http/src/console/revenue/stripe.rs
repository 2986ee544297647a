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
    /// Whether Stripe waits for the creator.
    pub(super) is_open: bool,
    /// Stripe's id of the account.
    pub(super) account: Option<String>,
    /// The creator's address, if it has to be proved before anything else.
    pub(super) unproved: Option<String>,
}

/// The ids of the texts about a state.
struct Words {
    class: &'static str,
    word: &'static str,
    text: &'static str,
    button: &'static str,
    is_open: bool,
}

const NEVER: Words = Words {
    class: "",
    word: "console-revenue-never",
    text: "console-revenue-never-text",
    button: "console-revenue-never-button",
    is_open: true,
};
const DISCONNECTED: Words = Words {
    class: "bad",
    word: "console-revenue-disconnected",
    text: "console-revenue-disconnected-text",
    button: "console-revenue-disconnected-button",
    is_open: true,
};
const MORE: Words = Words {
    class: "warn",
    word: "console-revenue-more",
    text: "console-revenue-more-text",
    button: "console-revenue-more-button",
    is_open: true,
};
const CHECKING: Words = Words {
    class: "warn",
    word: "console-revenue-checking",
    text: "console-revenue-checking-text",
    button: "console-revenue-checking-button",
    is_open: true,
};
const PAYOUTS: Words = Words {
    class: "warn",
    word: "console-revenue-payouts",
    text: "console-revenue-payouts-text",
    button: "console-revenue-more-button",
    is_open: true,
};
const READY: Words = Words {
    class: "good",
    word: "console-revenue-ready",
    text: "console-revenue-ready-text",
    button: "console-revenue-ready-button",
    is_open: false,
};

impl Words {
    fn of(connection: &Connection) -> Self {
        let state = match connection {
            Connection::Never => return NEVER,
            Connection::Disconnected => return DISCONNECTED,
            Connection::Account(connected) => connected.state,
        };
        match ConnectStatus::of(Some(state)) {
            ConnectStatus::NotConnected | ConnectStatus::Onboarding => MORE,
            ConnectStatus::Restricted => CHECKING,
            ConnectStatus::Active if state.payouts_enabled => READY,
            ConnectStatus::Active => PAYOUTS,
        }
    }
}

impl StripeState {
    pub(super) fn of(t: Texts, connection: &Connection, creator: &Creator) -> Self {
        let Words { class, word, text, button, is_open } = Words::of(connection);
        let connected = match connection {
            Connection::Account(connected) => Some(connected),
            Connection::Never | Connection::Disconnected => None,
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
            account: connected.map(|connected| connected.account.to_string()),
            unproved: (!is_proved).then(|| creator.email.to_string()),
        }
    }
}
