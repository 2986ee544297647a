//! Every mail that Tollgate writes, with usual or unusual texts in it.

mod accounts;
mod disputes;
mod group_buys;
mod purchases;
mod refunds;
mod shops;

use tollgate_domain::{email::Email, language::Language, mail::MailContent, money::Money};

pub(crate) use self::accounts::{magic_link, magic_link_from};

pub(crate) fn usd(amount: i64) -> Money {
    Money::new(amount, "usd".parse().unwrap())
}

pub(crate) fn bob() -> Email {
    "bob@example.com".parse().unwrap()
}

/// The texts that come from a person or a payment provider.
pub(crate) struct Typed<'a> {
    seller: &'a str,
    title: &'a str,
    reference: &'a str,
}

pub(crate) const USUAL: Typed<'_> =
    Typed { seller: "Ada's corner", title: "Bees & gardens", reference: "pi_3Example" };

pub(crate) fn same(text: &str) -> Typed<'_> {
    Typed { seller: text, title: text, reference: text }
}

fn page_url() -> String {
    "https://ada.example.com/garden".to_owned()
}

fn console_url() -> String {
    "https://app.example.com/ada/revenue".to_owned()
}

pub(crate) fn every_mail(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let stories = [
        accounts::mails(typed),
        purchases::mails(typed),
        refunds::mails(typed),
        disputes::mails(typed),
        shops::mails(typed),
        group_buys::mails(typed),
    ];
    stories.into_iter().flatten().collect()
}

/// Every mail in every language.
pub(crate) fn in_every_language(typed: &Typed<'_>) -> Vec<(&'static str, MailContent, Language)> {
    let languages = [Language::English, Language::German];
    let all = |language| every_mail(typed).into_iter().map(move |(name, it)| (name, it, language));
    languages.into_iter().flat_map(all).collect()
}
