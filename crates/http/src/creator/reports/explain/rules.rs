//! The rules that decide about access: their stable names, and their texts for creators.

use std::borrow::Cow;

use tollgate_domain::{access::Rule, reports::Ruling};

pub(super) fn name(ruling: Ruling) -> &'static str {
    described(ruling.rule).0
}

pub(super) fn text(ruling: Ruling) -> Cow<'static, str> {
    let (_, text) = described(ruling.rule);
    if ruling.is_of_page {
        format!("The file is open to everyone who may see its page. {text}").into()
    } else {
        text.into()
    }
}

fn described(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::CreatorsPublicPage => {
            ("creators_public_page", "The page is PUBLIC: it is open to everyone.")
        }
        Rule::CreatorsPage => ("creators_page", "A creator sees the creator's own pages."),
        Rule::UnpublishedButBought => (
            "unpublished_but_bought",
            "The page is not published, but it stays open to those whose purchase is active.",
        ),
        Rule::Unpublished => (
            "unpublished",
            "The page is not published: it exists only for its creator and for those whose purchase is \
             active, and this person has none.",
        ),
        Rule::PublicPage => {
            ("public_page", "The page is PUBLIC: it is open to everyone, signed in or not.")
        }
        Rule::SignInFirst => ("sign_in_first", "The page is not PUBLIC, and nobody is signed in."),
        Rule::FreeWithLogin => (
            "free_with_login",
            "The page is FREE_WITH_LOGIN: it is open to everyone who is signed in.",
        ),
        Rule::Bought => (
            "bought",
            "The page is PAID, and this person has a purchase of it that is not refunded, revoked or \
             suspended.",
        ),
        Rule::NotBought => (
            "not_bought",
            "The page is PAID, and this person has no purchase of it that is not refunded, revoked or \
             suspended.",
        ),
        Rule::PaymentPending => (
            "payment_pending",
            "The page is PAID, and a payment of this person for it is on its way. The page opens when the payment \
             arrives.",
        ),
        Rule::PublicFile => ("public_file", "The file is PUBLIC: it is open to everyone."),
        Rule::PageGone => (
            "page_gone",
            "The page that the file was attached to was deleted: nobody but its creator has access.",
        ),
        Rule::CreatorsFile => ("creators_file", "A creator has the creator's own files."),
        Rule::SignInToBeListed => {
            ("sign_in_first", "The file is given by list, and nobody is signed in.")
        }
        Rule::Listed => ("listed", "The file is given by list, and this person is on it."),
        Rule::NotListed => {
            ("not_listed", "The file is given by list, and this person is not on it.")
        }
    }
}
