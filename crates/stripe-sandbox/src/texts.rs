//! The words of the pages that buyers see, in the languages of Tollgate. What testers set is in English.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header, Preference, Quality};
use serde_json::Value;

use crate::model::Session;
use crate::money;

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) tag: &'static str,
    pub(crate) sandbox: &'static str,
    pub(crate) pay: &'static str,
    pub(crate) declined: &'static str,
    pub(crate) receipt_to: &'static str,
    pub(crate) email: &'static str,
    pub(crate) later: &'static str,
    pub(crate) decline: &'static str,
    pub(crate) trouble_later: &'static str,
    pub(crate) dispute: &'static str,
    pub(crate) inquiry: &'static str,
    pub(crate) refund_fails: &'static str,
    pub(crate) trouble_now: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) expired_text: &'static str,
    pub(crate) back: &'static str,
    pub(crate) complete: &'static str,
    pub(crate) complete_text: &'static str,
    pub(crate) on: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) nothing_text: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) unknown_text: &'static str,
}

pub(crate) static ENGLISH: Texts = Texts {
    tag: "en",
    sandbox: "Sandbox: no real money moves here.",
    pay: "Pay",
    declined: "The payment was declined. Nothing was paid; you can try again.",
    receipt_to: "Receipt to",
    email: "E-mail address for the receipt",
    later: "Pay later (bank debit)",
    decline: "Decline the card",
    trouble_later: "Pay, and have trouble with it later",
    dispute: "Pay, and dispute it at the bank",
    inquiry: "Pay, and let the bank ask about it",
    refund_fails: "Pay, and let refunds fail after five seconds",
    trouble_now: "What should go wrong?",
    cancel: "Cancel and go back",
    expired: "This checkout has expired",
    expired_text: "Nothing was paid. Go back and start again.",
    back: "Go back",
    complete: "This checkout is complete",
    complete_text: "There is nothing left to pay here.",
    on: "Continue",
    nothing: "There is no such page",
    nothing_text: "The address is wrong, or the sandbox was emptied.",
    unknown: "That did not work",
    unknown_text: "The form was sent without a choice. Go back and press one of its buttons.",
};

static GERMAN: Texts = Texts {
    tag: "de",
    sandbox: "Sandbox: Hier fließt kein echtes Geld.",
    pay: "Bezahlen",
    declined: "Die Zahlung wurde abgelehnt. Es wurde nichts bezahlt; Sie können es noch einmal versuchen.",
    receipt_to: "Beleg an",
    email: "E-Mail-Adresse für den Beleg",
    later: "Später bezahlen (Lastschrift)",
    decline: "Karte ablehnen",
    trouble_later: "Bezahlen, und später gibt es Ärger damit",
    dispute: "Bezahlen und bei der Bank anfechten",
    inquiry: "Bezahlen, und die Bank fragt nach",
    refund_fails: "Bezahlen, und Erstattungen schlagen nach fünf Sekunden fehl",
    trouble_now: "Was soll schiefgehen?",
    cancel: "Abbrechen und zurückgehen",
    expired: "Diese Bezahlseite ist abgelaufen",
    expired_text: "Es wurde nichts bezahlt. Gehen Sie zurück, und beginnen Sie von vorn.",
    back: "Zurück",
    complete: "Hier ist alles bezahlt",
    complete_text: "Es gibt nichts mehr zu bezahlen.",
    on: "Weiter",
    nothing: "Diese Seite gibt es nicht",
    nothing_text: "Die Adresse ist falsch, oder die Sandbox wurde geleert.",
    unknown: "Das hat nicht geklappt",
    unknown_text: "Das Formular kam ohne Auswahl an. Gehen Sie zurück, und drücken Sie einen seiner Knöpfe.",
};

impl Texts {
    /// Returns the words in the language that a browser prefers of those that there are.
    pub(crate) fn of(req: &HttpRequest) -> &'static Self {
        let Ok(mut accepted) = AcceptLanguage::parse(req) else { return &ENGLISH };
        accepted.0.retain(|item| item.quality > Quality::ZERO);
        let preferred = accepted.ranked().into_iter().find_map(|tag| match tag {
            Preference::Specific(tag) => Self::named(tag.primary_language()),
            Preference::Any => Some(&ENGLISH),
        });
        preferred.unwrap_or(&ENGLISH)
    }

    /// Returns the words in the language that the shop asked for, or else in the one of the browser.
    pub(crate) fn on(session: &Session, browser: &'static Self) -> &'static Self {
        let locale = session.extra.get("locale").and_then(Value::as_str);
        let language = locale.and_then(|locale| locale.split('-').next());
        language.and_then(Self::named).unwrap_or(browser)
    }

    fn named(language: &str) -> Option<&'static Self> {
        [&ENGLISH, &GERMAN].into_iter().find(|texts| texts.tag == language)
    }

    /// Returns an amount in minor units as people of this language write it.
    pub(crate) fn money(&self, amount: i64, currency: &str) -> String {
        let text = money::display(amount, currency);
        if self.tag == GERMAN.tag { text.replace('.', ",") } else { text }
    }
}
